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
TEAMS = [f"team-{n}" for n in range(len(CALENDARS))]
"""A team of one rep for each calendar, all on one floor: each is audited beside the others."""
SPECIAL_DAYS: list[dict[str, Any]] = [
    {"day": "2025-10-28"}, {"day": "2025-10-30", "open_until": "12:00"},
    {"day": "2025-10-31", "open_until": "09:00"}, {"day": "2025-10-25", "open_from": "23:00"},
    *({"day": "2025-10-29", "team_id": team} for team in TEAMS),
]  # fmt: skip


def _left_alone(kind: str, days: int, owner: str, **data: Any) -> dict[str, Any]:
    created_ms = NOON_MS - days * DAY
    return event(kind, f"{kind}-{owner}-{days}", created_ms, owner_id=owner, created_at=created_ms, **data)


async def _compared(company: dict[str, Any] | None, *, closed: bool) -> tuple[list[Any], MemorySink]:
    told = [] if company is None else [event("company", "company", 2000, calendar=company)]
    for team, calendar in zip(TEAMS, CALENDARS, strict=True):
        hours: dict[str, Any] = {} if calendar is None else {"calendar": calendar}
        told += [event("team", team, 2000, time_zone="Europe/Berlin", **hours), event("rep", f"rep-{team}", 2000)]
        told.append(event("membership", f"m-{team}", 2000, rep_id=f"rep-{team}", team_id=team))
    special = [event("special_day", f"s{n}", 2000, **each) for n, each in enumerate(SPECIAL_DAYS)]
    owners = [f"rep-{team}" for team in TEAMS]
    deals = [_left_alone("deal", days, owner, stage_id="new") for owner in owners for days in range(0, 80, 6)]
    deals += [_left_alone("deal", days, "rep-02", stage_id="new") for days in range(3, 80, 6)]
    leads = [_left_alone("lead", 2, owner) for owner in owners]
    leads += [_left_alone("lead", days, "rep-02") for days in (5, 9)]
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(organisation(), told, special if closed else [], deals, leads)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        world.now_ms += 3 * DAY
        world.tick()
        world.run()
        await publish(world, desk, sink)
    found, _ = differences(world, sink, "SELECT 1")
    return found, sink


@pytest.mark.parametrize("company", [None, WEEK])
@pytest.mark.parametrize("closed", [False, True])
def test_the_audit_counts_the_same_working_days(company: dict[str, Any] | None, *, closed: bool) -> None:
    """Of teams without hours, with holidays and special days, with work on one day a week.

    Leads that wait longer are another team's.
    """
    found, sink = asyncio.run(_compared(company, closed=closed))

    assert found == []
    for team in TEAMS:
        kpis = sink.homes[f"team:{team}"].figures[f"team:{team}", "now"]["kpis"]
        assert kpis["leads_waiting_oldest"]["value"] == 5
        assert 0 < kpis["stalled_deals"]["value"] < kpis["open_deals"]["value"]
