"""Which of an industry's figures holds in a window, by hand and against all first days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.kpis import BY_NAME
from pipeline.views.industry import IndustryFigure, account, first_day_of, in_words, industry_figure
from pipeline.views.ranking import RANKED
from pipeline.views.readings import WindowReading
from schemas.goals import BenchmarkChange, BenchmarkKpi

NOVEMBER = WindowReading("month:2026-11", "provisional", 0, {})


def told(**more: Any) -> dict[str, Any]:
    """One record as it is shown."""
    return {"id": "a", "kpi": "win_rate", "period": "month", "median": "0.21", "source_name": "Survey", **more}


def median(*records: dict[str, Any], kpi: str = "win_rate", kind: str = "month") -> float | None:
    """The median that holds in November."""
    found = industry_figure(records, kpi, kind, NOVEMBER)
    return None if found is None else found.median


def test_what_began_by_the_first_day_of_the_window_holds() -> None:
    """What begins within it holds from the next one on; without a first day it always did."""
    later, now = told(effective_on="2026-11-02", median="0.3"), told(effective_on="2026-11-01", median="0.2")

    assert median(later, now, told()) == 0.2
    assert median(later, told()) == 0.21
    assert median(later) is None


def test_it_is_of_the_same_kpi_and_kind_of_window() -> None:
    """A day's figures say nothing of a month."""
    assert median(told(), kpi="show_rate") is None
    assert median(told(), kind="day") is None
    assert industry_figure([told()], "win_rate", "month", None) is None


@pytest.mark.parametrize(
    ("window", "start", "first"),
    [
        ("day:2026-11-23", None, "2026-11-23"),
        ("week:2026-W48", None, "2026-11-23"),
        ("week:2026-11-29", None, "2026-11-29"),
        ("month:2026-02", None, "2026-02-01"),
        ("quarter:2026-Q4", "2026-10-01T00:00", "2026-10-01"),
        ("year:2027", "2026-06-30T10:00", "2026-07-01"),
        ("year:2027", "2026-07-01T11:00", "2026-07-01"),
        ("quarter:2026-Q4", None, None),
        ("90d", "2026-09-01T00:00", None),
        ("now", None, None),
    ],
)
def test_the_first_day_of_a_window(window: str, start: str | None, first: str | None) -> None:
    """By its id, or by where it begins, whatever the zone."""
    start_ms = None if start is None else round(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() * 1000)
    found = first_day_of(WindowReading(window, "", 0, {}, start_ms))

    assert found == (None if first is None else date.fromisoformat(first))


@given(st.lists(st.none() | st.dates(date(2026, 10, 25), date(2026, 11, 5)), max_size=6))
def test_of_several_the_last_that_began_holds(days: list[date | None]) -> None:
    """In the order in which they are shown: the latest first."""
    firsts = sorted((day or date.min for day in days), reverse=True)
    records = [
        told(median=str(number), **({} if day == date.min else {"effective_on": day.isoformat()}))
        for number, day in enumerate(firsts)
    ]
    began = [number for number, day in enumerate(firsts) if day < date(2026, 11, 1) + timedelta(days=1)]

    assert median(*records) == (began[0] if began else None)


def test_people_read_the_middle_half_and_whose_account_it_is() -> None:
    """What is not known is left out."""
    whole = IndustryFigure(0.21, 0.15, 0.3, "Survey of nobody, 2026", "https://industry.example/1", "2026-01-01")
    bare = IndustryFigure(0.21, None, 0.3, "Survey of nobody, 2026", None, None)

    assert in_words("win_rate", whole, "EUR") == "21.0% (15.0% to 30.0%)"
    assert in_words("win_rate", bare, "EUR") == "21.0%"
    line = "industry, win_rate: Survey of nobody, 2026"
    assert account("win_rate", whole) == f"{line}, from 2026-01-01, https://industry.example/1"
    assert account("win_rate", bare) == line


def test_figures_may_be_told_of_each_kpi_that_is_compared_and_no_money() -> None:
    """Whatever stands beside a rep's."""
    for kpi in get_args(BenchmarkKpi):
        assert kpi in RANKED
        assert BY_NAME[kpi].unit != "minor"


def test_quartiles_lie_around_the_median() -> None:
    """As numbers: 9 is less than 10."""
    BenchmarkChange(lower_quartile="9", median="10", upper_quartile="10.0")
    with pytest.raises(ValueError, match="between which the median lies"):
        BenchmarkChange(lower_quartile="11", median="10")
    with pytest.raises(ValueError, match="source_url"):
        BenchmarkChange(source_url="http://industry.example/1")
