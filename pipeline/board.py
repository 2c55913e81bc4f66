"""The board: all homes and scopes of one partition, what changed in them, and what follows from time alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.days import MINUTE_MS
from pipeline.figures import Figure
from pipeline.home import Home, LocalCalendar, Scope
from pipeline.kpis import families_of
from pipeline.panes import ALL_ROLLING, CURRENT_DAYS, EVERYTHING, FAST, SLOW, WIDEST, WIDTHS, Measures, merge, subtract
from pipeline.rendering import current_figures, gone_figure, past_figure
from pipeline.windows import Window, calendar_windows, utc_day

HOUR_MS = 3_600_000
SETTLE_LOOK_BACK_MS = 48 * HOUR_MS
LONG_JUMP_MINUTES = 2 * 1440


@dataclass(frozen=True, slots=True)
class BoardPolicy:
    """How long panes are kept, when a window is final, and the currency of all money.

    A rep or team counts as silent after `silence_minutes` working minutes without activity where its team sets none
    of its own; a feed after `feed_silence_minutes` working minutes, and no longer once it has not been heard for
    `feed_retired_hours`.
    """

    minute_pane_hours: int = 26
    day_pane_days: int = 800
    finality_hours: int = 24
    silence_minutes: int = 60
    feed_silence_minutes: int = 10
    feed_retired_hours: int = 96
    currency: str = "EUR"


class Board:
    """Folds measures into panes and windows, and gives the figures that changed.

    It is a pure function of the calls in their order. `position` is the offset folded last and `now_ms` the largest
    instant seen (-1 before the first); `generation` is set by whoever leases the partition, before figures are taken.
    `also_marked` are told when changes are marked again: whatever else is published from the same state.
    """

    def __init__(self, policy: BoardPolicy, calendar: LocalCalendar) -> None:
        self.policy = policy
        self.calendar = calendar
        self.generation = 0
        self.currency = policy.currency
        self.position = -1
        self.now_ms = -1
        self.minute = -1
        self.first_minute = 0
        self.first_day = 0
        self.touched: list[Scope] = []
        self.also_marked: list[Callable[[int | None], None]] = []
        self._homes: dict[str, Home] = {}
        self._by_minute: dict[int, list[Scope]] = {}
        self._current: dict[Scope, int] = {}
        self._past_days: dict[Scope, set[int]] = {}
        self._past_windows: dict[Scope, set[Window]] = {}
        self._gone: list[Figure] = []

    @property
    def _finality_ms(self) -> int:
        return self.policy.finality_hours * HOUR_MS

    def homes(self) -> list[str]:
        """The names of all homes, sorted."""
        return sorted(self._homes)

    def has_home(self, name: str) -> bool:
        """Whether there is a home of that name: one that ran empty is gone."""
        return name in self._homes

    def home(self, name: str, *, published: bool = True) -> Home:
        """The home of that name; a new one begins empty."""
        home = self._homes.get(name)
        if home is None:
            home = self._homes[name] = Home(name, published=published)
            home.look_up(self.calendar, max(self.now_ms, 0), self._finality_ms)
            self._begin(home.total)
        return home

    def scope(self, home: Home, name: str, *, rep: str = "", published: bool = True) -> Scope:
        """The scope of that name in a home; a new one begins empty."""
        scope = home.scopes.get(name)
        if scope is None:
            scope = home.scopes[name] = Scope(home, name, rep=rep, published=published)
            self._begin(scope)
        return scope

    def _begin(self, scope: Scope) -> None:
        """All windows of a new scope are shown; if it had been forgotten a moment ago, they are not gone after all."""
        self._current[scope] = EVERYTHING
        if self._gone:
            shown = {(scope.name, figure.window) for figure in current_figures(self, scope, EVERYTHING)}
            self._gone = [figure for figure in self._gone if (figure.scope, figure.window) not in shown]

    def add(
        self, scope: Scope, day: int | None, minute: int | None, measures: Measures, offset: int, changed_ms: int
    ) -> None:
        """Add signed measures to the panes of one cell: of its day, its minute, or the standing one if it has neither.

        Panes that have expired ignore it. What was touched is in `touched` until somebody clears it.
        """
        if not scope.touched:
            self.touched.append(scope)
        bits = 0
        if minute is not None and minute >= self.first_minute:
            if minute not in scope.minutes:
                self._by_minute.setdefault(minute, []).append(scope)
            bits = scope.add_minute(minute, measures, offset, changed_ms, self.minute)
            scope.touched.add(-minute)
        if day is not None:
            if day >= self.first_day:
                home = scope.home
                bits |= scope.add_day(day, measures, offset, changed_ms, home.today, home.current)
                scope.touched.add(day)
                if day < home.today:
                    self._past_days.setdefault(scope, set()).add(day)
                if day < scope.oldest:
                    scope.oldest = day
        elif minute is None:
            bits = scope.add_standing(measures, offset, changed_ms)
            scope.touched.add(0)
        if bits:
            self._current[scope] = self._current.get(scope, 0) | bits

    def see(self, home: Home, measures: Measures) -> bool:
        """Note which measures a home has data of; return whether a family of KPIs is no longer absent because of it."""
        if home.known.issuperset(measures):
            return False
        home.known.update(measures)
        families = home.families.union(*(families_of(name) for name in measures))
        if families == home.families:
            return False
        self.set_families(home, families)
        return True

    def set_families(self, home: Home, families: frozenset[str]) -> None:
        """Say which families of KPIs a home has data of; all its current figures show them from now on."""
        home.families = families
        self._mark_all(home, EVERYTHING)

    def advance(self, now_ms: int) -> list[tuple[Scope, int]]:
        """Let time go on to `now_ms`; an earlier one changes nothing. Return the expired panes, as scope and slot."""
        if now_ms <= self.now_ms:
            return []
        self.now_ms = now_ms
        if now_ms // MINUTE_MS == self.minute:
            return []
        expired = self._to_minute(now_ms // MINUTE_MS)
        for home in self._homes.values():
            if now_ms >= home.turns_ms:
                self._turn(home)
            if now_ms >= home.settles_ms:
                self._settle(home)
        if (first_day := utc_day(now_ms) - self.policy.day_pane_days) > self.first_day:
            expired += self._expire_days(first_day)
        return expired

    def refresh(self) -> None:
        """Called when the organisation changed: look up every home's calendar again, mark what changed with it."""
        for home in self._homes.values():
            if home.look_up(self.calendar, max(self.now_ms, 0), self._finality_ms):
                for scope in home.scopes.values():
                    scope.bases = None
                self._mark_all(home, CURRENT_DAYS)

    def restore(self, now_ms: int, position: int) -> None:
        """Called once all scopes and their panes were put in place: set the clock and form the running sums."""
        self._current.clear()
        self.now_ms, self.position = now_ms, position
        self.minute = now_ms // MINUTE_MS if now_ms >= 0 else -1
        self.first_minute = self.minute - self.policy.minute_pane_hours * 60
        self.first_day = max(0, utc_day(now_ms) - self.policy.day_pane_days)
        for home in self._homes.values():
            home.look_up(self.calendar, max(now_ms, 0), self._finality_ms)
            for scope in home.scopes.values():
                scope.oldest = min(scope.days, default=scope.oldest)
                scope.sum_minutes(self.minute)
                for minute in scope.minutes:
                    self._by_minute.setdefault(minute, []).append(scope)

    @property
    def changed(self) -> bool:
        """Whether anything changed that was not taken yet."""
        return bool(self._current or self._past_days or self._past_windows or self._gone)

    def take(self, *, slow: bool, limit: int | None = None) -> list[Figure]:
        """The figures that changed since they were last taken, at most those of `limit` scopes; call between folds.

        Fast ones are the rolling windows, `now` and the current day; slow ones are all others, past ones among them.
        """
        wanted = SLOW if slow else FAST
        figures: list[Figure] = []
        scopes = list(islice((scope for scope, bits in self._current.items() if bits & wanted), limit))
        for scope in sorted(scopes, key=_by_name):
            bits = self._current.pop(scope)
            if bits & ~wanted:
                self._current[scope] = bits & ~wanted
            if scope.published:
                figures += current_figures(self, scope, bits & wanted)
        return figures + self._take_past(limit) if slow else figures

    def current(self, *, reps: bool = True) -> Iterator[Figure]:
        """All current figures of all scopes, whether they changed or not, in the order of homes and scopes.

        Those of reps only with `reps`. Others may have their turn between two figures.
        """
        for name in self.homes():
            for scope in sorted(self._homes[name].scopes.values(), key=_by_name):
                if scope.published and not scope.empty and (reps or not scope.rep):
                    yield from current_figures(self, scope, EVERYTHING)

    def mark_changed_since(self, offset: int | None, now_ms: int | None = None) -> None:
        """Mark as changed all that may have changed after `offset`, at which now was `now_ms`; None: everything.

        Without `now_ms`, what time alone changed in the last two days is marked as well.
        """
        for follow in self.also_marked:
            follow(offset)
        since_ms = now_ms if now_ms is not None else self.now_ms - SETTLE_LOOK_BACK_MS
        for home in self._homes.values():
            self._mark_all(home, EVERYTHING)
            for scope in home.scopes.values():
                days = {day for day, pane in scope.days.items() if offset is None or pane[0] > offset}
                self._past_days.setdefault(scope, set()).update(day for day in days if day < home.today)
            if self.now_ms >= 0:
                first = self.calendar.local_day(home.name, max(since_ms - self._finality_ms, 0)) - 1
                oldest = min(scope.oldest for scope in home.scopes.values())
                for day in range(max(first, oldest), home.today):
                    self._mark_ended(home, day)

    def mark_home(self, name: str) -> None:
        """Mark everything of one home as changed: whoever shows it has lost it."""
        if home := self._homes.get(name):
            self._mark_all(home, EVERYTHING)
            for scope in home.scopes.values():
                self._past_days.setdefault(scope, set()).update(day for day in scope.days if day < home.today)

    def _mark_all(self, home: Home, bits: int) -> None:
        for scope in home.scopes.values():
            self._current[scope] = self._current.get(scope, 0) | bits

    def _mark_ended(self, home: Home, last_day: int) -> None:
        for window in home.ended(self.calendar, last_day):
            if window.last_day == last_day:
                for scope in home.scopes.values():
                    if scope.oldest <= last_day:
                        self._past_windows.setdefault(scope, set()).add(window)

    def _to_minute(self, minute: int) -> list[tuple[Scope, int]]:
        before, self.minute = self.minute, minute
        self.first_minute = minute - self.policy.minute_pane_hours * 60
        if before < 0 or minute - before > LONG_JUMP_MINUTES:
            for home in self._homes.values():
                self._mark_all(home, ALL_ROLLING)
                for scope in home.scopes.values():
                    scope.sum_minutes(minute)
        else:
            for each in range(before, minute):
                self._step(each)
        expired = []
        for old in sorted(each for each in self._by_minute if each < self.first_minute):
            for scope in self._by_minute.pop(old):
                del scope.minutes[old]
                expired.append((scope, -old))
        return expired

    def _step(self, done: int) -> None:
        """One minute is full and enters the sums, older ones move on or leave; a waiting one is the running one."""
        for i, width in enumerate(WIDTHS):
            for scope in self._by_minute.get(done - width, ()):
                if left := scope.minutes[done - width][2]:
                    subtract(scope.bands[i], left)
                    if width < WIDEST:
                        merge(scope.bands[i + 1], left)
                    self._current[scope] = self._current.get(scope, 0) | 1 << i
        for scope in self._by_minute.get(done, ()):
            merge(scope.bands[0], scope.minutes[done][2])
        for scope in self._by_minute.get(done + 1, ()):
            if scope.minutes[done + 1][2]:
                self._current[scope] = self._current.get(scope, 0) | ALL_ROLLING

    def _turn(self, home: Home) -> None:
        """The local day is over: windows that ended stay as past ones, the new ones are shown, as zeros at first."""
        yesterday, before, settling = home.today, home.current, home.settling
        home.look_up(self.calendar, self.now_ms, self._finality_ms)
        home.settling, home.settles_ms = min(settling, home.settling), self.now_ms
        for scope in home.scopes.values():
            scope.turn(yesterday, home.today, before, home.current)
        self._mark_all(home, CURRENT_DAYS)
        for day in range(yesterday, home.today):
            self._mark_ended(home, day)

    def _settle(self, home: Home) -> None:
        """Days became final: the windows that ended with them are published once more, saying so."""
        for day in home.settle_after(self.calendar, self.now_ms, self._finality_ms):
            self._mark_ended(home, day)

    def _expire_days(self, first_day: int) -> list[tuple[Scope, int]]:
        expired: list[tuple[Scope, int]] = []
        for name in self.homes():
            home = self._homes[name]
            for scope in sorted(home.scopes.values(), key=_by_name):
                for day in range(max(scope.oldest, self.first_day), first_day):
                    if scope.days.pop(day, None) is not None:
                        expired.append((scope, day))
                    self._close(scope, day)
                scope.oldest = max(scope.oldest, first_day) if scope.days else scope.oldest
            self._forget_empty(home)
        self.first_day = first_day
        return expired

    def _close(self, scope: Scope, day: int) -> None:
        """A window whose first day has expired can no longer be formed: it is gone."""
        for window in calendar_windows(day, self.calendar.fiscal_start(scope.home.name)):
            if window.first_day == day and scope.published:
                self._gone.append(gone_figure(self, scope, window.kind, window.id))

    def _forget_empty(self, home: Home) -> None:
        """Scopes without any pane are gone, with all their windows; the home is when it has no scope left."""
        for scope in [scope for scope in home.scopes.values() if scope.empty]:
            del home.scopes[scope.name]
            for marks in (self._current, self._past_days, self._past_windows):
                marks.pop(scope, None)
            if scope.published:
                shown = current_figures(self, scope, EVERYTHING)
                self._gone += [gone_figure(self, scope, figure.kind, figure.window) for figure in shown]
        if not home.scopes:
            del self._homes[home.name]

    def _take_past(self, limit: int | None) -> list[Figure]:
        windows: dict[Scope, set[Window]] = {}
        for scope in list(islice(self._past_windows, limit)):
            windows[scope] = self._past_windows.pop(scope)
        for scope in list(islice(self._past_days, limit)):
            found = windows.setdefault(scope, set())
            for day in self._past_days.pop(scope):
                found.update(scope.home.ended(self.calendar, day))
        gone, self._gone = self._gone, []
        return gone + [
            past_figure(self, scope, window)
            for scope in sorted(windows, key=_by_name)
            if scope.published
            for window in sorted(windows[scope])
            if window.first_day >= self.first_day
        ]


def _by_name(scope: Scope) -> tuple[str, str]:
    return scope.home.name, scope.name
