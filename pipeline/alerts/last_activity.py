"""When anybody of a scope was active last, as far as now has come."""

from pipeline.measures import ACTIVITIES
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.board import Board
from pipeline.scores.home import Scope


def last_activity_ms(board: Board, scope: Scope) -> int | None:
    """The end of the minute of the last activity up to now; of an older one, the end of its local day.

    What is dated ahead counts once its time has come, so it is asked for again until then.
    """
    if not scope.active_known:
        last, ahead = scope.last_minute(ACTIVITIES, board.minute)
        scope.active_ms = _last_day_ms(board, scope) if last is None else (last + 1) * MINUTE_MS
        scope.active_known = not ahead
    return scope.active_ms


def _last_day_ms(board: Board, scope: Scope) -> int | None:
    last = scope.last_day(ACTIVITIES, scope.home.today)
    return None if last is None else board.calendar.day_start_ms(scope.home.name, last + 1)
