"""Deals and leads of which others spoke first: how long that is worth something, and what it is worth then."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernel.store import SHARDS
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

START = NOON_MS + 100 * DAY
KEPT_DAYS = 35
TOUCH_OF: dict[str, dict[str, str]] = {
    "call": {"when": "started_at", "anchor": "started_at"},
    "email": {"when": "sent_at", "anchor": "sent_at"},
    "activity": {"when": "occurred_at", "anchor": "occurred_at"},
    "meeting": {"when": "booked_at", "anchor": "starts_at"},
}
"""By kind of activity: the time of its touch, and the one by which it is remembered."""
TOLD = st.lists(
    st.tuples(st.sampled_from(sorted(TOUCH_OF)), st.integers(0, 30), st.integers(0, 60)), min_size=1, max_size=4
)
"""(kind of activity, day it was told, days from then until a meeting starts)."""


def _activity(kind: str, name: str, at_ms: int, ahead_days: int, subject: str) -> dict[str, Any]:
    about, _, named = subject.partition(":")
    data: dict[str, Any] = {"rep_id": "rep-01", f"{about}_id": named, TOUCH_OF[kind]["when"]: at_ms}
    if kind == "meeting":
        data["starts_at"] = at_ms + ahead_days * DAY
    else:
        data["direction"] = "outbound"
    return event(kind, name, at_ms, **data | ({"kind": "visit"} if kind == "activity" else {}))


def _at(world: World, day: int, *events: dict[str, Any]) -> None:
    world.now_ms = START + day * DAY
    world.tick()
    world.play(events)


def _sweep(world: World, day: int) -> None:
    """Let a whole round of the sweep go over the store."""
    world.now_ms = START + day * DAY
    for _ in range(SHARDS):
        world.tick()
    world.run()


def _lives_until(kind: str, day: int, ahead: int) -> int:
    return day + (ahead if kind == "meeting" else 0) + KEPT_DAYS


@given(TOLD, st.integers(0, 130), st.integers(1, 60), st.booleans())
def test_a_touch_is_worth_as_long_as_its_activity(
    told: list[tuple[str, int, int]], wait: int, later: int, swept: bool
) -> None:
    """A lead is worked by what is still remembered when its first event comes; from then on that stays."""
    world = World(partitions=1).play(organisation())
    plan = sorted(enumerate(told), key=lambda each: each[1][1])
    for number, (kind, day, ahead) in plan:
        _at(world, day, _activity(kind, str(number), START + day * DAY, ahead, "lead:l"))
    born = max(day for _, day, _ in told) + wait
    if swept:
        for day in range(31, born, 10):
            _sweep(world, day)
    _at(world, born, event("lead", "l", START + born * DAY, owner_id="rep-01", created_at=START))
    _at(world, born + later, event("lead", "l", START + (born + later) * DAY, channel="web"))

    worked = int(any(_lives_until(*each) >= born for each in told))
    assert world.measure("leads_created") == 1
    assert world.measure("leads_worked") == worked
    assert world.reasons() == []


@given(TOLD, st.integers(0, 500), st.booleans())
def test_a_deal_heard_of_first_is_counted_as_any_other(
    told: list[tuple[str, int, int]], wait: int, swept: bool
) -> None:
    """However long after: it was never over, as nothing was ever told of it."""
    world = World(partitions=1).play(organisation())
    for number, (kind, day, ahead) in sorted(enumerate(told), key=lambda each: each[1][1]):
        _at(world, day, _activity(kind, str(number), START + day * DAY, ahead, "deal:d"))
    born = max(day for _, day, _ in told) + wait
    if swept:
        for day in range(31, born, 20):
            _sweep(world, day)
    won_ms = START + born * DAY
    _at(world, born, event("deal", "d", won_ms, owner_id="rep-01", created_at=START, stage_id="won", account_id="a"))

    assert world.reasons() == []
    assert (world.measure("won"), world.measure("new_customers")) == (1, 1)


def test_the_last_link_takes_the_object_with_it() -> None:
    """Nothing of a lead that only calls named stays in the store once the last of them is forgotten."""
    world = World(partitions=1).play(organisation())
    store = world.stores["crm.events", 0]
    before = len(store)
    for day in (0, 20):
        _at(world, day, _activity("call", str(day), START + day * DAY, 0, "lead:l"))
    assert len(store) == before + 1
    _sweep(world, 54)
    assert len(store) == before + 1
    _sweep(world, 56)
    assert len(store) == before


def test_the_touches_of_the_audit_lapse_where_the_folds_do() -> None:
    """Of two calls one lives when the lead comes: both work it out from the log alone."""
    world = World(partitions=1).play(organisation())
    _at(world, 0, _activity("call", "old", START, 0, "lead:l"))
    _at(world, 10, _activity("call", "new", START + 10 * DAY, 0, "lead:m"))
    for lead in ("l", "m"):
        _at(world, 40, event("lead", lead, START + 40 * DAY + HOUR // 60, owner_id="rep-01", created_at=START))
    with audited(world) as database:
        worked = database.rows("SELECT sum(amount)::INTEGER FROM cell WHERE measure = 'leads_worked'")
    assert worked == [(1,)]
    assert world.measure("leads_worked") == 1
