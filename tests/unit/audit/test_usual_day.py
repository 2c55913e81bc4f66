"""Whatever zones, calendars, moves and corrections there are, SQL has the same of what is usual of a whole day."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from pipeline.audit.database import Database
from pipeline.scores.home import home_of
from pipeline.scores.kpi import QUANTILES
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.scores.kpis import KPIS
from pipeline.sinks.memory import MemorySink
from pipeline.views.readings import Kpis, Reading, WindowReading
from pipeline.views.usual_day import WorkDays, calendars_of, has_usual_day, usual_days
from tests.harness.yardsticks import usual_days as in_sql
from tests.unit.audit.test_definition import differences, publish_each
from tests.unit.audit.test_usual import STEPS, told, visit
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

pytestmark = pytest.mark.slow
FEWER = settings(max_examples=settings().max_examples // 5, deadline=None)
LAST_DAYS = 10
"""So many days of each scope are compared: the last ones, of each weekday one at least."""
COMPARED = [kpi.name for kpi in KPIS if has_usual_day(kpi) and kpi.formula not in QUANTILES]
"""Of medians of a day the audit has the exact one, and the pipeline one to 1 %."""
NOTHING = {kpi.name: kpi_schema()["properties"]["kpis"]["properties"][kpi.name]["nothing"] for kpi in KPIS}
NOT_SHOWN = """
    DELETE FROM expected WHERE kpi = 'bookings_per_rep_day' AND (scope, win) NOT IN (
        SELECT (scope, win) FROM shown WHERE kpi = 'bookings_per_rep_day'
    )
"""
"""A team that never won a deal does not show the figure, which says when it is at work."""
Usual = dict[tuple[str, str, str], list[str]]
"""By scope, day and KPI: the value, both ends of the band, and how many days it is of, where it is of any."""


def kpis_of(record: dict[str, Any]) -> Kpis:
    """All KPIs of a record, those of which nothing happened too."""
    quiet: Kpis = {kpi.name: NOTHING[kpi.name] for kpi in KPIS if kpi.family in record["nothing"]}
    quiet.update(record["kpis"])
    return quiet


def readings(sink: MemorySink) -> dict[str, Reading]:
    """By scope: the days that a sink shows."""
    found: dict[str, dict[str, WindowReading]] = defaultdict(dict)
    for home in sink.homes.values():
        for (scope, window), record in home.figures.items():
            if window.startswith("day:"):
                found[scope][window] = WindowReading(window, record["state"], 1, kpis_of(record))
    return {scope: Reading(scope, home_of(scope), "EUR", days) for scope, days in found.items()}


def last(days: Reading) -> dict[str, WindowReading]:
    """The days that are compared."""
    return {window: days.windows[window] for window in sorted(days.windows)[-LAST_DAYS:]}


def worked_out(read: dict[str, Reading]) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    """What readers make of the days that are shown."""
    for scope, days in read.items():
        work = WorkDays.read(days, [read[home] for home in calendars_of(scope) if home in read])
        for window, usual in usual_days(replace(days, windows=last(days)), work, COMPARED).items():
            for kpi, each in usual.items():
                if each["n"]:
                    yield (scope, window[4:], kpi), digits(each[name] for name in ("value", "low", "high", "n"))


def digits(numbers: Iterable[float | None]) -> list[str]:
    """Numbers as far as two ways to work them out agree."""
    return ["none" if each is None else f"{each:.9g}" for each in numbers]


def won(number: int) -> dict[str, Any]:
    """A deal that team north won, up to seven weeks ago; team south never did."""
    at_ms = NOON_MS - 7 * number * DAY
    money: dict[str, Any] = {"created_at": at_ms - DAY, "amount_minor": 100 * number, "currency": "EUR"}
    return event("deal", f"d{number}", at_ms, owner_id="rep-01", stage_id="won", **money)


async def compared(plan: list[Any]) -> tuple[Usual, Usual]:
    """What is usual by the readers of a floor and by SQL over what the audit expects of it."""
    world, sink, found = World(partitions=1), MemorySink(fast=False), Usual()
    visits = [visit(f"v{n}", n % 5, n * 7 % 40 - 30, f"rep-0{n % 2 + 1}") for n in range(60)]
    world.play(organisation(), visits, [won(n) for n in range(8)])
    async with Desk(sink) as desk:
        await publish_each(world, desk, sink, plan, told)
    read = readings(sink)

    def look(database: Database) -> None:
        database.run("rep_days")
        database.execute(NOT_SHOWN)
        for scope, days in read.items():
            for window in last(days):
                usual = in_sql(database, scope, window[4:])
                shown = days.windows[window].kpis
                told = (kpi for kpi in COMPARED if kpi in usual and kpi in shown)
                found.update({(scope, window[4:], kpi): digits(usual[kpi]) for kpi in told})

    assert differences(world, sink, "SELECT 1", look=look)[0] == []
    return dict(worked_out(read)), found


@FEWER
@given(STEPS)
def test_readers_and_sql_have_the_same_usual_days(plan: list[Any]) -> None:
    """Of the last days of teams and reps within them, for every KPI that is a number of a day."""
    read, expected = asyncio.run(compared(plan))

    assert read == expected


def test_there_is_something_usual_to_compare() -> None:
    """Of the floor that all of these begin with."""
    read, expected = asyncio.run(compared([]))

    assert read == expected
    scopes = {scope for (scope, *_), told in read.items() if told[0] != "none"}
    assert {"team:north", "team:south", "rep:rep-01@north"} <= scopes
