"""What reps and teams achieved: best days, weeks and months, milestones, streaks; told as it comes, and taken back."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from pipeline.kernel.state_keys import ACHIEVED
from pipeline.kernel.store import Store
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.recognition_rules import RecognitionRule, Rules, recognition_rules
from pipeline.recognition.bests import PERIODS, Best, Values, after, best
from pipeline.recognition.due_days import DueDays
from pipeline.recognition.milestones import reached_on
from pipeline.recognition.recognition_book import Entry, RecognitionBook
from pipeline.recognition.runs import Run, latest_run
from pipeline.scores.board import Board
from pipeline.scores.cold_panes import measures_of
from pipeline.scores.goals import MEASURE_OF, SPLIT_OF
from pipeline.scores.home import Home
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.windows import Window, calendar_windows
from schemas.recognition import TAKEN_BACK

KINDS = ("best", "milestone", "streak")
NOTHING = RecognitionRule((), ())
NOBODY = frozenset({"team:unassigned", "rep:unassigned", "team:company"})
"""Homes of what nobody did, or nobody alone."""
LOOK = 20
"""The work of looking at all days of a scope."""
Measures = Mapping[str, int]


def _amount(kpi: str, measures: Measures) -> int:
    """What a KPI of goals counts of these measures."""
    found = measures.get(MEASURE_OF[kpi], 0)
    return found + measures.get(SPLIT_OF[kpi], 0) if kpi in SPLIT_OF else found


class Achievements:
    """What the homes of one board achieved: teams of a scoreboard, reps of a rollup. Pure, in the order of its calls.

    `watched` are the measures that anything is recognised by: nothing else concerns it. In the state are the entries of
    the book, and the total of each scope whose milestones are told.
    """

    def __init__(
        self, store: Store, organisation: Organisation, board: Board, book: RecognitionBook, whose: str
    ) -> None:
        self._store = store
        self._organisation = organisation
        self._board = board
        self._book = book
        self._whose = whose
        self._prefix = "rep:" if whose == "reps" else "team:"
        self._rules: dict[str, RecognitionRule] = {}
        self.watched: frozenset[str] = frozenset()
        self._known: dict[str, Best | None] = {}
        self._reached: dict[str, int | None] = {}
        self._runs: dict[str, Run | None] = {}
        """By id: what the book says, as far as it was asked since it changed."""
        self._due: dict[str, DueDays] = {}
        """By home, as far as it was asked since the organisation changed."""

    def restore(self) -> None:
        """Called once the organisation was restored."""
        self._take_rules(recognition_rules(self._organisation))

    def organised(
        self, change: Change, redrawn: Iterable[str] | None, worked: Iterable[str] | None, offset: int
    ) -> Iterator[int]:
        """Called when the organisation changed: what is recognised otherwise is looked at anew. Yields the work.

        `redrawn` are the homes whose days or weeks may be others now, `worked` those whose working days may be; None is
        all.
        """
        self._due.clear()
        if change.subject.startswith("recognition:"):
            yield from self._ruled(offset)
        elif self._rules:
            yield from self._looking(self._named(redrawn), self._rules, offset)
            yield from self._looking_at_streaks(self._named(worked), self._rules, offset)

    def moved(self, names: Iterable[str], offset: int) -> Iterator[int]:
        """Called when other memberships hold of these, by themselves. Yields the work."""
        self._due.clear()
        yield from self._looking_at_streaks(names, self._rules, offset)

    def _named(self, names: Iterable[str] | None) -> list[str]:
        return self._board.homes() if names is None else sorted(names)

    def _ruled(self, offset: int) -> Iterator[int]:
        before = self._rules
        self._take_rules(recognition_rules(self._organisation))
        changed = {kpi for kpi in {*before, *self._rules} if before.get(kpi) != self._rules.get(kpi)}
        self._take_back(changed, offset)
        for kpi in sorted(changed):
            if not self._rules.get(kpi, NOTHING).milestones:
                for key, _ in self._store.items(_total_key(self._prefix, kpi)):
                    self._store.delete(key)
        yield from self._looking(self._board.homes(), changed.intersection(self._rules), offset)
        yield from self._looking_at_streaks(self._board.homes(), changed.intersection(self._rules), offset)

    def _looking(self, names: Iterable[str], kpis: Iterable[str], offset: int) -> Iterator[int]:
        ruled = sorted(kpis)
        for name in names:
            if home := self._mine(name):
                for kpi in ruled:
                    yield LOOK
                    self._look_at_all(home, kpi, offset)

    def _looking_at_streaks(self, names: Iterable[str], kpis: Iterable[str], offset: int) -> Iterator[int]:
        asked = [(kpi, least) for kpi in sorted(kpis) for least in self._rules[kpi].streaks]
        for name in names if asked else ():
            if home := self._mine(name):
                for kpi, least in asked:
                    yield LOOK
                    self._tell_streak(home, kpi, least, self._latest(home, kpi, least), offset)

    def changed(self, home: Home, day: int, delta: Measures, offset: int) -> None:
        """Called once measures that are watched were added to a day of a home."""
        if day < self._board.first_day or self._mine(home.name) is None:
            return
        for kpi, rule in self._rules.items():
            if amount := _amount(kpi, delta):
                self._change(home, kpi, rule, day, amount, offset)

    def _take_rules(self, rules: Rules) -> None:
        self._rules = {kpi: rule for (whose, kpi), rule in rules.items() if whose == self._whose}
        counted = (MEASURE_OF[kpi] for kpi in self._rules)
        self.watched = frozenset({*counted, *(SPLIT_OF[kpi] for kpi in self._rules if kpi in SPLIT_OF)})

    def _take_back(self, kpis: Iterable[str], offset: int) -> None:
        """What is not recognised any more of a KPI."""
        concerned = frozenset(kpis)
        for id_ in self._book.ids():
            kind, _, rest = id_.partition(":")
            if kind not in KINDS:
                continue
            what, kpi, scope = rest.split("|", 2)
            if kpi in concerned and scope.startswith(self._prefix):
                rule = self._rules.get(kpi, NOTHING)
                if what not in map(str, _told(rule, kind)):
                    self._known.pop(id_, None)
                    self._reached.pop(id_, None)
                    self._runs.pop(id_, None)
                    self._book.take_back(id_, offset)

    def _mine(self, name: str) -> Home | None:
        return self._board.find(name) if name.startswith(self._prefix) and name not in NOBODY else None

    def _values(self, home: Home, kpi: str) -> Values:
        days = ((day, _amount(kpi, measures_of(pane))) for day, pane in home.total.days.items())
        return {day: value for day, value in days if value}

    def _look_at_all(self, home: Home, kpi: str, offset: int) -> None:
        values, rule = self._values(home, kpi), self._rules[kpi]
        for period in rule.best:
            self._tell_best(home, kpi, period, best(period, values, home.period_rules), offset)
        if rule.milestones:
            if self._store.get(_total_key(home.name, kpi)) is None:
                self._store.put(_total_key(home.name, kpi), sum(values.values()))
            for count in rule.milestones:
                self._tell_milestone(home, kpi, count, reached_on(count, self._total(home, kpi), values), offset)

    def _change(self, home: Home, kpi: str, rule: RecognitionRule, day: int, amount: int, offset: int) -> None:
        windows = calendar_windows(day, home.period_rules)
        for period in rule.best:
            number = PERIODS.index(period)
            now = self._sum(home, kpi, number, windows[number])
            known = self._known_best(home, kpi, period)
            if known is not None and known.first_day < self._board.first_day and now.value <= known.value:
                continue  # It has expired, and stands until it is beaten.

            def anew(period: str = period) -> Best | None:
                return best(period, self._values(home, kpi), home.period_rules)

            if (told := after(known, now, now.value - amount, anew)) != known:
                self._tell_best(home, kpi, period, told, offset)
        if rule.milestones:
            self._pass(home, kpi, rule, day, amount, offset)
        for least in rule.streaks:
            self._join(home, kpi, least, day, amount, offset)

    def _sum(self, home: Home, kpi: str, number: int, window: Window) -> Best:
        total = home.total
        if window.kind == "day" or window != home.current[number]:
            value = _amount(kpi, total.between(window.first_day, window.last_day)[0])
        else:
            value = _amount(kpi, total.of_days(number, home.today, home.current))
            ahead = range(home.today + 1, window.last_day + 1)
            value += sum(_amount(kpi, measures_of(total.days[day])) for day in ahead if day in total.days)
        return Best(value, window.first_day, window.id)

    def _pass(self, home: Home, kpi: str, rule: RecognitionRule, day: int, amount: int, offset: int) -> None:
        """Count on, and look which milestones were passed, in whichever direction."""
        key = _total_key(home.name, kpi)
        before = self._store.get(key)
        total = sum(self._values(home, kpi).values()) if before is None else before + amount
        self._store.put(key, total)
        values: Values | None = None
        for count in rule.milestones:
            if total < count and total - amount < count:
                continue  # Neither before nor now.
            on = self._known_day(home, kpi, count)
            if on is not None and day > on and amount > 0:
                continue  # Since that day there are only more.
            values = self._values(home, kpi) if values is None else values
            self._tell_milestone(home, kpi, count, reached_on(count, total, values), offset)

    def _join(self, home: Home, kpi: str, least: int, day: int, amount: int, offset: int) -> None:
        """Look which streak is the latest, if the day has enough now and had not before, or the other way round."""
        now = self._on(home, kpi, day)
        if (now >= least) == (now - amount >= least) or day not in self._due_days(home):
            return
        known = self._known_run(home, kpi, least)
        if now >= least:
            run = self._latest(home, kpi, least, since=day) or known
        elif known is not None and known.first_day <= day <= known.last_day:
            run = self._latest(home, kpi, least)
        else:
            return  # What was no part of it is not missed.
        if run != known:
            self._tell_streak(home, kpi, least, run, offset)

    def _latest(self, home: Home, kpi: str, least: int, since: int = 0) -> Run | None:
        due, days = self._due_days(home), sorted(home.total.days, reverse=True)
        enough = (day for day in days if self._on(home, kpi, day) >= least and day in due)
        return latest_run(enough, due.between, since)

    def _on(self, home: Home, kpi: str, day: int) -> int:
        pane = home.total.days.get(day)
        return 0 if pane is None else _amount(kpi, measures_of(pane))

    def _due_days(self, home: Home) -> DueDays:
        if (due := self._due.get(home.name)) is None:
            due = self._due[home.name] = DueDays(self._organisation, home.name)
        return due

    def _total(self, home: Home, kpi: str) -> int:
        return int(self._store.get(_total_key(home.name, kpi)) or 0)

    def _known_best(self, home: Home, kpi: str, period: str) -> Best | None:
        id_ = _id("best", period, kpi, home.name)
        if id_ not in self._known:
            entry = self._standing(id_)
            self._known[id_] = None if entry is None else Best(entry["value"], _day(entry), entry["window"])
        return self._known[id_]

    def _known_day(self, home: Home, kpi: str, count: int) -> int | None:
        id_ = _id("milestone", str(count), kpi, home.name)
        if id_ not in self._reached:
            entry = self._standing(id_)
            self._reached[id_] = None if entry is None else _day(entry)
        return self._reached[id_]

    def _known_run(self, home: Home, kpi: str, least: int) -> Run | None:
        id_ = _id("streak", str(least), kpi, home.name)
        if id_ not in self._runs:
            entry = self._standing(id_)
            self._runs[id_] = None if entry is None else Run(entry["value"], _day(entry), _last_day(entry))
        return self._runs[id_]

    def _standing(self, id_: str) -> Entry | None:
        entry = self._book.entry(id_)
        return None if entry is None or entry["state"] == TAKEN_BACK else entry

    def _tell_best(self, home: Home, kpi: str, period: str, told: Best | None, offset: int) -> None:
        id_ = _id("best", period, kpi, home.name)
        self._known.pop(id_, None)
        if told is None:
            self._book.take_back(id_, offset)
        else:
            self._tell(id_, "best", home, kpi, told.value, told.first_day, told.window, offset)

    def _tell_milestone(self, home: Home, kpi: str, count: int, on: int | None, offset: int) -> None:
        id_ = _id("milestone", str(count), kpi, home.name)
        self._reached.pop(id_, None)
        if on is None:
            self._book.take_back(id_, offset)
        else:
            self._tell(id_, "milestone", home, kpi, count, on, _day_window(on), offset)

    def _tell_streak(self, home: Home, kpi: str, least: int, run: Run | None, offset: int) -> None:
        id_ = _id("streak", str(least), kpi, home.name)
        self._runs.pop(id_, None)
        if run is None:
            self._book.take_back(id_, offset)
        else:
            self._tell(id_, "streak", home, kpi, run.days, run.first_day, _day_window(run.last_day), offset)

    def _tell(self, id_: str, kind: str, home: Home, kpi: str, value: int, day: int, window: str, offset: int) -> None:
        unit = "days" if kind == "streak" else BY_NAME[kpi].unit
        entry = {
            "kind": kind, "scope": home.name, "home": home.name, "state": "standing", "kpi": kpi, "unit": unit,
            "value": value, "window": window, "first_day": date.fromordinal(day).isoformat(),
        }  # fmt: skip
        self._book.tell(id_, entry, offset)


def _id(kind: str, what: str, kpi: str, scope: str) -> str:
    return f"{kind}:{what}|{kpi}|{scope}"


def _day(entry: Entry) -> int:
    return date.fromisoformat(entry["first_day"]).toordinal()


def _told(rule: RecognitionRule, kind: str) -> Iterable[str | int]:
    return rule.best if kind == "best" else rule.milestones if kind == "milestone" else rule.streaks


def _day_window(day: int) -> str:
    return f"day:{date.fromordinal(day)}"


def _last_day(entry: Entry) -> int:
    return date.fromisoformat(entry["window"].partition(":")[2]).toordinal()


def _total_key(scope: str, kpi: str) -> bytes:
    return ACHIEVED + f"{kpi}|{scope}".encode()
