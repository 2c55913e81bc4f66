"""What usually comes and has not come for a day, while work goes on."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.sudden_zero import Done, expected, is_over
from schemas import facts
from tests.unit.alerts.test_feeds import DAY, HOUR, MONDAY, WORKING_DAYS, Day, moments
from tests.unit.alerts.test_limit import MINUTE, NINE, Queue, only
from tests.unit.boards.logs import day

TODAY = day("2026-11-23")
DAYS = [each for each in range(TODAY - 1, TODAY - 30, -1) if date.fromordinal(each).weekday() < 5]
"""The weekdays before today, the latest first."""
USUAL = [Done(20, 100)] * 10


def floor(per_day: list[dict[str, int]], **rule: Any) -> Queue:
    """Team north with what it did on the weekdays before today, the latest first, as of whole days."""
    found = Queue(**rule)
    cells: list[facts.Cell] = [
        ("north", "7", when, None, measures) for when, measures in zip(DAYS, per_day, strict=False)
    ]
    found.log.add(NINE - MINUTE, *cells, feeds={"dialer": NINE - MINUTE})
    return found


def test_emails_that_no_longer_come_are_told_once_seven_would_have() -> None:
    """One activity in five was an email at least: of 35 activities since yesterday seven had to be."""
    usual = [{"emails": 20 + each, "activities": 100} for each in range(10)]
    queue = floor(usual).go_on(34)
    assert queue.told() == []

    assert queue.go_on(1).told() == [("sudden_zero", "open")]
    alert = only(queue.board)
    assert (alert.seen, alert.expected, alert.unit, alert.kpi, alert.window) == (0, 7, "occurrences", "emails", "24h")

    assert queue.go_on(2, emails=1).told() == [("sudden_zero", "resolved")]


def test_what_does_not_come_every_day_is_not_missed() -> None:
    """Nine days are too few, and so is a day without one among ten."""
    usual = [{"emails": 20, "activities": 100}] * 10
    assert floor(usual[:9]).go_on(60).told() == []
    assert floor([*usual[:4], {"activities": 100}, *usual]).go_on(60).told() == []
    assert floor(usual, rule="sudden_zero", enabled=False).go_on(60).told() == []
    assert floor(usual).go_on(60).told() == [("sudden_zero", "open")]


def test_it_is_told_within_three_days_if_a_feed_was_missed_meanwhile() -> None:
    """Today is one of them."""
    silent, usual = {"activities": 100}, [{"emails": 20, "activities": 100}] * 10
    assert floor([silent, silent, *usual]).go_on(60).told() == [("sudden_zero", "open")]
    assert floor([silent, silent, silent, *usual]).go_on(60).told() == []


def test_what_was_done_while_a_feed_was_missed_says_nothing() -> None:
    """It may be the one that tells of emails: as much as before has to be done once it is heard again.

    On ten days half of the activities were emails. On the Monday after them they are not heard until three o'clock, and
    then without any: fourteen activities later seven had to come, seven times five minutes on.
    """
    floor, monday = Day(), MONDAY + 14 * DAY
    for begin in WORKING_DAYS:
        for now in moments(begin, 5):
            floor.at(now, ("dialer", "north"), ("mail", "north"), emails=("mail",))
    back = monday + 6 * HOUR
    for now in moments(monday, 5):
        floor.at(now, ("dialer", "north"), *([("mail", "north")] if now >= back else []))

    assert floor.opened.keys() == {"feed_silent:feed:mail", "sudden_zero:team:north"}
    assert back + 30 * MINUTE <= floor.opened["sudden_zero:team:north"] <= back + 40 * MINUTE


def test_the_rule_by_hand() -> None:
    """Seven are enough by the least of the days: a fifth of 35."""
    assert expected(Done(0, 35), USUAL) == 7
    assert expected(Done(0, 34), USUAL) is None
    assert expected(Done(1, 35), USUAL) is None
    assert expected(Done(0, 35), [*USUAL[:9], Done(19, 100)]) is None


def test_it_is_over_once_ten_days_have_had_none() -> None:
    """Then none is what is usual; nine of them are not enough."""
    none = [Done(0, 50)] * 10
    assert is_over(Done(0, 50), none)
    assert not is_over(Done(0, 50), none[:9])
    assert not is_over(Done(0, 50), [*none[:9], Done(1, 50)])
    assert is_over(Done(1, 50), [])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60)), max_size=14), st.integers(0, 300))
def test_any_days_are_judged_as_they_read(days: list[tuple[int, int]], activities: int) -> None:
    """Up to three without it first, then ten with it, by each of which seven or more had to come."""
    told = [Done(*each) for each in days]
    leading = next((n for n, each in enumerate(told) if each.came), len(told))
    usual = told[leading : leading + 10]
    is_usual = leading <= 3 and len(usual) == 10 and all(each.came for each in usual)
    enough = all(each.came * activities >= 7 * each.activities for each in usual)

    assert (expected(Done(0, activities), told) is not None) == (is_usual and enough)
