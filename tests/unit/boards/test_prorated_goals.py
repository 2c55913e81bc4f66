"""Targets of reps who were hired, left, are new or were away, worked out by hand.

November 2026 has 21 working days from Monday to Friday, of eight hours each. It is Monday the 23rd, 10:00: with today
there are six of them left. The rep has won three deals this month.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import ProrationRules, RulesOfTeam, months_after, shares
from pipeline.organisation.working_time import WorkingWeek
from pipeline.scores.prorated import ENDLESS, Presence, prorated
from tests.unit.boards.logs import WEEK, at, cell, day
from tests.unit.boards.test_goals import NOW_MS, Floor, target

MONTH = "month:2026-11"


@pytest.fixture
def floor() -> Floor:
    """Rep 7 is to win 42 deals in November, and won three."""
    found = Floor()
    found.go(
        NOW_MS,
        cell("north", "7", at("2026-11-02 09:00"), won=1), cell("north", "7", at("2026-11-20 09:00"), won=2),
        cell("north", "7", at("2026-10-20 09:00"), won=5),
    )  # fmt: skip
    found.say("target:1", target(42, rep_id="7"))
    return found


def goal(floor: Floor, kpi: str = "goal_attainment", scope: str = "rep:7") -> dict[str, Any]:
    """What is told of the month's target."""
    found: dict[str, Any] = floor.told(scope, MONTH, kpi)["goals"]["won"]
    return found


def absence(first: str, last: str | None, **more: Any) -> dict[str, Any]:
    """The record of an absence of rep 7 by days."""
    told: dict[str, Any] = {"rep_id": "7", "first_day": day(first)}
    return told | ({} if last is None else {"last_day": day(last)}) | more


def test_whoever_is_always_there_has_all_of_the_target(floor: Floor) -> None:
    """Hired before November, or with an absence and no rule that counts it: nothing is said of a full target."""
    floor.say("rep:7", {"active": True, "hired_on": day("2026-10-31")})
    floor.say("absence:a", absence("2026-11-09", "2026-11-13"))

    assert goal(floor) == {
        "value": 3 / 42, "numerator": 3, "denominator": 42, "gap": 39, "gap_per_day": 6.5, "days_left": 6,
    }  # fmt: skip


def test_a_joiner_has_the_part_from_the_first_day_on(floor: Floor) -> None:
    """From the 16th on there are 11 of 21 working days: 22 of 42. Five of them and an hour are 41 of 88 hours."""
    floor.say("rep:7", {"active": True, "hired_on": day("2026-11-16")})

    told = goal(floor)
    assert (told["denominator"], told["full_target"], told["gap"], told["days_left"]) == (22, 42, 19, 6)
    assert floor.told("rep:7", MONTH, "goal_pace")["elapsed"] == 41 / 88
    assert goal(floor, "goal_pace") == {
        "value": pytest.approx(3 / (22 * 41 / 88)), "due": 22 * 41 / 88, "projection": 3 * 88 / 41, "full_target": 42,
        "projection_low": None, "projection_high": None, "curve": None,
    }  # fmt: skip


def test_a_leaver_has_the_part_up_to_the_last_day(floor: Floor) -> None:
    """To the 13th there are 10 of 21 days: 20 of 42, and no day is left."""
    floor.say("rep:7", {"active": True, "left_on": day("2026-11-13")})

    told = goal(floor)
    assert (told["denominator"], told["gap"], told["gap_per_day"], told["days_left"]) == (20, 17, None, 0)
    assert floor.told("rep:7", MONTH, "goal_pace")["elapsed"] == 1


def test_an_absence_counts_where_a_rule_says_so(floor: Floor) -> None:
    """Today and tomorrow off are 2 of 21 days: 38 of 42, four days left, and the hour since nine is not the rep's."""
    floor.say("absence:a", absence("2026-11-23", "2026-11-24"))
    floor.say("proration:p", {"prorate_absence": True})

    told = goal(floor)
    assert (told["denominator"], told["full_target"], told["days_left"], told["gap_per_day"]) == (38, 42, 4, 35 / 4)
    assert floor.told("rep:7", MONTH, "goal_pace")["elapsed"] == 120 / 152

    floor.say("absence:a", absence("2026-11-23", "2026-11-24", from_noon=True))
    assert goal(floor)["denominator"] == 39  # 13 of 168 hours are away: 38.75
    floor.say("absence:a", None)
    assert goal(floor)["denominator"] == 42


