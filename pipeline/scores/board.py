"""The board: all homes and scopes of one partition, what changed in them, and what follows from time alone."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.measures import ACTIVITIES, AGENTS, CONTACT_MS
from pipeline.organisation.score_rules import ScoreRules
from pipeline.scores.activity_score import SCORE, SCORED
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.board_time import BoardTime, Expired
from pipeline.scores.changes import DRAW, MARKED_DAYS, Changes, Gone, by_name
from pipeline.scores.cold_panes import Measures
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.figures import Figure
from pipeline.scores.goals import FOLLOWED, GOALS
from pipeline.scores.home import Home, LocalCalendar, Scope
from pipeline.scores.kpi_table import stem_of
from pipeline.scores.marking import Marking
from pipeline.scores.masks import Masks
from pipeline.scores.panes import CURRENT_DAYS, NOW_BIT, QUARTER_BIT, TRAILING_BIT
from pipeline.scores.panes import EVERYTHING as EVERY_WINDOW
from pipeline.scores.rendering import every_figure, gone_figure, live_figures, past_figure, whole_figures
from pipeline.scores.rep_kpis import REPS_AT_WORK
from pipeline.scores.restaffed import Restaffed
from pipeline.scores.scored_scopes import scored_windows
from pipeline.scores.stall import LOOKED_AT_DAYS
from pipeline.scores.windows import LASTING

__all__ = ["DRAW", "Board", "BoardPolicy"]

MOST_WRITTEN = 1000
"""So many scopes keep the texts of their KPIs, about 10 KB each, unless a board is told otherwise."""
MOST_LATE = 4096
"""So many cold panes are left unpacked, those changed last: an import of history changes them again and again."""
LASTING_IDS = {window: window for window in LASTING}
LOOK_UP = 2
"""The work of looking up a home's calendar."""


