"""The limits that stand beside the figures of teams: the audit works the same out of the records of rules."""

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.picture import Beside, ShownLimit
from pipeline.sinks.memory import MemorySink
from tests.unit.audit.test_definition import differing_beside, publish
from tests.unit.audit.test_special_days import CALL, FEW
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

LIMITS: dict[str, Any] = {
    "service_level": {"limit_percent": 80}, "abandoned_calls": {"limit_percent": 5, "least_count": 9},
    "longest_wait": {"limit_seconds": 90}, "waiting_leads": {"limit_count": 0}, "leads_overdue": {"limit_days": 2},
    "silent_rep": {"limit_minutes": 30}, "deals_stalled": {"limit_count": 7}, "stages_unknown": {"limit_count": 1},
}  # fmt: skip
RULES = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(sorted(LIMITS)),
        st.sampled_from([None, "north", "south"]),
        st.sampled_from([None, -9 * DAY, -DAY, HOUR, DAY]),
        st.sampled_from([None, True, False]),
        st.booleans(),
    ),
    max_size=6,
)


async def told(rules: list[Any]) -> tuple[World, MemorySink, list[ShownLimit]]:
    """A world whose rules are these, what was published of it, and the limits as they stand beside that."""
    world, sink = World(partitions=1), MemorySink(fast=False)
    records = [
        event("alert_rule", name, NOON_MS - DAY + number, rule=rule, team_id=team, enabled=on,
              **({} if since is None else {"valid_from": NOON_MS + since}), **(LIMITS[rule] if limited else {}))
        for number, (name, rule, team, since, on, limited) in enumerate(rules)
    ]  # fmt: skip
    world.play(
        organisation(), records, [event("call", rep, NOON_MS, rep_id=rep, **CALL) for rep in ("rep-01", "rep-02")]
    )
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        texts = {home: desk.stage.beside(home).limits for home in sink.homes}
    held = {home: json.loads(text or "{}") for home, text in texts.items()}
    return world, sink, [ShownLimit(home, kpi, limit) for home, limits in held.items() for kpi, limit in limits.items()]


def differ(world: World, sink: MemorySink, shown: list[ShownLimit]) -> list[tuple[str, str]]:
    """What the audit finds of limits."""
    return differing_beside(world, sink, "limit", Beside(limits=shown))


@FEW
@given(RULES)
def test_the_audit_has_the_same_limits(rules: list[Any]) -> None:
    """Of one team or of all, from some day on, switched off and on."""
    assert differ(*asyncio.run(told(rules))) == []


def test_it_sees_what_is_shown_wrongly_or_not_at_all() -> None:
    """Another share, and none; a rule that is off has no limit."""
    rules = [("a", "service_level", None, None, None, True), ("b", "waiting_leads", "north", None, False, True)]
    world, sink, shown = asyncio.run(told(rules))
    assert set(shown) == {ShownLimit(f"team:{team}", "service_level_20s", 0.8) for team in ("north", "south")}

    wrong = [each._replace(value=0.9) if each.home == "team:north" else each for each in shown]
    assert differ(world, sink, wrong) == [
        ("team:north", "service_level_20s 0.8"),
        ("team:north", "service_level_20s 0.9"),
    ]
    assert differ(world, sink, shown[:1]) == [(shown[1].home, "service_level_20s 0.8")]
