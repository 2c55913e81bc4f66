"""Activities that no team can be given: of reps whom nobody declares, and of reps whose team nobody does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.boards.scoreboard import Scoreboard
from schemas.alerts import Alert
from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard

NIGHT = at("2026-11-22 03:00")
"""A Sunday: nobody works."""
MINUTE = 60_000
UNKNOWN, NOBODY = "unassigned", ""


class Strays:
    """What comes for no team, minute by minute, with rules of all teams."""

    def __init__(self, *rules: dict[str, Any]) -> None:
        self.log, self.board = FactsLog(), scoreboard()
        for number, rule in enumerate(rules):
            self.log.organise(f"alert_rule:{number}", rule)
        self.minute, self._folded = 0, 0

    def come(self, *reps: str) -> "Strays":
        """An activity of each of these in a minute."""
        now_ms = NIGHT + self.minute * MINUTE
        self.log.add(now_ms, *(cell("unassigned", rep, now_ms, activities=1) for rep in reps))
        self.minute += 1
        return self

    def pass_by(self, minutes: int) -> "Strays":
        """So many minutes without any."""
        self.minute += minutes - 1
        return self.come()

    def told(self) -> list[tuple[str, str]]:
        """The alerts taken, and how each stands."""
        fold(self.board, self.log.records[self._folded :])
        self._folded = len(self.log.records)
        return [(alert.kind, alert.state) for alert in self.board.take_alerts()]


def only(board: Scoreboard) -> Alert:
    """The one alert that is open."""
    (alert,) = board.open_alerts()
    return alert


def rule(kind: str, limit: int) -> dict[str, Any]:
    """A rule of all teams."""
    return {"rule": kind, "limit_count": limit}


def test_activities_of_unknown_reps_are_told_at_any_time() -> None:
    """Two an hour are allowed, the third is not; it is over an hour later, but for the running minute."""
    strays = Strays(rule("reps_unknown", 2)).come(UNKNOWN).come(UNKNOWN).come()
    assert strays.told() == []

    assert strays.come(UNKNOWN).come().told() == [("reps_unknown", "open")]
    alert = only(strays.board)
    assert (alert.scope, alert.seen, alert.expected, alert.kpi, alert.window) == (
        "team:unassigned", 3, 2, "activities", "1h",
    )  # fmt: skip
    assert strays.pass_by(57).told() == []
    assert strays.pass_by(2).told() == [("reps_unknown", "resolved")]


def test_a_rep_in_no_team_is_another_matter_than_one_whom_nobody_knows() -> None:
    """What no rep did is neither: a call that nobody took belongs to nobody."""
    rules = rule("reps_unknown", 0), rule("teams_unknown", 0)
    assert Strays(*rules).come(NOBODY, NOBODY).come().told() == []
    assert Strays(*rules).come("7", NOBODY).come().told() == [("teams_unknown", "open")]
    assert Strays(*rules).come(UNKNOWN).come().told() == [("reps_unknown", "open")]


def test_nothing_is_told_where_nobody_set_a_limit_or_the_rule_is_off() -> None:
    """And what is open under a rule that is switched off is resolved."""
    assert Strays().come(UNKNOWN).come().told() == []
    strays = Strays(rule("reps_unknown", 0)).come(UNKNOWN).come()
    assert strays.told() == [("reps_unknown", "open")]

    strays.log.organise("alert_rule:0", {**rule("reps_unknown", 0), "enabled": False})
    assert strays.come().come().told() == [("reps_unknown", "resolved")]


def test_nobody_is_told_twice_after_a_restart() -> None:
    """The alert is part of the state."""
    strays = Strays(rule("reps_unknown", 0)).come(UNKNOWN).come()
    assert strays.told() == [("reps_unknown", "open")]

    strays.board = scoreboard(strays.board.store)
    assert strays.come(UNKNOWN).come().told() == []
    assert only(strays.board).kind == "reps_unknown"


@pytest.mark.parametrize("kind", ["reps_unknown", "teams_unknown"])
@given(reps=st.lists(st.sampled_from([UNKNOWN, NOBODY, "7", "8"]), max_size=12), limit=st.integers(0, 4))
def test_any_activities_are_told_exactly_beyond_the_limit(kind: str, reps: list[str], limit: int) -> None:
    """All of them within the hour."""
    strays = Strays(rule(kind, limit))
    for rep in reps:
        strays.come(rep)
    count = sum(rep == UNKNOWN if kind == "reps_unknown" else rep not in (UNKNOWN, NOBODY) for rep in reps)

    assert strays.come().told() == ([(kind, "open")] if count > limit else [])
