"""Special days: closed, or open for some hours only; a team's own word before that for all teams."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.opening_today import special_day
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.special_days import CLOSED, Opening, SpecialDays, opening, says_something
from pipeline.organisation.working_time import WorkingTime, WorkingWeek, is_working_day
from tests.unit.boards.logs import at
from tests.unit.organisation.test_working_time import HOUR, NIGHT, OFFICE, berlin

EVE = date(2026, 12, 24).toordinal()


def working(calendar: Mapping[str, object], special: Mapping[int, Opening]) -> WorkingTime:
    """The working time of a calendar in Berlin."""
    return WorkingTime(WorkingWeek.read(calendar, SpecialDays(special)), lambda _: "Europe/Berlin")


@pytest.mark.parametrize(
    ("told", "hours"),
    [
        ({}, 0),  # closed
        ({"open_until": "12:00"}, 3),
        ({"open_until": "13:30"}, 3.5),
        ({"open_from": "16:00"}, 1),
        ({"open_from": "11:00", "open_until": "14:00"}, 2),  # with the break between
        ({"open_from": "11:00", "open_until": "02:00"}, 5),  # to the end of the hours
        ({"open_until": "09:00"}, 0),
        ({"open_from": "00:00", "open_until": "24:00"}, 7),  # as always: a team that stays open when all others close
    ],
)
def test_of_the_hours_what_lies_within_the_opening_is_left(told: dict[str, Any], hours: float) -> None:
    """Christmas Eve is a Thursday with seven hours; the days around it are as always."""
    shift = working(OFFICE, {EVE: opening(told)})

    assert shift.between_ms(berlin("2026-12-24 00:00"), berlin("2026-12-25 00:00")) == hours * HOUR
    assert shift.between_ms(berlin("2026-12-23 00:00"), berlin("2026-12-24 00:00")) == 7 * HOUR
    week = WorkingWeek.read(OFFICE, SpecialDays({EVE: opening(told)}))
    assert is_working_day(week, EVE) == (hours > 0)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    """Closed on the Monday, work goes on until six that began on Sunday evening; none begins on Monday itself."""
    nights = {"sunday": [["22:00", "06:00"]], "monday": [["22:00", "06:00"]]}
    monday = date(2026, 11, 23).toordinal()
    span = berlin("2026-11-22 12:00"), berlin("2026-11-24 12:00")

    assert working(nights, {monday: CLOSED}).between_ms(*span) == 8 * HOUR
    assert working(nights, {monday - 1: CLOSED}).between_ms(*span) == 8 * HOUR
    assert working(nights, {monday: opening({"open_until": "12:00"})}).between_ms(*span) == 8 * HOUR
    assert (
        working(nights, {monday: opening({"open_from": "23:00", "open_until": "04:00"})}).between_ms(*span) == 13 * HOUR
    )
    assert working(nights, {monday: opening({"open_from": "23:00"})}).between_ms(*span) == 15 * HOUR


def test_nobody_works_more_by_a_special_day() -> None:
    """A Saturday, or a public holiday, on which a team is open has no hours for that."""
    saturday = date(2026, 11, 21).toordinal()
    shift = working({**OFFICE, "holidays": "DE"}, {saturday: Opening(0, 1440), EVE + 1: Opening(0, 1440)})

    assert shift.between_ms(berlin("2026-11-21 00:00"), berlin("2026-11-22 00:00")) == 0
    assert shift.between_ms(berlin("2026-12-25 00:00"), berlin("2026-12-26 00:00")) == 0


def test_a_team_speaks_for_itself_before_all_teams() -> None:
    """Then the greater id decides; what was taken back, or moved to another day or team, holds no more."""
    organisation = Organisation("EUR")
    organisation.put("company:company", {"calendar": OFFICE})
    organisation.put("team:north", {})
    for name, record in (
        ("a", {"day": EVE, "open_until": "12:00"}), ("b", {"day": EVE}), ("z", {"day": EVE + 6, "team_id": "north"}),
    ):  # fmt: skip
        organisation.put(f"special_day:{name}", record)
    assert (organisation.special_days("north").on(EVE), organisation.special_days("south").on(EVE)) == (CLOSED, CLOSED)

    organisation.put("special_day:z", {"day": EVE, "team_id": "north", "open_from": "10:00"})
    before = organisation.with_records({"special_day:z": None})
    assert organisation.special_days("north").on(EVE) == Opening(600, 2880)
    assert organisation.special_days("north").on(EVE + 6) is None
    assert before.special_days("north").on(EVE) == CLOSED

    week = organisation.working_week("north")
    assert week is not None
    assert week.hours_on(EVE) == ((600, 720), (780, 1020))
    organisation.put("special_day:b", None)
    assert organisation.special_days("south").on(EVE) == Opening(0, 720)


def test_times_that_two_events_made_equal_say_nothing() -> None:
    """One event would be refused for it."""
    assert not says_something({"day": EVE, "open_from": "09:00", "open_until": "09:00"})
    assert not says_something({"day": EVE, "open_until": "00:00"})
    assert not says_something({"open_until": "12:00"})
    assert says_something({"day": EVE})


CLOCKS = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda each: f"{each[0]:02}:{each[1]:02}")
DAYS = st.integers(date(2026, 10, 20).toordinal(), date(2026, 11, 10).toordinal())
SPANS = st.tuples(DAYS, CLOCKS, CLOCKS).map(lambda each: {"day": each[0], "open_from": each[1], "open_until": each[2]})


@given(
    st.lists(SPANS.filter(says_something), max_size=6), st.sampled_from([OFFICE, NIGHT]), st.integers(0, 30 * 24 * 60)
)
def test_special_days_only_take_time_away(told: list[dict[str, Any]], hours: dict[str, Any], minute: int) -> None:
    """And only of what begins on them: another week has all of its hours, whatever the clocks do."""
    special = {each["day"]: opening(each) for each in told}
    usual, shift = working(hours, {}), working(hours, special)
    at_ms = at("2026-10-18 00:00", "Europe/Berlin") + minute * 60_000

    assert not shift.working(at_ms) or usual.working(at_ms)
    for day in range(date(2026, 10, 18).toordinal(), date(2026, 11, 12).toordinal()):
        span = (berlin(f"{date.fromordinal(day)} 12:00"), berlin(f"{date.fromordinal(day + 1)} 12:00"))
        assert shift.between_ms(*span) <= usual.between_ms(*span)
        if not {day, day + 1} & special.keys():
            assert shift.between_ms(*span) == usual.between_ms(*span)


def test_what_a_team_has_today_stands_beside_its_figures() -> None:
    """Whoever stays open when all others close has a day like all others."""
    organisation = Organisation("EUR")
    organisation.put("team:north", {"time_zones": [[None, "UTC"]]})
    organisation.put("special_day:all", {"day": EVE, "open_until": "13:00"})
    assert special_day(organisation, "north", EVE) == '{"day":"2026-12-24","open_from":null,"open_until":"13:00"}'
    assert special_day(organisation, "north", EVE + 1) == ""

    organisation.put("special_day:north", {"day": EVE, "team_id": "north", "open_until": "24:00"})
    assert special_day(organisation, "north", EVE) == ""