class Board:
    """Folds measures into panes and windows, and gives the figures that changed.

    It is a pure function of the calls in their order, for one definition of figures. `position` is the offset folded
    last; `generation` is set by whoever leases the partition, before figures are taken. `places` are those of stages in
    their processes, by `<process>:<stage>`. `touched` are the scopes with slots that were added to, until somebody
    clears them.
    """

    def __init__(self, policy: BoardPolicy, calendar: LocalCalendar, definition: Definition = DEFINITION) -> None:
        self.policy = policy
        self.definition = definition
        self.definition_version = definition.version(policy)
        self.calendar = calendar
        self.generation = 0
        self.currency = policy.currency
        self.position = -1
        self.places: Mapping[str, int] = {}
        self.touched: list[Scope] = []
        self.most_written = MOST_WRITTEN
        self._homes: dict[str, Home] = {}
        self.masks = Masks(definition.table, definition.marks, policy.chosen)
        self._changes = Changes(definition.marks, self.masks, definition.goal_marks)
        self._concerned = definition.table.concerned
        self._marks = definition.marks.of
        opened = frozenset(kpi.family for kpi in definition.table.rows if kpi.name == "stage_open")
        self._opened = self._marks(NOW_BIT, definition.table.bits(opened))
        """The one figure that tells the places of stages."""
        velocity = frozenset(kpi.family for kpi in definition.table.rows if kpi.formula == "velocity")
        self._velocity = self._marks(TRAILING_BIT, definition.table.bits(velocity))
        """The one figure of a span of days that follows from standing measures too; but for those of today."""
        self._occupancy = definition.table.bits(definition.table.families_of([CONTACT_MS]))
        self._states = definition.table.bits(definition.table.families_of([AGENTS]))
        self._written: dict[Scope, None] = {}
        self.learnt: list[Home] = []
        """The homes of which more is known than the state holds, until somebody keeps it: they got a goal."""
        self._late: dict[tuple[Scope, int], None] = {}
        self._time = BoardTime(policy, calendar, self._homes, self._changes, definition)
        self.marking = Marking(policy, calendar, self._homes, self._changes, self._time, definition)
        """Marks again what somebody lost, or never got."""

    @property
    def now_ms(self) -> int:
        """The largest instant seen, -1 before the first."""
        return self._time.now_ms

    @property
    def defined_by(self) -> str:
        """What shapes figures besides measures. Where it is another than a sink was served by, all are to go there."""
        return f"{self.definition_version} {self.currency}"

    @property
    def minute(self) -> int:
        """The running minute."""
        return self._time.minute

    @property
    def first_minute(self) -> int:
        """The earliest minute whose pane has not expired."""
        return self._time.first_minute

    @property
    def first_day(self) -> int:
        """The earliest local day whose pane has not expired."""
        return self._time.first_day

    def homes(self) -> list[str]:
        """The names of all homes, sorted."""
        return sorted(self._homes)

    def published_scopes(self) -> dict[str, dict[str, bool]]:
        """All homes, and the scopes of each of which figures were taken, and none waits to be taken.

        Of each scope whether windows that are over were taken too.
        """
        changes, chosen = self._changes, self.masks.shows_any
        return {
            name: {
                scope.name: changes.has_shown_past(scope, self.calendar, self.first_day)
                for scope in home.scopes.values()
                if scope.shown and scope not in changes.current and chosen(scope)
            }
            for name, home in self._homes.items()
        }

    def current_ids(self, home: str) -> dict[str, str]:
        """The ids of the windows that are current in a home, by what readers ask for; none of a home that is gone."""
        found = self._homes.get(home)
        return LASTING_IDS | {window.kind: window.id for window in found.current} if found else {}

    def has_home(self, name: str) -> bool:
        """Whether there is a home of that name: one that ran empty is gone."""
        return name in self._homes

    def find(self, name: str) -> Home | None:
        """The home of that name, if there is one."""
        return self._homes.get(name)

    def home(self, name: str, *, published: bool = True) -> Home:
        """The home of that name; a new one begins empty."""
        home = self._homes.get(name)
        if home is None:
            home = self._homes[name] = Home(name, published=published)
            self._time.look_up(home)
            self._changes.begin(home.total)
            self._see_goals(home)
        return home

    def scope(self, home: Home, name: str, *, rep: str = "", published: bool = True) -> Scope:
        """The scope of that name in a home; a new one begins empty."""
        scope = home.scopes.get(name)
        if scope is None:
            scope = home.scopes[name] = Scope(home, name, rep=rep, published=published)
            self._changes.begin(scope)
        return scope

    def publish(self, home: Home, *, published: bool) -> None:
        """Show a home's own scope from now on, or no longer: all its windows, current and past ones."""
        total = home.total
        if total.published == published:
            return
        if published:
            total.published = True
            self._changes.begin(total)
            for _ in self._changes.marking_all_past(home, self.calendar):
                pass
        else:
            self._changes.forget(total)
            # Days without a pane too: they are shown as zeros.
            days = range(total.oldest, home.today)
            past = {window for day in days for window in home.ended(self.calendar, day)}
            self._changes.lose(*((total, window.kind, window.id) for window in sorted(past)))
            total.published = False

    def _of_standing(self, scope: Scope, families: int) -> int:
        """The marks of what follows from what stands, beside the window `now`: velocity, and what goes on."""
        marks = self._velocity | (self._time.note_running(scope) if families & self._occupancy else 0)
        return marks | self.definition.timeline_marks if families & self._states else marks

    def add(
        self,
        scope: Scope,
        day: int | None,
        minute: int | None,
        measures: Measures,
        offset: int,
        changed_ms: int,
        first_ms: int | None = None,
    ) -> None:
        """Add signed measures to the panes of one cell: of its day, its minute, or the standing one if it has neither.

        Panes that have expired ignore it. `first_ms` is when anything was told of the day, if not only now.
        """
        time = self._time
        if not scope.touched:
            self.touched.append(scope)
        bits = 0
        looked_at = False
        if minute is not None and minute >= time.first_minute:
            if minute not in scope.minutes:
                time.by_minute.setdefault(minute, []).append(scope)
            bits = scope.add_minute(minute, measures, offset, changed_ms, time.minute)
            scope.touched.add(-minute)
        elif minute is not None and scope.home.by_hours and ACTIVITIES in measures:
            time.keep_hour(scope, minute, measures[ACTIVITIES])
        if day is not None and day >= time.first_day:
            home = scope.home
            bits |= scope.add_day(day, measures, offset, changed_ms, home.today, home.current)
            scope.note_first(day, changed_ms if first_ms is None else first_ms)
            scope.touched.add(day)
            if day < home.today:
                self._changes.mark_day(scope, day)
                looked_at = day >= home.today - LOOKED_AT_DAYS and scope is home.total
            if day < scope.oldest:
                scope.oldest = day
        elif day is None and minute is None:
            bits = scope.add_standing(measures, offset, changed_ms)
            scope.touched.add(0)
        if bits or looked_at:
            concerned = self._concerned(measures)
            changed = self._marks(bits, concerned)
            if looked_at:
                changed |= self._marks(NOW_BIT, concerned & self.definition.table.stall)
            if bits == NOW_BIT:
                changed |= self._of_standing(scope, concerned)
            if scope.home.goals or scope.home.scoring is not None:
                changed |= self._aimed(scope, measures, bits)
            self._changes.mark(scope, changed)

    def _aimed(self, scope: Scope, measures: Measures, bits: int) -> int:
        """The marks of goals and scores that follow from these measures."""
        home, marks = scope.home, 0
        if home.goals and scope is home.total and not FOLLOWED.isdisjoint(measures):
            marks = self._marks(QUARTER_BIT if bits == NOW_BIT else bits, self.definition.table.goals)
        if home.scoring is not None and not SCORED.isdisjoint(measures):
            home.scoring.note(scope.rep)
            marks |= self._marks(bits, self.definition.table.score)
        return marks

    def mark_timeline(self, scope: Scope) -> None:
        """Called when the timeline of a rep changed, be it today's or not."""
        self._changes.mark(scope, self.definition.timeline_marks)

    def see(self, home: Home, measures: Collection[str]) -> bool:
        """Note which measures a home has data of; return whether it had none of one of them before."""
        known = home.known
        if known.issuperset(measures):
            return False
        stems = {stem_of(name) for name in measures if name not in known}
        known.update(measures)
        if home.measures.issuperset(stems):
            return False
        before = home.families
        self.recall(home, stems)
        if new := home.families - before:
            self._changes.mark_home(home, self._marks(EVERY_WINDOW, self.definition.table.bits(new)))
        return True

    def _see_goals(self, home: Home) -> None:
        """Of a home that once had a goal the KPIs of goals are there for ever: one that was taken back is null.

        Likewise of one whose activities were weighed.
        """
        found = ((GOALS,) if home.goals else ()) + ((SCORE,) if home.scoring is not None else ())
        if found and self.see(home, found):
            self.learnt.append(home)

    def take_learnt(self) -> list[Home]:
        """The homes whose measures are to be kept, since this was asked last."""
        learnt, self.learnt = self.learnt, []
        return [home for home in learnt if self._homes.get(home.name) is home]

    def recall(self, home: Home, stems: Collection[str]) -> None:
        """Add to the measures that a home has data of, and see which families of KPIs are not absent because of it."""
        home.measures.update(stems)
        if not (seen := self.definition.table.families_of(stems)) <= home.families:
            home.families |= seen

    def note_late(self, scope: Scope) -> None:
        """Called once panes of a scope were changed: cold ones stay warm until many others were changed after them."""
        warm_day, cold_minute = scope.home.first_warm_day, -self._time.first_warm_minute
        for slot in scope.touched:
            if 0 < slot < warm_day or cold_minute < slot < 0:
                late, key = self._late, (scope, slot)
                late.pop(key, None)
                late[key] = None
                if len(late) > MOST_LATE:
                    oldest, its_slot = next(iter(late))
                    del late[oldest, its_slot]
                    self._time.cool(oldest, its_slot)

    def is_cold(self, home: Home, slot: int) -> bool:
        """Whether panes of that slot are kept packed in a home."""
        return self._time.is_cold(home, slot)

    def take_cooled(self) -> list[tuple[Scope, int]]:
        """The panes, as scope and slot, that were packed as time went on since this was asked last: none changed."""
        cooled, self._time.cooled = self._time.cooled, []
        return cooled

    def take_hourly(self) -> list[tuple[Scope, int]]:
        """The days of activities by the hour, as scope and day, that changed or expired since this was asked last."""
        taken, self._time.hourly = list(self._time.hourly), {}
        return taken

    def advance(self, now_ms: int) -> Expired:
        """Let time go on to `now_ms`; an earlier one changes nothing. Return the panes that expired."""
        if now_ms <= self.now_ms:
            return []
        expired = self._time.advance(now_ms)
        for home in self._time.take_turned():
            self._see_goals(home)
        return expired

    def refresh(self, currency: str, names: Iterable[str] | None = None) -> Iterator[int]:
        """Called when the organisation changed: look up the calendars of homes anew, mark what changed with them.

        `names` are those that are concerned, None is all. Yields, scope by scope, how much work that was (`load.py`):
        the caller lets others have their turn, and has to come to the end.
        """
        if currency != self.currency:
            self.currency = currency
            for name in self.homes():
                yield from self.marking.all_windows(name)
        for name in self.homes() if names is None else sorted(names):
            if home := self._homes.get(name):
                yield LOOK_UP
                rules = home.scoring.rules if home.scoring is not None else ()
                yield from self._time.refresh(home)
                for scope in home.scopes.values():
                    scope.active_known, scope.looked = False, None
                self._see_goals(home)
                if rules != (home.scoring.rules if home.scoring is not None else ()):
                    yield from self._rescoring(home, rules)

    def add_goals_up(self, names: Iterable[str]) -> None:
        """Called when targets below these homes may have changed, or who is below them: their sums are formed anew."""
        for name in names:
            if (home := self._homes.get(name)) and home.goals:
                home.below.clear()
                self._changes.mark(home.total, self.definition.goal_marks)

    def rescoring(self, names: Iterable[str]) -> Iterator[int]:
        """Called when others may belong to these teams by the end of a window. Yields as `refresh` does."""
        for name in sorted(names):
            if (home := self._homes.get(name)) and home.scoring is not None:
                home.scoring.forget()
                yield from self._rescoring(home, ())

    def restaffing(self, staffed: Restaffed) -> Iterator[int]:
        """Called when others may be at work in some teams, on some days. Yields as `refresh` does."""
        self.calendar.forget_reps(staffed.teams)
        for name in self.homes() if staffed.homes is None else sorted(staffed.homes):
            if (home := self._homes.get(name)) and REPS_AT_WORK in home.families:
                self._changes.mark(home.total, self.definition.per_rep_marks)
                days = staffed.days_in(home, self.first_day)
                yield 1 + len(days) // MARKED_DAYS
                self._changes.mark_days_over(home, self.calendar, days)

    def _rescoring(self, home: Home, before: ScoreRules) -> Iterator[int]:
        """Scores changed without any pane: they are told once more to whoever has not heard of it yet."""
        self._changes.mark_home(home, self.definition.score_marks)
        self._changes.redrawn.append(home.name)
        for scope in list(home.scopes.values()):
            windows = scored_windows(home, self.calendar, scope, before)
            if over := {each for each in windows if self._changes.shows_past(scope, each)}:
                self._changes.windows.setdefault(scope, set()).update(over)
            yield 1 + len(windows) // MARKED_DAYS

    def tell_attendance(self, reps: Collection[str]) -> None:
        """Called when reps may be at work who were not, or the other way round.

        It is said wherever there are figures of them: a team keeps those of a rep whom no membership names any more.
        """
        if not reps:
            return
        found = [home.total for rep in reps if (home := self._homes.get(f"rep:{rep}"))]
        for home in self._homes.values():
            found += [scope for rep in reps if (scope := home.member(rep))]
        for scope in sorted(found, key=by_name):
            self._changes.mark(scope, self._marks(CURRENT_DAYS))

    def place(self, places: Mapping[str, int]) -> Iterator[int]:
        """Called when processes may have changed: stages have these places now. Yields as `refresh` does."""
        if places == self.places:
            return
        self.places = places
        for name in self.homes():
            if home := self._homes.get(name):
                self._changes.mark_home(home, self._opened)
                yield _drawn(home)

    def restore(self, now_ms: int, position: int) -> Iterator[int]:
        """Called once all scopes and their panes were put in place: set the clock and form the running sums.

        Yields, scope by scope, how much work that was, as `refresh` does.
        """
        self.position = position
        self._changes.clear_current()
        self._changes.lost.clear()
        self._changes.redrawn.clear()
        self.learnt.clear()
        yield from self._time.restore(now_ms)

    @property
    def changed(self) -> bool:
        """Whether anything changed that was not taken yet."""
        return self._changes.any

    def take(self, *, slow: bool, limit: int | None = None) -> list[Figure]:
        """The figures that changed since they were last taken, at most those of `limit` scopes; call between folds.

        Live ones are those of the rolling windows, of `now` and of the current day; they hold what changed. Slow ones
        are all, whole, past ones among them: those too that were only taken live before.
        """
        if not slow:
            return [figure for each in self._changes.take_live(limit) for figure in self._live(*each)]
        figures = [gone_figure(self, *gone) for gone in self._changes.take_gone()]
        for scope, marked, fresh in self._changes.take_current(limit):
            if scope.published:
                figures += whole_figures(self, scope, marked, fresh)
                self._note_written(scope)
        # What is over comes after all that is current, but for a little in each round, so that it comes at all.
        most = limit if limit is None or not self._changes.any_current else 1
        for scope, windows in self._changes.take_past(self.calendar, most):
            if scope.published:
                figures += [past_figure(self, scope, each) for each in windows if each.first_day >= self.first_day]
        return figures

    def _live(self, scope: Scope, marked: int) -> Iterator[Figure]:
        if scope.published:
            yield from live_figures(self, scope, marked)
            self._note_written(scope)

    def _note_written(self, scope: Scope) -> None:
        """Keep the texts of the scopes written last; those of others are written anew when they are asked for."""
        self._written.pop(scope, None)
        self._written[scope] = None
        if len(self._written) > self.most_written:
            oldest = next(iter(self._written))
            del self._written[oldest]
            oldest.texts, oldest.written = {}, 0

    def current(self) -> Iterator[Figure]:
        """All current figures, whether they changed or not, by home and scope."""
        for name in self.homes():
            for scope in sorted(self._homes[name].scopes.values(), key=by_name):
                if scope.published and not scope.empty:
                    yield from every_figure(self, scope)

    def shown(self, *, reps: bool) -> list[Scope]:
        """The scopes that have current figures now: those of reps, or all others."""
        return [
            scope
            for home in self._homes.values()
            for scope in home.scopes.values()
            if bool(scope.rep) == reps and scope.published and not scope.empty
        ]

    def take_owed(self) -> tuple[list[Gone], list[str]]:
        """The windows that are gone, and the homes that have another calendar, since this was asked last.

        The stage keeps them until every sink has been told.
        """
        lost, self._changes.lost = self._changes.lost, []
        redrawn, self._changes.redrawn = self._changes.redrawn, []
        return lost, redrawn


def _drawn(home: Home) -> int:
    return LOOK_UP + DRAW * len(home.scopes)
