"""What the simulated quarter seeds by events of their own: days and instants counted by hand."""

import json
from datetime import date
from random import Random

import pytest

from tests.quarter.clocks import DAY, MINUTE, instant
from tests.quarter.company import Team, company
from tests.quarter.drops import Drop
from tests.quarter.standing import LATE_LEADS, MOST_LEADS, Seeded, seeded

AFTER_EASTER = date(2026, 4, 8)
"""A Wednesday. Friday and Monday before were free in Berlin."""


@pytest.fixture
def team() -> Team:
    """One of Berlin, which begins at half past eight."""
    return company(Random(1), [AFTER_EASTER], {"ber-queue": 4})[0]


def at(day: date, clock: str) -> int:
    """A local instant."""
    return instant("Europe/Berlin", day, clock)


def made(team: Team, rule: str, clock: str = "08:30") -> Seeded:
    """What is seeded of a rule at a time of that day."""
    begin_ms = at(AFTER_EASTER, clock)
    found = seeded(Random(1), Drop(rule, team, AFTER_EASTER, begin_ms, begin_ms + 100 * MINUTE))
    assert found is not None
    assert [each.at_ms for each in found.events]
    return found


def test_a_lead_is_overdue_on_the_fourth_working_day(team: Team) -> None:
    """It came on Tuesday, two hours before work: Wednesday, Thursday, Tuesday and Wednesday have begun since."""
    found = made(team, "leads_overdue")
    assert found.events[0].at_ms == at(date(2026, 3, 31), "06:30")
    assert found.earliest_ms == at(AFTER_EASTER, "08:30")


def test_deals_are_stalled_on_the_tenth_working_day(team: Team) -> None:
    """From Monday on, 23 March, ten working days have begun by Wednesday after Easter, and none of them is touched."""
    found = made(team, "deals_stalled")
    assert {each.at_ms for each in found.events} == {at(date(2026, 3, 23), "06:30"), at(AFTER_EASTER, "10:10")}


def test_so_many_leads_as_may_wait_are_waited_for(team: Team) -> None:
    """The twenty-first within seconds is one too many."""
    found = made(team, "waiting_leads", "11:00")
    assert sum(each.at_ms < at(AFTER_EASTER, "11:01") for each in found.events) == LATE_LEADS
    assert found.earliest_ms == at(AFTER_EASTER, "11:00") + 200 * MOST_LEADS


def test_a_caller_is_seen_a_minute_after_the_limit(team: Team) -> None:
    """Three minutes and one more, so that the limit was passed at the end of the minute before."""
    found = made(team, "longest_wait", "11:00")
    assert found.earliest_ms == at(AFTER_EASTER, "11:04")
    assert [json.loads(each.value)["data"]["state"] for each in found.events] == ["queued", "ended"]


def test_what_is_only_missing_has_no_events(team: Team) -> None:
    """A silence is made of what is left out."""
    assert seeded(Random(1), Drop("silent_team", team, AFTER_EASTER, 0, DAY)) is None
