"""The audit's SQL and the pipeline's folds share no formula: on whatever events, they have to agree in every cell."""

from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.measures import PHONE_STRETCH, PHONE_STRETCHES_BEYOND
from pipeline.organisation.days import EPOCH_DAY
from pipeline.scores.windows import utc_day
from schemas.events import iso
from tests.unit.audit.logs_of import Cells, differing, folded, worked_out
from tests.unit.ledger.any_events import any_event, any_lead_event, any_phone_event
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

EVENTS = st.lists(any_event(), min_size=8, max_size=30)
FEW = settings(max_examples=min(15, settings().max_examples // 3))
"""An example takes a third of a second of the database."""


@FEW
@given(EVENTS, st.randoms(use_true_random=False))
def test_any_events_give_the_same_cells(events: list[dict[str, Any]], random: Random) -> None:
    """Whatever happens, in whatever order, on whatever partition: the audit has every cell that the folds have."""
    world = World(partitions=2).play(organisation())
    for one in events:
        world.produce([one], partition=random.choice((None, None, 0, 1)))
    world.run()

    assert worked_out(world) == folded(world)


@FEW
@given(st.lists(any_lead_event(), min_size=8, max_size=40), st.integers(1, 8))
def test_whatever_is_done_with_leads_both_say_how_soon(events: list[dict[str, Any]], batch: int) -> None:
    """Tries and contacts before and after a lead came in, corrected, taken back, merged: the same cells and links."""
    world = World(partitions=2, batch=batch).play(organisation(), events)

    assert differing(world) == []


@FEW
@given(
    st.lists(any_phone_event(), min_size=8, max_size=40),
    st.lists(st.sampled_from([0, 1, 2, 3, 5, 36, 401]), min_size=1, max_size=6),
    st.integers(1, 8),
)
def test_whatever_phones_are_set_to_both_count_the_same(
    events: list[dict[str, Any]], gaps: list[int], batch: int
) -> None:
    """Told late, again, otherwise, corrected, deleted, restored, while days pass: the same cells, the same refused."""
    world = World(partitions=2, batch=batch).play(organisation())
    size = len(events) // len(gaps) + 1
    for number, days in enumerate(gaps):
        world.now_ms += days * DAY
        world.tick()
        for one in events[number * size :][:size]:
            later_ms = sum(gaps[: number + 1]) * DAY if one["type"].startswith("telephony") else 0
            world.play([one | {"time": iso(read_ms(one) + later_ms)}])

    known = all(one["type"].startswith("telephony") for one in events)
    assert since_settled(worked_out(world), world, known=known) == since_settled(folded(world), world, known=known)


def read_ms(one: dict[str, Any]) -> int:
    """When an event happened."""
    return int(datetime.fromisoformat(one["time"]).timestamp() * 1000)


def since_settled(cells: Cells, world: World, *, known: bool) -> Cells:
    """What stands, and the last days of phones: what was settled stays where it was.

    Of timelines nothing that was settled, unless all were `known` from the beginning: whoever was unknown then has
    none, whatever is told of them later.
    """
    first_day = utc_day(world.now_ms) - 1
    found: Counter[Any] = Counter()
    for (*place, day, minute, measure), amount in cells.items():
        of_day = day if minute is None or day is not None else minute // 1440 + EPOCH_DAY
        settled = of_day is not None and of_day < first_day
        if known or not (settled and measure.startswith((PHONE_STRETCH, PHONE_STRETCHES_BEYOND))):
            found[(measure,) if settled else (*place, day, minute, measure)] += amount
    return {place: amount for place, amount in found.items() if amount}


def test_a_lost_deal_of_nothing_has_no_amount_to_convert_for_both() -> None:
    """An amount of 0 says nothing of a lost deal: without another one before, no rate is missed."""
    world = World(partitions=1).play(organisation())
    for currency in ("XAU", "EUR"):
        data: dict[str, Any] = {"owner_id": "rep-01", "stage_id": "lost", "amount_minor": 0, "currency": currency}
        world.produce([event("deal", currency, NOON_MS, **data)])
    world.run()

    cells = worked_out(world)

    assert cells == folded(world)
    assert {measure for *_, measure in cells} >= {"lost"}
    assert not any(measure == "unconverted" for *_, measure in cells)


def open_deals(cells: Cells) -> Cells:
    """What stands open, which is never forgotten."""
    return {place: amount for place, amount in cells.items() if place[-1].startswith("open_")}


@FEW
@given(EVENTS, st.lists(st.sampled_from([1, 401, 401, 800]), min_size=1, max_size=4))
def test_closed_deals_are_over_for_both(events: list[dict[str, Any]], gaps: list[int]) -> None:
    """However many days pass between events: a deal that is over is that to both, and the same deals are open."""
    world = World(partitions=2).play(organisation())
    size = len(events) // len(gaps) + 1
    for number, days in enumerate(gaps):
        world.now_ms += days * DAY
        world.tick()
        world.play(events[number * size :][:size])

    assert open_deals(worked_out(world)) == open_deals(folded(world))


def remembered(cells: Cells, world: World) -> Cells:
    """What stands, and the last month: of days before, activities are forgotten."""
    first_day = utc_day(world.now_ms) - 31
    return {place: amount for place, amount in cells.items() if place[2] is None or place[2] >= first_day}


@FEW
@given(
    EVENTS,
    st.lists(st.sampled_from([0, 1, 20, 34, 36, 401]), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_whatever_is_forgotten_meanwhile_what_is_remembered_is_the_same(
    events: list[dict[str, Any]], gaps: list[int], random: Random
) -> None:
    """Days, a month, a year pass between events that tell of that long ago, or of just now."""
    world = World(partitions=2).play(organisation())
    size = len(events) // len(gaps) + 1
    for number, days in enumerate(gaps):
        world.now_ms += days * DAY
        world.tick()
        for one in events[number * size :][:size]:
            just_now = {"time": iso(world.now_ms - random.choice((0, 1000, DAY, 3 * DAY)))}
            world.produce(
                [one | just_now if random.random() < 0.5 else one], partition=random.choice((None, None, 0, 1))
            )
        world.run()

    assert remembered(worked_out(world), world) == remembered(folded(world), world)


WON = event("deal", "1", NOON_MS, owner_id="rep-01", created_at=NOON_MS, stage_id="won")
GONE = event("deal", "1", NOON_MS, verb="deleted")
TOOK_BACK = event("process", "default", NOON_MS, valid_from=1000, stages=[{"id": "won"}])
"""What it was since ever was said by mistake: `won` is an open stage."""
LEFT_OPEN = {
    ("north", "rep-01", None, None, "open_deals"): 1,
    ("north", "rep-01", None, None, "open_without_amount"): 1,
    ("north", "rep-01", None, None, "open_stage:default:won"): 1,
}


@pytest.mark.parametrize(
    ("plan", "left"),
    [
        pytest.param([(1, WON), (1, TOOK_BACK)], LEFT_OPEN, id="another process opens a closed deal again"),
        pytest.param([(1, WON), (401, TOOK_BACK)], {}, id="but not one that is over"),
        pytest.param([(1, WON), (401, GONE), (1, TOOK_BACK)], {}, id="nor one of which something came too late"),
        pytest.param([(1, WON), (401, TOOK_BACK), (1, GONE)], {}, id="nor one of which something comes later still"),
        pytest.param([(1, WON), (1, TOOK_BACK), (401, GONE)], {}, id="one that was opened again is not over"),
    ],
)
def test_a_deal_that_is_over_keeps_its_process_for_both(plan: list[tuple[int, dict[str, Any]]], left: Cells) -> None:
    """What becomes of a process later says nothing of the deals that were over before."""
    world = World(partitions=2).play(organisation())
    for days, one in plan:
        world.now_ms += days * DAY
        world.tick()
        world.play([one])

    assert open_deals(worked_out(world)) == open_deals(folded(world)) == left
