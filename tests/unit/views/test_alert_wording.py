"""Alerts as people read them."""

import pytest

from pipeline.views.alert_wording import alert_words

NOON_MS = 1_795_435_200_000
"""Of 23 November 2026, in UTC."""
DAY_MS = 86_400_000


def test_an_alert_of_a_caller_says_how_long_and_since_when() -> None:
    """Hours, minutes and seconds, as other lengths of time."""
    told = {"kind": "longest_wait", "unit": "seconds", "seen": 230, "expected": 120, "since_ms": 1_795_435_200_000}

    assert alert_words(told) == "a caller waits too long: 3:50, since 12:00:00 UTC; the limit is 2:00"


@pytest.mark.parametrize(
    ("since_ms", "opened_ms", "said"),
    [
        (NOON_MS, NOON_MS + 230_000, "since 12:00:00 UTC"),
        (NOON_MS - DAY_MS, NOON_MS, "since 2026-11-22 12:00:00 UTC"),
        (NOON_MS, None, "since 12:00:00 UTC"),
        (0, NOON_MS, "since –"),
    ],
)
def test_another_day_than_that_of_the_opening_is_named(since_ms: int, opened_ms: int | None, said: str) -> None:
    """A time of day alone means the day on which the alert opened."""
    told = {"kind": "silent_rep", "unit": "working_minutes", "seen": 31, "since_ms": since_ms, "opened_ms": opened_ms}

    assert alert_words(told).endswith(said)


@pytest.mark.parametrize(("seen", "said"), [(0, "0 activities"), (1, "1 activity"), (3, "3 activities")])
def test_activities_are_counted_in_english(seen: int, said: str) -> None:
    """One activity, several activities."""
    told = {"kind": "sudden_zero", "unit": "activities", "seen": seen, "expected": 40, "since_ms": NOON_MS}

    assert f": {said} since 12:00:00 UTC, 40 expected" in alert_words(told)
