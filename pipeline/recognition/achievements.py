"""What reps and teams achieved: best days, weeks and months, milestones, streaks; told as it comes, and taken back."""

from collections.abc import Iterable, Iterator, Mapping

from pipeline.kernel.store import Store
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.recognition_rules import RecognitionRule, Rules, recognition_rules
from pipeline.recognition.achieved import Achieved, Feat
from pipeline.recognition.bests import PERIODS, Values, after, best
from pipeline.recognition.due_days import DueDays
from pipeline.recognition.milestones import reached_on
from pipeline.recognition.recognition_book import RecognitionBook
from pipeline.recognition.runs import latest_run
from pipeline.recognition.told_of import ToldOf, total_key
from pipeline.scores.board import Board
from pipeline.scores.cold_panes import measures_of
from pipeline.scores.goals import MEASURE_OF, SPLIT_OF
from pipeline.scores.home import Home
from pipeline.scores.windows import Window, calendar_windows

NOTHING = RecognitionRule((), ())
NOBODY = frozenset({"team:unassigned", "rep:unassigned", "team:company"})
"""Homes of what nobody did, or nobody alone."""
LOOK = 20
"""The work of looking at all days of a scope."""
COUNTED = {kpi: (measure, *((SPLIT_OF[kpi],) if kpi in SPLIT_OF else ())) for kpi, measure in MEASURE_OF.items()}
"""By KPI of goals: the measures that it is the sum of."""
Measures = Mapping[str, int]


