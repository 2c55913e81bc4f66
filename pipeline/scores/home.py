"""A home: the scopes that are published together, and the local calendar they share."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from pipeline.measures import ACTIVITIES
from pipeline.organisation.attendance import Attendance
from pipeline.organisation.curves import NO_CURVES, Curves
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.goals import NO_GOALS, Below, Goals
from pipeline.organisation.working_time import MONDAY_TO_FRIDAY, WorkingWeek, day_before_working_days
from pipeline.scores.activity_hours import QUARTER_MINUTES, ActivityHours, quarter_of
from pipeline.scores.cold_panes import Kept, measures_of, packed_together
from pipeline.scores.panes import Panes
from pipeline.scores.prorated import NOTHING_PRORATED, Prorations
from pipeline.scores.scoring import Scoring
from pipeline.scores.timeline import Hours
from pipeline.scores.windows import PeriodRules, Window, calendar_windows, current_windows

FAR_DAY = 10**7


class LocalCalendar(Protocol):
    """What a board asks of the organisation about a home, by its name (`team:north`, `group:emea`, `company`)."""

    def local_day(self, home: str, at_ms: int) -> int:
        """The ordinal of the local date there at an instant."""

    def day_start_ms(self, home: str, day: int) -> int:
        """The first instant of a local day there."""

    def period_rules(self, home: str) -> PeriodRules:
        """All that the weeks, quarters and years there follow from."""

    def zone_rules(self, home: str) -> tuple[tuple[int | None, str], ...]:
        """All that the local days there follow from: where it is equal, they are."""

    def goals(self, home: str, day: int) -> Goals:
        """What is to be reached there in each period, as of a local day."""

    def prorated(self, home: str, day: int) -> Prorations:
        """The periods of its goals of a local day in which less is due than was set."""

    def curves(self, home: str) -> Curves:
        """How periods usually go there."""

    def goals_below(self, home: str, window: Window, day: int) -> Below | None:
        """What the targets of those directly below add up to on a day, for a window; None of who has nobody below."""

    def hours(self, home: str) -> WorkingWeek | None:
        """The working hours there; None where nobody says."""

    def scoring(self, home: str) -> Scoring | None:
        """The activity scores there; None where there are none."""

    def attendance(self, home: str, rep: str, day: int) -> Attendance | None:
        """Whether a rep is at work on a local day there; None of nobody in particular."""

    def rep_days(self, home: str, first: int, last: int) -> int:
        """The days at work of all reps there, from one local day to another one, in basis points of a day."""

    def reps_on(self, home: str, day: int) -> int:
        """The reps there who are at work on a local day, in basis points of a rep."""

    def forget_reps(self, teams: Iterable[str] | None) -> None:
        """Called when others may be at work in these teams, or teams lie elsewhere in their tree; None is all."""


class Scope(Panes):
    """The panes of one scope, with its name. A scope that is not published only adds to its home.

    `prefix` begins the keys of its panes in the state, where it has any there. `active_ms` is the last activity as far
    as it is known; whoever changes activities sets `active_known` to False. `looked` is what a rule found in hours that
    end with a full quarter-hour: whoever changes activities of before the running one sets it to None. `hours` are the
    activities of before the first minute that has a pane, where the home keeps them. `stretches` are the states of a
    rep's phone, by the hour in which they ended. `texts` are KPIs as they were written last
    (`pipeline/scores/rendering.py`), by number of the window and family, and `written` says of which there are any, as
    marks: they hold where nothing is marked as changed since. `revision` goes up with every mark: what was read of the
    current windows at the same revision is still true.
    """

    __slots__ = (
        "active_known",
        "active_ms",
        "home",
        "hours",
        "looked",
        "name",
        "oldest",
        "prefix",
        "published",
        "rep",
        "revision",
        "stretches",
        "texts",
        "touched",
        "written",
    )

    def __init__(self, home: "Home", name: str, *, rep: str = "", published: bool = True) -> None:
        super().__init__()
        self.home = home
        self.name = name
        self.rep = rep
        self.published = published
        self.prefix = b""
        self.touched: set[int] = set()
        self.oldest = FAR_DAY
        self.active_known = False
        self.active_ms: int | None = None
        self.hours = ActivityHours()
        self.stretches: Hours = {}
        self.looked: dict[tuple[int, ...], Any] | None = None
        self.texts: dict[int, dict[str, str]] = {}
        self.written = 0
        self.revision = 0

    def activities(self, start_ms: int, end_ms: int, first_minute: int) -> int:
        """The activities from the quarter-hour of one instant until before that of another, eight weeks back at most.

        `first_minute` is the first one that has a pane.
        """
        first, end = quarter_of(start_ms), quarter_of(end_ms)
        minutes = range(max(first * QUARTER_MINUTES, first_minute), end * QUARTER_MINUTES)
        recent = sum(measures_of(self.minutes[at]).get(ACTIVITIES, 0) for at in minutes if at in self.minutes)
        return recent + self.hours.between(first, end)

    @property
    def empty(self) -> bool:
        """Whether no pane is left, not even an emptied one, and nothing of a timeline."""
        return not (self.days or self.minutes or self.standing or self.stretches)

    @property
    def shown(self) -> bool:
        """Whether readers see anything of it."""
        return self.published and bool(self.home.families) and not self.empty


class Home:
    """One home and its scopes, by name. `total` is the scope of the home itself: the sum of the others, or of parts.

    `today` is the local day of now, `current` the windows of days that contain it, `turns_ms` the instant the day is
    over. `settling` is the earliest local day that is not final yet and `settles_ms` the instant it becomes final.
    `period_rules` and `zone_rules` are the calendar's, as all this was looked up with. `measures` are those of which
    any data was ever seen here, without what stands for a stage or bucket, `families` the KPI families of these.
    `goals` are those of the home itself, as they were set, `prorated` the periods of them of which less is due,
    `curves` how they are usually reached, and `hours` those in which work is done, where somebody asks for them.
    `below` are the sums of the targets below it, by window, as far as somebody asked. `untouched_up_to` is the day up
    to which a deal has to be untouched to be stalled, once somebody asked for it. `by_hours` tells that its scopes keep
    activities by the hour: a team's do. `scoring` are the activity scores of a team and its reps, where
    there are any.
    """

    __slots__ = (
        "below",
        "by_hours",
        "current",
        "curves",
        "families",
        "goals",
        "hours",
        "known",
        "measures",
        "name",
        "period_rules",
        "prorated",
        "scopes",
        "scoring",
        "settles_ms",
        "settling",
        "spans",
        "today",
        "total",
        "turns_ms",
        "untouched_up_to",
        "zone_rules",
    )

    def __init__(self, name: str, *, published: bool) -> None:
        self.name = name
        self.by_hours = name.startswith("team:")
        self.total = Scope(self, name, published=published)
        self.scopes: dict[str, Scope] = {name: self.total}
        self.families: frozenset[str] = frozenset()
        self.known: set[str] = set()
        self.measures: set[str] = set()
        self.today = 0
        self.current: tuple[Window, ...] = ()
        self.spans: tuple[tuple[int, int], ...] = ()
        self.period_rules = PeriodRules()
        self.zone_rules: tuple[tuple[int | None, str], ...] = ()
        self.goals: Goals = NO_GOALS
        self.hours: WorkingWeek | None = None
        self.prorated: Prorations = NOTHING_PRORATED
        self.curves: Curves = NO_CURVES
        self.below: dict[Window, Below | None] = {}
        self.scoring: Scoring | None = None
        self.turns_ms = 0
        self.untouched_up_to: int | None = None
        self.settling = 0
        self.settles_ms = 0

    def look_up(self, calendar: LocalCalendar, now_ms: int, finality_ms: int) -> bool:
        """Ask the calendar anew for everything that follows from now; return whether it is another calendar."""
        before = (self.period_rules, self.zone_rules)
        self.period_rules, self.zone_rules = calendar.period_rules(self.name), calendar.zone_rules(self.name)
        self.today = calendar.local_day(self.name, now_ms)
        self.goals = calendar.goals(self.name, self.today)
        self.hours = calendar.hours(self.name) if self.goals or self.by_hours else None
        self.prorated = calendar.prorated(self.name, self.today) if self.goals else NOTHING_PRORATED
        self.curves = calendar.curves(self.name) if self.goals else NO_CURVES
        self.below.clear()
        self.scoring = calendar.scoring(self.name) if self.by_hours else None
        self.untouched_up_to = None
        self.current = current_windows(self.today, self.period_rules)
        self.spans = tuple(self.span_ms(calendar, window) for window in self.current)
        self.turns_ms = max(self.spans[0][1], now_ms - now_ms % MINUTE_MS + MINUTE_MS)
        self.settling = calendar.local_day(self.name, max(now_ms - finality_ms, 0)) - 1
        self.settle_after(calendar, now_ms, finality_ms)
        return before != (self.period_rules, self.zone_rules)

    def member(self, rep: str) -> "Scope | None":
        """The scope of a rep within this team; None where the team has none of it, and of any other home."""
        return self.scopes.get(f"rep:{rep}@{self.name.partition(':')[2]}")

    def stalled_up_to(self, calendar: LocalCalendar, working_days: int) -> int:
        """The latest day of a last touch since which so many working days have begun; Monday to Friday by default."""
        if self.untouched_up_to is None:
            week = calendar.hours(self.name) or MONDAY_TO_FRIDAY
            self.untouched_up_to = day_before_working_days(week, self.today, working_days)
        return self.untouched_up_to

    def goals_below(self, calendar: LocalCalendar, window: Window) -> Below | None:
        """What the targets below it add up to, for a window; asked once a day until something of it changes."""
        if window not in self.below:
            self.below[window] = calendar.goals_below(self.name, window, self.today)
        return self.below[window]

    @property
    def first_warm_day(self) -> int:
        """Panes of days before it are cold: yesterday's still change."""
        return self.today - 1

    def settle_after(self, calendar: LocalCalendar, now_ms: int, finality_ms: int) -> list[int]:
        """Move `settling` past all days that are final at now; return those days."""
        settled = []
        while (at := calendar.day_start_ms(self.name, self.settling + 1) + finality_ms) <= now_ms:
            settled.append(self.settling)
            self.settling += 1
        self.settles_ms = at
        return settled

    def span_ms(self, calendar: LocalCalendar, window: Window) -> tuple[int, int]:
        """The first instant of a window of days, and the first one after it."""
        return calendar.day_start_ms(self.name, window.first_day), calendar.day_start_ms(self.name, window.last_day + 1)

    def ended(self, calendar: LocalCalendar, day: int) -> list[Window]:
        """The calendar windows that contain a local day and are over."""
        windows = calendar_windows(day, calendar.period_rules(self.name))
        return [window for window in windows if window.last_day < self.today]


