"""Timelines of the reps of a scoreboard: what their phones were set to, by the hour, in the board and in the state."""

from collections.abc import Iterable, Iterator

from pipeline.kernel.state_keys import stretches_key
from pipeline.kernel.store import Store
from pipeline.scores import timeline
from pipeline.scores.board import Board
from pipeline.scores.cold_panes import Measures
from pipeline.scores.home import Scope

RESTORED_AT_ONCE = 4
"""So many hours are put in place with work of one, when a board is restored."""


class Timelines:
    """The hours in which states ended, of each rep within a team; they outlive no telling that may change them."""

    def __init__(self, store: Store, board: Board) -> None:
        self._store = store
        self._board = board
        self._changed: dict[tuple[Scope, int], None] = {}
        self._first = 0

    def takes(self, hour: int) -> bool:
        """Whether an hour, by its first minute, is kept: what comes for another one is of a timeline that is gone."""
        return hour >= self._first

    def add(self, scope: Scope, hour: int, measures: Measures) -> None:
        """Called with signed measures of an hour that is kept."""
        timeline.add(scope.stretches, hour, measures)
        self._changed[scope, hour] = None
        self._board.mark_timeline(scope)

    def advance(self, now_ms: int) -> list[Scope]:
        """Called before the board goes on to a later now: let go of hours that nothing changes; whose there were."""
        first = timeline.first_hour(now_ms)
        if first <= self._first:
            return []
        self._first = first
        shortened = []
        for name in self._board.homes():
            for scope in self._board.home(name).scopes.values():
                if gone := [hour for hour in scope.stretches if hour < first]:
                    shortened.append(scope)
                for hour in gone:
                    del scope.stretches[hour]
                    self._changed[scope, hour] = None
        return shortened

    def keep(self) -> None:
        """Put what changed into the state."""
        for scope, hour in self._changed:
            key = stretches_key(scope.prefix, hour)
            if held := scope.stretches.get(hour):
                self._store.put(key, dict(held))
            else:
                self._store.delete(key)
        self._changed.clear()

    def restore(self, now_ms: int, held: Iterable[tuple[Scope, int, Measures]]) -> Iterator[int]:
        """Put in place what the state holds. Yields the work."""
        self._first = timeline.first_hour(now_ms)
        for number, (scope, hour, measures) in enumerate(held):
            scope.stretches[hour] = dict(measures)
            if number % RESTORED_AT_ONCE == 0:
                yield 1
