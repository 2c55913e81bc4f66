"""Goals as numbers: what is read of them by whoever wants neither text nor a history."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from pipeline.scores.goal_periods import current_period
from pipeline.scores.goals import attainment, pace
from pipeline.scores.home import LocalCalendar, Scope


class GoalReading(NamedTuple):
    """A target of a current window: of whom, for which KPI, in which kind of window. None of what cannot be said."""

    scope: str
    kpi: str
    window: str
    target: int
    share: float | None
    projection: float | None


class GoalBoard(Protocol):
    """What goals are read from."""

    @property
    def calendar(self) -> LocalCalendar: ...
    @property
    def minute(self) -> int: ...


def goal_readings(board: GoalBoard, scopes: Iterable[Scope]) -> Iterator[GoalReading]:
    """The goals of some scopes, of those that have any. To be read at once, between two folds."""
    for scope in scopes:
        home = scope.home
        if not home.goals or scope is not home.total:
            continue
        for number, window in enumerate(home.current):
            period = current_period(home, board.calendar, number, board.minute)
            if period.targets:
                measures = scope.of_days(number, home.today, home.current)
                reached, paced = (each(measures, {}, period)["goals"] for each in (attainment, pace))
                for kpi, target in sorted(period.targets.items()):
                    projection = paced.get(kpi, {}).get("projection")
                    yield GoalReading(scope.name, kpi, window.kind, target, reached[kpi]["value"], projection)
