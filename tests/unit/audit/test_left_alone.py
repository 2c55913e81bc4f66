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


SPECIAL_DAYS: list[dict[str, Any]] = [
    {"day": "2025-10-28"}, {"day": "2025-10-29", "team_id": "north"}, {"day": "2025-10-30", "open_until": "12:00"},
    {"day": "2025-10-31", "open_until": "09:00"}, {"day": "2025-10-25", "open_from": "23:00"},
]  # fmt: skip


async def _compared(
    company: dict[str, Any] | None, team: dict[str, Any] | None, *, closed: bool
) -> tuple[list[Any], dict[str, Any]]:
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
    special = [event("special_day", f"s{n}", 2000, **each) for n, each in enumerate(SPECIAL_DAYS)]
    told = [each for each in hours if each["data"]["calendar"] is not None]
    world.play(organisation(), told, special if closed else [], deals, leads)
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
@pytest.mark.parametrize("closed", [False, True])
def test_the_audit_counts_the_same_working_days(
    company: dict[str, Any] | None, team: dict[str, Any] | None, *, closed: bool
) -> None:
    """Of teams without hours, with holidays and special days, with work on one day a week.

    Two of the leads are another team's.
    """
    found, kpis = asyncio.run(_compared(company, team, closed=closed))

    assert found == []
    assert kpis["leads_waiting_oldest"]["value"] == 5
    assert 0 < kpis["stalled_deals"]["value"] < kpis["open_deals"]["value"]
