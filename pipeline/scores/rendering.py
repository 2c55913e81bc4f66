"""How figures follow from the panes of a scope: the only place that turns measures into what is published."""

from typing import TYPE_CHECKING

from pipeline.scores.figures import Figure, State
from pipeline.scores.home import Scope
from pipeline.scores.kpis import evaluate
from pipeline.scores.panes import ALL_ROLLING, DAY_BIT, NOW_BIT, Measures
from pipeline.scores.windows import NOW, ROLLING, Window, rolling_span_ms

if TYPE_CHECKING:
    from pipeline.scores.board import Board


def current_figures(board: "Board", scope: Scope, bits: int) -> list[Figure]:
    """The current figures of a scope whose bits are set: rolling windows, `now`, then the windows of days."""
    figures = []
    home = scope.home
    for i, measures in enumerate(scope.rolling(board.minute) if bits & ALL_ROLLING else ()):
        if bits >> i & 1:
            window, minutes = ROLLING[i]
            span = rolling_span_ms(board.minute, minutes)
            figures.append(_figure(board, scope, "rolling", window, span, measures))
    if bits & NOW_BIT:
        span = (board.now_ms, board.now_ms)
        figures.append(_figure(board, scope, NOW, NOW, span, scope.all_standing()))
    for i, each in enumerate(home.current):
        if bits & DAY_BIT << i:
            measures = scope.of_days(i, home.today, home.current)
            figures.append(_figure(board, scope, each.kind, each.id, home.spans[i], measures))
    return figures


def past_figure(board: "Board", scope: Scope, window: Window) -> Figure:
    """The figure of a calendar window that is over: provisional, final, or restated when it changed after that."""
    measures, changed_ms = scope.between(window.first_day, window.last_day)
    span = scope.home.span_ms(board.calendar, window)
    final_ms = span[1] + board.policy.finality_ms
    state: State = "restated" if changed_ms > final_ms else "final" if board.now_ms >= final_ms else "provisional"
    return _figure(board, scope, window.kind, window.id, span, measures, state, current=False)


def gone_figure(board: "Board", scope: Scope, kind: str, window: str) -> Figure:
    """What tells readers to forget a scope's window."""
    version = (board.generation, board.position)
    currency = board.currency
    return Figure(
        scope.home.name, scope.name, kind, window, 0, 0, "final", False, board.now_ms, version, currency, {}, gone=True
    )  # fmt: skip


def _figure(
    board: "Board", scope: Scope, kind: str, window: str, span: tuple[int, int], measures: Measures,
    state: State = "provisional", *, current: bool = True,
) -> Figure:  # fmt: skip
    kpis = evaluate(measures, scope.all_standing(), scope.home.families, kind, rep=bool(scope.rep))
    return Figure(
        scope.home.name, scope.name, kind, window, span[0], span[1], state, current, board.now_ms,
        (board.generation, board.position), board.currency, kpis,
    )  # fmt: skip
