"""Leads that nobody has tried: told once the oldest has waited more working days than the organisation allows."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.leads_overdue import days_waited
from pipeline.organisation.working_time import WorkingWeek
from tests.unit.alerts.test_limit import NINE, Queue, only
from tests.unit.boards.logs import WEEK, day

RULE: dict[str, Any] = {"rule": "leads_overdue", "limit_days": 2}
THURSDAY, FRIDAY = day("2026-11-19"), day("2026-11-20")
DAY = 24 * 60


def since(created: int, count: int = 1) -> dict[str, int]:
    """The measures of leads that came in on a day and wait."""
    return {"leads_waiting": count, f"leads_waiting_since__{created}": count}


def test_a_weekend_is_no_time_in_which_a_lead_waits() -> None:
    """On Monday the lead of Friday has waited one working day, and that of Thursday two: the limit is allowed."""
    queue = Queue(**RULE).go_on(1).stand(**since(FRIDAY)).stand(**since(THURSDAY)).go_on(2)
    assert queue.told() == []

    queue.minute = DAY
    assert queue.go_on(3).told() == [("leads_overdue", "open")]
    alert = only(queue.board)
    assert (alert.seen, alert.expected, alert.unit, alert.kpi, alert.window) == (
        3, 2, "working_days", "leads_waiting_oldest", "now",
    )  # fmt: skip
    assert alert.since_ms == NINE - 9 * 3_600_000 - 4 * DAY * 60_000


def test_it_is_over_once_no_lead_waits_for_longer_than_that() -> None:
    """The lead of Friday that is left has waited two working days on Tuesday."""
    queue = Queue(**RULE).go_on(1).stand(**since(FRIDAY)).stand(**since(THURSDAY))
    queue.minute = DAY
    assert queue.go_on(3).told() == [("leads_overdue", "open")]

    assert queue.stand(**since(THURSDAY, -1)).go_on(1).told() == [("leads_overdue", "resolved")]


def test_it_is_asked_only_where_somebody_set_a_limit_and_0_lets_no_lead_wait_over_night() -> None:
    """A lead of today has waited no day."""
    for rule, told in (({}, []), ({**RULE, "limit_days": 0}, [("leads_overdue", "open")])):
        queue = Queue(**rule).go_on(1).stand(**since(FRIDAY)).go_on(2)
        assert queue.told() == told
    today = Queue(**{**RULE, "limit_days": 0}).go_on(1).stand(**since(day("2026-11-23"))).go_on(2)
    assert today.told() == []


@given(st.integers(0, 300), st.integers(0, 60))
def test_any_wait_is_the_weekdays_after_the_day_on_which_the_lead_came_in(start: int, days: int) -> None:
    """Counted by their dates."""
    created = THURSDAY + start
    weekdays = [each for each in range(created + 1, created + days + 1) if date.fromordinal(each).weekday() < 5]

    assert days_waited(WorkingWeek.read(WEEK), created, created + days) == len(weekdays)
