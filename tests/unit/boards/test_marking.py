"""Everything is published again without standing still: it is marked in small steps, between which others fold."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from pipeline.boards.pending import Owed
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.load import Load
from pipeline.kernel.state_keys import REDRAWN
from pipeline.kernel.store import Store
from tests.unit.boards.logs import FactsLog, at, day, fold, scoreboard
from tests.unit.boards.test_restoring import filled

REPS, DAYS = 30, 40
NOW_MS = at("2026-11-23 12:00")
LONG_AGO = "day:2026-11-05"
"""A day that is final, and so is not marked because of the time that has passed."""


def restored() -> Scoreboard:
    """A board of many reps in one team, nothing of which is to be taken."""
    stage = Scoreboard(0, filled("scoreboard", REPS, DAYS), 1)
    for _ in stage.restore():
        pass
    stage.board.take(slow=True)
    return stage


def taken(stage: Scoreboard) -> set[tuple[str, str]]:
    """Scope and window of all that is to be published."""
    return {(figure.scope, figure.window) for figure in stage.board.take(slow=True) if not figure.gone}


def test_a_step_marks_the_days_of_one_scope() -> None:
    """So no turn is longer with more reps, though all are in one team; in the end every day of every rep is marked."""
    stage = restored()
    board = stage.board
    every: list[Callable[[], Iterator[int]]] = [
        lambda: board.marking.home("team:north"), lambda: board.marking.since(None)
    ]  # fmt: skip
    for marking in every:
        for done in (1, 2, REPS // 2, None):
            list(islice(marking(), done))
            shown = taken(stage)
            assert done is None or len({scope for scope, window in shown if window == LONG_AGO}) <= done

        assert len({scope for scope, window in shown if window == LONG_AGO}) == REPS + 1


def test_scopes_whose_windows_moved_are_marked_one_by_one() -> None:
    """A company that moves to another zone redraws all of them: a sink that comes back then misses every window."""
    log, stage, store = FactsLog(), scoreboard(), Store()
    cells: list[Any] = [(f"t{n % 2}", str(n), day("2026-11-05"), None, {"calls": 1}) for n in range(REPS)]
    fold(stage, [log.add(NOW_MS, *cells)])
    owed = Owed(store, stage.board)
    owed.restore((REDRAWN + f"team:{team}".encode(), [7, NOW_MS]) for team in ("t0", "t1"))
    for done in range(1, REPS + 3):
        stage.board.take(slow=True)
        list(islice(owed.marking_since(6), done))

        assert len({scope for scope, window in taken(stage) if window == LONG_AGO}) == done
    assert list(owed.marking_since(7)) == []


def test_a_team_of_many_that_is_drawn_anew_takes_turns() -> None:
    """Another zone of a team, or other definitions: ten times the reps, as many more turns for others."""

    def turns(reps: int) -> tuple[int, int]:
        log, stage = FactsLog(), scoreboard()
        fold(stage, [log.add(NOW_MS, *(("north", str(n), day("2026-11-05"), None, {"calls": 1}) for n in range(reps)))])
        other = list(stage.fold([log.organise("team:north", {"time_zones": [[None, "Asia/Tokyo"]]})]))
        anew = list(Load().turns(stage.board.marking.all_windows("team:north")))
        return len(other), len(anew)

    few, many = turns(100), turns(1000)
    assert min(few) > 1
    assert all(more > 5 * less for less, more in zip(few, many, strict=True))


@pytest.mark.parametrize("every", [False, True])
def test_what_expires_while_it_is_marked_is_not_shown_again(every: bool) -> None:
    """The state goes on between two steps: scopes that are gone by then have nothing to publish."""
    stage = restored()
    steps = stage.board.marking.all_windows("team:north") if every else stage.board.marking.since(None)
    list(islice(steps, 3))
    stage.board.advance(NOW_MS + 1000 * 86_400_000)
    list(steps)

    assert stage.board.homes() == []
    assert taken(stage) == set()


@pytest.mark.parametrize("every", [False, True])
def test_what_changes_while_it_is_marked_is_shown(every: bool) -> None:
    """A rep who comes to be between two steps, with a past day."""
    log, stage = FactsLog(), scoreboard()
    fold(stage, [log.add(NOW_MS, *((("north", str(n), day("2026-11-05"), None, {"calls": 1})) for n in range(3)))])
    stage.board.take(slow=True)
    steps = stage.board.marking.all_windows("team:north") if every else stage.board.marking.since(None)
    list(islice(steps, 3))
    fold(stage, [log.add(NOW_MS, ("north", "late", day("2026-11-04"), None, {"calls": 1}))])
    list(steps)

    assert ("rep:late@north", "day:2026-11-04") in taken(stage)