def _amount(kpi: str, measures: Measures) -> int:
    """What a KPI of goals counts of these measures."""
    return sum(measures.get(name, 0) for name in COUNTED[kpi])


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
        self._told: dict[tuple[str, str], ToldOf] = {}
        """By scope and KPI."""
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
                for key, _ in self._store.items(total_key(self._prefix, kpi)):
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
                    self._tell(Feat("streak", str(least), kpi, home.name), self._latest(home, kpi, least), offset)

    def changed(self, home: Home, day: int, delta: Measures, offset: int) -> None:
        """Called once measures that are watched were added to a day of a home."""
        if day < self._board.first_day or not self._is_mine(home.name):
            return
        for kpi, rule in self._rules.items():
            if amount := _amount(kpi, delta):
                told = self._told_of(home.name, kpi)
                if rule.best:
                    self._compare(home, told, rule.best, day, amount, offset)
                if rule.milestones:
                    self._pass(home, told, rule.milestones, day, amount, offset)
                if rule.streaks:
                    self._join(home, told, rule.streaks, day, amount, offset)

    def _take_rules(self, rules: Rules) -> None:
        self._rules = {kpi: rule for (whose, kpi), rule in rules.items() if whose == self._whose}
        self.watched = frozenset(name for kpi in self._rules for name in COUNTED[kpi])

    def _take_back(self, kpis: Iterable[str], offset: int) -> None:
        """What is not recognised any more of a KPI."""
        concerned = frozenset(kpis)
        for feat in filter(None, map(Feat.read, self._book.ids())):
            is_asked = feat.kpi in concerned and feat.scope.startswith(self._prefix)
            if is_asked and feat.what not in _told(self._rules.get(feat.kpi, NOTHING), feat.kind):
                self._tell(feat, None, offset)

    def _mine(self, name: str) -> Home | None:
        return self._board.find(name) if self._is_mine(name) else None

    def _is_mine(self, name: str) -> bool:
        return name.startswith(self._prefix) and name not in NOBODY

    def _values(self, home: Home, kpi: str) -> Values:
        days = ((day, _amount(kpi, measures_of(pane))) for day, pane in home.total.days.items())
        return {day: value for day, value in days if value}

    def _look_at_all(self, home: Home, kpi: str, offset: int) -> None:
        values, rule = self._values(home, kpi), self._rules[kpi]
        for period in rule.best:
            self._tell(Feat("best", period, kpi, home.name), best(period, values, home.period_rules), offset)
        if rule.milestones:
            if self._store.get(total_key(home.name, kpi)) is None:
                self._store.put(total_key(home.name, kpi), sum(values.values()))
            for count in rule.milestones:
                self._tell_milestone(home, kpi, count, self._total(home, kpi), values, offset)

    def _compare(self, home: Home, told: ToldOf, periods: Iterable[str], day: int, amount: int, offset: int) -> None:
        """Look whether the day, week and month of a day are the best now, or are it no longer."""
        kpi, windows = told.kpi, calendar_windows(day, home.period_rules)
        for period in periods:
            number = PERIODS.index(period)
            now = self._sum(home, kpi, number, windows[number])
            known = told["best", period]
            if known is not None and known.first_day < self._board.first_day and now.value <= known.value:
                continue  # It has expired, and stands until it is beaten.

            def anew(period: str = period) -> Achieved | None:
                return best(period, self._values(home, kpi), home.period_rules)

            if (better := after(known, now, now.value - amount, anew)) != known:
                self._tell(Feat("best", period, kpi, home.name), better, offset)

    def _sum(self, home: Home, kpi: str, number: int, window: Window) -> Achieved:
        total, counted = home.total, COUNTED[kpi]
        if window.kind == "day":
            value = self._on(home, kpi, window.first_day)
        elif window == home.current[number]:
            value = total.sum_of_days(number, home.today, home.current, counted)
            ahead = range(home.today + 1, window.last_day + 1)
            value += sum(self._on(home, kpi, day) for day in ahead if day in total.days)
        else:
            value = _amount(kpi, total.between(window.first_day, window.last_day)[0])
        return Achieved(value, window.first_day, window.id)

    def _pass(self, home: Home, told: ToldOf, counts: Iterable[int], day: int, amount: int, offset: int) -> None:
        """Count on, and look which milestones were passed, in whichever direction."""
        kpi, before = told.kpi, self._store.get(told.total_key)
        total = sum(self._values(home, kpi).values()) if before is None else before + amount
        self._store.put(told.total_key, total)
        most = max(total, total - amount)
        values: Values | None = None
        for count in counts:
            if most < count:
                continue  # Neither before nor now.
            known = told["milestone", count]
            if known is not None and day > known.first_day and amount > 0:
                continue  # Since that day there are only more.
            values = self._values(home, kpi) if values is None else values
            self._tell_milestone(home, kpi, count, total, values, offset)

    def _tell_milestone(self, home: Home, kpi: str, count: int, total: int, values: Values, offset: int) -> None:
        on = reached_on(count, total, values)
        achieved = None if on is None else Achieved.of_days(count, on, on)
        self._tell(Feat("milestone", str(count), kpi, home.name), achieved, offset)

    def _join(self, home: Home, told: ToldOf, leasts: Iterable[int], day: int, amount: int, offset: int) -> None:
        """Look which streak is the latest, if the day has enough now and had not before, or the other way round."""
        kpi, now = told.kpi, self._on(home, told.kpi, day)
        for least in leasts:
            if (now >= least) == (now - amount >= least) or day not in self._due_days(home):
                continue
            known = told["streak", least]
            if now >= least:
                run = self._latest(home, kpi, least, since=day) or known
            elif known is not None and known.first_day <= day <= known.last_day:
                run = self._latest(home, kpi, least)
            else:
                continue  # What was no part of it is not missed.
            if run != known:
                self._tell(Feat("streak", str(least), kpi, home.name), run, offset)

    def _latest(self, home: Home, kpi: str, least: int, since: int = 0) -> Achieved | None:
        due, days = self._due_days(home), sorted(home.total.days, reverse=True)
        enough = (day for day in days if self._on(home, kpi, day) >= least and day in due)
        run = latest_run(enough, due.between, since)
        return None if run is None else Achieved.of_days(*run)

    def _on(self, home: Home, kpi: str, day: int) -> int:
        pane = home.total.days.get(day)
        return 0 if pane is None else _amount(kpi, measures_of(pane))

    def _due_days(self, home: Home) -> DueDays:
        if (due := self._due.get(home.name)) is None:
            due = self._due[home.name] = DueDays(self._organisation, home.name)
        return due

    def _total(self, home: Home, kpi: str) -> int:
        return int(self._store.get(total_key(home.name, kpi)) or 0)

    def _told_of(self, scope: str, kpi: str) -> ToldOf:
        if (told := self._told.get((scope, kpi))) is None:
            told = self._told[scope, kpi] = ToldOf(self._book, scope, kpi)
        return told

    def _tell(self, feat: Feat, achieved: Achieved | None, offset: int) -> None:
        """What is achieved now, or that it is not, after all."""
        self._told.pop((feat.scope, feat.kpi), None)
        if achieved is None:
            self._book.take_back(feat.id, offset)
        else:
            self._book.tell(feat.id, feat.entry(achieved), offset)


def _told(rule: RecognitionRule, kind: str) -> Iterable[str]:
    return map(str, rule.best if kind == "best" else rule.milestones if kind == "milestone" else rule.streaks)
