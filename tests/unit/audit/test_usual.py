"""Whatever zones, calendars, moves and corrections there are, the audit works out the same of what is usual."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish, publish_each
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

FEW = settings(max_examples=min(12, settings().max_examples // 3), deadline=None)
CALENDARS: list[dict[str, Any]] = [
    WEEK, {**WEEK, "holidays": "DE"}, {"sunday": [["22:00", "06:00"]], "monday": [["09:00", "12:00"]]}, {},
]  # fmt: skip
ZONES = ["Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Pacific/Apia"]
SPECIAL_DAYS: list[dict[str, Any]] = [
    {"day": "2025-10-20", "open_until": "09:00"}, {"day": "2025-10-27", "team_id": "north"},
    {"day": "2025-10-26", "open_until": "22:00"}, {"day": "2025-11-03", "open_from": "16:00"},
]  # fmt: skip
NO_SPECIAL_DAY = dict.fromkeys(("day", "team_id", "open_from", "open_until"))
MOMENTS = st.tuples(st.integers(0, 4), st.integers(-150, 150), st.sampled_from(["rep-01", "rep-02", "rep-09"]))
"""Weeks ago, in a weekly rhythm, so many quarter-hours later, and whose."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("visit"), st.integers(0, 20), MOMENTS),
        st.tuples(st.just("gone"), st.integers(0, 20), st.none()),
        st.tuples(st.just("calendar"), st.sampled_from(["north", "company"]), st.sampled_from(CALENDARS)),
        st.tuples(st.just("special"), st.sampled_from("ab"), st.sampled_from(SPECIAL_DAYS)),
        st.tuples(st.just("zone"), st.sampled_from(ZONES), st.sampled_from([None, "2025-10-20", "2025-11-03"])),
        st.tuples(st.just("move"), st.sampled_from(["north", "south"]), st.integers(0, 30)),
        st.tuples(st.just("pass"), st.sampled_from([MINUTE, 20 * MINUTE, 5 * HOUR, 30 * HOUR]), st.none()),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip


def visit(name: str, weeks: int, quarters: int, rep: str) -> dict[str, Any]:
    """A visit on a day of this weekday, some quarter-hours from noon."""
    at_ms = min(NOON_MS - 7 * weeks * DAY + quarters * 15 * MINUTE, NOON_MS)
    return event("activity", name, at_ms, kind="visit", rep_id=rep, occurred_at=at_ms)


def told(number: int, kind: str, what: Any, more: Any) -> dict[str, Any]:
    """What a step tells."""
    at_ms = NOON_MS + number
    if kind == "visit":
        return visit(f"v{what}", *more) | {"time": visit("v", 0, 0, "x")["time"]}
    if kind == "gone":
        return event("activity", f"v{what}", at_ms, verb="deleted")
    if kind == "calendar":
        return event("company" if what == "company" else "team", what, at_ms, calendar=more)
    if kind == "special":
        return event("special_day", what, at_ms, **NO_SPECIAL_DAY | more)
    if kind == "zone":
        dated = {"time_zone_from": more} if more else {}
        return event("team", "north", at_ms, time_zone=what, **dated)
    return event("membership", "moved", at_ms, rep_id="rep-01", team_id=what, valid_from=NOON_MS - more * DAY)


async def _differ(plan: list[Any]) -> tuple[list[Any], set[Any]]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(
        organisation(),
        [visit(f"v{n}", n % 5, n * 7 % 40 - 30, f"rep-0{n % 2 + 1}") for n in range(60)],
    )
    async with Desk(sink) as desk:
        await publish_each(world, desk, sink, plan, told)
        figures = [figure for home in sink.homes.values() for figure in home.figures.values()]
        said = {figure["kpis"].get("activities_usual", {}).get("value") for figure in figures}
        return differences(world, sink, "SELECT 1")[0], said


@FEW
@given(STEPS)
def test_the_audit_has_the_same_figures(plan: list[Any]) -> None:
    """Of reps and teams, in the zone of each day, on the days on which work was done."""
    assert asyncio.run(_differ(plan))[0] == []


def test_there_is_something_usual_to_compare() -> None:
    """Of the floor that all of these begin with."""
    found, said = asyncio.run(_differ([("pass", 20 * MINUTE, None)]))

    assert found == []
    assert any(value for value in said)


def test_the_audit_sees_another_usual() -> None:
    """Here all figures of it say 1: they differ, and no others do."""

    async def run() -> list[Any]:
        world, sink = World(partitions=1), MemorySink(fast=False)
        world.play(organisation(), [visit(f"v{n}", n % 5, -n % 40, "rep-01") for n in range(40)])
        async with Desk(sink) as desk:
            await publish(world, desk, sink)
        for home in sink.homes.values():
            for figure in home.figures.values():
                if "activities_usual" in figure["kpis"]:
                    figure["kpis"]["activities_usual"]["value"] = 1
        return differences(world, sink, "SELECT 1")[0]

    assert {each.kpi for each in asyncio.run(run())} == {"activities_usual"}
