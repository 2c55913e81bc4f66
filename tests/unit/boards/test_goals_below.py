"""A target beside what those directly below are to reach, worked out by hand: in November 2026, on the 23rd."""

from typing import Any

import pytest

from tests.unit.boards.logs import at, cell
from tests.unit.boards.test_goals import NOW_MS, Floor, target

MONTH = "month:2026-11"


@pytest.fixture
def floor() -> Floor:
    """Team north has reps 7 and 8, team south rep 9; both teams belong to emea. Everybody won a deal this month."""
    found = Floor()
    for team in ("north", "south"):
        found.say(f"team:{team}", {"time_zones": [[None, "UTC"]], "parent_id": "emea"})
    found.say("team:emea", {"time_zones": [[None, "UTC"]]})
    for rep, team in (("8", "north"), ("9", "south")):
        found.say(f"membership:{rep}", {"rep_id": rep, "team_id": team})
    won_ms = at("2026-11-02 09:00")
    found.go(NOW_MS, cell("north", "7", won_ms, won=1), cell("north", "8", won_ms, won=1))
    found.go(NOW_MS, cell("south", "9", won_ms, won=1))
    return found


def below(floor: Floor, scope: str, window: str = MONTH) -> tuple[Any, Any, Any]:
    """Of the target of won deals: the sum of those below, how many these are, and by how much they are more."""
    told = floor.told(scope, window)["goals"]["won"]
    return told["below"], told["below_n"], told["below_difference"]


def test_beside_the_target_of_a_team_are_those_of_its_reps(floor: Floor) -> None:
    """Reps 7 and 8 are to win 7 + 6 of the team's 12: one more than asked. The rep of another team is none of them."""
    floor.say("target:t", target(12, team_id="north"))
    assert below(floor, "team:north") == (None, 0, None)

    floor.say("target:7", target(7, rep_id="7"))
    assert below(floor, "team:north") == (7, 1, -5)
    floor.say("target:8", target(6, rep_id="8"))
    floor.say("target:9", target(5, rep_id="9"))

    assert below(floor, "team:north") == (13, 2, 1)


def test_a_rep_has_nobody_below(floor: Floor) -> None:
    """So nothing is said of it."""
    floor.say("target:7", target(7, rep_id="7"))

    assert "below" not in floor.told("rep:7", MONTH)["goals"]["won"]


def test_only_targets_of_the_same_kpi_and_period_add_up(floor: Floor) -> None:
    """Not one of a quarter, of another month or of another KPI, nor one of 0."""
    floor.say("target:t", target(12, team_id="north"))
    floor.say("target:1", target(90, period="quarter", first="2026-10-01", rep_id="7"))
    floor.say("target:2", target(7, first="2026-10-01", rep_id="7"))
    floor.say("target:3", target(7, "calls", rep_id="7"))
    floor.say("target:4", target(0, rep_id="8"))

    assert below(floor, "team:north") == (None, 0, None)


def test_of_several_targets_of_a_rep_the_greater_id_adds_up(floor: Floor) -> None:
    """As it is the rep's target; once that is taken back the other one is, and in the end none."""
    floor.say("target:t", target(12, team_id="north"))
    floor.say("target:a", target(3, rep_id="7"))
    floor.say("target:b", target(4, rep_id="7"))
    assert below(floor, "team:north") == (4, 1, -8)

    floor.say("target:b", None)
    assert below(floor, "team:north") == (3, 1, -9)
    floor.say("target:a", None)
    assert below(floor, "team:north") == (None, 0, None)


def test_who_belongs_to_the_team_at_the_end_of_the_period_adds_up(floor: Floor) -> None:
    """Rep 8 moves to south on the 28th: of November the target is one of south's."""
    floor.say("target:n", target(12, team_id="north"))
    floor.say("target:s", target(9, team_id="south"))
    for rep in "789":
        floor.say(f"target:{rep}", target(5, rep_id=rep))
    assert (below(floor, "team:north"), below(floor, "team:south")) == ((10, 2, -2), (5, 1, -4))

    floor.say("membership:move", {"rep_id": "8", "team_id": "south", "valid_from": at("2026-11-28 00:00")})

    assert (below(floor, "team:north"), below(floor, "team:south")) == ((5, 1, -7), (10, 2, 1))


