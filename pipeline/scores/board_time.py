"""What time alone does to a board: minutes and days pass, windows end and become final, panes expire."""

from collections.abc import Iterable, Iterator

from pipeline.kinds.deal_days import UNTOUCHED
from pipeline.measures import ACTIVITIES, CONTACT_MS
from pipeline.organisation.days import DAY_MS, MINUTE_MS
from pipeline.scores.activity_hours import KEPT_DAYS, QUARTER_MINUTES
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.by_day import BY_DAY
from pipeline.scores.changes import Changes, by_name
from pipeline.scores.cold_panes import WARM_MINUTES, measures_of
from pipeline.scores.definition import Definition
from pipeline.scores.goal_periods import running
from pipeline.scores.home import FAR_DAY, Home, LocalCalendar, Scope
from pipeline.scores.occupancy import goes_on
from pipeline.scores.panes import ALL_ROLLING, CURRENT_DAYS, DAY_BIT, NOW_BIT, WIDTHS
from pipeline.scores.windows import TRAILING, Window, calendar_windows, utc_day

LONG_JUMP_MINUTES = 2 * 1440
"""Over a longer gap the sums are forgotten instead of kept minute by minute."""

COOLED_AT_ONCE = 4
"""So many panes are looked at with work of one, when a board is restored."""

Expired = list[tuple[Scope, int]]
"""Panes that are no longer there, as scope and slot."""


