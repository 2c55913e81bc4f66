"""Bookings and pipeline for each rep at work, worked out by hand.

It is Monday, 23 November 2026, 10:00 in UTC. Team north works from Monday to Friday: up to today November has 16
working days. Reps 7 and 8 belong to it.
"""

from typing import Any

import pytest

from tests.unit.boards.logs import WEEK, at, cell, day
from tests.unit.boards.test_goals import NOW_MS, Floor

MONTH, TODAY, FRIDAY = "month:2026-11", "day:2026-11-23", "day:2026-11-20"
BOOKINGS, PIPELINE = "bookings_per_rep_day", "open_pipeline_per_rep"


@pytest.fixture
def floor() -> Floor:
    """Rep 7 booked 100 EUR on Friday and 60 today; 80 are open."""
    found = Floor()
    found.join("8")
    found.go(
        NOW_MS,
        cell("north", "7", at("2026-11-20 09:00"), won=1, won_minor=10_000),
        cell("north", "7", at("2026-11-23 09:00"), won=1, won_minor=6_000),
        ("north", "7", None, None, {"open_deals": 2, "open_minor": 8_000, "open_without_amount": 1}),
    )
    found.taken()
    return found


def days(floor: Floor, window: str = MONTH, scope: str = "team:north") -> Any:
    """By how many days at work bookings are divided; None where nothing is told."""
    told = floor.told(scope, window, BOOKINGS)
    return None if told is None else told["denominator"]


def over(floor: Floor, window: str = FRIDAY, scope: str = "team:north") -> Any:
    """The figure of a window that is over, as it is published now; None where it is not."""
    figure = floor.taken().get((scope, window))
    return None if figure is None else figure.kpis[BOOKINGS]


def absence(first: str, last: str, **more: Any) -> dict[str, Any]:
    """Of rep 8, by days."""
    return {"rep_id": "8", "first_day": day(first), "last_day": day(last), **more}


def test_bookings_are_divided_by_the_working_days_of_all_reps(floor: Floor) -> None:
    """Two reps and 16 days: 160 EUR over 32. The team's figure is that of the company too; a rep's own is none."""
    expected = {
        "value": 500, "numerator": 16_000, "denominator": 32, "n": 2, "without_amount": 0, "unconverted": 0,
    }  # fmt: skip
    assert floor.told("team:north", MONTH, BOOKINGS) == expected
    assert floor.told("company", MONTH, BOOKINGS) == expected
    assert (days(floor, TODAY), days(floor, "week:2026-W48")) == (2, 2)
    assert floor.told("team:north", "1h", BOOKINGS) is None
    assert floor.told("rep:7", MONTH, BOOKINGS) is floor.told("rep:7@north", MONTH, BOOKINGS) is None


def test_what_is_open_is_divided_by_who_is_there_today(floor: Floor) -> None:
    """80 EUR over two reps; over one while the other is away, and over both on a Saturday. One deal has no amount."""
    assert floor.told("team:north", "now", PIPELINE) == {
        "value": 4_000, "numerator": 8_000, "denominator": 2, "n": 1, "without_amount": 1, "unconverted": 0,
    }  # fmt: skip
    floor.say("absence:a", absence("2026-11-23", "2026-11-24"))
    assert floor.told("team:north", "now", PIPELINE)["value"] == 8_000
    assert floor.taken()["team:north", "now"].kpis[PIPELINE]["value"] == 8_000
    floor.go(at("2026-11-28 00:01"))
    assert floor.taken()["team:north", "now"].kpis[PIPELINE]["value"] == 4_000


def test_an_absence_takes_whole_days_and_tells_what_is_over_anew(floor: Floor) -> None:
    """Wednesday to Friday are three days; a half day is a whole one, and taken back all of it is back."""
    floor.say("absence:a", absence("2026-11-18", "2026-11-20"))
    assert days(floor) == 29
    assert over(floor)["denominator"] == 1
    floor.say("absence:a", absence("2026-11-18", "2026-11-20", until_noon=True))
    assert (days(floor), over(floor)["denominator"]) == (30, 2)
    floor.say("absence:a", None)
    assert days(floor) == 32
    assert over(floor, "week:2026-W47")["denominator"] == 10


def test_of_days_that_a_change_does_not_concern_nothing_is_told(floor: Floor) -> None:
    """Who is away next week leaves all days that are over as they were, who was away on Monday leaves Friday."""
    floor.say("absence:a", absence("2026-11-30", "2026-12-01"))
    assert not {window for _, window in floor.taken() if window.startswith("day:")} - {TODAY}
    floor.say("absence:b", absence("2026-11-16", "2026-11-16"))
    assert over(floor) is None


