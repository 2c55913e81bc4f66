"""A window is restated if somebody may have seen another figure of it after it was final."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.organisation.days import DAY_MS, HOUR_MS
from tests.unit.boards.logs import FactsLog, LogRecord, at, cell, fold, reread, rollup, scoreboard, send_on

BEGUN = at("2026-11-02 09:00")
TODAY = BEGUN // DAY_MS
Tellings = list[tuple[int, int, str]]
"""Hours after the beginning at which something is told, of so many days before it, by whom."""


def states(stage: Scoreboard | Rollup, scope: str) -> dict[int, str]:
    """The state of each day of a scope that is over, by days since the epoch."""
    list(stage.board.marking.since(None))
    taken = [f for f in stage.board.take(slow=True) if f.scope == scope and f.kind == "day" and not f.current]
    return {f.start_ms // DAY_MS: f.state for f in taken if not f.gone}


def expected(tellings: list[tuple[int, int]], now_ms: int) -> dict[int, str]:
    """The same by the list of what was told when of which day: it is seen once it is final and there is the scope."""
    since_ms = min(ms for ms, _ in tellings)
    found = {}
    for day in {day for _, day in tellings if day < now_ms // DAY_MS}:
        final_ms, told = (day + 2) * DAY_MS, sorted(ms for ms, of_day in tellings if of_day == day)
        seen_ms = final_ms if since_ms <= final_ms else told[0] + DAY_MS
        found[day] = "restated" if told[-1] > seen_ms else "final" if now_ms >= final_ms else "provisional"
    return found


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(-3, 20), st.sampled_from("78")), min_size=1, max_size=12))
def test_what_was_told_before_anybody_could_see_it_is_not_restated(plan: Tellings) -> None:
    """Whatever is told when, of a rep, the team and the company; and the same of what is restored."""
    log, parts = FactsLog(), list[LogRecord]()
    log.employ("north", "7", "8")
    board, larger = scoreboard(), rollup()
    fold(board, log.records)
    told: dict[str, list[tuple[int, int]]] = {}
    now_ms = BEGUN
    for hours, days_ago, rep in sorted(plan):
        now_ms = BEGUN + hours * HOUR_MS
        day = min(TODAY - days_ago, now_ms // DAY_MS)
        fold(board, [log.add(now_ms, cell("north", rep, day * DAY_MS + HOUR_MS, calls=1))])
        fold(larger, send_on(board.take_parts(), parts))
        for scope in (f"rep:{rep}@north", "team:north", "company"):
            told.setdefault(scope, []).append((now_ms, day))

    for scope, tellings in told.items():
        stage: Scoreboard | Rollup = larger if scope == "company" else board
        held = reread(stage.store)
        restored: Scoreboard | Rollup = rollup(held) if scope == "company" else scoreboard(held)
        wanted = expected(tellings, now_ms)
        shown = states(stage, scope)
        assert {day: state for day, state in shown.items() if day in wanted} == wanted
        again = states(restored, scope)
        assert {day: state for day, state in again.items() if day in wanted} == wanted
