"""Activities by the quarter-hour: whatever comes late, is taken back or moves, they add up to what was told."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernel.state_keys import HOURS
from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from pipeline.scores.activity_hours import KEPT_DAYS, QUARTER_MS
from tests.unit.boards.logs import FactsLog, at, cell, fold, reread, scoreboard

START_MS = at("2026-11-23 10:07")
REPS = ("1", "2")
told = st.tuples(
    st.sampled_from(REPS),
    st.one_of(st.integers(0, 120), st.integers(0, 3000), st.integers(0, 70 * 1440)),
    st.sampled_from([1, 1, 2, -1]),
)
steps: st.SearchStrategy[tuple[str, int, Any]] = st.one_of(
    st.tuples(st.just("told"), st.one_of(st.integers(0, 30), st.integers(0, 3000)), st.lists(told, max_size=4)),
    st.tuples(st.just("pass"), st.sampled_from([1, 900, 2000, 9 * 1440, 60 * 1440]), st.just([])),
    st.tuples(st.just("restart"), st.just(0), st.just([])),
)


@settings(deadline=None)
@given(st.lists(steps, min_size=1, max_size=12), st.integers(0, 56 * 96), st.integers(0, 200))
def test_they_are_what_was_told(plan: list[tuple[str, int, Any]], ago: int, quarters: int) -> None:
    """Of a rep and of the team, over any span of the last eight weeks; the state holds no day that has expired."""
    log, board, now_ms = FactsLog(), scoreboard(), START_MS
    happened: list[tuple[str, int, int]] = []
    fold(board, [log.add(now_ms, *(cell("north", rep, now_ms, activities=1) for rep in REPS))])
    happened += [(rep, now_ms, 1) for rep in REPS]
    for kind, minutes, cells in plan:
        now_ms += minutes * MINUTE_MS
        if kind == "restart":
            board = scoreboard(reread(board.store))
        new = [(rep, now_ms - age * MINUTE_MS, count) for rep, age, count in cells]
        happened += new
        fold(board, [log.add(now_ms, *(cell("north", rep, when, activities=count) for rep, when, count in new))])

    end = now_ms // QUARTER_MS + 1 - ago
    start_ms, end_ms = (end - quarters) * QUARTER_MS, end * QUARTER_MS
    start_ms = max(start_ms, now_ms // DAY_MS * DAY_MS - 57 * DAY_MS)
    home = board.board.find("team:north")
    assert home is not None
    for scope in home.scopes.values():
        due = sum(count for rep, when, count in happened if start_ms <= when < end_ms and scope.rep in ("", rep))
        assert scope.activities(start_ms, end_ms, board.board.first_minute) == due
    days = [int.from_bytes(key[-4:], "big") for key, _ in board.store.items(HOURS)]
    assert min(days, default=0) >= (now_ms // DAY_MS - KEPT_DAYS if days else 0)


def test_what_happened_today_writes_none() -> None:
    """An event that has a pane of its minute costs nothing more; its pane hands the activities on when it expires."""
    log, board = FactsLog(), scoreboard()
    fold(board, [log.add(START_MS, cell("north", "1", START_MS, activities=3))])
    assert list(board.store.items(HOURS)) == []

    fold(board, [log.add(START_MS + 27 * HOUR_MS)])

    assert len(list(board.store.items(HOURS))) == 1
    home = board.board.find("team:north")
    assert home is not None
    quarter_ms = START_MS - START_MS % QUARTER_MS
    assert home.total.activities(quarter_ms, quarter_ms + QUARTER_MS, board.board.first_minute) == 3


def test_only_teams_keep_them() -> None:
    """Larger scopes are watched by nobody: the rollup's state is as large as before."""
    log, board = FactsLog(), scoreboard()
    fold(board, [log.add(START_MS, cell("north", "1", START_MS - 40 * DAY_MS, activities=3))])

    assert [key[:7] for key, _ in board.store.items(HOURS)] == [b"hnorth\0"]
