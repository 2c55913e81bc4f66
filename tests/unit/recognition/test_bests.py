"""The best day, week and month."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from pipeline.recognition.achieved import Achieved
from pipeline.recognition.bests import PERIODS, after, best
from pipeline.recognition.milestones import reached_on
from pipeline.scores.windows import PeriodRules, calendar_windows
from tests.unit.boards.logs import day

RULES = PeriodRules()
MONDAY = day("2026-11-02")
CHANGES = st.lists(st.tuples(st.integers(0, 70), st.integers(-3, 5)), max_size=40)


def test_the_earliest_of_equal_days_is_the_best() -> None:
    """It was there first; what equals it later takes nothing from it."""
    values = {MONDAY + n: value for n, value in enumerate((1, 4, 2, 4, 1, 1))}

    assert best("day", values, RULES) == Achieved(4, MONDAY + 1, "day:2026-11-03")


def test_the_best_of_few_is_none() -> None:
    """Five other days, four weeks or three months in which anything was done are there to compare it with."""
    days = {MONDAY + n: 1 for n in range(5)}
    assert best("day", days, RULES) is None
    assert best("day", {**days, MONDAY + 9: 1}, RULES) == Achieved(1, MONDAY, "day:2026-11-02")

    weeks = {MONDAY + 7 * n: n + 1 for n in range(4)}
    assert best("week", weeks, RULES) is None
    assert best("week", {**weeks, MONDAY + 29: 2}, RULES) == Achieved(4, MONDAY + 21, "week:2026-W48")

    months = {day(f"2026-0{n}-15"): 1 for n in (1, 2, 3)}
    assert best("month", months, RULES) is None
    assert best("month", {**months, day("2026-04-30"): 9}, RULES) == Achieved(9, day("2026-04-01"), "month:2026-04")


@given(st.sampled_from(PERIODS), CHANGES)
def test_what_changed_decides_it_as_all_days_do(period: str, changes: list[tuple[int, int]]) -> None:
    """Late, corrected and taken out: step by step the best is that of all days."""
    values: dict[int, int] = {}
    known = None
    for number, amount in changes:
        on = MONDAY + number
        values[on] = values.get(on, 0) + amount
        window = calendar_windows(on, RULES)[PERIODS.index(period)]
        now = sum(value for each, value in values.items() if window.first_day <= each <= window.last_day)
        known = after(
            known, Achieved(now, window.first_day, window.id), now - amount, partial(best, period, values, RULES)
        )
        assert known == best(period, values, RULES)


def test_a_milestone_is_reached_on_the_day_that_brings_its_count() -> None:
    """Ten deals are won on the day of the tenth; of what was before all days that are known, on the first of them."""
    values = {MONDAY: 4, MONDAY + 1: 5, MONDAY + 7: 3}

    assert [reached_on(count, 12, values) for count in (1, 4, 5, 10, 12, 13)] == [
        MONDAY, MONDAY, MONDAY + 1, MONDAY + 7, MONDAY + 7, None,
    ]  # fmt: skip
    assert reached_on(10, 32, values) is None


def test_a_milestone_that_was_undone_is_reached_on_the_day_since_which_it_stands() -> None:
    """Money that a split takes away later was not there meanwhile."""
    assert reached_on(5, 6, {MONDAY: 7, MONDAY + 1: -4, MONDAY + 2: 3}) == MONDAY + 2


@given(st.dictionaries(st.integers(MONDAY, MONDAY + 30), st.integers(1, 4), max_size=9), st.integers(1, 20))
def test_a_milestone_is_reached_once_the_days_up_to_it_come_to_it(values: dict[int, int], count: int) -> None:
    """Counted from the first day on."""
    total = sum(values.values())
    days = (on for on in sorted(values) if sum(value for each, value in values.items() if each <= on) >= count)

    assert reached_on(count, total, values) == next(days, None)
