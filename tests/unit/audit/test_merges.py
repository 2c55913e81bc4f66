"""Leads and accounts that are merged into each other, in chains, trees and circles: pipeline and audit agree."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.audit.logs_of import differing, folded, worked_out
from tests.unit.ledger.world import MINUTE, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

FEW = settings(max_examples=min(8, settings().max_examples // 3))
"""An example takes a third of a second of the database."""
NAMES = st.sampled_from("abcdef")
MOMENTS = st.integers(0, 12).map(lambda minute: NOON_MS - minute * MINUTE)


def lead(name: str) -> dict[str, Any]:
    """A lead of rep-02, created long before."""
    return event("lead", name, NOON_MS - 60 * MINUTE, owner_id="rep-02", created_at=NOON_MS - 60 * MINUTE)


def email(name: str, at_ms: int, to: str, direction: str = "outbound") -> dict[str, Any]:
    """An email of rep-01 with a lead."""
    return event("email", name, at_ms, rep_id="rep-01", sent_at=at_ms, direction=direction, bulk=False, lead_id=to)


def won(name: str, at_ms: int, account: str) -> dict[str, Any]:
    """A deal won by rep-01."""
    return event("deal", name, at_ms, owner_id="rep-01", account_id=account, stage_id="won")


def merged(kind: str, name: str, into: str, at_ms: int) -> dict[str, Any]:
    """One object goes on as another."""
    return event(kind, name, at_ms, verb="merged", into=into)


@st.composite
def happening(draw: st.DrawFn) -> dict[str, Any]:
    """A touch, a win, a merge, or the end or return of whatever there is."""
    at_ms, name, other = draw(MOMENTS), draw(NAMES), draw(NAMES)
    what = draw(st.sampled_from(["email", "deal", "merge", "merge", "end"]))
    if what == "email":
        return email(name, at_ms, other, draw(st.sampled_from(["outbound", "inbound"])))
    if what == "deal":
        return won(name, at_ms, other)
    if what == "merge" and name != other:
        return merged(draw(st.sampled_from(["lead", "account", "deal"])), name, other, at_ms)
    kind = draw(st.sampled_from(["lead", "account", "email", "deal"]))
    return event(kind, name, at_ms, verb=draw(st.sampled_from(["deleted", "restored"])))


@FEW
@given(st.lists(happening(), min_size=15, max_size=50), st.integers(1, 3))
def test_whatever_is_merged_into_whatever_both_agree(events: list[dict[str, Any]], batch: int) -> None:
    """Any graph of merges with deletions and returns among them: the same cells, and every link is as it is owed."""
    world = World(partitions=2, batch=batch).play(organisation(), map(lead, "abcdef"))
    world.play(events)

    assert differing(world) == []


def chain(leads: int, *, circle: bool = False) -> list[dict[str, Any]]:
    """Leads that are merged into each other one after the other, the first of which was touched."""
    names = [f"l{number:03}" for number in range(leads)]
    following = [*names[1:], names[0]] if circle else names[1:]
    merges = [merged("lead", *pair, NOON_MS) for pair in zip(names, following, strict=False)]
    return [*map(lead, names), email("e1", NOON_MS, names[0]), *merges]


@pytest.mark.parametrize(("leads", "worked"), [(2, 1), (17, 1), (18, 0), (40, 0)])
def test_a_touch_goes_on_through_sixteen_merges(leads: int, worked: int) -> None:
    """Whatever is further away is not passed on: one outcome, to pipeline and audit."""
    world = World(partitions=2).play(organisation(), chain(leads))

    assert world.measure("leads_worked") == worked
    assert worked_out(world) == folded(world)


def links_of(world: World) -> int:
    """Bytes of all links in the logs."""
    return sum(len(r.value or b"") for (_, _), log in world.logs.items() for r in log if r.headers[:1] == LINKS)


LINKS = (("sp", b"link"),)


@pytest.mark.parametrize("circle", [False, True])
def test_merges_cost_what_they_are_many(circle: bool) -> None:
    """Four times as many leads, at most five times as many bytes; so of a circle of 96."""
    worlds = [World(partitions=2).play(organisation(), chain(leads, circle=circle)) for leads in (24, 96)]
    few, many = map(links_of, worlds)

    assert many <= 5 * few
    assert many <= 96 * 16 * 200


def test_what_is_taken_back_leaves_a_circle() -> None:
    """A touch that was passed round in a circle is gone with its activity, whoever is restored afterwards."""
    gone = event("email", "e1", NOON_MS, verb="deleted")
    back = event("lead", "l001", NOON_MS + MINUTE, verb="restored")
    world = World(partitions=2).play(organisation(), chain(3, circle=True), [back])
    assert world.measure("leads_worked") == 1

    world.play([gone])

    assert world.measure("leads_worked") == 0
    assert differing(world) == []


def open_deal(name: str) -> dict[str, Any]:
    """A deal of rep-01, created long before."""
    return event("deal", name, NOON_MS - 60 * MINUTE, owner_id="rep-01", created_at=NOON_MS - 60 * MINUTE)


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize(
    ("merges", "left"),
    [
        ([("a", "b"), ("b", "a")], "a"),
        ([("a", "b"), ("b", "c"), ("c", "a")], "a"),
        ([("a", "b"), ("b", "c")], "c"),
        ([("a", None), ("b", "a")], "ac"),
        ([("b", "a"), ("a", None)], "c"),
    ],
)
def test_a_later_merge_says_that_the_other_object_lives(
    partitions: int, merges: list[tuple[str, str | None]], left: str
) -> None:
    """Of deals a, b and c, some merged or deleted one after the other: those left, in any order of arrival."""
    told = [
        merged("deal", name, into, NOON_MS - 9 + n) if into else event("deal", name, NOON_MS - 9 + n, verb="deleted")
        for n, (name, into) in enumerate(merges)
    ]
    deals = list(map(open_deal, "abc"))
    untouched = set("abc") - {name for name, _ in merges} - {into for _, into in merges}
    for events in ([*deals, *told], [*reversed(told), *deals]):
        world = World(partitions=partitions).play(organisation(), *([one] for one in events))

        assert world.measure("open_deals") == len(set(left) | untouched)
        assert differing(world) == []


@pytest.mark.parametrize("partitions", [1, 2])
def test_two_merged_into_each_other_at_one_instant_are_one(partitions: int) -> None:
    """Which of them is left follows from the events alone."""
    told = [merged("deal", "a", "b", NOON_MS), merged("deal", "b", "a", NOON_MS)]
    for order in (told, told[::-1]):
        world = World(partitions=partitions).play(organisation(), map(open_deal, "ab"), *([one] for one in order))

        assert world.measure("open_deals") == 1
        assert worked_out(world) == folded(world)
