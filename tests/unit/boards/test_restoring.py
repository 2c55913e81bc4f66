"""A board comes back from its state in small turns, whatever order the state is in."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.state_keys import pane_key, pane_prefix
from pipeline.kernel.store import Store
from tests.unit.boards.logs import FactsLog, LogRecord, at, day, fold, scoreboard, send_on
from tests.unit.boards.work import calls

NOW_MS = at("2026-11-23 12:00")
TODAY = day("2026-11-23")
MINUTE = NOW_MS // 60_000
TURN_CALLS = 40_000
"""Calls between two turns, at most: some ten milliseconds."""

cells = st.lists(
    st.tuples(
        st.sampled_from(["north", "south"]), st.sampled_from(["", "1", "2"]),
        st.integers(TODAY - 3, TODAY), st.none() | st.integers(MINUTE - 90, MINUTE),
        st.dictionaries(st.sampled_from(["calls", "won", "won_minor"]), st.integers(1, 2**64), min_size=1),
    ),
    min_size=1, max_size=20,
)  # fmt: skip


def shuffled(store: Store, random: Random) -> Store:
    """The same state, as another history of it would have left it in memory."""
    entries = list(store.items())
    random.shuffle(entries)
    other = Store()
    other.apply(dict(entries))
    other.scalars, other.position = store.scalars, store.position
    return other


def current(stage: Scoreboard | Rollup) -> list[Any]:
    """All figures that a restored stage gives."""
    for _ in stage.restore():
        pass
    return [(f.scope, f.window, f.kpis, f.start_ms) for f in stage.board.current()]


@settings(max_examples=40)
@given(cells, st.randoms(use_true_random=False))
def test_whatever_order_the_state_is_in_it_gives_the_same(told: list[Any], random: Random) -> None:
    """Figures after a recovery, of both boards, are those of the worker that went on."""
    log, board, sum_board = FactsLog(), scoreboard(), Rollup(0, Store(), 1)
    fold(board, [log.organise("team:north", {"time_zones": [[None, "Asia/Kolkata"]]}), log.add(NOW_MS, *told)])
    fold(sum_board, send_on(board.take_parts(), list[LogRecord]()))
    for stage in (board, sum_board):
        figures = [(f.scope, f.window, f.kpis, f.start_ms) for f in stage.board.current()]
        for _ in range(2):
            assert current(type(stage)(0, shuffled(stage.store, random), 1)) == figures


def filled(stage: str, reps: int, days: int) -> Store:
    """A state with so many reps in one team and so many days of each."""
    store = Store()
    store.scalars["now_ms"] = NOW_MS
    for rep in range(reps):
        prefix = pane_prefix("north", str(rep)) if stage == "scoreboard" else pane_prefix("company", f"team:{rep}")
        more = [NOW_MS] if stage == "scoreboard" else [NOW_MS, 1, 1]
        for age in range(days):
            store.put(pane_key(prefix, TODAY - age), [1, NOW_MS, {"calls": 1}, *more])
    return store


@pytest.mark.parametrize("kind", [Scoreboard, Rollup])
@pytest.mark.parametrize(("reps", "days"), [(40, 50), (400, 50), (40, 500)])
def test_no_turn_is_longer_with_ten_times_the_panes(kind: type[Scoreboard | Rollup], reps: int, days: int) -> None:
    """20,000 panes of one team: the work between two turns is what it is with 2,000, some milliseconds."""
    steps = kind(0, filled(kind.stage, reps, days), 1).restore()
    work = []
    done = object()
    while True:
        last: list[object] = []
        work.append(calls(lambda: last.append(next(steps, done))))  # noqa: B023 (called at once)
        if last[0] is done:
            break

    assert max(work) < TURN_CALLS
    assert len(work) > reps * days / 1000
