"""Texts of exports as values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing import parsing


@pytest.mark.parametrize(
    ("name", "made"),
    [("Rep 01", "rep-01"), ("  Zoë  O'Néill ", "zoe-o-neill"), ("TEAM/North", "team-north"), ("ß", "ss")],
)
def test_a_slug_is_lower_case_without_accents(name: str, made: str) -> None:
    """Names become ids that are safe in keys."""
    assert parsing.slug(name) == made


@pytest.mark.parametrize("name", ["", "--", "北", "x" * 65])
def test_what_gives_no_id_is_refused(name: str) -> None:
    """Nothing is guessed where a name has no letters to make an id of."""
    with pytest.raises(ValueError, match="id"):
        parsing.slug(name)


@given(st.text(max_size=80))
def test_a_slug_of_a_slug_is_itself(name: str) -> None:
    """Whatever the name, its id is stable and of the allowed form."""
    try:
        made = parsing.slug(name)
    except ValueError:
        return

    assert parsing.slug(made) == made
    assert 1 <= len(made) <= 64


@pytest.mark.parametrize(
    ("text", "locale", "currency", "minor"),
    [
        ("1,234.50", "en", "USD", 123_450),
        ("1.234,50", "de", "EUR", 123_450),
        ("12", "en", "JPY", 12),
        ("1.234", "en", "KWD", 1_234),
        ("-3", "en", "EUR", -300),
    ],
)
def test_money_is_exact_in_minor_units_of_its_currency(text: str, locale: str, currency: str, minor: int) -> None:
    """How many minor units a unit has is the currency's business, how it is written the locale's."""
    assert parsing.money(text, locale, currency) == minor


@pytest.mark.parametrize("text", ["1.005", "NaN", "Infinity", "twelve", ""])
def test_money_that_is_none_is_refused(text: str) -> None:
    """Nothing is rounded and nothing is guessed."""
    with pytest.raises(ValueError, match=r"."):
        parsing.money(text, "en", "USD")


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:02:23", 143.0), ("2:05", 125.0), ("90", 90.0), ("1.5", 1.5), ("100:00:00", 360_000.0)]
)
def test_durations_in_the_usual_forms(text: str, seconds: float) -> None:
    """Hours, minutes and seconds, or a number of seconds."""
    assert parsing.seconds(text, "en") == seconds


@pytest.mark.parametrize("text", ["1:61", "-1:00", "1:2:3:4", "soon"])
def test_a_wrong_duration_is_refused(text: str) -> None:
    """More than 59 minutes or seconds, signs and words are mistakes."""
    with pytest.raises(ValueError, match=r"."):
        parsing.seconds(text, "en")


def test_a_date_alone_is_noon() -> None:
    """Noon, so that no zone moves it to another day."""
    assert parsing.stamp("2026-11-23", None).isoformat() == "2026-11-23T12:00:00"
    assert parsing.stamp("23/11/2026", "%d/%m/%Y").isoformat() == "2026-11-23T12:00:00"
    assert parsing.stamp("23/11/2026 08:30", "%d/%m/%Y %H:%M").isoformat() == "2026-11-23T08:30:00"


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_epoch_stamps_lose_nothing(instant_ms: int) -> None:
    """Seconds and milliseconds since 1970 give the same instant."""
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant_ms)

    assert parsing.stamp(str(instant_ms), "epoch_ms") == expected
    assert parsing.stamp(f"{instant_ms / 1000:.3f}", "epoch_seconds") == expected
