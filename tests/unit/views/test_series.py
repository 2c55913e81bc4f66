"""A KPI day by day, beside what people compare it with."""

from typing import Any

import pytest

from pipeline.views.asked import AskedError
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.series import as_cells, as_table, asked_series, rows_of, together
from pipeline.views.usual_day import WorkDays

DAYS = {
    "2026-11-13": (40, 90), "2026-11-16": (30, 80), "2026-11-19": (28, 70), "2026-11-20": (21, 60),
    "2026-11-21": (0, 0), "2026-11-22": (0, 0), "2026-11-23": (33, 75), "2026-11-24": (5, 11),
}  # fmt: skip
"""Calls and activities: a Friday, a Monday, then from Thursday on; Tuesday, the 24th, is not over."""
KEPT = [f"day:{day}" for day in DAYS] + ["month:2026-11"]


def read(first: str | None = None, last: str | None = None, kpi: str = "calls") -> list[dict[str, Any]]:
    """The rows of a question, from what is kept."""
    question = asked_series(kpi, first, last)
    windows = {
        f"day:{day}": WindowReading(
            f"day:{day}", "provisional" if day == "2026-11-24" else "final", 1,
            {"calls": {"value": calls}, "activities": {"value": done}},
        )
        for day, (calls, done) in DAYS.items()
    }  # fmt: skip
    wanted = question.days.of(windows)
    reading = Reading("team:north", "team:north", "EUR", {name: windows[name] for name in wanted})
    return rows_of(reading, KEPT, question, WorkDays.read(reading, [reading]))


def test_each_day_beside_the_day_the_worked_day_and_the_week_before() -> None:
    """Monday, the 23rd: none on Sunday, 21 on Friday, 30 a week before."""
    monday = next(row for row in read() if row["day"] == "2026-11-23")

    assert monday == {
        "day": "2026-11-23", "state": "final", "whole": True, "kpi": {"value": 33}, "day_before": 0,
        "worked_before": 21, "week_before": 30, "target": None,
        "usual_whole_day": {"value": None, "low": None, "high": None, "n": 1},
    }  # fmt: skip


def test_a_day_that_is_not_over_is_compared_with_none() -> None:
    """At noon everybody is behind yesterday."""
    today = read()[-1]

    assert (today["day"], today["whole"], today["kpi"]) == ("2026-11-24", False, {"value": 5})
    assert {today[name] for name in ("day_before", "worked_before", "week_before")} == {None}


def test_days_come_to_something_together_where_all_are_kept() -> None:
    """From Thursday to Sunday 28 + 21 + 0 + 0 calls; with a day between them that is not kept nobody can tell."""
    question = asked_series("calls", None, None)
    rows = read("2026-11-19", "2026-11-22")

    assert together(rows, question.kpi) == {"value": 49}
    assert as_table(rows, question.kpi, "EUR")[-1] == ["together", "", "49", *[""] * 5]
    assert together(read(), question.kpi) is None
    assert as_table(read(), question.kpi, "EUR")[-1][0] == "2026-11-24 Tue"
    assert together(rows, asked_series("speed_to_lead_p90", None, None).kpi) is None


def test_quotients_of_days_come_to_the_quotient_of_their_sums() -> None:
    """One of two and three of ten: four of twelve, and not the mean of 50 and 30 %."""
    rows = [
        {"state": "final", "kpi": {"value": above / below, "numerator": above, "denominator": below}}
        for above, below in ((1, 2), (3, 10))
    ]
    assert together(rows, asked_series("connect_rate", None, None).kpi) == {
        "value": 4 / 12, "numerator": 4, "denominator": 12,
    }  # fmt: skip


def test_days_that_are_not_kept_are_there_without_a_value() -> None:
    """No chart draws a line over them."""
    rows = read("2026-11-16", "2026-11-20")

    assert [(row["day"][-2:], row["kpi"]) for row in rows] == [
        ("16", {"value": 30}), ("17", None), ("18", None), ("19", {"value": 28}), ("20", {"value": 21})
    ]  # fmt: skip
    assert rows[0]["worked_before"] == 40
    assert rows[4]["week_before"] == 40
    assert rows[4]["whole"]


def test_nothing_is_kept() -> None:
    """Of another year there is nothing."""
    assert read("2019-01-01", "2019-01-31") == []


def test_for_people_and_for_spreadsheets() -> None:
    """Words for the one, numbers for the other."""
    rows = read("2026-11-22")

    assert as_table(rows, asked_series("calls", None, None).kpi, "EUR")[1:] == [
        ["2026-11-22 Sun", "final", "0", "0", "21", "–", "–", "–"],
        ["2026-11-23 Mon", "final", "33", "0", "21", "30", "–", "–"],
        ["2026-11-24 Tue", "not over", "5", "–", "–", "–", "–", "–"],
        ["together", "", "38", "", "", "", "", ""],
    ]
    assert as_cells(rows)[-2:] == [
        ["2026-11-23", "final", 33, 0, 21, 30, *[None] * 4],
        ["2026-11-24", "provisional", 5, *[None] * 7],
    ]


def test_a_day_stands_beside_its_target_and_what_is_usual_of_it() -> None:
    """Four Mondays of 30, 34, 38 and 42 calls, and one that is not over, of which 20 of 40 that are due are made."""
    mondays = {"2026-10-26": 30, "2026-11-02": 34, "2026-11-09": 38, "2026-11-16": 42, "2026-11-23": 20}
    due = {"goal_attainment": {"value": None, "goals": {"calls": {"value": 0.5, "denominator": 40}}}}
    windows = {
        f"day:{day}": WindowReading(
            f"day:{day}", "provisional", 1, {"calls": {"value": calls}, "activities": {"value": calls}, **due}
        )
        for day, calls in mondays.items()
    }
    reading, question = Reading("team:north", "team:north", "EUR", windows), asked_series("calls", "2026-11-16", None)
    rows = rows_of(reading, windows, question, WorkDays.read(reading, [reading]))
    today = rows[-1]

    assert (today["whole"], today["week_before"], today["target"]) == (False, None, 40)
    assert today["usual_whole_day"] == {
        "value": 36, "low": pytest.approx(36 - 2 * 6), "high": pytest.approx(36 + 2 * 6), "n": 4
    }  # fmt: skip
    assert rows[0]["usual_whole_day"]["n"] == 3
    assert as_table(rows, question.kpi, "EUR")[-1][-2:] == ["40", "36 (24 to 48)"]
    assert as_cells(rows)[0][-4:] == ["target", "usual_whole_day", "usual_low", "usual_high"]
    assert as_cells(rows)[-1][-4:] == [40, 36, pytest.approx(24), pytest.approx(48)]


@pytest.mark.parametrize(
    ("kpi", "first", "parameter", "line"),
    [
        ("callz", None, "series", "unknown callz; likely calls"),
        ("dials_made", None, "series", "unknown"),
        ("win", None, "series", "unknown win"),
        ("goals", None, "series", "goals is a family"),
        ("pipeline_velocity", None, "series", "is not told by day"),
        ("calls", "2026-11", "from", "is no day"),
    ],
)
def test_a_wrong_question_says_what_is_allowed(kpi: str, first: str | None, parameter: str, line: str) -> None:
    """As all others do."""
    with pytest.raises(AskedError, match=line) as raised:
        asked_series(kpi, first, None)

    assert raised.value.parameter == parameter


def test_a_series_may_be_asked_for_from_the_first_day_that_there_is() -> None:
    """The days before it, which its first row is compared with, are not there."""
    assert read("0001-01-01") == read("2026-11-13")
