"""A KPI whose row was changed: what is published of windows that are over is what the audit works out."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pipeline.audit.comparison import Comparison
from pipeline.audit.cut import read_cut
from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.picture import Beside, Picture
from pipeline.audit.plan import Unit
from pipeline.audit.relay_check import check_passing_on
from pipeline.audit.report import Difference
from pipeline.audit.topic_picture import KpiLog
from pipeline.scores.definition import Definition
from pipeline.scores.kpis import KPIS
from pipeline.sinks.memory import MemorySink
from pipeline.sinks.sink import Sink
from tests.unit.audit.logs_of import cut_through
from tests.unit.boards.logs import fold, reread
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, LogRecord, World, event, organisation
from tests.unit.publishing.test_publisher import Desk, served

pytestmark = pytest.mark.slow

ROW = next(kpi for kpi in KPIS if kpi.name == "connect_rate")
CHANGED = Definition(
    [replace(kpi, numerator=("connected",), denominator=("calls",), version=2) if kpi is ROW else kpi for kpi in KPIS]
)
IN_SQL = "UPDATE definition SET above = ['connected'], below = ['calls'] WHERE kpi = 'connect_rate'"


def _floor() -> World:
    calls = [
        event(
            "call", f"c{n}", NOON_MS - n * DAY, rep_id=f"rep-0{n % 2 + 1}",
            direction="outbound" if n % 3 else "inbound", started_at=NOON_MS - n * DAY,
            ended_at=NOON_MS - n * DAY + HOUR, state="ended", outcome="answered" if n % 4 else "no_answer",
        )
        for n in range(30)
    ]  # fmt: skip
    return World(partitions=1).play(organisation(), calls)


async def publish(world: World, desk: Desk, sink: Sink) -> None:
    """Fold the facts that are new, and wait until the sink has everything."""
    records = world.logs["facts", 0][desk.store.position + 1 :]
    fold(desk.stage, records)
    desk.lease.computed = world.logs["facts", 0][-1].offset
    await desk.make_durable(desk.lease.computed)
    await served(desk, sink)


async def publish_each(
    world: World, desk: Desk, sink: MemorySink, plan: Sequence[Sequence[Any]], told: Callable[..., dict[str, Any]]
) -> None:
    """Publish what is there, and again after each step: time that passes, or what `told` makes of it and its number."""
    await publish(world, desk, sink)
    for number, (kind, *what) in enumerate(plan):
        if kind == "pass":
            world.now_ms += what[0]
            world.tick()
            world.run()
        else:
            world.play([told(number, kind, *what)])
        await publish(world, desk, sink)


def differences(
    world: World, sink: MemorySink, changed: str, beside: Beside | None = None, *, passed_on: bool = False,
    look: Callable[[Database], None] | None = None,
) -> tuple[list[Difference], int]:  # fmt: skip
    """What the audit finds in the figures of a sink, by its own definition with a statement run over it.

    With `passed_on` also what it finds in copies and links. `look` is called with what it expects.
    """
    with Database() as database:
        oracle = Oracle(database, Rules())
        database.execute(changed)
        positions, ends, below = cut_through(oracle, world)
        oracle.cover()
        relayed = check_passing_on(database, None)[0] if passed_on else []
        picture = _picture(sink)
        picture.beside = beside
        unit = Unit("scoreboard", picture.cuts, {0: below}, {"facts/0": ends["facts/0"]})
        found = Comparison(database, oracle, positions, 1).compare(picture, unit)
        if look is not None:
            look(database)
        return [*found.differences, *relayed], found.numbers


def differing_beside(world: World, sink: MemorySink, kpi: str, beside: Beside) -> list[tuple[str, str]]:
    """Of what stands beside the figures of a sink, whose and what the audit finds wrong under a name."""
    found = differences(world, sink, "SELECT 1", beside)[0]
    return [(each.scope, each.path) for each in found if each.kpi == kpi]


def _picture(sink: MemorySink) -> Picture:
    """The sink's figures as records of a KPI topic, before its cut."""
    figures = [figure for home in sink.homes.values() for figure in home.figures.values()]
    rows: list[tuple[str, dict[str, Any]]] = [(f"{each['scope']}|{each['window']['id']}", each) for each in figures]
    rows.append(("cut|0", sink.cuts["scoreboard", 0]))
    log, picture = KpiLog(), Picture("memory")
    log.read(LogRecord(n, 0, key.encode(), json.dumps(row).encode()) for n, (key, row) in enumerate(rows))
    log.show(picture)
    assert list(picture.cuts.values()) == [read_cut(sink.cuts["scoreboard", 0])]
    return picture


async def test_a_changed_kpi_row_reaches_past_windows_and_the_audit_agrees() -> None:
    """Before the restart the audit's own definition of before agrees, afterwards the changed one, and only that."""
    world, sink = _floor(), MemorySink(fast=False)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
        found, numbers = differences(world, sink, "SELECT 1")
        assert found == []
        assert numbers > 1000
        state = reread(desk.store)

    async with Desk(sink, store=state, epoch=4, definition=CHANGED) as desk:
        await served(desk, sink)

    assert differences(world, sink, IN_SQL) == ([], numbers)
    assert {each.kpi for each in differences(world, sink, "SELECT 1")[0]} == {"connect_rate"}


async def test_what_a_window_says_of_forgotten_activities_is_audited() -> None:
    """Some windows begin before activities are remembered, others do not: the audit knows which."""
    world, sink = _floor(), MemorySink(fast=False)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
    figures = [figure for home in sink.homes.values() for figure in home.figures.values()]
    assert {figure["activities_fixed"] for figure in figures} == {False, True}

    for figure in figures:
        figure["activities_fixed"] = not figure["activities_fixed"]
    found, _ = differences(world, sink, "SELECT 1")
    assert {each.kpi for each in found} == {"activities fixed"}
    assert len(found) == len(figures)


async def test_how_many_digits_money_has_is_audited() -> None:
    """Somebody who divides by another power of ten reads amounts of another size."""
    world, sink = _floor(), MemorySink(fast=False)
    async with Desk(sink) as desk:
        await publish(world, desk, sink)
    figures = [figure for home in sink.homes.values() for figure in home.figures.values()]

    for figure in figures:
        figure["currency_digits"] = 3
    found, _ = differences(world, sink, "SELECT 1")
    assert {(each.kpi, each.shown, each.expected) for each in found} == {("currency digits", "3", "2")}
    assert len(found) == len(figures)
