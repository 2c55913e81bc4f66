from typing import Any

from pipeline.kernel.partitioner import partition_of
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

CALL: dict[str, Any] = {"rep_id": "rep-01", "direction": "outbound", "started_at": NOON_MS}


def _later(world: World, days: int, ticks: int = 0) -> World:
    world.now_ms = NOON_MS + days * DAY
    for _ in range(max(ticks, 1)):
        world.tick()
    world.run()
    return world


def _kept(world: World, key: str) -> bool:
    topic = "telephony.events" if key.startswith("call") else "crm.events"
    return world.stores[topic, partition_of(key, world.partitions)].get(b"x" + key.encode()) is not None


def test_forgetting_sends_nothing() -> None:
    """A call that is too old, and is swept away, stays in the figures it was counted in."""
    world = World().play(organisation(), [event("call", "c1", **CALL)])
    before = world.total()

    assert _later(world, 36, ticks=40).total() == before
    assert not _kept(world, "call:c1")


def test_a_forgotten_call_is_over_whether_swept_or_not() -> None:
    """An organisation change passes over it, and an event that comes for it is late: it counts where it was."""
    swept = _later(World().play(organisation(), [event("call", "c1", **CALL)]), 36, ticks=40)
    unswept = World().play(organisation(), [event("call", "c1", **CALL)])
    unswept.now_ms = NOON_MS + 36 * DAY
    after = [event("membership", "m1", 5000, team_id="south"), event("call", "c1", NOON_MS + 35 * DAY, rep_id="rep-02")]

    assert unswept.play(after).total() == swept.play(after).total()
    assert unswept.measure("calls", "north") == 1
    assert swept.reasons() == unswept.reasons() == ["late"]


def test_a_call_is_remembered_as_long_as_the_policy_says() -> None:
    """A correction within the retention counts, one after it is late and a dead letter."""
    world = World().play(organisation(), [event("call", "c1", **CALL)])
    _later(world, 34).play([event("call", "c1", NOON_MS + HOUR, started_at=NOON_MS, rep_id="rep-02")])
    assert world.measure("calls", "south") == 1

    _later(world, 36).play([event("call", "c1", NOON_MS + 2 * HOUR, started_at=NOON_MS, rep_id="rep-01")])
    assert (world.measure("calls", "south"), world.reasons()) == (1, ["late"])


def test_open_deals_leads_and_customers_are_never_forgotten() -> None:
    """After years an open deal, a known lead and an account with a win are there; a closed deal is not."""
    world = World().play(
        organisation(),
        [
            event("deal", "d1", owner_id="rep-01", created_at=NOON_MS, stage_id="new"),
            event("deal", "d2", owner_id="rep-01", created_at=NOON_MS, stage_id="won", account_id="a1"),
            event("lead", "l1", owner_id="rep-01", created_at=NOON_MS),
        ],
    )
    _later(world, 2000, ticks=80)

    assert [_kept(world, key) for key in ("deal:d1", "deal:d2", "lead:l1", "account:a1")] == [True, False, True, True]
    world.play(
        [event("deal", "d1", NOON_MS + HOUR, verb="deleted"), event("lead", "l1", NOON_MS + HOUR, verb="deleted")]
    )
    assert (world.measure("open_deals"), world.measure("leads_waiting")) == (0, 0)


def test_what_comes_for_a_closed_deal_that_is_forgotten_is_late() -> None:
    """Whether it was swept away before or not: no edit of an old deal makes a new one, nor a new win or loss."""
    closed = event("deal", "d1", owner_id="rep-01", created_at=NOON_MS, stage_id="won", amount_minor=5)
    edits = [
        event("deal", "d1", NOON_MS + 402 * DAY, owner_id="rep-02"),
        event("deal", "d1", NOON_MS + 402 * DAY, stage_id="won", amount_minor=5, created_at=NOON_MS),
        event("deal", "d1", NOON_MS + 402 * DAY, verb="deleted"),
        event("call", "c1", NOON_MS + 402 * DAY, started_at=NOON_MS + 402 * DAY, rep_id="rep-01", deal_id="d1"),
    ]
    swept = _later(World().play(organisation(), [closed]), 402, ticks=40)
    unswept = World().play(organisation(), [closed])
    unswept.now_ms = NOON_MS + 402 * DAY

    assert swept.play(edits).total() == unswept.play(edits).total()
    assert [swept.measure(measure) for measure in ("deals_created", "won", "open_deals", "calls")] == [1, 1, 0, 1]
    assert swept.reasons() == unswept.reasons() == ["late", "late", "late"]


def test_a_closed_deal_is_remembered_from_when_it_was_last_heard_of() -> None:
    """An event of it within that time counts, and it is remembered anew from there."""
    world = World().play(organisation(), [event("deal", "d1", owner_id="rep-01", stage_id="won", amount_minor=5)])
    for days in (390, 780):
        world.now_ms = NOON_MS + days * DAY
        world.play([event("deal", "d1", NOON_MS + days * HOUR, amount_minor=days)])

    assert (world.measure("won_minor"), world.reasons()) == (780, [])


def test_old_deals_may_be_imported_in_any_order() -> None:
    """A deal that closed long before it is first heard of is remembered from then on: its parts find each other."""
    created = event(
        "deal", "d1", NOON_MS - 900 * DAY, owner_id="rep-01", created_at=NOON_MS - 900 * DAY, stage_id="new"
    )
    closed = event("deal", "d1", NOON_MS - 800 * DAY, stage_id="won", amount_minor=5)

    expected = World().play(organisation(), [created], [closed]).total()
    assert World().play(organisation(), [closed], [created]).total() == expected
    assert not any(place[2] is None for place in expected)


def test_a_lead_that_was_only_touched_is_dropped_by_the_age_of_the_touch() -> None:
    """What has no anchor lives as long as an activity from when it was last heard of."""
    world = World().play(organisation(), [event("call", "c1", **CALL, lead_id="l1")])

    assert _kept(_later(world, 34, ticks=40), "lead:l1")
    assert not _kept(_later(world, 36, ticks=40), "lead:l1")