def test_nothing_is_due_of_whoever_is_away_all_the_time(floor: Floor) -> None:
    """Ill since October, until further notice: there is no share of nothing, and no pace."""
    floor.say("proration:p", {"prorate_absence": True})
    floor.say("absence:a", absence("2026-10-30", None, kind="sick"))

    assert goal(floor) == {
        "value": None, "numerator": 3, "denominator": 0, "gap": -3, "gap_per_day": None, "days_left": 0,
        "full_target": 42,
    }  # fmt: skip
    assert floor.told("rep:7", MONTH, "goal_pace") == {"value": None, "elapsed": None, "goals": {}}


def test_a_ramp_goes_by_months_since_being_hired(floor: Floor) -> None:
    """A quarter until 11 November, half from the 12th on: 8 days at 25 % and 13 at 50 % are 8.5 of 21 days: 17."""
    floor.say("rep:7", {"active": True, "hired_on": day("2026-10-12")})
    floor.say("proration:p", {"ramp": [2500, 5000]})

    assert goal(floor)["denominator"] == 17
    assert floor.told("rep:7", MONTH, "goal_pace")["elapsed"] == (8 * 8 * 0.25 + 7 * 8 * 0.5 + 0.5) / (8.5 * 8)


def test_a_teams_own_rule_comes_first_and_what_begins_later_does_not_hold_yet(floor: Floor) -> None:
    """The company counts absences and ramps; the team does not count absences; another rule begins on the 2nd."""
    floor.say("rep:7", {"active": True, "hired_on": day("2026-10-12")})
    floor.say("absence:a", absence("2026-11-02", "2026-11-13"))
    floor.say("proration:all", {"prorate_absence": True, "ramp": [2500, 5000]})
    floor.say("proration:north", {"team_id": "north", "prorate_absence": False})
    floor.say("proration:later", {"ramp": [0, 0], "effective_on": day("2026-11-02")})
    assert goal(floor)["denominator"] == 17

    floor.say("proration:north", {"team_id": "north", "prorate_absence": False, "ramp": []})
    assert goal(floor)["denominator"] == 42


def test_a_teams_target_stays_as_it_was_set(floor: Floor) -> None:
    """Whoever sets it knows the team; and a rep within a team has no goals."""
    floor.say("target:2", target(42, team_id="north"))
    floor.say("rep:7", {"active": True, "hired_on": day("2026-11-16")})

    assert goal(floor, scope="team:north")["denominator"] == 42


def test_an_absence_told_late_changes_the_month_that_is_over(floor: Floor) -> None:
    """Two weeks of October off: 12 of 22 days were there, so 6 of 11, and October is told once more."""
    floor.say("proration:p", {"prorate_absence": True})
    floor.say("target:2", target(11, rep_id="7", first="2026-10-01"))
    floor.taken()
    floor.say("absence:a", absence("2026-10-05", "2026-10-16"))

    figure = floor.taken()["rep:7", "month:2026-10"]
    assert figure.kpis["goal_attainment"]["goals"]["won"] == {
        "value": 5 / 6, "numerator": 5, "denominator": 6, "gap": 1, "gap_per_day": None, "days_left": None,
        "full_target": 11,
    }  # fmt: skip


def test_another_worker_has_the_same(floor: Floor) -> None:
    """All of it is in the state."""
    floor.say("rep:7", {"active": True, "hired_on": day("2026-11-16")})
    floor.say("proration:p", {"prorate_absence": True, "ramp": [5000]})
    floor.say("absence:a", absence("2026-11-19", "2026-11-24"))
    told = goal(floor), goal(floor, "goal_pace")
    floor.restart()

    assert (goal(floor), goal(floor, "goal_pace")) == told


