"""How figures follow from the panes of a scope: the only place that turns measures into what is published."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.scores.figures import Figure, State
from pipeline.scores.home import Scope
from pipeline.scores.kpi_texts import texts
from pipeline.scores.kpis import family_bits, family_names
from pipeline.scores.marks import KINDS, families_in
from pipeline.scores.panes import Measures
from pipeline.scores.ranks import ranks
from pipeline.scores.windows import NOW, ROLLING, Window, rolling_span_ms

if TYPE_CHECKING:
    from pipeline.scores.board import Board

FIRST_DAYS = len(ROLLING) + 1
"""The number of the first window of days."""


def live_figures(board: "Board", scope: Scope, marked: int) -> Iterator[Figure]:
    """The current figures with any family marked, with those families only."""
    known = family_bits(scope.home.families)
    for number, kind, window, span, measures in _windows(board, scope, marked):
        if wanted := families_in(marked, number) & known:
            found = texts(measures, scope.all_standing(), wanted, kind, rep=bool(scope.rep))
            yield _figure(board, scope, kind, window, span, measures, found, fresh=tuple(found), whole=False)


def whole_figures(board: "Board", scope: Scope, marked: int, fresh: int) -> Iterator[Figure]:
    """The current figures with any family marked, whole; `fresh` are the marks of what was not taken before."""
    known = family_bits(scope.home.families)
    for number, kind, window, span, measures in _windows(board, scope, marked):
        found = texts(measures, scope.all_standing(), known, kind, rep=bool(scope.rep))
        names = family_names(families_in(fresh, number) & known)
        yield _figure(board, scope, kind, window, span, measures, found, fresh=tuple(n for n in names if n in found))


def past_figure(board: "Board", scope: Scope, window: Window) -> Figure:
    """The figure of a calendar window that is over: provisional, final, or restated when it changed after that."""
    measures, changed_ms = scope.between(window.first_day, window.last_day)
    span = scope.home.span_ms(board.calendar, window)
    final_ms = span[1] + board.policy.finality_ms
    state: State = "restated" if changed_ms > final_ms else "final" if board.now_ms >= final_ms else "provisional"
    known = family_bits(scope.home.families)
    found = texts(measures, scope.all_standing(), known, window.kind, rep=bool(scope.rep))
    return Figure(
        scope.home.name, scope.name, window.kind, window.id, *span, state, False, board.now_ms,
        (board.generation, board.position), board.currency, found, tuple(found),
    )  # fmt: skip


def gone_figure(board: "Board", scope: Scope, kind: str, window: str) -> Figure:
    """What tells readers to forget a scope's window."""
    return Figure(
        scope.home.name, scope.name, kind, window, 0, 0, "final", False, board.now_ms,
        (board.generation, board.position), board.currency, {}, (), gone=True,
    )  # fmt: skip


def _windows(board: "Board", scope: Scope, marked: int) -> Iterator[tuple[int, str, str, tuple[int, int], Measures]]:
    """Number, kind, id, span and measures of each current window with a mark; the measures hold until the next one."""
    home = scope.home
    if any(families_in(marked, number) for number in range(len(ROLLING))):
        for number, measures in enumerate(scope.rolling(board.minute)):
            if families_in(marked, number):
                window, minutes = ROLLING[number]
                yield number, "rolling", window, rolling_span_ms(board.minute, minutes), measures
    if families_in(marked, FIRST_DAYS - 1):
        yield FIRST_DAYS - 1, NOW, NOW, (board.now_ms, board.now_ms), scope.all_standing()
    for number in range(FIRST_DAYS, len(KINDS)):
        if families_in(marked, number):
            i = number - FIRST_DAYS
            measures = scope.of_days(i, home.today, home.current)
            yield number, KINDS[number], home.current[i].id, home.spans[i], measures


def _figure(
    board: "Board", scope: Scope, kind: str, window: str, span: tuple[int, int], measures: Measures,
    found: dict[str, bytes], *, fresh: tuple[str, ...], whole: bool = True,
) -> Figure:  # fmt: skip
    return Figure(
        scope.home.name, scope.name, kind, window, *span, "provisional", True, board.now_ms,
        (board.generation, board.position), board.currency, found, fresh, whole,
        ranks(measures, family_bits(scope.home.families)) if scope.rep else (),
    )  # fmt: skip
