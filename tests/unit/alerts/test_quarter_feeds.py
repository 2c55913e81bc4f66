"""What the simulated quarter expects of feeds: by their own pauses, counted by hand."""

from datetime import date, timedelta
from random import Random

import pytest

from tests.quarter.clocks import MINUTE, instant
from tests.quarter.company import Team, company
from tests.quarter.events import told
from tests.quarter.feeds import RETURN_MS, Feeds

DAYS = [date(2026, 3, 2) + timedelta(days=number) for number in range(9)]
SOURCES = ("crm", "dialer-east")


@pytest.fixture
def team() -> Team:
    """One of Berlin: half past eight to noon, a quarter to one to a quarter past five."""
    return company(Random(1), DAYS, {"ber-queue": 2})[0]


def at(day: date, clock: str) -> int:
    """A local instant."""
    return instant("Europe/Berlin", day, clock)


def heard(pauses: dict[date, int], until_ms: int) -> list[int]:
    """One instant a minute of work, but for a pause of so many minutes from ten o'clock on."""
    return [
        at_ms
        for day in DAYS
        for at_ms in range(at(day, "08:30"), at(day, "17:15"), MINUTE)
        if at_ms < until_ms and not at(day, "10:00") < at_ms < at(day, "10:00") + pauses.get(day, 0) * MINUTE
    ]


def feeds(team: Team, when: list[int], sources: tuple[str, ...] = SOURCES) -> Feeds:
    """All sources spoke then."""
    found = Feeds([team])
    found.hear(told("activity", "x", at_ms, at_ms, source, {}) for at_ms in when for source in sources)
    return found


def test_a_dead_feed_is_missed_after_twice_its_usual_pause(team: Team) -> None:
    """Of pauses of 5, 8 and 40 minutes eight are usual: 26 minutes of work after the last word."""
    monday, tuesday, wednesday, thursday = DAYS[:4]
    when = heard({monday: 5, tuesday: 40, wednesday: 8}, at(thursday, "11:50"))
    earliest_ms, latest_ms = feeds(team, when).missed_ms("crm", at(thursday, "11:50"))
    assert earliest_ms == at(thursday, "11:59")
    assert latest_ms == at(thursday, "13:00")


def test_nobody_is_told_while_a_feed_is_quiet(team: Team) -> None:
    """From ten minutes after its last word until it speaks again; of one that goes on the instant stays."""
    monday = DAYS[0]
    found = feeds(team, heard({monday: 30}, at(DAYS[1], "17:00")))
    assert found.sure_ms(team, at(monday, "10:09")) == at(monday, "10:09")
    assert found.sure_ms(team, at(monday, "10:12")) == at(monday, "10:30") + RETURN_MS
    assert found.sure_ms(team, at(monday, "11:00")) == at(monday, "11:00")


def test_a_feed_that_was_away_for_long_is_noticed(team: Team) -> None:
    """Half an hour is longer than ten minutes and twice the pauses of six minutes before; a quarter of an hour is not.

    What was silent meanwhile counts from shortly after it spoke again.
    """
    *before, today = DAYS[:5]
    found = feeds(team, heard({today: 30, **dict.fromkeys(before, 6)}, at(today, "17:00")))
    assert found.back_ms(team, at(today, "09:00"), at(today, "11:00")) == at(today, "10:30") + RETURN_MS
    assert found.back_ms(team, at(today, "10:31"), at(today, "11:00")) == at(today, "10:31")
    short = feeds(team, heard({today: 15, **dict.fromkeys(before, 6)}, at(today, "17:00")))
    assert short.back_ms(team, at(today, "09:00"), at(today, "11:00")) == at(today, "09:00")
