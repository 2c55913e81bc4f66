"""Deals past their close: in teams whose day is another one, the audit has the same figures."""

import asyncio
from typing import Any

from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

ZONES = {"auckland": "Pacific/Auckland", "adak": "America/Adak"}
"""When it is noon in Berlin, the date is the next one in Auckland after an hour or two, and Adak has just begun it."""
DAYS = range(1, 7)


def _floor() -> list[dict[str, Any]]:
    """A deal that is to close on each of six days of November, in two zones, some without an amount or a rate."""
    told = []
    money: list[dict[str, Any]] = [{"amount_minor": 700}, {}, {"amount_minor": 5, "currency": "XPF"}]
    for team, zone in ZONES.items():
        told += [event("team", team, 2000, time_zone=zone), event("rep", f"rep-{team}", 2000)]
        told.append(event("membership", f"m-{team}", 2000, rep_id=f"rep-{team}", team_id=team))
        told += [
            event(
                "deal", f"d-{team}-{number}", NOON_MS - 9 * DAY, owner_id=f"rep-{team}", stage_id="new",
                expected_close_on=f"2025-11-{number:02}", **money[number % 3],
            )
            for number in DAYS
        ]  # fmt: skip
    return told


async def _compared() -> tuple[list[Any], list[dict[str, list[int]]]]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(organisation(), _floor())
    found: list[Any] = []
    shown: list[dict[str, list[int]]] = []
    async with Desk(sink) as desk:
        for ahead in (0, DAY, DAY // 2, 9 * DAY):
            world.now_ms += ahead
            world.tick()
            world.run()
            await publish(world, desk, sink)
            found += differences(world, sink, "SELECT 1")[0]
            homes = {team: sink.homes[f"team:{team}"].figures[f"team:{team}", "now"]["kpis"] for team in ZONES}
            shown.append({
                team: [kpis[f"past_close_{name}"]["value"] for name in ("deals", "pipeline")]
                for team, kpis in homes.items()
            })  # fmt: skip
    return found, shown


def test_the_audit_has_the_same_deals_past_their_close() -> None:
    """As days go by they are more, in each team by its own day; in the end all are."""
    found, shown = asyncio.run(_compared())

    assert found == []
    assert shown[-1] == {team: [6, 1_400] for team in ZONES}
    assert any(row["auckland"] != row["adak"] for row in shown)
