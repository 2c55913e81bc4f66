"""What is usual as numbers: what is read of it by whoever wants neither text nor a history."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from pipeline.scores.home import Scope
from pipeline.scores.usual import usual_of
from pipeline.scores.usual_days import usual_now


class UsualReading(NamedTuple):
    """What a team usually does, by the KPI that says it, with the band around it."""

    scope: str
    kpi: str
    value: float
    low: float
    high: float


class UsualBoard(Protocol):
    """What it is read from."""

    @property
    def minute(self) -> int: ...
    @property
    def first_minute(self) -> int: ...


def usual_readings(board: UsualBoard, scopes: Iterable[Scope]) -> Iterator[UsualReading]:
    """What teams usually do by now, and in this hour, if anything is usual. To be read at once, between two folds."""
    for scope in scopes:
        if not scope.home.by_hours or scope is not scope.home.total:
            continue
        usual = usual_now(scope, board.minute, board.first_minute)
        for kpi, counts in (("activities_usual", usual.by_now), ("activities_usual_hour", usual.in_hour)):
            told = usual_of(counts)
            if told["value"] is not None:
                yield UsualReading(scope.name, kpi, told["value"], told["low"], told["high"])