def test_months_end_where_they_do() -> None:
    """A month after 31 January is the last of February."""
    assert [months_after(day("2026-01-31"), each) for each in (0, 1, 2, 12)] == [
        day("2026-01-31"), day("2026-02-28"), day("2026-03-31"), day("2027-01-31"),
    ]  # fmt: skip


HOURS = WorkingWeek.read(WEEK)
ZONES = ((None, "Europe/Berlin"),)
SHARES = st.lists(st.tuples(st.integers(at("2026-10-01 00:00"), at("2026-12-20 00:00")), st.integers(0, 10_000)))
PERIOD = (at("2026-11-01 00:00", "Europe/Berlin"), at("2026-12-01 00:00", "Europe/Berlin"))


@given(st.integers(0, 10**15), SHARES, st.sampled_from([HOURS, None]))
def test_a_part_is_never_more_than_the_whole(
    value: int, steps: list[tuple[int, int]], hours: WorkingWeek | None
) -> None:
    """It is all of it where all is due, nothing only where nothing is, and moves with what is due."""
    found = ((-1, 10_000), *sorted(dict(steps).items()))
    presence = Presence(found, hours, ZONES)
    due, whole = presence.due(*PERIOD), presence.whole(*PERIOD)
    part = prorated(value, PERIOD, presence)

    assert 0 <= due <= whole
    assert 0 <= part <= max(value, 1)
    assert (part == 0) == (due == 0 or (value == 0 and due == whole))
    assert abs(part * whole - value * due) <= max(whole // 2, whole - value * due)
    middle = PERIOD[0] + 11 * 86_400_000 + 12_345_678
    assert presence.due(PERIOD[0], middle) + presence.due(middle, PERIOD[1]) == due


@given(
    st.none() | st.integers(day("2026-09-15"), day("2026-12-01")),
    st.none() | st.integers(day("2026-12-02"), day("2026-12-20")),
    st.lists(st.tuples(st.integers(day("2026-09-15"), day("2026-12-10")), st.integers(0, 20)), max_size=2),
    st.lists(st.sampled_from([0, 2500, 10_000]), max_size=3), st.booleans(), st.booleans(),
    st.integers(at("2026-09-10 00:00"), at("2026-12-30 00:00")),
)  # fmt: skip
def test_shares_are_those_of_each_instant(
    hired: int | None, left: int | None, told: list[tuple[int, int]], ramp: list[int], by_employment: bool,
    by_absence: bool, at_ms: int,
) -> None:  # fmt: skip
    """Asked day by day: employed, absent, and so many months after being hired."""
    organisation = Organisation("EUR")
    organisation.put("rep:7", {"hired_on": hired, "left_on": left})
    for number, (first, length) in enumerate(told):
        organisation.put(f"absence:{number}", {"rep_id": "7", "first_day": first, "last_day": first + length})
    organisation.put("proration:p", {"prorate_employment": by_employment, "prorate_absence": by_absence, "ramp": ramp})
    rules = RulesOfTeam(organisation, "north").on(day("2026-11-01"))
    assert rules == ProrationRules(by_employment, by_absence, tuple(ramp))
    found = shares(organisation, "7", "north", rules)

    today = at_ms // 86_400_000 + day("1970-01-01")
    expected = 10_000
    if hired is not None and today >= hired:
        passed = sum(months_after(hired, number) <= today for number in range(1, 4))
        expected = (*ramp, 10_000)[min(passed, len(ramp))]
    if by_absence and any(first <= today <= first + length for first, length in told):
        expected = 0
    if by_employment and not (hired or 0) <= today <= (left or 10**7):
        expected = 0
    assert next(share for since, share in reversed(found) if since <= at_ms) == expected
    assert Presence(found, None, ZONES).any_due(at_ms, ENDLESS) == any(
        share for since, share in found if since > at_ms or since == max(s for s, _ in found if s <= at_ms)
    )
