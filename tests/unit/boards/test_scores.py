"""Activity scores of a team and its reps on a board, worked out by hand.

It is Monday, 23 November 2026, in UTC. A dial is worth 2 points, 5 count at most a day; a meeting held is worth 10.
"""

from typing import Any

import pytest

from pipeline.organisation.organisation import Record
from tests.unit.boards.logs import at, cell, day
from tests.unit.boards.test_goals import NOW_MS, Floor

TODAY = "day:2026-11-23"
WEIGHTS = [{"kpi": "dials", "points": 2, "at_most": 5}, {"kpi": "meetings_held", "points": 10}]


def rule(**more: Any) -> Record:
    """By day, 40 points a rep."""
    return {"period": "day", "target": 40, "weights": WEIGHTS, **more}


@pytest.fixture
def floor() -> Floor:
    """Rep 7 dialled seven times and met once; rep 8, of the same team, dialled three times."""
    found = Floor()
    found.join("8")
    found.go(
        NOW_MS,
        cell("north", "7", at("2026-11-23 09:00"), dials=7, meetings_held=1),
        cell("north", "8", at("2026-11-23 09:10"), dials=3),
        cell("north", "7", at("2026-11-20 09:00"), dials=1),
    )
    return found


def value(floor: Floor, scope: str, window: str = TODAY) -> Any:
    """The score, or None."""
    told = floor.told(scope, window, "activity_score")
    return None if told is None else told["value"]


def past(floor: Floor, scope: str, window: str) -> Any:
    """The score of a window that is over, as it is published now."""
    return floor.taken()[scope, window].kpis["activity_score"]["value"]


def test_reps_and_their_team_have_a_score_once_activities_are_weighed(floor: Floor) -> None:
    """Rep 7 has 10 + 10 of 40 points, rep 8 has 6: the team 26 of 80. Before that there is no such figure."""
    assert floor.told("team:north", TODAY, "activity_score") is None
    floor.say("score:a", rule())

    assert value(floor, "rep:7@north") == 20 / 40
    assert value(floor, "rep:8@north") == 6 / 40
    assert floor.told("team:north", TODAY, "activity_score") == {
        "value": 26 / 80, "numerator": 26, "denominator": 80, "n": 2,
    }  # fmt: skip
    assert value(floor, "team:north", "week:2026-W48") is None
    assert value(floor, "rep:7") is None


def test_an_activity_that_comes_or_is_taken_back_changes_the_score(floor: Floor) -> None:
    """Two more dials of rep 8 are worth 4; rep 7 is at the cap, and stays there without one of seven."""
    floor.say("score:a", rule())
    floor.taken()
    floor.go(NOW_MS, cell("north", "8", at("2026-11-23 09:30"), dials=2))
    assert (value(floor, "rep:8@north"), value(floor, "team:north")) == (10 / 40, 30 / 80)
    floor.go(NOW_MS, cell("north", "7", at("2026-11-23 09:00"), dials=-1))
    assert (value(floor, "rep:7@north"), value(floor, "team:north")) == (20 / 40, 30 / 80)
    assert {"score"} <= set(floor.taken()["team:north", TODAY].fresh)


def test_a_rule_restates_the_windows_that_are_over(floor: Floor) -> None:
    """From its first day on; the rule of the period's first day holds, and one that is taken back leaves none."""
    friday = "day:2026-11-20"
    floor.say("score:a", rule(effective_on=day("2026-11-20")))
    assert past(floor, "rep:7@north", friday) == 2 / 40
    floor.say("score:b", rule(team_id="north", target=4))
    assert past(floor, "team:north", friday) == 2 / 8
    floor.say("score:b", None)
    assert past(floor, "team:north", friday) == 2 / 80
    floor.say("score:a", rule(effective_on=day("2026-11-21")))
    assert past(floor, "team:north", friday) is None
    assert value(floor, "team:north") == 26 / 80


def test_who_belongs_to_the_team_at_the_end_is_scored(floor: Floor) -> None:
    """Rep 8 leaves today and is out of the day; on Friday, which is told anew, only rep 7 was employed."""
    floor.say("score:a", rule())
    floor.taken()
    floor.say("membership:8", {"rep_id": "8", "team_id": "north", "valid_to": at("2026-11-23 10:00")})
    assert (value(floor, "team:north"), value(floor, "rep:8@north")) == (20 / 40, None)
    assert past(floor, "team:north", "day:2026-11-20") == 2 / 80
    floor.say("rep:8", {"active": True, "hired_on": day("2026-11-21")})
    assert past(floor, "team:north", "day:2026-11-20") == 2 / 40


def test_scores_survive_a_restart_and_midnight(floor: Floor) -> None:
    """They follow from panes and records alone; the next day begins at nothing."""
    floor.say("score:a", rule())
    floor.restart()
    assert value(floor, "team:north") == 26 / 80
    floor.go(at("2026-11-24 00:01"))
    assert (value(floor, "team:north", "day:2026-11-24"), value(floor, "rep:7@north", "day:2026-11-24")) == (0, 0)
    assert past(floor, "team:north", TODAY) == 26 / 80


def test_an_activity_costs_a_look_at_one_rep() -> None:
    """However many there are in the team."""
    from pipeline.scores.activity_score import points
    from tests.unit.boards.work import calls_of

    floor = Floor()
    for number in range(100, 160):
        floor.say(f"membership:{number}", {"rep_id": f"{number}", "team_id": "north"})
        floor.go(NOW_MS, cell("north", f"{number}", at("2026-11-23 09:00"), dials=1))
    floor.say("score:a", rule())
    floor.taken()
    floor.go(NOW_MS, cell("north", "120", at("2026-11-23 09:30"), dials=1))

    assert calls_of(points, floor.taken) <= 4
