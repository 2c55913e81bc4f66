"""Lengths of time in the forms in which systems write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.durations import seconds
from pipeline.importing.texts import NotReadError


@given(st.integers(-(10**6), 10**6))
def test_every_form_of_a_length_is_the_same_length(length: int) -> None:
    """A clock, ISO 8601, words and numbers of each unit; negative ones too."""
    sign, positive = "-" if length < 0 else "", abs(length)
    minutes, rest = divmod(positive, 60)
    hours, left = divmod(minutes, 60)
    forms = [
        f"{sign}{positive}", f"{sign}{positive}s", f"{sign}{positive} seconds", f"{sign}PT{positive}S",
        f"{sign}{hours:02}:{left:02}:{rest:02}", f"{sign}{hours}h {left}m {rest}s", f"{sign}PT{hours}H{left}M{rest}S",
        f"{sign}{minutes}:{rest:02}", f"{sign}{minutes} min {rest} sec",
    ]  # fmt: skip

    assert {seconds(form, "en") for form in forms} == {float(length)}
    assert seconds(f"{sign}{positive * 1000}", "en", "ms") == length


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("00:02:23", 143.0), ("2:05", 125.0), ("90", 90.0), ("1.5", 1.5), ("100:00:00", 360_000.0),
        ("00:00:59.4", 59.4),
        ("-00:00:05", -5.0), ("PT1M30S", 90.0), ("P1DT1H", 90_000.0), ("1h 2m", 3720.0), ("90s", 90.0), ("500ms", 0.5),
        ("1 hour, 2 minutes", 3720.0), ("PT0.5S", 0.5), ("(5)", -5.0),
    ],
)  # fmt: skip
def test_durations_in_the_usual_forms(text: str, read: float) -> None:
    """Hours, minutes and seconds, ISO 8601, words, or a number of seconds."""
    assert seconds(text, "en") == read


def test_a_comma_in_seconds_is_read_by_the_locale() -> None:
    """One and a half in German, and nothing in English."""
    assert seconds("1,5", "de") == 1.5
    with pytest.raises(NotReadError):
        seconds("1,5", "en")


@pytest.mark.parametrize(
    "text", ["1:61", "1:60:00", "1:2:3:4", "soon", "2m 1h", "1h 1h", "5 parsecs", "PT", "P", "", "1:-5", "::"]
)
def test_a_wrong_duration_is_refused(text: str) -> None:
    """More than 59 minutes or seconds, units that come twice, and words are mistakes."""
    with pytest.raises(NotReadError):
        seconds(text, "en")