def test_a_special_day_gives_nobody_a_working_day(floor: Floor) -> None:
    """Closed on Friday: 30 days are left, and on Friday itself nobody worked. A half day is a whole one."""
    floor.say("special_day:a", {"team_id": "north", "day": day("2026-11-20")})
    assert days(floor) == 30
    assert over(floor)["value"] is None
    floor.say("special_day:a", {"team_id": "north", "day": day("2026-11-20"), "open_until": "12:00"})
    assert (days(floor), over(floor)["denominator"]) == (32, 2)


def test_a_rep_in_ramp_counts_by_the_share_of_the_month(floor: Floor) -> None:
    """Rep 8 was hired on the 16th: six days beside the 16 of rep 7, half of that in ramp, or of today alone."""
    floor.say("rep:8", {"active": True, "hired_on": day("2026-11-16")})
    assert days(floor) == 22
    floor.say("proration:a", {"team_id": "north", "ramp": [5_000]})
    assert days(floor) == 19
    assert floor.told("team:north", "now", PIPELINE)["denominator"] == 1.5
    floor.say("proration:a", {"team_id": "north", "ramp": [5_000], "effective_on": day("2026-11-23")})
    assert (days(floor), over(floor)["denominator"]) == (21.5, 2)


def test_whoever_leaves_or_moves_counts_as_long_as_they_were_there(floor: Floor) -> None:
    """Rep 8 moves on Friday at noon, and is of the other team by the end of that day; the company has both."""
    floor.say("team:south", {"time_zones": [[None, "UTC"]], "calendar": WEEK})
    noon = at("2026-11-20 12:00")
    floor.say("membership:8", {"rep_id": "8", "team_id": "north", "valid_to": noon})
    assert (days(floor), over(floor)["denominator"]) == (30, 1)
    floor.say("membership:9", {"rep_id": "8", "team_id": "south", "valid_from": noon})
    assert (days(floor), days(floor, scope="company")) == (30, 32)
    floor.say("rep:8", {"active": True, "left_on": day("2026-11-13")})
    assert (days(floor), days(floor, scope="company")) == (26, 26)


def test_whoever_is_inactive_without_a_last_day_counts_nowhere(floor: Floor) -> None:
    """As attendance has it: nobody knows until when they were there."""
    floor.say("rep:8", {"active": False})
    assert days(floor) == 16
    assert over(floor)["denominator"] == 1


def test_of_a_rep_whom_teams_share_each_has_its_share(floor: Floor) -> None:
    """Rep 8 is of team north by 30 %, and of the group above it by the rest."""
    floor.say("team:south", {"time_zones": [[None, "UTC"]], "calendar": WEEK})
    floor.say("membership:8", {"rep_id": "8", "team_id": "north", "share_bp": 3_000})
    floor.say("membership:9", {"rep_id": "8", "team_id": "south", "share_bp": 7_000})
    assert days(floor, TODAY) == 1.3
    assert days(floor, TODAY, "company") == 2


def test_a_group_has_the_reps_of_all_teams_below_it(floor: Floor) -> None:
    """Those of one that booked nothing too; once it is below another one they are gone."""
    for number in range(3):
        floor.say(f"membership:{20 + number}", {"rep_id": f"{20 + number}", "team_id": "south"})
    floor.say("team:emea", {"time_zones": [[None, "UTC"]]})
    for name in ("north", "south"):
        floor.say(f"team:{name}", {"time_zones": [[None, "UTC"]], "calendar": WEEK, "parent_id": "emea"})
    floor.go(NOW_MS)
    assert days(floor, TODAY, "group:emea") == 5
    floor.taken()
    floor.say("team:south", {"time_zones": [[None, "UTC"]], "calendar": WEEK})
    assert days(floor, TODAY, "group:emea") == 2
    assert over(floor, FRIDAY, "group:emea")["denominator"] == 2


def test_they_survive_a_restart_and_midnight(floor: Floor) -> None:
    """All follows from records; a day more is a day more for both, whether anything happens on it or not."""
    floor.say("absence:a", absence("2026-11-18", "2026-11-20"))
    floor.restart()
    assert days(floor) == 29
    floor.taken()
    floor.go(at("2026-11-24 00:01"))
    assert floor.taken()["team:north", MONTH].kpis[BOOKINGS]["denominator"] == 31
    assert floor.taken() == {}


def test_without_reps_there_is_no_value(floor: Floor) -> None:
    """Null is not 0: nobody was there to book anything."""
    floor.say("membership:7", None)
    floor.say("membership:8", None)
    assert floor.told("team:north", MONTH, BOOKINGS) == {
        "value": None, "numerator": 16_000, "denominator": 0, "n": 2, "without_amount": 0, "unconverted": 0,
    }  # fmt: skip


def test_what_leaves_64_bits_is_null(floor: Floor) -> None:
    """It says so, and comes back once it fits."""
    much = cell("north", "7", at("2026-11-23 09:00"), won_minor=2**62)
    floor.go(NOW_MS, much, much)
    told = floor.told("team:north", TODAY, BOOKINGS)
    assert (told["value"], told["numerator"], told["overflow"], told["denominator"]) == (None, None, True, 2)
