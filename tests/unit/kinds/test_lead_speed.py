"""How soon leads are tried and reached: each value reckoned by hand, and the audit has the same cells and links."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from pipeline.kernel.sketch import bucket
from tests.unit.audit.logs_of import differing
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

CREATED_MS = NOON_MS - 2 * HOUR
Event = dict[str, Any]
TRY = ("leads_worked", "lead_try_ms", "leads_tried_5m", "leads_tried_5_15m", "leads_tried_15_60m")
CONTACT = (
    "leads_contacted", "lead_contact_ms", "leads_contacted_5m", "leads_contacted_5_15m", "leads_contacted_15_60m"
)  # fmt: skip
NONE = (0, 0, 0, 0, 0)


def lead(name: str = "l", after_ms: int = 0, **data: Any) -> Event:
    """A lead of rep-01 that came in at 10:00, or so long after that."""
    at_ms = CREATED_MS + after_ms
    known: dict[str, Any] = {"owner_id": "rep-01", "created_at": at_ms}
    return event("lead", name, at_ms, **(known | data))


def call(after_ms: int, outcome: str = "voicemail", **data: Any) -> Event:
    """A call of rep-02 with the lead, so long after 10:00."""
    at_ms = CREATED_MS + after_ms
    known: dict[str, Any] = {
        "rep_id": "rep-02",
        "direction": "outbound",
        "outcome": outcome,
        "started_at": at_ms,
        "lead_id": "l",
    }
    return event("call", f"c{after_ms}", at_ms, source="dialer-1", **(known | data))


def email(after_ms: int, direction: str = "outbound", **data: Any) -> Event:
    """An email between rep-02 and the lead, so long after 10:00."""
    at_ms = CREATED_MS + after_ms
    known: dict[str, Any] = {"rep_id": "rep-02", "sent_at": at_ms, "direction": direction, "lead_id": "l"}
    return event("email", f"e{after_ms}{direction}", at_ms, **(known | data))


def meeting(booked_ms: int | None, starts_ms: int, status: str) -> Event:
    """A meeting with the lead, booked and held so long after 10:00."""
    at_ms = CREATED_MS + starts_ms
    booked: dict[str, Any] = {} if booked_ms is None else {"booked_at": CREATED_MS + booked_ms}
    return event("meeting", "m", at_ms, rep_id="rep-02", starts_at=at_ms, status=status, lead_id="l", **booked)


def activity(after_ms: int, kind: str, **data: Any) -> Event:
    """What somebody logged of the lead."""
    at_ms = CREATED_MS + after_ms
    return event("activity", f"a{after_ms}", at_ms, kind=kind, rep_id="rep-02", occurred_at=at_ms, lead_id="l", **data)


def said(world: World, names: Sequence[str]) -> tuple[int, ...]:
    """The sums of some measures."""
    return tuple(world.measure(name) for name in names)


def links(world: World, kind: str) -> list[dict[str, Any]]:
    """What was said by links of a kind, one after the other."""
    sent = (record for record in world.logs["crm.events", 0] if record.headers[:1] == (("sp", b"link"),))
    told = (msgspec.msgpack.decode(record.value or b"") for record in sent)
    return [payload for *_, of_kind, _, _, payload in told if of_kind == kind]


def played(*events: Sequence[Event]) -> World:
    """A floor on which this happened."""
    return World(partitions=1).play(organisation(), *events)


FIVE, FIFTEEN, SIXTY = 5 * MINUTE, 15 * MINUTE, 60 * MINUTE


@pytest.mark.parametrize(
    ("told", "tried", "contacted"),
    [
        pytest.param([], NONE, NONE, id="nobody did anything"),
        pytest.param([call(0)], (1, 0, 1, 0, 0), NONE, id="tried at once, in vain"),
        pytest.param([call(FIVE)], (1, FIVE, 1, 0, 0), NONE, id="after 5 minutes to the millisecond"),
        pytest.param([call(FIVE + 1)], (1, FIVE + 1, 0, 1, 0), NONE, id="a millisecond later"),
        pytest.param([call(FIFTEEN)], (1, FIFTEEN, 0, 1, 0), NONE, id="after 15 minutes"),
        pytest.param([call(SIXTY)], (1, SIXTY, 0, 0, 1), NONE, id="after an hour"),
        pytest.param([call(SIXTY + 1)], (1, SIXTY + 1, 0, 0, 0), NONE, id="later than that"),
        pytest.param([call(-1)], NONE, NONE, id="before it came in"),
        pytest.param([call(-1), call(MINUTE)], (1, MINUTE, 1, 0, 0), NONE, id="before and after"),
        pytest.param([call(MINUTE, "answered")], (1, MINUTE, 1, 0, 0), (1, MINUTE, 1, 0, 0), id="reached at once"),
        pytest.param(
            [call(MINUTE), call(HOUR), call(90 * MINUTE, "answered")], (1, MINUTE, 1, 0, 0),
            (1, 90 * MINUTE, 0, 0, 0), id="reached by the third call",
        ),
        pytest.param(
            [call(MINUTE, "answered", direction="inbound")], NONE, (1, MINUTE, 1, 0, 0), id="the lead called us"
        ),
        pytest.param([call(MINUTE, "abandoned", direction="inbound")], NONE, NONE, id="the lead gave up"),
        pytest.param([call(MINUTE, "answered", direction="internal")], NONE, NONE, id="colleagues talked"),
        pytest.param([email(MINUTE)], (1, MINUTE, 1, 0, 0), NONE, id="an email to the lead"),
        pytest.param([email(MINUTE, bulk=True)], NONE, NONE, id="a mailing"),
        pytest.param([email(MINUTE, auto_reply=True)], NONE, NONE, id="an automatic reply"),
        pytest.param([email(6 * MINUTE, "inbound")], NONE, (1, 6 * MINUTE, 0, 1, 0), id="the lead wrote"),
        pytest.param([email(MINUTE, "inbound", auto_reply=True)], NONE, NONE, id="the lead is out of office"),
        pytest.param([activity(MINUTE, "visit")], (1, MINUTE, 1, 0, 0), (1, MINUTE, 1, 0, 0), id="a visit"),
        pytest.param([activity(MINUTE, "call")], (1, MINUTE, 1, 0, 0), NONE, id="a logged call"),
        pytest.param(
            [activity(MINUTE, "call", connected=True)], (1, MINUTE, 1, 0, 0), (1, MINUTE, 1, 0, 0),
            id="a logged call that a person answered",
        ),
        pytest.param(
            [activity(MINUTE, "call", connected=True, direction="inbound")], NONE, (1, MINUTE, 1, 0, 0),
            id="a logged call of the lead",
        ),
        pytest.param([activity(MINUTE, "note"), activity(HOUR, "task")], NONE, NONE, id="notes and tasks"),
        pytest.param([meeting(MINUTE, HOUR, "scheduled")], (1, MINUTE, 1, 0, 0), NONE, id="a meeting is booked"),
        pytest.param(
            [meeting(MINUTE, HOUR, "held")], (1, MINUTE, 1, 0, 0), (1, HOUR, 0, 0, 1), id="a meeting was held"
        ),
        pytest.param([meeting(MINUTE, HOUR, "no_show")], (1, MINUTE, 1, 0, 0), NONE, id="the lead did not come"),
        pytest.param([meeting(-DAY, HOUR, "held")], NONE, (1, HOUR, 0, 0, 1), id="booked before it came in"),
        pytest.param(
            [meeting(None, HOUR, "held")], (1, HOUR, 0, 0, 1), (1, HOUR, 0, 0, 1), id="nobody knows when it was booked"
        ),
    ],
)  # fmt: skip
def test_how_soon_a_lead_is_tried_and_reached(
    told: list[Event], tried: tuple[int, ...], contacted: tuple[int, ...]
) -> None:
    """A lead of 10:00: how many were tried or reached, after how long, and within 5, 15 and 60 minutes."""
    for events in ([lead(), *told], [*told, lead()]):
        world = played(events)

        assert (said(world, TRY), said(world, CONTACT)) == (tried, contacted)
        assert world.measure("leads_created") == 1
        assert world.measure("leads_waiting") == 1 - tried[0]
    assert differing(world) == []


def test_each_counts_for_the_owner_when_the_lead_came_in() -> None:
    """Whoever tried it, and whenever that was: on the day of the creation, with its value in the sketch."""
    world = played([lead(after_ms=-DAY), call(0, "answered")])

    (place,) = [place for place, sums in world.total().items() if "leads_created" in sums]
    assert place[:2] == ("north", "rep-01")
    assert place[3] == (CREATED_MS - DAY) // MINUTE
    assert world.total()[place] == {"leads_created": 1, "leads_worked": 1}
    assert world.total()[*place[:3], None] == {
        "lead_try_ms": DAY, f"lead_try~{bucket(DAY)}": 1,
        "leads_contacted": 1, "lead_contact_ms": DAY, f"lead_contact~{bucket(DAY)}": 1,
    }  # fmt: skip


def test_another_owner_takes_it_along() -> None:
    """Reassigned to rep-02 of team south: all of it moves there, and it does not start anew."""
    world = played([lead(), call(MINUTE, "answered")], [event("lead", "l", NOON_MS, owner_id="rep-02")])

    assert said(world, TRY) == said(world, CONTACT) == (1, MINUTE, 1, 0, 0)
    assert world.measure("lead_try_ms", "south", "rep-02") == MINUTE
    assert world.measure("leads_created", "north") == world.measure("leads_worked", "north") == 0
    assert differing(world) == []


def test_what_comes_late_is_corrected_or_taken_back_moves_it() -> None:
    """First one at 10:30; an earlier one is told late, moved to 10:10, then deleted, which reveals the other again."""
    world = played([lead(), call(30 * MINUTE, "answered")])
    assert said(world, TRY) == (1, 30 * MINUTE, 0, 0, 1)

    world.play([call(2 * MINUTE, "answered")])
    assert said(world, TRY) == said(world, CONTACT) == (1, 2 * MINUTE, 1, 0, 0)

    moved = event("call", f"c{2 * MINUTE}", NOON_MS, source="dialer-1", started_at=CREATED_MS + 10 * MINUTE)
    world.play([moved])
    assert said(world, TRY) == said(world, CONTACT) == (1, 10 * MINUTE, 0, 1, 0)

    nobody_answered = event("call", f"c{2 * MINUTE}", NOON_MS + 1, source="dialer-1", outcome="voicemail")
    world.play([nobody_answered])
    assert (said(world, TRY), said(world, CONTACT)) == ((1, 10 * MINUTE, 0, 1, 0), (1, 30 * MINUTE, 0, 0, 1))

    world.play([event("call", f"c{2 * MINUTE}", NOON_MS + 2, source="dialer-1", verb="deleted")])
    assert said(world, TRY) == said(world, CONTACT) == (1, 30 * MINUTE, 0, 0, 1)
    assert differing(world) == []


def test_another_time_of_creation_is_another_speed() -> None:
    """Called at 10:01 and 10:20. Created at 10:00, then by a correction at 10:05, then at 10:30."""
    world = played([lead(), call(MINUTE), call(20 * MINUTE)])
    assert said(world, TRY) == (1, MINUTE, 1, 0, 0)

    world.play([event("lead", "l", NOON_MS, created_at=CREATED_MS + 5 * MINUTE)])
    assert said(world, TRY) == (1, 15 * MINUTE, 0, 1, 0)

    world.play([event("lead", "l", NOON_MS + 1, created_at=CREATED_MS + 30 * MINUTE)])
    assert (said(world, TRY), world.measure("leads_waiting")) == (NONE, 1)
    assert differing(world) == []


def test_a_lead_that_is_gone_has_no_speed() -> None:
    """Deleted, it counts nowhere; restored, it is as it was."""
    world = played([lead(), call(MINUTE, "answered")], [event("lead", "l", NOON_MS, verb="deleted")])
    assert said(world, (*TRY, *CONTACT, "leads_created")) == (*NONE, *NONE, 0)

    world.play([event("lead", "l", NOON_MS + 1, verb="restored")])
    assert said(world, TRY) == said(world, CONTACT) == (1, MINUTE, 1, 0, 0)
    assert differing(world) == []


@pytest.mark.parametrize("told", [[], [email(2 * HOUR + n) for n in range(40)]], ids=["few", "many"])
def test_a_merged_lead_brings_its_tries_and_contacts_along(told: list[Event]) -> None:
    """The older of two goes on, created at 10:00: it is as soon reached as the other one was, from 10:00 on."""
    double = lead("double", 3 * MINUTE)
    reached = [call(4 * MINUTE, lead_id="double"), call(8 * MINUTE, "answered", lead_id="double")]
    merged = event("lead", "double", NOON_MS, verb="merged", into="l")
    world = played([lead(), double, *reached, *told])
    speeds = said(world, ("lead_try_ms", "lead_contact_ms"))
    assert speeds == (MINUTE + (2 * HOUR if told else 0), 5 * MINUTE)

    world.play([merged])
    assert (said(world, TRY), said(world, CONTACT)) == ((1, 4 * MINUTE, 1, 0, 0), (1, 8 * MINUTE, 0, 1, 0))
    assert world.measure("leads_created") == 1

    world.play([event("lead", "double", NOON_MS + 1, verb="restored")])
    assert said(world, ("lead_try_ms", "lead_contact_ms")) == speeds
    assert differing(world) == []


def test_of_a_merged_lead_the_first_and_the_last_try_are_known() -> None:
    """The newer of two goes on, created at 10:10. The older was tried before that: its last try is what counts."""
    old = [lead("old"), *(call(minutes * MINUTE, "answered", lead_id="old") for minutes in (2, 20, 40))]
    world = played([*old, lead("l", 10 * MINUTE)], [event("lead", "old", NOON_MS, verb="merged", into="l")])

    assert said(world, TRY) == said(world, CONTACT) == (1, 30 * MINUTE, 0, 0, 1)

    world.play([call(25 * MINUTE)])
    assert (said(world, TRY), said(world, CONTACT)) == ((1, 15 * MINUTE, 0, 1, 0), (1, 30 * MINUTE, 0, 0, 1))
    assert differing(world) == []


def test_what_was_done_with_many_links_is_exact_too() -> None:
    """Calls at every minute around the creation, then one after the other is deleted from the first on."""
    world = played([lead(), *(call(minutes * MINUTE, "answered") for minutes in range(-50, 50))])
    for minutes in range(45):
        assert (world.measure("lead_try_ms"), world.measure("lead_contact_ms")) == (minutes * MINUTE, minutes * MINUTE)
        world.play([event("call", f"c{minutes * MINUTE}", NOON_MS, source="dialer-1", verb="deleted")])

    assert said(world, TRY) == (1, 45 * MINUTE, 0, 0, 1)
    assert differing(world) == []


def test_only_leads_are_told_of_a_contact() -> None:
    """A deal hears of the same call as ever: nothing more is sent once somebody answers."""
    world = played(
        [lead(), call(MINUTE, "answered", deal_id="d"), call(2 * MINUTE, "answered", lead_id=None, deal_id="d")]
    )
    links: Counter[tuple[str, bool]] = Counter()
    for record in world.logs["crm.events", 0]:
        if record.key is not None and record.headers[:1] == (("sp", b"link"),):
            links[record.key.decode(), b"contact_ms" in (record.value or b"")] += 1

    assert links == {("lead:l", True): 1, ("deal:d", False): 2}


def test_a_meeting_says_when_both_meet_and_that_they_did() -> None:
    """Booked at 10:02, held at 10:30: one touch says both, and of a merged lead all of it goes on."""
    booked_ms, held_ms = CREATED_MS + 2 * MINUTE, CREATED_MS + 30 * MINUTE
    world = played([lead(), lead("m"), meeting(2 * MINUTE, 30 * MINUTE, "held")])
    touch, *_ = links(world, "touch")
    assert touch["at_ms"] == booked_ms
    assert touch["meets_ms"] == touch["contact_ms"] == touch["anchor_ms"] == held_ms

    world.play([event("lead", "l", NOON_MS, verb="merged", into="m")])
    *_, merged = links(world, "merge")
    assert [tuple(passed[1:4]) for passed in merged["passed"]] == [
        ("contact", None, held_ms),
        ("last", None, held_ms),
        ("last", True, booked_ms),
        ("last_contact", None, held_ms),
        ("touch", True, booked_ms),
    ]
    assert (said(world, TRY), said(world, CONTACT)) == ((1, 2 * MINUTE, 1, 0, 0), (1, 30 * MINUTE, 0, 0, 1))
    assert differing(world) == []