class BoardTime:
    """Now, and what has to happen as it goes on.

    `minute` is the running minute; panes before `first_minute` and `first_day` have expired. `by_minute` finds the
    scopes that have a pane of a minute: whoever makes such a pane enters it. `running` are those in which stretches of
    time go on, which are longer with every minute. `cooled` are the panes that were packed, as scope and slot, until
    somebody takes them; `hourly` likewise the days of activities by the hour that changed or expired.
    """

    def __init__(
        self,
        policy: BoardPolicy,
        calendar: LocalCalendar,
        homes: dict[str, Home],
        changes: Changes,
        definition: Definition,
    ) -> None:
        self._policy = policy
        self._marks = definition.marks
        self._table = definition.table
        self._goal_marks = definition.goal_marks
        self._usual_marks = definition.usual_marks
        daily = definition.table.bits(definition.table.families_of(BY_DAY))
        daily |= definition.table.stall | definition.table.per_rep
        self._stalled = self._marks.of(NOW_BIT, definition.table.bits(definition.table.families_of(UNTOUCHED)))
        self._by_day = self._marks.of(CURRENT_DAYS) | self._marks.of(NOW_BIT, daily) | self._usual_marks
        """What another local day changes of its own."""
        self._occupied = self._marks.of(CURRENT_DAYS, definition.table.bits(definition.table.families_of([CONTACT_MS])))
        """What every minute changes while stretches go on."""
        self._rolling = tuple(self._marks.of(1 << band) for band in range(len(WIDTHS)))
        self._calendar = calendar
        self._homes = homes
        self._changes = changes
        self.now_ms = -1
        self.minute = -1
        self.first_minute = 0
        self.first_day = 0
        self.cooled: list[tuple[Scope, int]] = []
        self.hourly: dict[tuple[Scope, int], None] = {}
        self.by_minute: dict[int, list[Scope]] = {}
        self.running: dict[Scope, None] = {}
        self.turned: list[Home] = []

    def note_running(self, scope: Scope) -> int:
        """Called when stretches that go on are others than before; gives the marks of what changed with them."""
        if goes_on(scope.all_standing()):
            self.running[scope] = None
        else:
            self.running.pop(scope, None)
        return self._occupied

    def look_up(self, home: Home) -> bool:
        """Ask the calendar for what follows from now in a home; return whether it is another calendar."""
        return home.look_up(self._calendar, max(self.now_ms, 0), self._policy.finality_ms)

    def refresh(self, home: Home) -> Iterator[int]:
        """Look up a home's calendar again, and mark all that changed with it. Yields the work, if it is another one."""
        before, former, was_cold = home.current, home.period_rules, home.first_warm_day
        goals, hours, prorated, curves = home.goals, home.hours, home.prorated, home.curves
        stalled = home.untouched_up_to
        is_another = self.look_up(home)
        if stalled is not None and stalled != home.stalled_up_to(self._calendar, self._policy.stalled_days):
            self._changes.mark_home(home, self._stalled)
        if (goals is not home.goals and goals != home.goals) or prorated != home.prorated:
            self._changes.mark_goals(home, self._calendar, goals, prorated, self.first_day)
        elif (hours, curves) != (home.hours, home.curves):
            self._changes.mark(home.total, self._goal_marks)
        if hours != home.hours:
            self._mark_usual(home)
        self._cool_days(home, range(was_cold, home.first_warm_day))
        if not is_another:
            return
        for scope in home.scopes.values():
            scope.bases = None
        self._changes.mark_home(home, self._by_day)
        yield 1 + len(home.scopes)
        yield from self._changes.marking_redrawn(home, self._calendar, before, former)

    def restore(self, now_ms: int) -> Iterator[int]:
        """Set now, and form everything that follows from it and the panes; yields the work of each scope."""
        self.now_ms = now_ms
        self.minute = now_ms // MINUTE_MS if now_ms >= 0 else -1
        self.first_minute = self.minute - self._policy.minute_pane_hours * 60
        self.first_day = max(0, utc_day(now_ms) - self._policy.day_pane_days)
        for home in self._homes.values():
            self.look_up(home)
            for scope in home.scopes.values():
                yield from self._cooling_all(scope)
                scope.oldest = min(scope.days, default=scope.oldest)
                scope.look_since()
                scope.bands = []
                scope.revision += 1
                self.note_running(scope)
                for minute in scope.minutes:
                    self.by_minute.setdefault(minute, []).append(scope)
                yield 1 + len(scope.minutes) // 4

    @property
    def first_warm_minute(self) -> int:
        """Panes of minutes before it are cold."""
        return self.minute - WARM_MINUTES

    def is_cold(self, home: Home, slot: int) -> bool:
        """Whether a pane of that slot is kept packed."""
        return slot < home.first_warm_day if slot > 0 else 0 < -slot < self.first_warm_minute

    def _cooling_all(self, scope: Scope) -> Iterator[int]:
        """Pack what is cold and was warm when it was stored, or is a sum that was just formed; yields the work."""
        slots = [day for day, pane in scope.days.items() if isinstance(pane, list)]
        slots += [-minute for minute, pane in scope.minutes.items() if isinstance(pane, list)]
        for number, slot in enumerate(slots):
            if self.is_cold(scope.home, slot):
                self.cool(scope, slot)
            if number % COOLED_AT_ONCE == 0:
                yield 1

    def cool(self, scope: Scope, slot: int) -> None:
        """Pack a pane, if it is there and warm, and note that it was."""
        if scope.cool(slot):
            self.cooled.append((scope, slot))

    def _cool_minutes(self, passed: range) -> None:
        known = self.by_minute
        for minute in passed if len(passed) < len(known) else sorted(each for each in known if each in passed):
            for scope in known.get(minute, ()):
                self.cool(scope, -minute)

    def _cool_days(self, home: Home, passed: range) -> None:
        for scope in home.scopes.values():
            for day in passed if len(passed) < len(scope.days) else [day for day in scope.days if day in passed]:
                self.cool(scope, day)

    def advance(self, now_ms: int) -> Expired:
        """Go on to a later now."""
        self.now_ms = now_ms
        if now_ms // MINUTE_MS == self.minute:
            return []
        before = self.minute
        expired = self._to_minute(now_ms // MINUTE_MS)
        for scope in self.running:
            self._changes.mark(scope, self._occupied)
        for home in self._homes.values():
            if now_ms >= home.turns_ms:
                self._turn(home)
            if now_ms >= home.settles_ms:
                self._settle(home)
            if home.goals:
                self._pace(home, before)
            if before // QUARTER_MINUTES != self.minute // QUARTER_MINUTES:
                self._mark_usual(home)
        if (first_day := utc_day(now_ms) - self._policy.day_pane_days) > self.first_day:
            self._expire_hours()
            expired += self._expire_days(first_day)
        return expired

    def take_turned(self) -> list[Home]:
        """The homes in which another local day began (`turned`), since this was asked last."""
        turned, self.turned = self.turned, []
        return turned

    def _to_minute(self, minute: int) -> Expired:
        before, was_cold, self.minute = self.minute, self.first_warm_minute, minute
        was_first, self.first_minute = self.first_minute, minute - self._policy.minute_pane_hours * 60
        if before < 0 or minute - before > LONG_JUMP_MINUTES:
            for home in self._homes.values():
                self._changes.mark_home(home, self._marks.of(ALL_ROLLING))
                for scope in home.scopes.values():
                    scope.bands = []
        else:
            for each in range(before, minute):
                self._step(each)
        expired: Expired = []
        gone = range(was_first, self.first_minute)
        for old in gone if len(gone) < len(self.by_minute) else sorted(each for each in self.by_minute if each in gone):
            for scope in self.by_minute.pop(old, ()):
                pane = scope.minutes.pop(old)
                if scope.home.by_hours and (count := measures_of(pane).get(ACTIVITIES)):
                    self.keep_hour(scope, old, count)
                expired.append((scope, -old))
        self._cool_minutes(range(was_cold, self.first_warm_minute))
        return expired

    def keep_hour(self, scope: Scope, minute: int, count: int) -> None:
        """Called when activities of a minute without a pane changed, or its pane expires: by the hour they stay."""
        if minute * MINUTE_MS // DAY_MS >= self._first_hourly_day:
            self.hourly[scope, scope.hours.add(minute, count)] = None
            self._changes.mark(scope, self._usual_marks)

    def _mark_usual(self, home: Home) -> None:
        """Another time of day, or other hours of work: what is usual by now is another."""
        if home.by_hours:
            self._changes.mark_home(home, self._usual_marks)

    @property
    def _first_hourly_day(self) -> int:
        """Activities by the hour of days in UTC before it have expired; panes of days outlive them."""
        return self.now_ms // DAY_MS - min(KEPT_DAYS, self._policy.day_pane_days - 1)

    def _step(self, done: int) -> None:
        """One minute is full and enters the sums, older ones move on or leave; a waiting one is the running one."""
        for band, width in enumerate(WIDTHS):
            for scope in self.by_minute.get(done - width, ()):
                self._leave(scope, band, done - width)
        for scope in self.by_minute.get(done, ()):
            scope.enter(done)
        for scope in self.by_minute.get(done + 1, ()):
            if begun := measures_of(scope.minutes[done + 1]):
                self._changes.mark(scope, self._marks.of(ALL_ROLLING, self._table.concerned(begun)))

    def _leave(self, scope: Scope, band: int, minute: int) -> None:
        """A minute leaves a rolling window; of a scope of which that is never read, its pane is not even looked at."""
        if band >= len(scope.bands) and not self._changes.marks_any(scope, self._rolling[band]):
            scope.revision += 1
        elif left := measures_of(scope.minutes[minute]):
            scope.leave(band, left)
            self._changes.mark(scope, self._marks.of(1 << band, self._table.concerned(left)))

    def _turn(self, home: Home) -> None:
        """The local day is over: windows that ended stay as past ones, the new ones are shown, as zeros at first."""
        yesterday, before, settling = home.today, home.current, home.settling
        self.turned.append(home)
        if list(self.refresh(home)):
            return  # A rep moved at midnight: all windows are marked anew by the other zone.
        home.settling, home.settles_ms = min(settling, home.settling), self.now_ms
        for scope in home.scopes.values():
            scope.turn(yesterday, home.today, before, home.current)
        self._changes.mark_home(home, self._by_day)
        for day in range(yesterday, home.today):
            self._changes.mark_ended(home, self._calendar, day)
        over = [window for window in before if window.kind != TRAILING and window.last_day < home.today]
        for scope in home.scopes.values():
            # What a scope showed while it was current, and does not show as a past window.
            unshown = (
                each
                for each in over
                if each.last_day < scope.oldest
                or each.first_day < self.first_day
                or not self._changes.shows_past(scope, each)
            )
            self._lose(scope, unshown)

    def _pace(self, home: Home, before: int) -> None:
        """Working time passed: of what is to be reached in it more is due."""
        for number in running(home, max(before, self.minute - LONG_JUMP_MINUTES), self.minute):
            self._changes.mark(home.total, self._marks.of(DAY_BIT << number, self._table.goals))

    def _settle(self, home: Home) -> None:
        """Days became final: the windows that ended with them are published once more, saying so."""
        for day in home.settle_after(self._calendar, self.now_ms, self._policy.finality_ms):
            self._changes.mark_ended(home, self._calendar, day)

    def _expire_hours(self) -> None:
        first_day = self._first_hourly_day
        for home in self._homes.values():
            for scope in home.scopes.values():
                for day in [day for day in scope.hours.days if day < first_day]:
                    del scope.hours.days[day]
                    self.hourly[scope, day] = None

    def _expire_days(self, first_day: int) -> Expired:
        expired: Expired = []
        for name in sorted(self._homes):
            home = self._homes[name]
            for scope in sorted(home.scopes.values(), key=by_name):
                days = [day for day in range(self.first_day, first_day) if scope.days.pop(day, None) is not None]
                expired += [(scope, day) for day in days]
                self._close(scope, first_day)
            self._forget_empty(home)
        self.first_day = first_day
        return expired

    def _close(self, scope: Scope, first_day: int) -> None:
        """Windows that begin on a day that has expired, or end before the first one that is left, are gone."""
        home, before = scope.home, scope.oldest
        scope.oldest = min(scope.days, default=FAR_DAY)
        scope.look_since()
        closed: set[Window] = set()
        for day in range(self.first_day, first_day):
            windows = calendar_windows(day, home.period_rules)
            closed.update(each for each in windows if each.first_day == day and each.last_day >= before)
        for day in range(max(before, first_day), min(scope.oldest, home.today)):
            closed.update(each for each in home.ended(self._calendar, day) if each.last_day < scope.oldest)
        self._lose(scope, (each for each in closed if self._changes.shows_past(scope, each)))

    def _lose(self, scope: Scope, windows: Iterable[Window]) -> None:
        if scope.published:
            self._changes.lose(*((scope, window.kind, window.id) for window in sorted(windows)))

    def _forget_empty(self, home: Home) -> None:
        """Scopes without any pane are gone, with all their windows; the home is when it has no scope left."""
        for scope in [scope for scope in home.scopes.values() if scope.empty]:
            del home.scopes[scope.name]
            self.running.pop(scope, None)
            self._changes.forget(scope)
        if not home.scopes:
            del self._homes[home.name]
