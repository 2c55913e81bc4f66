"""A period beside the one before it, up to the same worked day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.views.asked import AskedError
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.same_point import as_cells, as_json, as_table, asked_point, in_words, rows_of, same_point

TODAY = date(2026, 11, 11)
FIRST = date(2026, 9, 28)


def start_ms(day: date) -> int:
    """Its midnight."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def day_of(day: date, **kpis: Any) -> WindowReading:
    """A day with 10 calls and 5 of 8 dials on a weekday, and its deals won."""
    works = day.weekday() < 5
    told: dict[str, Any] = {
        "calls": {"value": 10 * works}, "activities": {"value": 20 * works},
        "connect_rate": {"value": None, "numerator": 5 * works, "denominator": 8 * works, "n": 8 * works},
        "won": {"value": int(day.day <= 4)},
    }  # fmt: skip
    return WindowReading(f"day:{day}", "final", 1, told | kpis, start_ms(day))


def days(first: date = FIRST, last: date = TODAY, without: tuple[date, ...] = (), **kpis: Any) -> Reading:
    """All days from one to another."""
    all_days = (first + timedelta(number) for number in range((last - first).days + 1))
    windows = {f"day:{day}": day_of(day, **kpis) for day in all_days if day not in without}
    return Reading("team:north", "team:north", "EUR", windows)


def periods(*named: tuple[str, date]) -> Reading:
    """Periods with their first days."""
    windows = {window: WindowReading(window, "final", 1, {}, start_ms(first)) for window, first in named}
    return Reading("team:north", "team:north", "EUR", windows)


MONTHS = periods(
    ("month:2026-09", date(2026, 9, 1)), ("month:2026-10", date(2026, 10, 1)), ("month:2026-11", date(2026, 11, 1))
)


def test_as_many_worked_days_as_there_are_so_far() -> None:
    """By Tuesday evening November has seven working days; those of October end on Friday, the 9th."""
    found, question = same_point(days(), MONTHS, "month"), asked_point("month", ["calls", "connect_rate", "won"])

    assert as_json(days(), found, question.kpis) == {
        "scope": "team:north", "home": "team:north", "currency": "EUR", "currency_digits": 2,
        "current": {"window": "month:2026-11", "first_day": "2026-11-01", "last_day": "2026-11-10", "days": 10},
        "before": {"window": "month:2026-10", "first_day": "2026-10-01", "last_day": "2026-10-09", "days": 9},
        "worked_days": 7,
        "kpis": [
            {"kpi": "calls", "unit": "count", "current": {"value": 70}, "before": {"value": 70}, "change": 0},
            {"kpi": "connect_rate", "unit": "ratio",
             "current": {"value": 0.625, "numerator": 35, "denominator": 56},
             "before": {"value": 0.625, "numerator": 35, "denominator": 56}, "change": 0},
            {"kpi": "won", "unit": "count", "current": {"value": 4}, "before": {"value": 4}, "change": 0},
        ],
    }  # fmt: skip
    assert in_words(found) == (
        "month:2026-11 2026-11-01 to 2026-11-10 beside month:2026-10 2026-10-01 to 2026-10-09, 7 worked days each"
    )
    rows = rows_of(found, question.kpis)
    assert as_table(rows, "EUR")[1:3] == [["calls", "70", "70", "0"], ["connect_rate", "62.5%", "62.5%", "0.0%"]]
    assert as_cells(rows)[3] == ["won", 4, 4, 0]


def test_as_many_local_days_where_nobody_has_worked_yet() -> None:
    """On Monday morning the week is none of its days; on Tuesday of a team without activities it is one."""
    weeks = periods(("week:2026-W45", date(2026, 11, 2)), ("week:2026-W46", date(2026, 11, 9)))
    with pytest.raises(AskedError, match="no day of week:2026-W46 is over yet"):
        same_point(days(last=date(2026, 11, 9)), weeks, "week")

    idle = same_point(days(last=date(2026, 11, 10), activities={"value": 0}), weeks, "week")
    assert [each.id for each in idle.days_before] == ["day:2026-11-02"]
    assert in_words(idle).endswith("as many local days each")


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (days(without=(date(2026, 10, 6),)), "day:2026-10-06 of month:2026-10 is not kept"),
        (days(first=date(2026, 10, 2)), "the first day of month:2026-10 is not kept"),
        (days(without=(date(2026, 11, 3),)), "day:2026-11-03 of month:2026-11 is not kept"),
    ],
)
def test_a_day_that_is_not_kept_is_named(known: Reading, said: str) -> None:
    """A sum of some days is none of the period."""
    with pytest.raises(AskedError, match=said):
        same_point(known, MONTHS, "month")


def test_a_day_beyond_the_point_is_not_asked_for() -> None:
    """The 20th of October plays no part by the 10th of November."""
    assert same_point(days(without=(date(2026, 10, 20),)), MONTHS, "month").worked == 7


def test_there_is_nothing_before_the_first_period() -> None:
    """Of a deployment that is new."""
    with pytest.raises(AskedError, match="there is no month before the current one"):
        same_point(days(), periods(("month:2026-11", date(2026, 11, 1))), "month")


def test_an_earlier_period_is_not_the_one_before() -> None:
    """Where history was imported, a month in which nothing was told is not kept."""
    known = periods(("month:2026-09", date(2026, 9, 1)), ("month:2026-11", date(2026, 11, 1)))
    with pytest.raises(AskedError, match="before month:2026-11 is not kept; the last one kept is month:2026-09"):
        same_point(days(first=date(2026, 9, 1)), known, "month")


@pytest.mark.parametrize("name", ["median_deal_size", "open_deals", "stage_conversion", "pipeline_velocity"])
def test_what_does_not_add_up_is_refused_in_words(name: str) -> None:
    """Medians, what stands now, stages, and what is of 90 days."""
    with pytest.raises(AskedError, match=f"{name} cannot be added up over days; allowed: counts"):
        asked_point("month", [name])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=41, max_size=41))
def test_a_quotient_is_that_of_all_its_days(told: list[tuple[int, int]]) -> None:
    """Never the mean of its quotients; a sum is what the days of the window come to."""
    known = days(first=date(2026, 10, 1), last=date(2026, 11, 10))
    for window, (above, below) in zip(known.windows.values(), told, strict=True):
        window.kpis["connect_rate"] = {"value": None, "numerator": above, "denominator": below}
        window.kpis["calls"] = {"value": above}
    found = same_point(known, MONTHS, "month")
    calls, rate = rows_of(found, asked_point("month", ["calls", "connect_rate"]).kpis)
    number = len(found.days_before)
    sums = [(sum(a for a, _ in part), sum(b for _, b in part)) for part in (told[31:40], told[:number])]

    for side, (above, below) in zip(("current", "before"), sums, strict=True):
        assert calls[side]["value"] == above
        assert rate[side] == {"value": above / below if below else None, "numerator": above, "denominator": below}
