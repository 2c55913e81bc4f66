"""Whatever special days there are, the audit names the one that each team has today."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.picture import Beside, ShownSpecialDay
from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differing_beside, publish
from tests.unit.ledger.world import NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

pytestmark = pytest.mark.slow
FEW = settings(max_examples=min(8, settings().max_examples // 3), deadline=None)
TIMES = st.sampled_from([None, "09:30", "13:00", "22:00"])
DAYS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([None, "north", "south"]),
        st.sampled_from(["2025-11-02", "2025-11-03", "2025-11-03", "2025-11-04"]),
        TIMES,
        TIMES,
    ),
    max_size=5,
)
CALL: dict[str, Any] = {"direction": "outbound", "started_at": NOON_MS}


async def _told(days: list[Any]) -> tuple[World, MemorySink, list[ShownSpecialDay]]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    told = [
        event("special_day", name, NOON_MS + number, day=day, team_id=team, open_from=begins, open_until=ends)
        for number, (name, team, day, begins, ends) in enumerate(days)
    ]
    world.play(organisation(), told, [event("call", rep, NOON_MS, rep_id=rep, **CALL) for rep in ("rep-01", "rep-02")])
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        texts = {home: desk.stage.beside(home).special_day for home in sink.homes}
    shown = [
        ShownSpecialDay(home, name, value or "")
        for home, text in texts.items()
        for name, value in json.loads(text or "{}").items()
    ]
    return world, sink, shown


def _differ(world: World, sink: MemorySink, shown: list[ShownSpecialDay]) -> list[tuple[str, str]]:
    return differing_beside(world, sink, "special_day", Beside(special_days=shown))


@FEW
@given(DAYS)
def test_the_audit_names_the_same(days: list[Any]) -> None:
    """Of one team or of all, closed or open for some hours, today and on other days."""
    assert _differ(*asyncio.run(_told(days))) == []


def test_it_sees_what_is_shown_wrongly_or_not_at_all() -> None:
    """Another hour, and nothing of it; of Monday, 3 November 2025."""
    world, sink, shown = asyncio.run(_told([("a", None, "2025-11-03", None, "13:00")]))
    assert {each.home for each in shown} == {"team:north", "team:south"}

    wrong = [each._replace(value="14:00") if each.value == "13:00" else each for each in shown]
    assert _differ(world, sink, wrong) == [
        (team, f"open_until {hour}") for team in ("team:north", "team:south") for hour in ("13:00", "14:00")
    ]
    missing = _differ(world, sink, [each for each in shown if each.home == "team:north"])
    assert {scope for scope, _ in missing} == {"team:south"}
