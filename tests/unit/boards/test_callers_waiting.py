"""Callers who wait now: how many, and since when the first of them does; an hour at most, without any event."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.panes import Panes
from pipeline.scores.waiting import with_waiting
from tests.unit.boards.logs import FactsLog, LogRecord, at, day, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")
SECOND, MINUTE = 1000, 60_000
RING = 3840


def calls(log: FactsLog, now_ms: int, when_ms: int, number: int = 1, team: str = "north") -> LogRecord:
    """So many callers more, or fewer, who called at an instant."""
    counted = {f"callers_waiting:{when_ms // SECOND % RING}": number}
    return log.add(now_ms, (team, "", day("2026-11-23"), when_ms // MINUTE, counted))


def wait(stage: Any, scope: str = "team:north") -> tuple[int, int | None]:
    """How many wait by the figures, and since when."""
    figure = next(each for each in stage.board.current() if (each.scope, each.kind) == (scope, "now"))
    told = figure.kpis["callers_waiting"]
    return told["value"], told["since_ms"]


def taken(stage: Any) -> bool:
    """Whether the figure is published anew."""
    return any(each.kind == "now" and "waiting_callers" in each.fresh for each in stage.board.take(slow=True))


def test_the_first_of_those_who_wait_says_since_when() -> None:
    """Three called; the first is answered, then all others are."""
    log, stage = FactsLog(), scoreboard()
    called = [NOON - 90 * SECOND, NOON - 20 * SECOND, NOON - 20 * SECOND]
    for when_ms in called:
        fold(stage, [calls(log, NOON, when_ms)])
    assert wait(stage) == (3, called[0])

    fold(stage, [calls(log, NOON + 1, called[0], -1)])
    assert wait(stage) == (2, called[1])
    fold(stage, [calls(log, NOON + 2, called[1], -2)])
    assert wait(stage) == (0, None)


def test_a_call_whose_end_is_lost_waits_for_an_hour() -> None:
    """The minute that ends the hour changes the figure by itself; what comes later of the call changes it no more."""
    log, stage = FactsLog(), scoreboard()
    fold(stage, [calls(log, NOON + 9 * SECOND, NOON + 7 * SECOND), calls(log, NOON + 9 * SECOND, NOON + 8 * SECOND)])
    taken(stage)
    for minute in (1, 14, 15, 16, 59, 60):
        fold(stage, [log.add(NOON + minute * MINUTE)])
        assert wait(stage) == (2, NOON + 7 * SECOND)
    assert wait(scoreboard(reread(stage.store))) == (2, NOON + 7 * SECOND)
    taken(stage)

    fold(stage, [log.add(NOON + 61 * MINUTE)])
    assert wait(stage) == (0, None)
    assert taken(stage)
    fold(stage, [calls(log, NOON + 61 * MINUTE + 1, NOON + 7 * SECOND, -1)])
    assert wait(stage) == (0, None)


def test_a_caller_by_a_fast_clock_waits_once_that_minute_has_come() -> None:
    """Two minutes ahead of the log."""
    log, stage = FactsLog(), scoreboard()
    fold(stage, [calls(log, NOON, NOON + 2 * MINUTE + 5 * SECOND)])
    assert wait(stage) == (0, None)

    fold(stage, [log.add(NOON + 2 * MINUTE)])
    assert wait(stage) == (1, NOON + 2 * MINUTE + 5 * SECOND)


CALLS = st.lists(st.tuples(st.integers(-70 * 60, 59), st.integers(1, 3), st.booleans()), max_size=12)


@given(CALLS, st.integers(0, 64 * 60))
def test_any_callers_are_those_of_the_last_hour_who_are_left(told: list[tuple[int, int, bool]], start: int) -> None:
    """Whatever the second of the ring, and whatever is taken back."""
    panes, now = Panes(), NOON // SECOND + start
    minute, first = now // 60, (now // 60 - 60) * 60
    waiting: dict[int, int] = {}
    for ago, number, over in told:
        second = minute * 60 + ago
        for sign in (1, -1) if over else (1,):
            panes.add_minute(second // 60, {f"callers_waiting:{second % RING}": sign * number}, 0, 0, minute)
        if not over and second >= first:
            waiting[second] = waiting.get(second, 0) + number
    found = with_waiting({}, panes, minute)

    assert found.get("callers_waiting:", 0) == sum(waiting.values())
    assert found.get("callers_waiting_since") == (min(waiting) * SECOND if waiting else None)
