"""Figures as people read them."""

import pytest

from pipeline.views.wording import clock_time, opening, rfc3339, say, split_words, stall, undeclared


@pytest.mark.parametrize(
    ("kpi", "value", "words"),
    [
        ("calls", 12_345, "12,345"),
        ("calls", 0, "0"),
        ("calls", None, "–"),
        ("connect_rate", 0.4215, "42.2%"),
        ("talk_time", 3725.4, "1:02:05"),
        ("talk_time", 65, "1:05"),
        ("bookings", 1_234_567, "€12,346"),
        ("sales_cycle", 51.78, "51.8 d"),
        ("stage_stall", 4.26, "4.3 deviations"),
    ],
)
def test_each_unit_has_its_form(kpi: str, value: float | None, words: str) -> None:
    """A zero is a zero; only what cannot be computed is a dash."""
    assert say(kpi, value, "EUR") == words


def test_instants_for_people_and_for_programs() -> None:
    """A time of day in UTC, or RFC 3339 with milliseconds; no instant has neither."""
    assert clock_time(1_795_435_200_000) == "12:00:00 UTC"
    assert rfc3339(1_795_435_200_123) == "2026-11-23T12:00:00.123Z"
    assert (clock_time(0), rfc3339(0)) == ("–", None)


@pytest.mark.parametrize(
    ("deals", "line"),
    [
        (0, ""),
        (1, "1 deal in stages that no process declares"),
        (1038, "1,038 deals in stages that no process declares"),
    ],
)
def test_deals_in_stages_that_nobody_declares_have_a_line(deals: int, line: str) -> None:
    """None without any."""
    assert undeclared(deals) == line


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (None, None, "closed today"), (None, "13:00", "half day until 13:00"), ("10:00", None, "half day from 10:00"),
        ("09:30", "12:15", "half day from 09:30 until 12:15"),
    ],
)  # fmt: skip
def test_a_special_day_is_said_beside_its_team(begins: str | None, ends: str | None, words: str) -> None:
    """On no other day anything is."""
    assert opening({"day": "2026-12-24", "open_from": begins, "open_until": ends}) == words
    assert opening({}) == ""


def test_what_splits_move_is_said_with_its_sign() -> None:
    """Of bookings and of what is open; nothing where there is none, or where it is not known."""
    assert split_words(-250_000, 300_000, "EUR") == "by splits -€2,500 booked, €3,000 open"
    assert split_words(None, -100, "EUR") == "by splits -€1 open"
    assert split_words(0, None, "EUR") == ""


def test_where_prospects_stall_is_one_line() -> None:
    """The stage, with both of its figures and what is usual; nothing where nobody stalls."""
    told = {
        "n": 1280, "conversion": 0.214, "conversion_median": 0.45, "days": 12.44, "days_median": 6.0,
    }  # fmt: skip

    assert stall({}) == ""
    assert stall({"default:offer": told}) == (
        "Prospects stall in offer: of 1,280 deals in 28 days 21.4% went on, usually 45.0%;"
        " after 12.4 d, usually 6.0 d"
    )  # fmt: skip
