"""Parts for larger scopes: cut by bytes, a single pane too, and put together again."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.parts_outbox import RECORD_BYTES
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.stage import Send
from pipeline.kernel.state_keys import PANE
from pipeline.kernel.store import Store
from pipeline.scores.cold_panes import Measures, measures_of
from tests.unit.boards.logs import FactsLog, LogRecord, at, fold, reread, rollup, scoreboard, send_on

NOW_MS = at("2026-11-23 12:00")
LONG = "n" * 64


def stages(first: int, last: int, amount: int = 1) -> Measures:
    """Entries of so many stages with the longest names."""
    return {f"stage_entered:{LONG}:{number:064}": amount for number in range(first, last)}


def told(changes: Sequence[tuple[int, int, int]]) -> Iterator[tuple[Scoreboard, list[Send]]]:
    """A scoreboard with what it sends after each of these changes of one rep's day."""
    log, board = FactsLog(), scoreboard()
    for first, last, amount in changes:
        names = stages(first, last, amount)
        fold(board, [log.add(NOW_MS, ("north", "7", 739_578, NOW_MS // 60_000, names))])
        yield board, board.take_parts()


def company(stage: Rollup) -> list[Measures]:
    """All panes that the children of the company have in the state."""
    return [measures_of(pane) for key, pane in stage.store.items(PANE) if key.startswith(PANE + b"company")]


changes = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from([300, 2500]), st.sampled_from([1, -1, 2**70, -(2**70)])),
    min_size=1, max_size=3,
)  # fmt: skip


@settings(max_examples=6)
@given(changes, st.randoms(use_true_random=False))
def test_panes_of_thousands_of_stages_arrive_whole(changes: list[tuple[int, int, int]], random: Random) -> None:
    """A pane of up to 5,000 stages: no record is large; sent again, or read on from the state, it is what it was."""
    stage, parts_log = rollup(), list[LogRecord]()
    for board, sends in told(changes):
        assert max(len(send.value or b"") for send in sends) <= 1.5 * RECORD_BYTES
        for record in send_on(sends, parts_log):
            fold(stage, [record])
            if random.random() < 0.3:
                stage = rollup(reread(stage.store))
        board.mark_parts_since(None)
        again = send_on(board.take_parts(), parts_log)
        before = company(stage)
        fold(stage, again)
        home = board.board.home("team:north")
        expected = [measures_of(pane) for panes in (home.total.days, home.total.minutes) for pane in panes.values()]

        assert company(stage) == before
        assert sorted(map(len, before)) == sorted(map(len, expected))
        assert all(measures in expected for measures in before)
        total = stage.board.home("company").total
        assert [measures_of(pane) for panes in (total.days, total.minutes) for pane in panes.values()] == expected


@pytest.mark.parametrize("count", [10, 3000])
def test_a_later_pane_replaces_all_pieces_of_the_one_before(count: int) -> None:
    """Whatever it was cut into: nothing of the former pane stays."""
    stage, parts_log = rollup(Store()), list[LogRecord]()
    for _, sends in told([(0, 4000, 1), (count, 4000, -1)]):
        fold(stage, send_on(sends, parts_log))

    assert company(stage) == [stages(0, count)] * 2