def test_beside_the_target_of_a_group_are_those_of_its_teams(floor: Floor) -> None:
    """Of north and south, 12 + 9 of 20; reps do not add to it a second time."""
    floor.say("target:g", target(20, team_id="emea"))
    floor.say("target:n", target(12, team_id="north"))
    floor.say("target:s", target(9, team_id="south"))
    floor.say("target:7", target(7, rep_id="7"))
    assert below(floor, "group:emea") == (21, 2, 1)

    floor.say("team:south", {"time_zones": [[None, "UTC"]], "parent_id": "apac"})
    assert below(floor, "group:emea") == (12, 1, -8)


def test_a_team_that_has_ended_adds_nothing(floor: Floor) -> None:
    """South ends within the month: when that is over there is no such team. Nor has it members any more."""
    floor.say("target:g", target(20, team_id="emea"))
    floor.say("target:s", target(9, team_id="south"))
    floor.say("target:9", target(5, rep_id="9"))
    assert (below(floor, "group:emea"), below(floor, "team:south")) == ((9, 1, -11), (5, 1, -4))

    ended = {"time_zones": [[None, "UTC"]], "parent_id": "emea", "ended_at": at("2026-11-27 00:00")}
    floor.say("team:south", ended)

    assert (below(floor, "group:emea"), below(floor, "team:south")) == ((None, 0, None), (None, 0, None))


def test_below_the_company_are_the_teams_that_belong_to_no_other(floor: Floor) -> None:
    """Emea is; north is not, until it belongs to nobody."""
    floor.say("target:c", target(40, team_id="company"))
    floor.say("target:g", target(20, team_id="emea"))
    floor.say("target:n", target(12, team_id="north"))
    assert below(floor, "company") == (20, 1, -20)

    floor.say("team:north", {"time_zones": [[None, "UTC"]]})
    assert below(floor, "company") == (32, 2, -8)


def test_a_restart_changes_nothing(floor: Floor) -> None:
    """It follows from the organisation, which the state holds."""
    floor.say("target:t", target(12, team_id="north"))
    floor.say("target:7", target(7, rep_id="7"))

    floor.restart()

    assert below(floor, "team:north") == (7, 1, -5)


def test_of_a_period_that_is_over_nothing_is_said(floor: Floor) -> None:
    """Who belonged where by then is no question of the plan any more."""
    floor.say("target:t", target(12, first="2026-11-01", team_id="north"))
    floor.say("target:7", target(7, rep_id="7"))
    floor.taken()

    floor.go(at("2026-12-01 09:00"))

    told = floor.taken()["team:north", MONTH].kpis["goal_attainment"]["goals"]["won"]
    assert "below" not in told
    assert told["denominator"] == 12


def test_only_the_goals_above_are_told_again(floor: Floor) -> None:
    """A rep's target renders the goals of the rep and of the team that has one, and nothing of anybody else."""
    floor.say("target:t", target(12, team_id="north"))
    floor.say("target:s", target(9, team_id="south"))
    floor.taken()

    floor.say("target:8", target(6, rep_id="8"))

    fresh = {(scope, family) for (scope, _), each in floor.taken().items() for family in each.fresh}
    assert {scope for scope, family in fresh if family == "goals"} == {"team:north", "rep:8"}
    assert {scope for scope, _ in fresh} == {"team:north", "rep:8"}


def test_a_target_of_so_much_that_sums_leave_64_bits_is_null(floor: Floor) -> None:
    """As every number beyond them."""
    floor.say("target:t", target(12, team_id="north"))
    floor.say("target:7", target(2**63 - 1, rep_id="7"))
    floor.say("target:8", target(1, rep_id="8"))

    assert below(floor, "team:north") == (None, 2, None)
