"""Deals and leads that nobody touches: whatever the working days are, the audit has the same figures."""

import asyncio
from typing import Any

import pytest

from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

CALENDARS: list[dict[str, Any] | None] = [
    None, {}, WEEK, {**WEEK, "holidays": "DE"}, {"saturday": [["22:00", "06:00"]], "holidays": "DE-BY"},
]  # fmt: skip


async def _compared(company: dict[str, Any] | None, team: dict[str, Any] | None) -> tuple[list[Any], dict[str, Any]]:
    deals = [
        event(
            "deal", f"d{days}", NOON_MS - days * DAY, owner_id=f"rep-0{days % 2 + 1}", stage_id="new",
            created_at=NOON_MS - days * DAY,
        )
        for days in range(0, 80, 3)
    ]  # fmt: skip
    leads = [
        event(
            "lead", f"l{days}", NOON_MS - days * DAY, owner_id=f"rep-0{days % 2 + 1}", created_at=NOON_MS - days * DAY
        )
        for days in (2, 5, 9)
    ]
    hours = [event("company", "company", 2000, calendar=company), event("team", "north", 2000, calendar=team)]
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(organisation(), [each for each in hours if each["data"]["calendar"] is not None], deals, leads)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        world.now_ms += 3 * DAY
        world.tick()
        world.run()
        await publish(world, desk, sink)
    found, _ = differences(world, sink, "SELECT 1")
    return found, sink.homes["team:north"].figures["team:north", "now"]["kpis"]


@pytest.mark.parametrize("team", CALENDARS)
@pytest.mark.parametrize("company", [None, WEEK])
def test_the_audit_counts_the_same_working_days(company: dict[str, Any] | None, team: dict[str, Any] | None) -> None:
    """Of teams without hours, with holidays, with work on one day a week. Two of the leads are another team's."""
    found, kpis = asyncio.run(_compared(company, team))

    assert found == []
    assert kpis["leads_waiting_oldest"]["value"] == 5
    assert 0 < kpis["stalled_deals"]["value"] < kpis["open_deals"]["value"]
