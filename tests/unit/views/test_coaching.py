"""Figures before and after a session, by hand and against the plain sums."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.views.asked import AskedError
from pipeline.views.coaching import SPAN_DAYS, Change, as_json, compared_kpis, sessions_of, today_of
from pipeline.views.readings import Reading, WindowReading

DAY = date(2026, 10, 1)


def _day(after: int, **kpis: dict[str, Any]) -> WindowReading:
    day = DAY + timedelta(after)
    return WindowReading(f"day:{day}", "final", 0, kpis)


def _reading(*days: WindowReading) -> Reading:
    return Reading("rep:7@north", "team:north", "EUR", {day.id: day for day in days})


def _rate(numerator: int, denominator: int) -> dict[str, Any]:
    return {"value": None, "numerator": numerator, "denominator": denominator}


def test_a_session_compares_the_four_weeks_around_it() -> None:
    """A count a calendar day, a rate of all dials together; the day itself is on neither side."""
    days = _reading(
        _day(-29, calls={"value": 1000}),
        _day(-28, calls={"value": 14}, connect_rate=_rate(1, 10)),
        _day(-1, calls={"value": 14}, connect_rate=_rate(5, 10)),
        _day(0, calls={"value": 500}, one_to_ones={"value": 2}, connect_rate=_rate(9, 9)),
        _day(1, calls={"value": 56}, connect_rate=_rate(4, 5)),
        _day(28, calls={"value": 0}),
        _day(29, calls={"value": 1000}),
    )
    (session,) = sessions_of(days, ["calls", "connect_rate"], DAY + timedelta(40))

    assert (session.day, session.held, session.days_after) == (DAY, {"one_to_ones": 2, "coaching_sessions": 0}, 28)
    assert session.changes == {"calls": Change(1, 2), "connect_rate": Change(0.3, 0.8)}


def test_a_session_of_today_has_nothing_after_it() -> None:
    """And one of yesterday has a day."""
    days = _reading(
        _day(-1, coaching_sessions={"value": 1}), _day(0, calls={"value": 8}, coaching_sessions={"value": 1})
    )
    today, yesterday = sessions_of(days, ["calls"], today_of(days))

    assert (today.days_after, today.changes["calls"]) == (0, Change(0, None))
    assert (yesterday.days_after, yesterday.changes["calls"]) == (1, Change(0, 8))


@pytest.mark.parametrize(
    ("name", "why"),
    [("median_deal_size", "cannot be put together"), ("open_deals", "cannot be put together"), ("none", "no such KPI")],
)
def test_what_cannot_be_compared_is_refused(name: str, why: str) -> None:
    """With what is allowed."""
    with pytest.raises(AskedError, match=f"{name}: .*{why}.*allowed are counts"):
        compared_kpis(["calls", name])


def test_without_a_name_the_usual_ones_are_compared() -> None:
    """And all of them can be."""
    assert compared_kpis(compared_kpis([])) == compared_kpis([])


@given(
    calls=st.dictionaries(st.integers(-40, 40), st.integers(0, 50), min_size=1), session=st.integers(-40, 40),
    today=st.integers(-40, 40),
)  # fmt: skip
def test_each_day_is_on_one_side_at_most(calls: dict[int, int], session: int, today: int) -> None:
    """Before and after are the plain sums over the calendar, however many days held nothing."""
    held = {"one_to_ones": {"value": 1}}
    days = [_day(day, calls={"value": count}, **held if day == session else {}) for day, count in calls.items()]
    days += [_day(session, **held)] if session not in calls else []
    found = sessions_of(_reading(*days), ["calls"], DAY + timedelta(today))
    if session > today:
        assert found == []
        return
    before = sum(calls.get(day, 0) for day in range(session - SPAN_DAYS, session))
    after = sum(calls.get(day, 0) for day in range(session + 1, min(session + SPAN_DAYS, today) + 1))
    (told,) = found
    assert told.changes["calls"].before == before / SPAN_DAYS
    assert told.changes["calls"].after == (after / told.days_after if told.days_after else None)


def test_a_program_gets_the_same() -> None:
    """With the day, what was held, and null where there is nothing to divide by."""
    days = _reading(_day(0, one_to_ones={"value": 1}))

    assert as_json(days, sessions_of(days, ["connect_rate"], DAY)) == {
        "scope": "rep:7@north", "currency": "EUR", "currency_digits": 2,
        "sessions": [{
            "day": "2026-10-01", "one_to_ones": 1, "coaching_sessions": 0, "days_after": 0,
            "kpis": {"connect_rate": {"before": None, "after": None}},
        }],
    }  # fmt: skip
