"""Sums of the rolling windows are those of the cells, whenever they are first asked for and whoever never asks."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.scoreboard import Scoreboard
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.chosen import Chosen, ChosenWindows
from pipeline.scores.home import Scope
from pipeline.scores.windows import ROLLING
from schemas.facts import Cell
from tests.unit.boards.logs import FactsLog, at, fold, reread, scoreboard

START_MS = at("2026-11-23 10:00")
MINUTE = 60_000
DAY = START_MS // 86_400_000 + 719_163
DAYS_ONLY = ChosenWindows(("day", "month"), ())
AN_HOUR = ChosenWindows(("1h", "day"), ())
HOME, MEMBER, OTHER = "team:north", "rep:1@north", "rep:2@north"

cells = st.tuples(
    st.sampled_from(["1", "2"]),
    st.one_of(st.integers(-3, 20), st.integers(0, 1500)),
    st.sampled_from(["calls", "emails"]),
    st.integers(-2, 3),
)
gaps = st.one_of(st.integers(0, 3), st.integers(0, 100), st.integers(0, 1500), st.integers(2800, 3000))
steps = st.one_of(
    st.tuples(st.just("facts"), gaps, st.lists(cells, max_size=4)),
    st.tuples(st.just("read"), st.sampled_from([HOME, MEMBER]), st.integers(1, len(ROLLING))),
    st.tuples(st.just("take"), st.booleans(), st.none()),
    st.tuples(st.just("restart"), st.none(), st.none()),
)


def policy(members: ChosenWindows) -> BoardPolicy:
    """Teams have all windows, reps within them these."""
    return BoardPolicy(chosen=Chosen(members=members))


def expected(told: list[Cell], scope: Scope, minute: int) -> list[dict[str, int]]:
    """By window: the sums over all cells of a scope that lie in it."""
    found = []
    for _, width in ROLLING:
        sums: dict[str, int] = {}
        for _, rep, _, at_minute, measures in told:
            assert at_minute is not None
            if scope.rep in ("", rep) and minute - width <= at_minute <= minute:
                for name, amount in measures.items():
                    sums[name] = sums.get(name, 0) + amount
        found.append({name: amount for name, amount in sums.items() if amount})
    return found


def rolling(stage: Scoreboard, name: str, windows: int = len(ROLLING)) -> tuple[Scope, list[Mapping[str, int]]] | None:
    """What so many of a scope's rolling windows hold, as they are read; None where there is no such scope."""
    home = stage.board.find(HOME)
    scope = home.scopes.get(name) if home else None
    if scope is None:
        return None
    return scope, [dict(each) for each in islice(scope.rolling(stage.board.minute), windows)]


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, min_size=1, max_size=14), st.sampled_from([DAYS_ONLY, AN_HOUR, ChosenWindows()]))
def test_rolling_sums_are_those_of_the_cells(plan: list[tuple[str, Any, Any]], members: ChosenWindows) -> None:
    """Late, ahead and taken back, over gaps of minutes and days and over restarts; read at any time or at the end."""
    stage, log, now_ms = scoreboard(policy=policy(members)), FactsLog(), START_MS
    told: list[Cell] = []
    for kind, what, more in plan:
        if kind == "facts":
            now_ms += what * MINUTE
            made: list[Cell] = [
                ("north", rep, DAY, now_ms // MINUTE - age, {name: amount}) for rep, age, name, amount in more if amount
            ]
            told += made
            fold(stage, [log.add(now_ms, *made)])
        elif kind == "take":
            stage.board.take(slow=what)
        elif kind == "restart":
            stage = scoreboard(reread(stage.store), policy=policy(members))
        elif read := rolling(stage, what, more):
            assert read[1] == expected(told, read[0], now_ms // MINUTE)[:more]

    for name in (HOME, MEMBER, OTHER):
        if read := rolling(stage, name):
            assert read[1] == expected(told, read[0], now_ms // MINUTE)


def test_nobody_sums_up_what_is_not_shown() -> None:
    """Of a rep of whom only windows of days are published, rolling ones are formed once somebody reads them."""
    stage, log = scoreboard(policy=policy(DAYS_ONLY)), FactsLog()
    told: list[Cell] = [("north", "1", DAY, START_MS // MINUTE, {"calls": 1})]
    fold(stage, [log.add(START_MS, *told), log.add(START_MS + 20 * MINUTE)])
    stage.board.take(slow=True)
    home = stage.board.find(HOME)
    assert home is not None

    assert len(home.total.bands) == len(ROLLING)
    assert home.scopes[MEMBER].bands == []

    before = home.scopes[MEMBER].revision
    fold(stage, [log.add(START_MS + 70 * MINUTE)])

    assert home.scopes[MEMBER].bands == []
    assert home.scopes[MEMBER].revision > before, "whoever keeps what it read has to read again"
    assert rolling(stage, MEMBER) == (home.scopes[MEMBER], expected(told, home.scopes[MEMBER], START_MS // MINUTE + 70))


def test_no_wider_window_is_summed_up_than_is_shown() -> None:
    """Of a rep with the last hour alone, no sum of eight hours or a day is kept."""
    stage, log = scoreboard(policy=policy(AN_HOUR)), FactsLog()
    fold(stage, [log.add(START_MS, ("north", "1", DAY, START_MS // MINUTE, {"calls": 1}))])
    stage.board.take(slow=True)
    home = stage.board.find(HOME)
    assert home is not None

    fold(stage, [log.add(START_MS + 30 * MINUTE)])
    assert home.scopes[MEMBER].bands == [{}, {}, {"calls": 1}]
    fold(stage, [log.add(START_MS + 70 * MINUTE)])
    assert home.scopes[MEMBER].bands == [{}, {}, {}]
