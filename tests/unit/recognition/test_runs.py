"""Streaks: working days one after another on which enough was done."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.recognition.runs import LEAST_DAYS, Run, latest_run

DAYS = st.text("+-.", max_size=40)
"""By day: enough was done, or not enough, or nobody was to work."""


def latest(days: str, since: int = 0) -> Run | None:
    """The latest run of days that are written so."""
    enough = (on for on in reversed(range(len(days))) if days[on] == "+")
    return latest_run(enough, lambda day, later: "-" in days[day + 1 : later], since)


def test_three_working_days_are_a_streak_and_two_are_none() -> None:
    """Days on which nobody is to work neither count nor end it."""
    assert latest("++") is None
    assert latest("-+.+..+-") == Run(3, 1, 6)


def test_of_several_streaks_the_latest_counts_however_short() -> None:
    """What comes after it is too short to be one."""
    assert latest("+++++-+++-++") == Run(3, 6, 8)


def test_one_that_ended_before_is_not_asked_for() -> None:
    """Where it is known that what is new ends later."""
    assert latest("+++++-++", since=6) is None
    assert latest("+++++-++", since=4) == Run(5, 0, 4)


@given(DAYS)
def test_it_is_the_last_of_all_runs(days: str) -> None:
    """As written without the days off, and cut where not enough was done."""
    due = [(sign, on) for on, sign in enumerate(days) if sign != "."]
    runs: list[list[int]] = [[]]
    for sign, on in due:
        if sign == "+":
            runs[-1].append(on)
        else:
            runs.append([])
    long = [run for run in runs if len(run) >= LEAST_DAYS]

    assert latest(days) == (Run(len(long[-1]), long[-1][0], long[-1][-1]) if long else None)


@given(DAYS, st.integers(0, 39))
def test_a_day_that_has_enough_now_decides_it_beside_what_was_known(days: str, on: int) -> None:
    """The latest streak is one that ends on that day or later, or the one before."""
    if on < len(days) and days[on] == "-":
        after = days[:on] + "+" + days[on + 1 :]
        assert (latest(after, since=on) or latest(days)) == latest(after)
