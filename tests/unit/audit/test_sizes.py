"""Sums beyond 64 bits and funnels of hundreds of stages: what is published is what the audit works out."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differences, publish
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

pytestmark = pytest.mark.slow

LARGEST_MINOR = 10**15
MANY = 9_300
"""So many amounts at the schema's limit leave 64 bits."""


@pytest_asyncio.fixture
async def served() -> AsyncIterator[tuple[Desk, MemorySink]]:
    """A desk and the sink it serves; its lease ends with the test."""
    sink = MemorySink(fast=False)
    async with Desk(sink) as desk:
        yield desk, sink


def deal(name: int, amount_minor: int, stage: str = "won", **more: Any) -> dict[str, Any]:
    """A deal of the first rep, closed yesterday."""
    at_ms = NOON_MS - DAY + more.pop("later_ms", 0)
    told: dict[str, Any] = {"owner_id": "rep-01", "stage_id": stage, "amount_minor": amount_minor}
    told["created_at"] = NOON_MS - 2 * DAY
    return event("deal", f"d{name}", at_ms, **told | more)


def kpis(sink: MemorySink, kind: str) -> dict[str, Any]:
    """The KPIs of the team in its windows of a kind."""
    figures = sink.homes["team:north"].figures.values()
    found = (each["kpis"] for each in figures if each["scope"] == "team:north" and each["window"]["kind"] == kind)
    return dict(item for each in found for item in each.items())


async def test_a_sum_beyond_64_bits_is_null_for_both_until_amounts_are_taken_back(
    served: tuple[Desk, MemorySink],
) -> None:
    """9,300 amounts at the schema's limit: `overflow` and no figure, which is back with 100 of them taken back."""
    desk, sink = served
    deals = [deal(MANY, 5, "qualified"), *(deal(number, LARGEST_MINOR) for number in range(MANY))]
    world = World(partitions=1).play(organisation(), deals)
    await publish(world, desk, sink)
    told = {"n": MANY, "without_amount": 0, "unconverted": 0}
    assert kpis(sink, "year")["bookings"] == {"value": None, "overflow": True, **told}
    assert kpis(sink, "90d")["pipeline_velocity"]["overflow"] is True
    found, numbers = differences(world, sink, "SELECT 1")
    assert found == []
    assert numbers > 100

    world.play([deal(number, 0, later_ms=1) for number in range(100)])
    await publish(world, desk, sink)
    assert kpis(sink, "year")["bookings"] == {"value": (MANY - 100) * LARGEST_MINOR, **told}
    assert differences(world, sink, "SELECT 1")[0] == []


def processes(count: int) -> Iterator[dict[str, Any]]:
    """Processes of 50 stages with the longest names."""
    closing = [{"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
    for number in range(count):
        stages = [{"id": f"{stage:02}".ljust(64, "s")} for stage in range(48)]
        yield event("process", f"{number:03}".ljust(64, "p"), 1001, stages=[*stages, *closing])


async def test_a_funnel_of_hundreds_of_stages_names_the_largest_and_adds_up_the_rest(
    served: tuple[Desk, MemorySink],
) -> None:
    """Ten processes of 48 open stages: 200 stages by name, all others as one, and the record fits a broker."""
    desk, sink = served
    deals = [
        deal(
            100 * process + number, 7, f"{(process * 17 + number * 5) % 48:02}".ljust(64, "s"),
            process_id=f"{process:03}".ljust(64, "p"),
        )
        for process in range(10) for number in range(9 + process)
    ]  # fmt: skip
    world = World(partitions=1).play([*organisation(), *processes(10)], deals)
    await publish(world, desk, sink)
    stages = kpis(sink, "90d")["stage_entries"]["stages"]

    assert len(stages) == 201
    assert kpis(sink, "90d")["stage_entries"]["value"] is None
    assert min(each["value"] for each in stages.values()) >= 1
    found, numbers = differences(world, sink, "SELECT 1")
    assert found == []
    assert numbers > 1000
