"""What an object no longer takes in: pipeline and audit count the same, whatever was told in whatever order."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ledger.roster import RosterPolicy
from schemas.control import KIND_HEADER, LINK, unpack
from tests.unit.audit.logs_of import differing, folded, worked_out
from tests.unit.ledger.any_events import INSTANTS, any_event
from tests.unit.ledger.world import MINUTE, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"most_links": 2, "most_changes": 3, "most_closings": 3}
"""So that objects are full soon."""
SMALLEST: dict[str, Any] = {"most_links": 1, "most_changes": 2, "most_closings": 1}
FEW = settings(max_examples=min(8, settings().max_examples // 3))
"""An example takes a third of a second of the database."""


def floor(partitions: int = 1, **policy: Any) -> World:
    """The organisation, with a policy since ever."""
    world = World(partitions=partitions).play(organisation())
    return world.play([event("policy", "caps", **policy)])


def links_to(world: World, start: str) -> list[str]:
    """What stands said of these objects, as `origin subject`."""
    said: dict[str, bool] = {}
    for record in world.logs["crm.events", 0]:
        if dict(record.headers).get(KIND_HEADER) == LINK:
            link = unpack(record.value or b"")
            said[f"{link.origin} {link.subject}"] = link.payload is not None
    return [link for link, stands in said.items() if stands and link.partition(" ")[2].startswith(start)]


@st.composite
def any_caps(draw: st.DrawFn) -> dict[str, Any]:
    """A policy with caps that few objects stay below."""
    caps: dict[str, Any] = {
        name: draw(st.none() | st.integers(1, 3)) for name in ("most_links", "most_changes", "most_closings")
    }
    return event("policy", draw(st.sampled_from("12")), draw(INSTANTS), valid_from=draw(INSTANTS), **caps)


EVENTS = st.lists(st.integers(0, 9).flatmap(lambda n: any_event() if n else any_caps()), min_size=25, max_size=60)


@FEW
@given(EVENTS, st.randoms(use_true_random=False))
def test_whatever_is_full_the_audit_agrees(events: list[dict[str, Any]], random: Random) -> None:
    """Every cell is the same, and of no link that was refused is anything missed."""
    world = floor(2, **SMALLEST)
    for one in events:
        world.produce([one], partition=random.choice((None, None, 0, 1)))
    world.run()

    assert differing(world) == []


def deal(name: str, minute: int, stage: str, **data: Any) -> dict[str, Any]:
    """A change of a deal of rep-01 in an account."""
    told: dict[str, Any] = {"owner_id": "rep-01", "account_id": "a1", "created_at": NOON_MS, "stage_id": stage}
    return event("deal", name, NOON_MS + minute * MINUTE, **(told | data))


def test_a_full_deal_takes_no_edit_but_is_closed_deleted_and_restored() -> None:
    """Three entries, then a fourth and a repetition of the third; it is won, and no longer opened again."""
    world = floor(**SMALL)
    edits = [deal("d1", minute, "new", amount_minor=minute) for minute in range(4)]
    world.play([*edits, edits[2]], [deal("d1", 10, "won")], [deal("d1", 11, "offer")])

    assert world.reasons() == ["full", "full"]
    assert (world.measure("won"), world.measure("won_minor"), world.measure("reopened")) == (1, 2, 0)
    assert differing(world) == []

    gone = [event("deal", "d1", NOON_MS + 12 * MINUTE, verb="deleted")]
    assert worked_out(world.play(gone)) == folded(world) == {}
    back = [event("deal", "d1", NOON_MS + 13 * MINUTE, verb="restored")]
    assert worked_out(world.play(back)) == folded(world) != {}
    assert world.reasons() == ["full", "full"]


def test_closings_of_a_full_deal_are_as_many_again() -> None:
    """A deal that is won and lost without end is closed no further either."""
    world = floor(**SMALL)
    world.play([deal("d1", minute, "won" if minute % 2 else "lost") for minute in range(10)])

    assert world.reasons() == ["full"] * 4
    assert differing(world) == []


def test_a_full_account_takes_no_further_win_until_one_is_taken_back() -> None:
    """Two wins; the third is refused, and taken in once it is told again after one was taken back."""
    world = floor(**SMALL)
    world.play([deal(f"d{number}", 9 - number, "won") for number in range(3)])
    assert world.reasons() == ["full"]
    assert differing(world) == []

    world.play([event("deal", "d0", NOON_MS + 20 * MINUTE, verb="deleted")], [deal("d2", 30, "won", owner_id="rep-02")])
    assert world.reasons() == ["full"]
    world.play([deal("d2", 31, "offer")], [deal("d2", 32, "won")])
    assert world.reasons() == ["full"]
    assert differing(world) == []


def touch(name: str, lead: str, minute: int = 0) -> dict[str, Any]:
    """An email of rep-01 to a lead."""
    at_ms = NOON_MS + minute * MINUTE
    return event("email", name, at_ms, rep_id="rep-01", sent_at=at_ms, direction="outbound", bulk=False, lead_id=lead)


def test_what_concerns_nobody_makes_no_link_and_counts_for_its_rep() -> None:
    """Placeholders, however they are spelled, mean no lead; the activity itself is one all the same."""
    world = floor(**SMALL)
    world.play([touch(f"e{number}", name) for number, name in enumerate(("unknown", "Unknown", "0", "NULL", "n.a."))])

    assert world.reasons() == []
    assert world.measure("emails") == 5
    assert not any(record.headers and b"touch" in (record.value or b"") for record in world.logs["crm.events", 0])
    assert differing(world) == []


def test_a_refused_touch_counts_for_its_rep_all_the_same() -> None:
    """A lead is full after two touches; the third email is one, and the breaker sees no refused event."""
    world = floor(**SMALL)
    world.play([touch(f"e{number}", "l1", number) for number in range(3)])

    assert world.reasons() == ["full"]
    assert world.measure("emails") == 3
    assert world.stores["crm.events", 0].scalars["tally"][-1][2] == 0
    assert differing(world) == []


def test_caps_hold_by_the_time_of_what_is_told() -> None:
    """From noon on a deal takes three changes: a fourth of before noon is taken in, whenever it comes."""
    world = floor(valid_from=NOON_MS, **SMALL)
    world.play([deal("d1", minute, "new", amount_minor=minute) for minute in range(4)])
    assert world.reasons() == ["full"]

    world.play([deal("d1", -1, "new", amount_minor=5), deal("d1", 4, "new", amount_minor=6)])
    assert world.reasons() == ["full", "full"]
    assert differing(world) == []


def test_a_cap_that_comes_later_refuses_nothing_that_was_taken_in() -> None:
    """Whether something is full follows from the log before it: a cap that was not known then refused nothing."""
    world = World(partitions=1).play(organisation())
    world.play([deal("d1", minute, "new", amount_minor=minute) for minute in range(5)])
    world.play([event("policy", "caps", **SMALL)], [deal("d1", 5, "new", amount_minor=5)], [deal("d1", 6, "won")])
    assert world.reasons() == ["full"]
    assert (world.measure("won"), world.measure("won_minor")) == (1, 4)

    world.play([event("policy", "caps", NOON_MS + MINUTE, verb="deleted")], [deal("d1", 5, "won", amount_minor=7)])
    assert world.reasons() == ["full"]
    assert world.measure("won_minor") == 7
    assert differing(world) == []


def test_who_stands_for_nobody_holds_by_the_time_of_the_activity() -> None:
    """A lead that is a placeholder from 12:10 on was somebody before; what was said of it since then is taken back."""
    world = World(partitions=1).play(organisation())
    world.play([touch("e1", "walk-in", 5), touch("e2", "Walk-In", 15), touch("e3", "unknown", 15)])
    assert sorted(links_to(world, "lead:")) == ["email:e1 lead:walk-in", "email:e2 lead:Walk-In"]

    world.play([event("policy", "p", valid_from=NOON_MS + 10 * MINUTE, nobody=["walk-in"])])
    assert sorted(links_to(world, "lead:")) == ["email:e1 lead:walk-in", "email:e3 lead:unknown"]
    assert differing(world) == []

    world.play([event("policy", "p", NOON_MS + MINUTE, verb="deleted")])
    assert sorted(links_to(world, "lead:")) == ["email:e1 lead:walk-in", "email:e2 lead:Walk-In"]
    assert differing(world) == []


def test_an_account_that_stands_for_nobody_has_no_wins() -> None:
    """Neither its first one; once it stands for somebody again it has."""
    world = World(partitions=1).play(organisation(), [deal("d1", 1, "won")])
    customers = world.measure("new_customers")
    world.play([event("policy", "p", nobody=["A1"])])
    assert (world.measure("won"), world.measure("new_customers")) == (1, 0)
    assert differing(world) == []

    world.play([event("policy", "p", NOON_MS + MINUTE, nobody=[])])
    assert world.measure("new_customers") == customers == 1
    assert differing(world) == []


def process(minute: int, stages: int, former: int, name: str = "s", **data: Any) -> dict[str, Any]:
    """An edition of a process with so many stages, each with so many former names."""
    told = [
        {"id": f"{name}{stage}", "kind": "open", "former_ids": [f"{name}{stage}-{n}" for n in range(former)]}
        for stage in range(stages)
    ]
    return event("process", "p1", NOON_MS + minute * MINUTE, stages=told, **data)


def test_a_process_has_room_for_so_many_names() -> None:
    """Of 420 names each four editions fit; one that is known is told again, and what adds nothing always passes."""
    world = floor()
    world.play([process(minute, 20, 20, f"e{minute}") for minute in range(6)])
    assert world.reasons() == ["full", "full"]

    world.play([process(7, 20, 20, "e0"), process(0, 20, 20, "e1"), event("process", "p1", NOON_MS, verb="deleted")])
    assert world.reasons() == ["full", "full"]
    assert differing(world) == []


def test_a_team_has_room_for_so_many_zones() -> None:
    """The day after that is refused, another zone of a day that is known is not, nor what has nothing to do with it."""
    world = World(1, roster=RosterPolicy(most_dated=5))
    days = ["2026-01-01", "2026-01-02", None, "2026-01-04", "2026-01-05", "2026-01-06"]
    world.play([event("team", "t9", NOON_MS, time_zone="UTC", time_zone_from=day) for day in days])
    world.play([event("team", "t9", NOON_MS + MINUTE, time_zone="Europe/Berlin", time_zone_from=days[1])])
    world.play([event("team", "t9", NOON_MS + MINUTE, fiscal_year_start=2)])

    assert world.reasons() == ["full"]
    assert differing(world) == []


DAY = st.sampled_from([None, "2026-01-01", "2026-01-02", "2026-01-03"])
ZONE = st.none() | st.sampled_from(["UTC", "Asia/Tokyo"])


@st.composite
def any_dated(draw: st.DrawFn) -> dict[str, Any]:
    """An edition with a few names, a zone, role or first day of the week, from a time of its own; or the end of one."""
    at_ms, what = draw(INSTANTS), draw(st.sampled_from(["process", "process", "team", "company", "rep", "end"]))
    if what == "end":
        verb = draw(st.sampled_from(["deleted", "restored"]))
        return event(draw(st.sampled_from(["process", "team"])), "p1", at_ms, verb=verb)
    if what == "team":
        return event("team", "p1", at_ms, time_zone=draw(ZONE), time_zone_from=draw(DAY))
    if what == "company":
        start = draw(st.none() | st.sampled_from(["monday", "sunday"]))
        return event("company", "company", at_ms, week_start=start, week_start_from=draw(DAY))
    if what == "rep":
        role = draw(st.none() | st.sampled_from(["sdr", "closer"]))
        return event("rep", "p1", at_ms, role=role, role_from=draw(DAY))
    given: dict[str, Any] = {"valid_from": draw(INSTANTS)} if draw(st.booleans()) else {}
    return process(draw(st.integers(0, 9)), draw(st.integers(1, 3)), draw(st.integers(0, 1)), **given)


@FEW
@given(st.lists(any_dated(), min_size=10, max_size=30), st.integers(2, 8), st.randoms(use_true_random=False))
def test_whatever_has_no_room_in_the_organisation_the_audit_agrees(
    events: list[dict[str, Any]], most: int, random: Random
) -> None:
    """Each copy holds what fits, wherever and in whatever order it was told."""
    world = World(2, roster=RosterPolicy(most_dated=most)).play(organisation())
    for one in events:
        world.produce([one], partition=random.choice((None, None, 0, 1)))
    world.run()

    assert differing(world) == []
