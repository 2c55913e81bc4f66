"""Many reps who are silent at once are one alert of the team."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard

NINE = at("2026-11-23 09:00")
MINUTE = 60_000
REPS = [f"r{number:02}" for number in range(30)]


class Team:
    """Team north of so many reps, from nine on."""

    def __init__(self, reps: int, **rule: Any) -> None:
        self.reps = REPS[:reps]
        self.log, self.board = FactsLog(), scoreboard()
        self.log.employ("north", *self.reps)
        if rule:
            self.log.organise("alert_rule:a", rule)
        self.minute = self.folded = 0

    def go_on(self, minutes: int, active: int) -> "Team":
        """So many minutes in which the first so many reps are active."""
        for _ in range(minutes):
            now_ms = NINE + self.minute * MINUTE
            cells = [cell("north", rep, now_ms, activities=1) for rep in self.reps[:active]]
            self.log.add(now_ms, *cells, feeds={"dialer": now_ms})
            self.minute += 1
        return self

    def stop_one_by_one(self, minutes: int, left: int) -> "Team":
        """Another rep stops every so many minutes, the last of all first, until so many are left."""
        for active in range(len(self.reps) - 1, left - 1, -1):
            self.go_on(minutes, active)
        return self

    def told(self) -> list[tuple[str, bool]]:
        """The alerts taken, and whether they are open."""
        fold(self.board, self.log.records[self.folded :])
        self.folded = len(self.log.records)
        return [(alert.id, alert.is_open) for alert in self.board.take_alerts()]


TEAM = "silent_reps:team:north"


def test_many_reps_at_once_are_one_alert_of_the_team() -> None:
    """29 of 30 fall silent at 9:10: at 10:10 one alert says how many, since when, and how many are let pass."""
    team = Team(30).go_on(10, 30).go_on(61, 1)

    assert team.told() == [(TEAM, True)]
    (alert,) = team.board.open_alerts()
    assert (alert.seen, alert.expected, alert.unit, alert.since_ms) == (29, 15, "count", NINE + 10 * MINUTE)


def test_everybody_at_once_is_the_alert_of_a_silent_team() -> None:
    """That alone: neither many reps nor each."""
    assert Team(30).go_on(10, 30).go_on(70, 0).told() == [("silent_team:team:north", True)]


def test_reps_who_stop_one_by_one_are_told_as_one() -> None:
    """Every two minutes one of 20 stops, until four go on: at 10:10 the first is silent, and 16 have been for half."""
    team = Team(20).go_on(10, 20).stop_one_by_one(2, 4)
    assert team.go_on(27, 4).told() == []

    assert team.go_on(2, 4).told() == [(TEAM, True)]
    (alert,) = team.board.open_alerts()
    assert (alert.seen, alert.expected, alert.since_ms, alert.rule_version) == (16, 10, NINE + 10 * MINUTE, 2)
    assert team.go_on(60, 4).told() == []


def test_a_team_that_stops_one_by_one_is_told_as_silent_alone() -> None:
    """Every minute one of ten stops: neither the first ones are told, nor that they are many."""
    assert Team(10).go_on(10, 10).stop_one_by_one(1, 0).go_on(60, 0).told() == [("silent_team:team:north", True)]


def test_a_rep_who_is_silent_while_others_pause_is_told_once_they_are_back() -> None:
    """Nine of ten pause from 9:35 to 10:15, one is silent since 9:10: who that is is known at 10:15."""
    team = Team(10).go_on(10, 10).go_on(25, 9).go_on(40, 0)
    assert team.told() == []

    assert team.go_on(2, 9).told() == [(f"silent_rep:rep:{REPS[9]}@north", True)]


def test_it_ends_once_fewer_than_half_of_many_are_left_and_these_are_told_each() -> None:
    """15 of 30 are many; eight are left: still one alert; with seven left each is told."""
    team = Team(30).go_on(10, 30).go_on(61, 15)
    assert team.told() == [(TEAM, True)]

    assert team.go_on(2, 22).told() == []
    told = team.go_on(2, 23).told()
    assert told == [*((f"silent_rep:rep:{rep}@north", True) for rep in REPS[23:]), (TEAM, False)]


def test_a_team_that_has_become_too_small_did_not_leave() -> None:
    """Of six reps five are silent, then two of them absent: four are too few to be told as one."""
    team = Team(6).go_on(10, 6).go_on(61, 1)
    assert team.told() == [(TEAM, True)]

    for rep in REPS[4:6]:
        team.log.organise(f"absence:{rep}", {"rep_id": rep, "kind": "sick", "starts_at": NINE + 60 * MINUTE})
    fold(team.board, team.go_on(1, 1).log.records[team.folded :])
    assert {alert.id: alert.ending for alert in team.board.take_alerts() if not alert.is_open} == {TEAM: "unwatched"}


@pytest.mark.parametrize(("reps", "silent"), [(4, 3), (30, 14), (9, 4)])
def test_few_reps_are_told_each(reps: int, silent: int) -> None:
    """Less than half of the team, or less than five."""
    told = Team(reps).go_on(10, reps).go_on(61, reps - silent).told()

    assert told == [(f"silent_rep:rep:{rep}@north", True) for rep in REPS[reps - silent : reps]]


def test_whoever_wants_each_rep_told_switches_it_off() -> None:
    """Or says from how many on they are many."""
    off = Team(10, rule="silent_reps", enabled=False).go_on(10, 10).go_on(61, 1)
    assert len(off.told()) == 9

    more = Team(10, rule="silent_reps", least_count=10).go_on(10, 10).go_on(61, 1)
    assert len(more.told()) == 9
    fewer = Team(3, rule="silent_reps", least_count=2).go_on(10, 3).go_on(61, 1)
    assert fewer.told() == [(TEAM, True)]


@given(st.integers(1, 12), st.integers(0, 12), st.integers(2, 8))
def test_any_silence_is_told_once(reps: int, silent: int, least: int) -> None:
    """As that of the team, or of many, or of each: never of many and of each, and of nobody who is active."""
    silent = min(silent, reps)
    told = Team(reps, rule="silent_reps", least_count=least).go_on(10, reps).go_on(61, reps - silent).told()

    many = reps >= least and silent >= max(least, (reps + 1) // 2)
    each = [] if many else [f"silent_rep:rep:{rep}@north" for rep in REPS[reps - silent : reps]]
    team = ["silent_team:team:north"] if silent == reps else [TEAM] if many else []
    assert told == [(id_, True) for id_ in (*each, *team)]
