"""What is marked as changed though nothing was folded: somebody who shows it has lost it, or never got it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from pipeline.organisation.days import HOUR_MS
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.board_time import BoardTime
from pipeline.scores.changes import MARKED_DAYS, Changes
from pipeline.scores.definition import Definition
from pipeline.scores.home import Home, LocalCalendar, Scope
from pipeline.scores.windows import LASTING, kind_of, window_of

LOOK_BACK_MS = 48 * HOUR_MS


class Marking:
    """Marks homes and windows of a board anew.

    `also_marked` are told when all that came after an offset is marked: whatever else is published from the same state;
    they give how much work that was, step by step.
    """

    def __init__(
        self, policy: BoardPolicy, calendar: LocalCalendar, homes: Mapping[str, Home], changes: Changes,
        time: BoardTime, definition: Definition,
    ) -> None:  # fmt: skip
        self.also_marked: list[Callable[[int | None], Iterable[int]]] = []
        self._policy = policy
        self._calendar = calendar
        self._homes = homes
        self._changes = changes
        self._time = time
        self._everything = definition.marks.everything

    def since(self, offset: int | None, now_ms: int | None = None) -> Iterator[int]:
        """Mark as changed all that may have changed after `offset`, at which now was `now_ms`; None: everything.

        Without `now_ms`, what time alone changed in the last two days is marked as well. Yields, scope by scope, how
        much work that was, as `Board.refresh` does; what is folded meanwhile is marked as ever.
        """
        since_ms = now_ms if now_ms is not None else self._time.now_ms - LOOK_BACK_MS
        for follow in self.also_marked:
            yield from follow(offset)
        for name in sorted(self._homes):
            if home := self._homes.get(name):
                self._changes.mark_home(home, self._everything)
                first = self._calendar.local_day(name, max(since_ms - self._policy.finality_ms, 0)) - 1
                oldest = min(scope.oldest for scope in home.scopes.values())
                for day in range(max(first, oldest), home.today):
                    self._changes.mark_ended(home, self._calendar, day)
                yield from self._marking_days(home, offset)

    def home(self, name: str) -> Iterator[int]:
        """Mark everything of one home as changed: whoever shows it has lost it. Yields as `since` does."""
        if home := self._homes.get(name):
            self._changes.mark_home(home, self._everything)
            yield from self._marking_days(home, None)

    def window(self, home: str, scope: str, window: str) -> None:
        """Mark one window, by its names, as changed: somebody may show it otherwise. One that is none is gone."""
        found = self._homes[home].scopes.get(scope) if home in self._homes else None
        if found is not None and found.published:
            kind, current = kind_of(window), {*LASTING, *(each.id for each in found.home.current)}
            if window in current and self._changes.shows(found, kind, window, over=False):
                self._changes.mark(found, self._everything)
                return
            past = window_of(window, found.home.period_rules)
            if past and not self._changes.shows_past(found, past):
                past = None
            if past and self._time.first_day <= past.first_day and found.oldest <= past.last_day < found.home.today:
                self._changes.windows.setdefault(found, set()).add(past)
                return
        self._changes.gone.append((Scope(Home(home, published=False), scope), kind_of(window), window))

    def all_windows(self, name: str) -> Iterator[int]:
        """Mark all windows of a home as changed, also those without any pane. Yields as `since` does.

        They begin at other instants, or figures are defined otherwise than before.
        """
        if home := self._homes.get(name):
            self._changes.mark_home(home, self._everything)
            yield from self._changes.marking_all_past(home, self._calendar)

    def unchosen(self, name: str) -> Iterator[int]:
        """Mark all windows of a home that are not chosen as gone: figures may have been published by another choice.

        Yields as `since` does.
        """
        if home := self._homes.get(name):
            yield from self._changes.marking_unchosen(home, self._calendar)

    def _marking_days(self, home: Home, offset: int | None) -> Iterator[int]:
        for name in list(home.scopes):
            if scope := home.scopes.get(name):
                self._changes.mark_days_since(scope, offset)
                yield 1 + len(scope.days) // MARKED_DAYS
