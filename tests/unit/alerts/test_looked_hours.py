"""What is remembered of hours that were looked at decides as hours that are looked at anew: late activities count."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.boards.scoreboard import Scoreboard
from pipeline.organisation.days import HOUR_MS, MINUTE_MS
from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard

MONDAYS = [at(f"2026-{day} 09:00") for day in ("10-19", "10-26", "11-02", "11-09", "11-16", "11-23")]
MORNING = 210
"""So many minutes of the last Monday are played."""


def history(log: FactsLog) -> None:
    """On five Mondays each of two reps is active every three minutes."""
    log.employ("north", "7", "8")
    for begin in MONDAYS[:-1]:
        when = range(begin, begin + 8 * HOUR_MS, 3 * MINUTE_MS)
        cells = [cell("north", rep, at_ms, activities=1) for at_ms in when for rep in ("7", "8")]
        log.add(begin + 8 * HOUR_MS, *cells, feeds={"dialer": begin + 8 * HOUR_MS - MINUTE_MS})


def forget(board: Scoreboard) -> None:
    """Let it look at everything anew, as after a restart."""
    for scope in board.board.home("team:north").scopes.values():
        scope.looked = None


@settings(deadline=None, max_examples=8)
@given(st.lists(st.tuples(st.integers(0, MORNING - 1), st.integers(0, 150)), max_size=60))
@example([(130, 70), (131, 75), (140, 100), (150, 30), (163, 90)])
@example([])
def test_late_activities_are_seen_as_if_nothing_was_remembered(told: list[tuple[int, int]]) -> None:
    """Rep 8 works; rep 7 does what comes in some minute, so many minutes late. Minute by minute the same is open."""
    log = FactsLog()
    history(log)
    remembering, forgetful = scoreboard(), scoreboard()
    for board in (remembering, forgetful):
        fold(board, log.records)
    late: dict[int, list[int]] = {}
    for minute, lateness in told:
        late.setdefault(minute, []).append(max(0, minute - lateness))
    opened = False
    for minute in range(MORNING):
        now_ms = MONDAYS[-1] + minute * MINUTE_MS + 2000
        cells = [cell("north", "8", now_ms, activities=1)] if minute % 3 == 0 else []
        cells += [cell("north", "7", MONDAYS[-1] + of * MINUTE_MS, activities=1) for of in late.get(minute, ())]
        record = log.add(now_ms, *cells, feeds={"dialer": now_ms})
        forget(forgetful)
        for board in (remembering, forgetful):
            fold(board, [record])
        alerts = remembering.open_alerts()
        assert alerts == forgetful.open_alerts()
        opened |= any(alert.kind == "below_usual" for alert in alerts)
    assert opened or told
