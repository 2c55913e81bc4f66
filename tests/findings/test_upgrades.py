"""A release that defines a KPI otherwise."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from pipeline.scores import kpi_texts, kpis
from pipeline.scores.figures import Figure, record
from tests.findings.floor import Floor, berlin, call
from tests.unit.stage1.world import DAY, event
from tests.unit.stages.logs import reread, scoreboard

START = berlin("2025-11-04T10:00")


@contextmanager
def next_release() -> Iterator[None]:
    """What a process of a release has in which the connect rate is connected calls of all calls, version 2.

    Nothing behaves otherwise: it is the table that is another one, and what is worked out from it once.
    """
    row = replace(kpis.BY_NAME["connect_rate"], numerator=("connected",), denominator=("calls",), version=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kpis, "KPIS", tuple(row if kpi.name == row.name else kpi for kpi in kpis.KPIS))
        _read_the_table_anew()
        yield
    _read_the_table_anew()


def _read_the_table_anew() -> None:
    for worked_out in (kpi_texts._family_texts, kpi_texts._all_texts, kpi_texts._family_text):
        worked_out.cache_clear()


def a_month_ago() -> Floor:
    """One dial that connected, and one call in that nobody answered; everything was published since."""
    missed = event("call", "y", START, rep_id="rep-01", direction="inbound", started_at=START)
    floor = Floor().at(START, call("x", START), missed).at(START + 30 * DAY)
    floor.board.board.take(slow=True)
    return floor


def that_day(figures: list[Figure]) -> list[Figure]:
    """The figures of the team on the day of the calls."""
    return [figure for figure in figures if (figure.scope, figure.window) == ("team:north", "day:2025-11-04")]


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="E: a changed KPI never reaches a window that is over")
def test_a_changed_kpi_reaches_past_windows() -> None:
    """A sink that was served by the former release up to this position gets the day again: 1 connected of 2 calls."""
    floor = a_month_ago()
    with next_release():
        restarted = scoreboard(reread(floor.board.store))
        restarted.board.mark_changed_since(floor.board.store.position, floor.board.board.now_ms)
        again = that_day(restarted.board.take(slow=True))

    assert [figure.kpis["connect_rate"]["value"] for figure in again] == [0.5]


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="E: a record does not say which definition it is by")
def test_a_record_says_which_definition_it_is_by() -> None:
    """Of one position by both releases: something beside the values differs."""
    floor = a_month_ago()
    (before,) = that_day(floor.taken())
    with next_release():
        restarted = scoreboard(reread(floor.board.store))
        restarted.board.mark_changed_since(None)
        (after,) = that_day(restarted.board.take(slow=True))

    assert (before.kpis["connect_rate"]["value"], after.kpis["connect_rate"]["value"]) == (1, 0.5)
    assert _heading(before) != _heading(after)


def _heading(figure: Figure) -> dict[str, Any]:
    return {name: said for name, said in json.loads(record(figure)).items() if name != "kpis"}
