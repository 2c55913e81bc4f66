"""What readers have in the end does not depend on crashes: compared with a board that never had one."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.boards.pending import KEPT_MS, PUBLISHED
from pipeline.boards.scoreboard import Scoreboard
from pipeline.organisation.days import DAY_MS, EPOCH_DAY
from pipeline.organisation.working_time import WEEKDAYS
from pipeline.scores.board import BoardPolicy
from pipeline.scores.figures import Figure
from tests.unit.boards.logs import FactsLog, LogRecord, at, cell, fold, reread, scoreboard

START_MS = at("2026-11-20 22:00")
POLICY = BoardPolicy(day_pane_days=401)
"""As short as it may be set, so that windows come to be gone."""


@dataclass
class Reader:
    """What a reader of one sink has, and how far that was served; the sink's owner is a scoreboard."""

    board: Scoreboard = field(default_factory=lambda: scoreboard(policy=POLICY))
    figures: dict[tuple[str, str], Figure] = field(default_factory=dict)
    bookmark: tuple[int, int] = (-1, -1)
    unserved_ms: int | None = None
    """The now of the first record that the reader was not served after."""

    def fold(self, record: LogRecord) -> None:
        """The owner folds a record."""
        fold(self.board, [record])
        if self.unserved_ms is None:
            self.unserved_ms = self.board.board.now_ms

    def publish(self) -> None:
        """Everything that changed reaches the reader, and the state knows."""
        board = self.board.board
        for figure in board.take(slow=True):
            self.figures[figure.scope, figure.window] = figure
        self.bookmark, self.unserved_ms = (board.position, board.now_ms), None
        self.board.store.scalars[PUBLISHED] = {"sink": [board.position, -1, board.now_ms]}

    def crash(self, *, taken: bool) -> None:
        """The owner is gone, with what it had taken and not published; another one goes on from its state."""
        if taken:
            self.board.board.take(slow=True)
        self.board = scoreboard(reread(self.board.store), POLICY)
        if self.unserved_ms is not None and self.board.board.now_ms - self.unserved_ms > KEPT_MS:
            # What is gone is not kept for so long: the sink is emptied and filled anew.
            self.figures.clear()
            list(self.board.board.marking.since(None))
        else:
            list(self.board.board.marking.since(*self.bookmark))

    def shown(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """What the reader sees; an empty window that is over may be there or not."""
        there = {key: figure for key, figure in self.figures.items() if not figure.gone}
        return {
            key: (figure.kpis, figure.state, figure.current)
            for key, figure in there.items()
            if figure.current or figure.kpis["won"]["value"]
        }


cells = st.tuples(
    st.sampled_from(["north", "south"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([0, 1, 9, 395, 400]),
    st.integers(-1, 2),
)
zones = st.sampled_from(["UTC", "Pacific/Auckland", "America/New_York"])
steps = st.one_of(
    st.tuples(
        st.just("facts"), st.sampled_from([0, 1, 1440, 6 * 1440, 390 * 1440, 410 * 1440]), st.lists(cells, max_size=3)
    ),
    st.tuples(st.just("zone"), st.just(0), zones),
    st.tuples(st.just("fiscal"), st.just(0), st.sampled_from([1, 4, 11])),
    st.tuples(st.just("week"), st.just(0), st.tuples(st.integers(-30, 30), st.sampled_from(WEEKDAYS))),
    st.tuples(st.just("publish"), st.just(0), st.none()),
    st.tuples(st.just("crash"), st.just(0), st.booleans()),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(steps, min_size=1, max_size=10))
@example(
    [("facts", 0, [("north", "1", 0, 0)]), ("publish", 0, None), *[("facts", 390 * 1440, []), ("crash", 0, False)] * 2]
)
def test_readers_have_the_same_whether_or_not_owners_crashed(plan: list[tuple[str, int, Any]]) -> None:
    """Figures and tombstones that were taken, or not yet, when an owner crashed: the next one publishes them."""
    log, steady, crashing = FactsLog(), Reader(), Reader()
    now_ms, team = START_MS, {"time_zones": [[None, "UTC"]], "fiscal_year_start": 1}
    for kind, minutes, more in plan:
        now_ms += minutes * 60_000
        record = None
        if kind == "facts":
            made = [cell(each, rep, now_ms - age * DAY_MS, calls=n, won=1) for each, rep, age, n in more]
            record = log.add(now_ms, *made)
        elif kind in ("zone", "fiscal"):
            team |= {"time_zones": [[None, more]]} if kind == "zone" else {"fiscal_year_start": more}
            record = log.organise("team:north", dict(team))
        elif kind == "week":
            first_day = START_MS // DAY_MS + EPOCH_DAY + more[0]
            record = log.organise("company:company", {"week_starts": [[first_day, more[1]]]})
        elif kind == "publish":
            crashing.publish()
        elif crashing.bookmark[0] >= 0:
            crashing.crash(taken=more)
        if record is not None:
            steady.fold(record)
            steady.publish()
            crashing.fold(record)
    crashing.publish()

    assert crashing.shown() == steady.shown()
