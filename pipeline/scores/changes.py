"""The dirty set of a board: unpublished changes by scope, current windows as dirty bits, past ones by day or window."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from pipeline.organisation.goals import Goals
from pipeline.scores.cold_panes import offset_of
from pipeline.scores.home import Home, LocalCalendar, Scope
from pipeline.scores.marks import Marks
from pipeline.scores.masks import Masks
from pipeline.scores.prorated import Prorations
from pipeline.scores.windows import CALENDAR, NOW, ROLLING, TRAILING, PeriodRules, Window, calendar_windows

DRAW = 10
"""The work of marking all windows of a scope, but for that of many days."""
MARKED_DAYS = 25
"""So many days, or windows, are marked with work of one."""
Gone = tuple[Scope, str, str]
"""A scope, and the kind and id of a window that it had."""


class Changes:
    """Dirty bits in the order in which they were first set; taking them clears them. None is set of what is not chosen.

    `current` holds the marks of the current windows (`pipeline/scores/marks.py`), `shown` those of them that were
    taken live and not with all others since. `days` are the days whose windows are over, `windows` such windows
    themselves, `gone` is what readers have to forget: scope, kind and id of a window. `lost` are those of them that the
    state does not hold yet, `redrawn` the homes with another calendar of which it does not.
    """

    def __init__(self, marks: Marks, masks: Masks, goal_marks: int = 0) -> None:
        self._marks = marks
        self._masks = masks
        self._goal_marks = goal_marks
        self.current: dict[Scope, int] = {}
        self.shown: dict[Scope, int] = {}
        self.days: dict[Scope, set[int]] = {}
        self.windows: dict[Scope, set[Window]] = {}
        self.gone: list[Gone] = []
        self.lost: list[Gone] = []
        self.redrawn: list[str] = []

    @property
    def any(self) -> bool:
        """Whether there is anything to take."""
        return bool(self.current or self.shown or self.days or self.windows or self.gone)

    @property
    def any_current(self) -> bool:
        """Whether there is anything to take of current windows."""
        return bool(self.current or self.shown)

    def has_shown_past(self, scope: Scope, calendar: LocalCalendar, first_day: int) -> bool:
        """Whether windows of a scope that are over were taken, from a day on, and none waits to be taken."""
        if scope in self.days or scope in self.windows or not scope.oldest < scope.home.today:
            return False
        past = self._masks.past(scope)
        ended = scope.home.ended(calendar, scope.oldest)
        return any(each.kind in past and each.first_day >= first_day for each in ended)

    def clear_current(self) -> None:
        """Forget what was marked of current windows."""
        self.current.clear()
        self.shown.clear()

    def marks_any(self, scope: Scope, marks: int) -> bool:
        """Whether any of these marks is ever set of a scope: whether it is published in such a window."""
        return bool(marks & self._masks.of(scope).marks)

    def mark(self, scope: Scope, marks: int) -> None:
        """Current windows of a scope changed."""
        if marks := marks & self._masks.of(scope).marks:
            self.current[scope] = self.current.get(scope, 0) | marks
        scope.revision += 1

    def mark_home(self, home: Home, marks: int) -> None:
        """Current windows of all scopes of a home changed."""
        for scope in home.scopes.values():
            self.mark(scope, marks)

    def mark_day(self, scope: Scope, day: int) -> None:
        """All windows that contain a day, and are over, changed."""
        if self._masks.of(scope).past:
            self.days.setdefault(scope, set()).add(day)

    def mark_goals(
        self,
        home: Home,
        calendar: LocalCalendar,
        former: Goals,
        due: Prorations,
        first_day: int,
    ) -> None:
        """A home has other goals than `former`, or another part of them is due than by `due`.

        Its own scope changed, in current windows and in those of other goals.

        What is over changed without any pane, so it is told once more to whoever has not heard of it yet.
        """
        self.mark(home.total, self._goal_marks)
        over: set[Window] = set()
        for kind, day in former.keys() | home.goals.keys():
            before = former.get((kind, day)), due.get((kind, day))
            now = home.goals.get((kind, day)), home.prorated.get((kind, day))
            if before != now and day >= max(first_day, 1):
                over.update(each for each in home.ended(calendar, day) if (each.kind, each.first_day) == (kind, day))
        self._mark_without_pane(home, over)

    def mark_days_over(self, home: Home, calendar: LocalCalendar, days: Iterable[int]) -> None:
        """What a home's own scope shows of some days in windows that are over changed without any pane.

        So it is told once more to whoever has not heard of it yet.
        """
        self._mark_without_pane(home, {each for day in days for each in home.ended(calendar, day)})

    def _mark_without_pane(self, home: Home, windows: Iterable[Window]) -> None:
        """What a home's own scope shows of windows that are over changed, as far as it was there by then."""
        if over := {each for each in windows if each.last_day >= home.total.oldest}:
            self._mark_over(home.total, over)
            self.redrawn.append(home.name)

    def mark_days_since(self, scope: Scope, offset: int | None) -> None:
        """The past days of a scope that changed after a position did so again; None: all of them."""
        if not self._masks.of(scope).past:
            return
        today = scope.home.today
        days = {day for day, pane in scope.days.items() if day < today and (offset is None or offset_of(pane) > offset)}
        if days:
            self.days.setdefault(scope, set()).update(days)

    def mark_ended(self, home: Home, calendar: LocalCalendar, last_day: int) -> None:
        """The windows that ended with a day changed, by the mere passing of time."""
        for window in home.ended(calendar, last_day):
            if window.last_day == last_day:
                for scope in home.scopes.values():
                    if scope.oldest <= last_day and self.shows_past(scope, window):
                        self.windows.setdefault(scope, set()).add(window)

    def marking_redrawn(
        self, home: Home, calendar: LocalCalendar, current: tuple[Window, ...], former: PeriodRules
    ) -> Iterator[int]:
        """A home has another calendar than the one by which `current` was shown, and periods were cut by `former`.

        All windows that are over changed. What was a window and is none any more, or lies ahead now, is gone. Yields as
        `marking_all_past` does; nothing else may change meanwhile.
        """
        self.redrawn.append(home.name)
        yield from self.marking_all_past(home, calendar)

        @cache
        def left(oldest: int) -> tuple[list[Window], list[Window]]:
            """Those that are over now, and those that are none, of a scope that began then."""
            # Days without a pane too: they were shown as zeros once they were over.
            days = range(oldest, current[0].first_day + 1)
            formed = {window for day in days for window in calendar_windows(day, former)}.union(current)
            windows = [each for each in sorted(formed) if each.kind != TRAILING and each not in home.current]
            over = [each for each in windows if each.last_day >= oldest and _is_over(home, calendar, each)]
            known = set(over)
            return over, [each for each in windows if each not in known]

        for scope in home.scopes.values():
            over, gone = left(scope.oldest)
            self._mark_over(scope, over)
            if scope.published:
                # Of what it showed while that was current, and does not show of what is over.
                unshown = [each for each in over if each in current and not self.shows_past(scope, each)]
                self.lose(*((scope, window.kind, window.id) for window in (*gone, *unshown)))
            yield 1 + len(over) // MARKED_DAYS

    def marking_all_past(self, home: Home, calendar: LocalCalendar) -> Iterator[int]:
        """All windows of a home that are over changed: those without a pane too, which were shown as zeros.

        Yields, scope by scope, how much work that was (`load.py`); what changes meanwhile is marked as ever.
        """

        @cache
        def since(oldest: int) -> set[Window]:
            return {window for day in range(oldest, home.today) for window in home.ended(calendar, day)}

        for name in list(home.scopes):
            if scope := home.scopes.get(name):
                windows = since(scope.oldest)
                self._mark_over(scope, windows)
                yield DRAW + len(windows) // MARKED_DAYS

    def marking_unchosen(self, home: Home, calendar: LocalCalendar) -> Iterator[int]:
        """Called when a reader may hold what another choice had published: all else of a home is gone for it.

        Yields as `marking_all_past` does.
        """
        for name in list(home.scopes):
            scope = home.scopes.get(name)
            if scope is None or not scope.published:
                continue
            mask = self._masks.of(scope)
            now = [(kind, window) for kind, window in _current(scope) if not mask.shows(kind, window, over=False)]
            kinds = frozenset(CALENDAR) - mask.past
            days = range(scope.oldest, home.today) if kinds else ()
            over = {each for day in days for each in home.ended(calendar, day) if each.kind in kinds}
            self.gone += ((scope, kind, window) for kind, window in now)
            self.gone += ((scope, each.kind, each.id) for each in sorted(over))
            yield 1 + (len(now) + len(over)) // MARKED_DAYS

    def shows(self, scope: Scope, kind: str, window: str, *, over: bool) -> bool:
        """Whether a window of a scope is published, while it is current or once it is over."""
        return self._masks.of(scope).shows(kind, window, over=over)

    def shows_past(self, scope: Scope, window: Window) -> bool:
        """Whether a calendar window of a scope is published once it is over."""
        return window.kind in self._masks.of(scope).past

    def lose(self, *gone: Gone) -> None:
        """Readers have to forget these windows; of what is never published they know nothing."""
        told = [each for each in gone if self._told(*each)]
        self.gone += told
        self.lost += told

    def _told(self, scope: Scope, kind: str, window: str) -> bool:
        return any(self.shows(scope, kind, window, over=over) for over in (False, True))

    def _mark_over(self, scope: Scope, windows: Iterable[Window]) -> None:
        """Windows of a scope that are over changed."""
        if marked := {each for each in windows if self.shows_past(scope, each)}:
            self.windows.setdefault(scope, set()).update(marked)

    def begin(self, scope: Scope) -> None:
        """All windows of a new scope are shown; if it had been forgotten a moment ago, they are not gone after all."""
        self.mark(scope, self._marks.everything)
        shown = set(_current(scope))
        self.gone = [gone for gone in self.gone if gone[0].name != scope.name or gone[1:] not in shown]

    def forget(self, scope: Scope) -> None:
        """A scope is gone, with all its current windows."""
        for marks in (self.current, self.shown, self.days, self.windows):
            marks.pop(scope, None)
        if scope.published:
            self.lose(*((scope, *window) for window in _current(scope)))

    def take_live(self, limit: int | None) -> list[tuple[Scope, int]]:
        """The scopes with their marks of live windows, at most `limit` of those marked; by home and name."""
        taken = []
        for scope in sorted(islice(self.current, limit), key=by_name):
            marked = self.current.pop(scope)
            self.shown[scope] = self.shown.get(scope, 0) | marked
            if live := marked & self._marks.live:
                taken.append((scope, live))
        return taken

    def take_current(self, limit: int | None) -> list[tuple[Scope, int, int]]:
        """The scopes with all their marks, those taken live among them, and with those that were not; as before."""
        scopes = list(islice(self.shown, limit))
        if limit is None or len(scopes) < limit:
            more = (scope for scope in self.current if scope not in self.shown)
            scopes += islice(more, None if limit is None else limit - len(scopes))
        taken = []
        for scope in sorted(scopes, key=by_name):
            marked, shown = self.current.pop(scope, 0), self.shown.pop(scope, 0)
            taken.append((scope, marked | shown, marked | shown & ~self._marks.live))
        return taken

    def take_past(self, calendar: LocalCalendar, limit: int | None) -> list[tuple[Scope, list[Window]]]:
        """The scopes with changed past windows, with those windows; by home and name.

        At most `limit` scopes, and four times as many windows and days.
        """
        windows: dict[Scope, set[Window]] = {}
        room = None if limit is None else 4 * limit
        for scope in list(islice(self.windows, limit)):
            if room is not None and room <= 0:
                break
            marked, home = sorted(self.windows.pop(scope)), scope.home
            windows[scope] = {each for each in marked[:room] if each in home.ended(calendar, each.first_day)}
            if room is not None:
                if rest := marked[room:]:
                    self.windows[scope] = set(rest)
                room -= len(marked)
        for scope, days in self._take_days(limit):
            found = windows.setdefault(scope, set())
            for day in days:
                found.update(scope.home.ended(calendar, day))
        return [
            (scope, sorted(each for each in windows[scope] if self.shows_past(scope, each)))
            for scope in sorted(windows, key=by_name)
        ]

    def _take_days(self, limit: int | None) -> list[tuple[Scope, list[int]]]:
        """Scopes with days, neighbouring ones together, so that windows they share are formed once."""
        taken: list[tuple[Scope, list[int]]] = []
        room = None if limit is None else 4 * limit
        for scope in list(islice(self.days, limit)):
            if room is not None and room <= 0:
                break
            days = sorted(self.days.pop(scope))
            taken.append((scope, days[:room]))
            if room is not None:
                if rest := days[room:]:
                    self.days[scope] = set(rest)
                room -= len(days)
        return taken

    def take_gone(self) -> list[Gone]:
        """What readers have to forget: no window that has come back meanwhile."""
        taken, self.gone = self.gone, []
        return [gone for gone in taken if not self._is_shown(*gone)]

    def _is_shown(self, scope: Scope, kind: str, window: str) -> bool:
        return _shown(scope, kind, window) and self.shows(scope, kind, window, over=False)


def by_name(scope: Scope) -> tuple[str, str]:
    """The order in which scopes are taken."""
    return scope.home.name, scope.name


def _shown(scope: Scope, kind: str, window: str) -> bool:
    return scope.published and scope.home.scopes.get(scope.name) is scope and (kind, window) in _current(scope)


def _is_over(home: Home, calendar: LocalCalendar, window: Window) -> bool:
    return window in home.ended(calendar, window.first_day)


def _current(scope: Scope) -> list[tuple[str, str]]:
    """Kind and id of every current window of a scope."""
    days = [(window.kind, window.id) for window in scope.home.current]
    return [*(("rolling", window) for window, _ in ROLLING), (NOW, NOW), *days]
