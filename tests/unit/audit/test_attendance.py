"""Who is at work: the audit works out by itself what figures of reps say, and sees where they say otherwise."""

import asyncio
from typing import Any

from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish
from tests.unit.ledger.world import HOUR, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk


async def _told(changed: str) -> tuple[set[str | None], list[tuple[str, str, Any, Any]]]:
    """What today's figures say of two reps, one of them away, and what the audit finds."""
    world, sink = World(partitions=1), MemorySink(fast=False)
    calls = [
        event("call", rep, NOON_MS - HOUR, rep_id=rep, direction="outbound", started_at=NOON_MS - HOUR)
        for rep in ("rep-01", "rep-02")
    ]
    away = event("absence", "a", NOON_MS, rep_id="rep-01", first_day="2025-11-02", last_day="2025-11-04")
    world.play(organisation(), calls, [away])
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        figures = [each for home in sink.homes.values() for each in home.figures.values()]
        for each in figures:
            if changed and each.get("attendance") == "absent":
                each["attendance"] = changed
        found = differences(world, sink, "SELECT 1")[0]
        said = {each.get("attendance") for each in figures if each["window"]["kind"] == "day"}
        return said, [(each.window, each.kpi, each.shown, each.expected) for each in found if each.scope != "x"]


def test_the_audit_has_the_same() -> None:
    """One is absent, one is there, and of the team nothing is said."""
    assert asyncio.run(_told("")) == ({"absent", "present", None}, [])


def test_the_audit_sees_a_rep_who_is_said_to_be_there() -> None:
    """In each current window of days."""
    _, found = asyncio.run(_told("present"))

    assert {(shown, expected) for _, _, shown, expected in found} == {("present", "absent")}
    assert {window for window, *_ in found} >= {"day:2025-11-03", "month:2025-11", "90d"}
