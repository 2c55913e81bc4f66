"""Whatever phones are told to be set to, by whichever clocks, the audit works out the same timelines."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish, publish_each
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

pytestmark = pytest.mark.slow
FEW = settings(max_examples=min(12, settings().max_examples // 3), deadline=None)
STATES = ["available", "on_call", "wrap_up", "break", "offline", None]
ZONES = ["Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Pacific/Apia"]
REPS = ["rep-01", "rep-02", "rep-09"]
TELLING = st.tuples(
    st.just("set"), st.sampled_from(REPS), st.sampled_from(STATES), st.integers(0, 40), st.sampled_from([None, "lunch"])
)
"""Whose phone, to what, so many half hours ago, and why."""
STEPS = st.lists(
    st.one_of(
        TELLING,
        TELLING,
        TELLING,
        st.tuples(st.just("corrected"), st.sampled_from(REPS), st.integers(0, 20)),
        st.tuples(st.just("life"), st.sampled_from(REPS), st.sampled_from(["deleted", "restored"])),
        st.tuples(st.just("zone"), st.sampled_from(ZONES), st.sampled_from([None, "2025-11-03"])),
        st.tuples(st.just("move"), st.sampled_from(["north", "south"]), st.integers(0, 30)),
        st.tuples(st.just("pass"), st.sampled_from([MINUTE, HOUR, 5 * HOUR, 13 * HOUR, 4 * DAY])),
    ),
    min_size=1,
    max_size=25,
)


def told(number: int, now_ms: int, kind: str, *what: Any) -> dict[str, Any]:
    """What a step tells."""
    if kind == "set":
        rep, state, ago, reason = what
        return event("agent", rep, now_ms - ago * 30 * MINUTE, state=state, reason=reason, event_id=f"e{number}")
    if kind == "corrected":
        return event("agent", what[0], now_ms - 20 * MINUTE, state="break", corrects=f"e{what[1]}")
    if kind == "life":
        return event("agent", what[0], now_ms, verb=what[1])
    if kind == "zone":
        dated = {"time_zone_from": what[1]} if what[1] else {}
        return event("team", "north", now_ms, time_zone=what[0], **dated)
    return event("membership", "moved", now_ms, rep_id="rep-01", team_id=what[0], valid_from=now_ms - what[1] * HOUR)


async def _differ(plan: list[Any], spoil: bool = False) -> tuple[list[Any], set[int]]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(organisation(), [event("agent", "rep-01", NOON_MS - HOUR, state="available")])
    async with Desk(sink) as desk:
        await publish_each(world, desk, sink, plan, lambda number, *step: told(number, world.now_ms, *step))
        lines = [
            figure["kpis"]["phone_timeline"]
            for home in sink.homes.values()
            for figure in home.figures.values()
            if "phone_timeline" in figure["kpis"]
        ]
        if spoil:
            for line in lines:
                line["stretches"] = line["stretches"][1:]
        return differences(world, sink, "SELECT 1")[0], {line["value"] for line in lines}


@FEW
@given(STEPS)
def test_the_audit_has_the_same_timelines(plan: list[Any]) -> None:
    """Told late, otherwise, deleted and restored, before and after midnight, in the zone and team of each time."""
    assert asyncio.run(_differ(plan))[0] == []


FLAPPING = [("set", "rep-01", ("available", "on_call")[n % 2], 0, None) for n in range(6)]


def test_there_is_something_to_compare() -> None:
    """Of the floor that all of these begin with, an hour later."""
    plan = [each for set_ in FLAPPING for each in (set_, ("pass", MINUTE))]
    found, said = asyncio.run(_differ(plan))

    assert found == []
    assert max(said) >= 6


def test_the_audit_sees_a_state_that_is_missing() -> None:
    """The first of each day is not shown: it says so of that KPI, and of no other."""
    found, _ = asyncio.run(_differ([*FLAPPING[:2], ("pass", MINUTE)], spoil=True))

    assert {each.kpi for each in found} == {"phone_timeline"}


async def _too_many() -> tuple[list[Any], Any]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    began_ms = NOON_MS - 2 * HOUR
    told_ = [event("agent", "rep-01", began_ms + n * 20_000, state=STATES[n % 2]) for n in range(180)]
    world.play(organisation(), told_)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        figures = [figure for home in sink.homes.values() for figure in home.figures.values()]
        lines = [each["kpis"]["phone_timeline"] for each in figures if "phone_timeline" in each["kpis"]]
        return differences(world, sink, "SELECT 1")[0], lines


def test_both_count_those_that_are_too_many() -> None:
    """One every 20 seconds for an hour: 179 of them ended in that hour, of which 120 are told."""
    found, (line,) = asyncio.run(_too_many())

    assert found == []
    assert (line["value"], len(line["stretches"]), line["beyond"]) == (180, 121, 59)
