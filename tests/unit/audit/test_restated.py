"""What windows say of having been restated is what the facts tell, whoever looks at it."""

import pytest

from pipeline.sinks.memory import MemorySink
from schemas.control import BLOCK, KIND_HEADER
from tests.unit.audit.test_definition import differences, publish
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

pytestmark = pytest.mark.slow

AS_THEY_ARE = "SELECT 1"
TURNED = {"final": "restated", "restated": "final"}


def call(name: str, at_ms: int, rep: str) -> dict[str, object]:
    """A call at an instant."""
    return event("call", name, at_ms, rep_id=rep, direction="outbound", started_at=at_ms, ended_at=at_ms + HOUR)


def told() -> World:
    """A history that is imported, half of it hours later, and two calls of it that come to light days later."""
    world = World(partitions=1).play(organisation())
    world.play([call(f"c{n}", NOON_MS - n * DAY, "rep-01") for n in range(3, 30)])
    world.now_ms += 5 * HOUR
    world.play([call(f"more-{n}", NOON_MS - n * DAY, "rep-01") for n in range(3, 30, 2)])
    world.now_ms += 3 * DAY
    world.play([call("late", NOON_MS - 10 * DAY, "rep-01"), call("other", NOON_MS - 20 * DAY, "rep-02")])
    return world


async def test_windows_that_were_restated_are_known_to_the_audit() -> None:
    """It agrees with all of them, and finds each that says the other thing, and no more."""
    world, sink = told(), MemorySink(fast=False)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
    figures = [figure for home in sink.homes.values() for figure in home.figures.values()]
    over = [figure for figure in figures if figure["state"] in TURNED]
    restated = {
        (f["scope"], f["window"]["id"]) for f in over if f["state"] == "restated" and f["window"]["kind"] == "day"
    }

    assert differences(world, sink, AS_THEY_ARE)[0] == []
    assert restated == {("team:north", "day:2025-10-24"), ("rep:rep-01@north", "day:2025-10-24")}
    assert len(over) > len(restated) + 20

    for figure in over:
        figure["state"] = TURNED[figure["state"]]
    found, _ = differences(world, sink, AS_THEY_ARE)
    assert {(each.scope, each.window) for each in found} == {(f["scope"], f["window"]["id"]) for f in over}
    assert {(each.kpi, each.shown, each.expected) for each in found} == {
        ("state", "final", "restated"), ("state", "restated", "final")
    }  # fmt: skip


@pytest.mark.parametrize("share", [0.6, 1.0])
async def test_facts_that_are_gone_make_nothing_wrong_and_hide_nothing_that_came_after(share: float) -> None:
    """Of facts that lost their head nothing false is said; what was told of windows since then is found as ever."""
    world, sink = told(), MemorySink(fast=False)
    world.now_ms += DAY
    world.tick()
    world.run()
    facts = world.logs["facts", 0]
    whole = next(record.offset for record in reversed(facts) if (KIND_HEADER, BLOCK) in record.headers)
    since = world.now_ms
    for days in range(1, 8):
        world.now_ms += DAY
        world.play([call(f"new-{days}", world.now_ms - HOUR, "rep-01")])
    world.now_ms += 2 * DAY
    world.play([call("later", world.now_ms - 6 * DAY, "rep-01")])
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
    world.logs["facts", 0] = facts[int(whole * share) :]
    over = [figure for home in sink.homes.values() for figure in home.figures.values() if figure["state"] in TURNED]

    assert differences(world, sink, AS_THEY_ARE)[0] == []

    for figure in over:
        figure["state"] = TURNED[figure["state"]]
    found = {(each.scope, each.window) for each in differences(world, sink, AS_THEY_ARE)[0]}
    assert found <= {(f["scope"], f["window"]["id"]) for f in over}
    late = {
        (f["scope"], f["window"]["id"])
        for f in over
        if f["window"]["start_ms"] > since + DAY and f["scope"].endswith("north")
    }
    assert late
    assert found >= late
