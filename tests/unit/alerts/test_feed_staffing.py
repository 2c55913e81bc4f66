"""How much longer a feed may be silent while few of those whom it serves are at work."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.feed_staffing import Roll, Staffing
from pipeline.organisation.days import DAY_MS

NOW = 20_000 * DAY_MS + 9 * 3_600_000


@pytest.mark.parametrize(
    ("at_work", "usual", "minutes"),
    [(100, 100, 16), (50, 100, 32), (30, 58, 30), (20, 100, 80), (1, 100, 1600), (0, 0, 16), (7, 0, 16), (0, 3, 48)],
)
def test_fewer_are_waited_for_as_many_times_longer(at_work: int, usual: int, minutes: int) -> None:
    """Of sixteen minutes: half of the reps take twice as long, a fifth five times; more than usual takes no less.

    30 of 58 are 58/30 times 16 minutes, without what is not whole.
    """
    assert Staffing(at_work, usual).stretched(16) == minutes


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 600))
def test_nobody_is_told_sooner(at_work: int, usual: int, limit: int) -> None:
    """Whoever is at work: never less is let pass, and the fewer are there the more."""
    stretched = Staffing(at_work, usual).stretched(limit)

    assert stretched >= limit
    assert stretched <= Staffing(max(at_work - 1, 0), usual).stretched(limit)


def roll(counts: Mapping[str, list[int]]) -> Roll:
    """Teams by how many were at work now, a day before, and so on."""
    return Roll(NOW, lambda team, at_ms: counts[team][(NOW - at_ms) // DAY_MS])


def test_the_middle_day_of_the_week_before_is_usual() -> None:
    """On a Monday: a weekend, and a Friday on which one team had a holiday, do not make fewer usual."""
    monday = {"one": [5, 0, 0, 5, 5, 5, 5, 5], "two": [0, 0, 0, 0, 20, 20, 20, 20]}

    assert roll(monday).staffing(["one", "two"]) == (5, 25)
    assert roll(monday).staffing(["one"]) == (5, 5)


def test_who_works_once_a_week_is_compared_with_nobody() -> None:
    """On most of the days before nobody was there: what is usual of the feed says enough."""
    sunday = roll({"one": [5, 0, 0, 0, 0, 0, 0, 5]}).staffing(["one"])

    assert sunday == (5, 0)
    assert sunday.stretched(10) == 10


def test_each_team_is_asked_once() -> None:
    """However many feeds serve it."""
    asked: list[tuple[str, int]] = []

    def one(team: str, at_ms: int) -> int:
        asked.append((team, at_ms))
        return 1

    found = Roll(NOW, one)

    assert [found.staffing(["one", "two"]) for _ in range(3)] == [(2, 2)] * 3
    assert len(asked) == len(set(asked)) == 16