def home_of(scope: str) -> str:
    """Where the figures of a scope lie: those of a rep within a team in the team's home, all others in their own."""
    kind, _, team = scope.partition("@")
    return f"team:{team}" if kind.startswith("rep:") and team else scope


class ChildPanes:
    """The panes of a home's children, by slot, until its own are formed from them: when a board is restored."""

    def __init__(self) -> None:
        self._of_one: dict[int, Kept] = {}
        self._of_many: dict[int, list[Kept]] = {}

    def add(self, slot: int, pane: Kept) -> None:
        """One more pane of a slot."""
        before = self._of_one.get(slot)
        if before is None:
            self._of_one[slot] = pane
        elif slot in self._of_many:
            self._of_many[slot].append(pane)
        else:
            self._of_many[slot] = [before, pane]

    def add_all(self, panes: Panes) -> int:
        """All panes of a scope; gives how much work that was (`load.py`)."""
        for day, pane in panes.days.items():
            self.add(day, pane)
        for minute, pane in panes.minutes.items():
            self.add(-minute, pane)
        for slot, pane in panes.standing.items():
            self.add(slot, pane)
        return 1 + (len(panes.days) + len(panes.minutes)) // 10

    def form(self, total: Panes) -> Iterator[int]:
        """Put the sums in place. Yields, slot by slot, how much work that was."""
        for number, (slot, pane) in enumerate(self._of_one.items()):
            several = self._of_many.get(slot)
            if several is None and isinstance(pane, bytes):
                total.of_slot(slot)[abs(slot)] = pane
                if number % 10 == 0:
                    yield 1
            else:
                panes = several or [pane]
                total.of_slot(slot)[abs(slot)] = packed_together(panes)
                yield len(panes)
