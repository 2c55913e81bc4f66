"""Companies that change the first day of their week, and say so late, early or otherwise: the audit cuts the same."""

import asyncio
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.organisation.working_time import WEEKDAYS
from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

TODAY = date(2025, 11, 3)
AS_THEY_ARE = "SELECT 1"
FEW = settings(max_examples=min(12, settings().max_examples // 3), deadline=None)
DAYS = st.none() | st.integers(-40, 20)
"""From ever on, or from so many days before or after the first one on."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("week"), DAYS, st.sampled_from([*WEEKDAYS, None])),
        st.tuples(st.just("zone"), DAYS, st.sampled_from(["Asia/Kolkata", "America/New_York"])),
        st.tuples(st.just("fiscal"), st.none(), st.sampled_from([1, 3])),
        st.tuples(st.just("call"), st.integers(-40, 20), st.sampled_from(["rep-01", "rep-02"])),
        st.tuples(st.just("days"), st.integers(1, 9), st.none()),
    ),
    min_size=1,
    max_size=8,
)


def call(name: str, at_ms: int, rep: str) -> dict[str, Any]:
    """A call at an instant."""
    return event("call", name, at_ms, rep_id=rep, direction="outbound", started_at=at_ms, ended_at=at_ms + HOUR)


def told(number: int, kind: str, days: int | None, what: Any) -> dict[str, Any]:
    """What a step tells."""
    since = None if days is None else (TODAY + timedelta(days)).isoformat()
    if kind == "week":
        return event("company", "company", NOON_MS + number, week_start=what, week_start_from=since)
    if kind == "zone":
        return event("team", "north", NOON_MS + number, time_zone=what, time_zone_from=since)
    if kind == "fiscal":
        return event("company", "company", NOON_MS + number, fiscal_year_start=what)
    return call(f"c-{number}", NOON_MS + (days or 0) * DAY, what)


async def _differ(plan: list[tuple[str, int | None, Any]]) -> list[Any]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(organisation(), [call(f"c{n}", NOON_MS - n * DAY, f"rep-0{n % 2 + 1}") for n in range(30)])
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        for number, (kind, days, what) in enumerate(plan):
            if kind == "days":
                world.now_ms += (days or 0) * DAY
                world.tick()
                world.run()
            else:
                world.play([told(number, kind, days, what)])
            await publish(world, desk, sink)
        return differences(world, sink, AS_THEY_ARE, passed_on=True)[0]


@FEW
@given(STEPS)
def test_whatever_weeks_begin_on_the_audit_has_the_same_windows(plan: list[tuple[str, int | None, Any]]) -> None:
    """Every figure, state, start and end, no window that is none any more, and the company's record in every log."""
    assert asyncio.run(_differ(plan)) == []


async def test_a_short_week_is_a_window_of_its_own() -> None:
    """From Sunday 2025-10-19 on: six days before it, and then weeks from Sunday to Saturday. By hand, a call a day."""
    sink = MemorySink(fast=False)
    world = World(partitions=1).play(
        organisation(),
        [event("company", "company", NOON_MS, week_start="sunday", week_start_from="2025-10-19")],
        [call(f"c{n}", NOON_MS - n * DAY, "rep-01") for n in range(23)],
    )
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
    figures = [figure for home in sink.homes.values() for figure in home.figures.values()]
    weeks = {
        figure["window"]["id"]: figure["kpis"]["calls"]["value"]
        for figure in figures
        if figure["scope"] == "team:north" and figure["window"]["kind"] == "week"
    }

    assert weeks == {
        "week:2025-W41": 1,
        "week:2025-10-13": 6,
        "week:2025-10-19": 7,
        "week:2025-10-26": 7,
        "week:2025-11-02": 2,
    }
    assert differences(world, sink, AS_THEY_ARE)[0] == []
