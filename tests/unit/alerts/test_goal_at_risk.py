"""A goal that will not be reached at this pace: of what is due by working time less than the limit is reached."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.alerts.goal_at_risk import GOAL_AT_RISK
from tests.unit.alerts.test_limit import NINE, Queue, only
from tests.unit.boards.logs import day, fold

TODAY = day("2026-11-23")
DAY_MINUTES = 1440
RULE: dict[str, Any] = {"rule": "goal_at_risk", "limit_percent": 80}


def queue(period: str, first_day: int, value: int, **rule: Any) -> Queue:
    """Team north with a target of calls, and the rule."""
    found = Queue(**rule)
    target = {"team_id": "north", "kpi": "calls", "period": period, "period_start": first_day, "value": value}
    found.log.organise("target:t", target)
    return found


def test_a_goal_is_at_risk_once_enough_of_its_time_has_passed() -> None:
    """Nobody calls. 15 % of the eight hours of the day are over after 72 minutes, not one before."""
    behind = queue("day", TODAY, 480, **RULE).go_on(72)
    assert behind.told() == []

    assert behind.go_on(1).told() == [("goal_at_risk", "open")]
    alert = only(behind.board)
    assert (alert.seen, alert.expected, alert.kpi, alert.window) == (0, 0.8, "goal_pace", "day:2026-11-23")
    assert alert.since_ms == NINE - 9 * 3_600_000


def test_the_limit_itself_is_enough_and_five_points_more_are_needed_to_close() -> None:
    """A call a minute is due; 80 of 100 are the limit. Then 124 of 146 are not back, and 125 of 147 are."""
    assert queue("day", TODAY, 480, **RULE).go_on(80, calls=1).go_on(21).told() == []

    behind = queue("day", TODAY, 480, **RULE).go_on(79, calls=1).go_on(22)
    assert behind.told() == [("goal_at_risk", "open")]
    assert behind.go_on(19, calls=1).go_on(1).go_on(26, calls=1).told() == []
    assert behind.go_on(1, calls=1).told() == [("goal_at_risk", "resolved")]


def test_a_month_is_judged_by_its_working_time() -> None:
    """15 of November's 21 working days are over on Monday the 23rd, 70.3 % of its time soon after ten: 703 are due."""
    enough = queue("month", day("2026-11-01"), 1000, **RULE).go_on(1, calls=600).go_on(20)
    few = queue("month", day("2026-11-01"), 1000, **RULE).go_on(1, calls=500).go_on(20)

    assert enough.told() == []
    assert few.told() == [("goal_at_risk", "open")]
    assert only(few.board).window == "month:2026-11"


def test_a_goal_that_was_missed_did_not_recover() -> None:
    """The day of its target is over. Of the next day's nothing can be said before 10:12; then an alert of it opens."""
    behind = queue("day", TODAY, 480, **RULE)
    later = {"team_id": "north", "kpi": "calls", "period": "day", "period_start": TODAY + 1, "value": 480}
    behind.log.organise("target:u", later)
    assert behind.go_on(73).told() == [("goal_at_risk", "open")]

    assert behind.go_on(DAY_MINUTES - 73).told() == []
    behind.go_on(1)
    fold(behind.board, behind.log.records[-1:])
    assert [(alert.state, alert.ending) for alert in behind.board.take_alerts()] == [("resolved", "period_over")]

    assert behind.go_on(72).told() == [("goal_at_risk", "open")]
    assert only(behind.board).window == "day:2026-11-24"


def test_what_is_at_risk_beside_a_goal_that_is_over_is_told_of_by_its_own_name() -> None:
    """50 of 61 calls due in the month are enough, of 64 the next morning not: the alert is of the month then, anew."""
    behind = queue("day", TODAY, 480, **RULE)
    month = {"team_id": "north", "kpi": "calls", "period": "month", "period_start": day("2026-11-01"), "value": 85}
    behind.log.organise("target:u", month)
    assert behind.go_on(1, calls=50).go_on(80).told() == [("goal_at_risk", "open")]
    first = only(behind.board)

    assert behind.go_on(DAY_MINUTES - 81).go_on(1).told() == [("goal_at_risk", "open")]
    second = only(behind.board)
    assert [(first.window, second.window), second.opened_ms - first.opened_ms > 0] == [
        ("day:2026-11-23", "month:2026-11"), True,
    ]  # fmt: skip


def test_without_a_goal_or_a_limit_nothing_is_at_risk() -> None:
    """And a target that is reached is none."""
    assert Queue(**RULE).go_on(120).told() == []
    assert queue("day", TODAY, 480).go_on(120).told() == []
    assert queue("day", TODAY, 10, **RULE).go_on(1, calls=10).go_on(120).told() == []
    assert GOAL_AT_RISK.needs == "limit_percent"


@given(st.integers(1, 200), st.integers(0, 40), st.integers(0, 100), st.integers(60, 120))
@example(target=100, calls=29, limit=29, minutes=480 // 4)
@example(target=400, calls=29, limit=29, minutes=120)
def test_any_goal_is_at_risk_exactly_where_less_than_the_limit_is_reached_of_what_is_due(
    target: int, calls: int, limit: int, minutes: int
) -> None:
    """Worked out in whole numbers, for a day of 480 minutes; nothing is said of its first 72."""
    rule = {"rule": "goal_at_risk", "limit_percent": limit}
    done = {"calls": calls} if calls else {}
    told = queue("day", TODAY, target, **rule).go_on(1, **done).go_on(minutes).told()

    behind = minutes >= 72 and calls * 480 * 100 < limit * target * minutes
    assert told == ([("goal_at_risk", "open")] if behind else [])
