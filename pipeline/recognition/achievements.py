"""What reps and teams achieved: best days, weeks and months, milestones, streaks; told as it comes, and taken back."""

from collections.abc import Iterable, Iterator

from pipeline.kernel.store import Store
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.recognition_rules import RecognitionRule, Rules, recognition_rules
from pipeline.recognition.best_watch import BestWatch
from pipeline.recognition.days_done import COUNTED, DaysDone, Measures, amount_of
from pipeline.recognition.kept_days import KeptDays
from pipeline.recognition.milestone_watch import MilestoneWatch
from pipeline.recognition.recognition_book import RecognitionBook
from pipeline.recognition.streak_watch import StreakWatch
from pipeline.recognition.told_of import Told, ToldOf
from pipeline.scores.board import Board
from pipeline.scores.home import Home

NOTHING = RecognitionRule((), ())
NOBODY = frozenset({"team:unassigned", "rep:unassigned", "team:company"})
"""Homes of what nobody did, or nobody alone."""
LOOK = 20
"""The work of looking at all days of a scope."""


class Achievements:
    """What the homes of one board achieved: teams of a scoreboard, reps of a rollup. Pure, in the order of its calls.

    `watched` are the measures that anything is recognised by: nothing else concerns it. In the state are the entries of
    the book, the total of each scope whose bests or milestones are told, and what was told of days that are gone.
    """

    def __init__(
        self,
        store: Store,
        organisation: Organisation,
        board: Board,
        book: RecognitionBook,
        kept: KeptDays,
        whose: str,
    ) -> None:
        self._organisation = organisation
        self._board = board
        self._whose = whose
        self._prefix = "rep:" if whose == "reps" else "team:"
        self._rules: dict[str, RecognitionRule] = {}
        self.watched: frozenset[str] = frozenset()
        self._told = Told(store, book)
        self._days = DaysDone(kept)
        self._bests = BestWatch(self._days, self._told)
        self._milestones = MilestoneWatch(self._days)
        self._streaks = StreakWatch(self._days, self._told, organisation)

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
        self._streaks.organised()
        if change.subject.startswith("recognition:"):
            yield from self._ruled(offset)
        elif self._rules:
            yield from self._looking(self._named(redrawn), self._rules, offset)
            yield from self._looking_at_streaks(self._named(worked), self._rules, offset)

    def moved(self, names: Iterable[str], offset: int) -> Iterator[int]:
        """Called when other memberships hold of these, by themselves. Yields the work."""
        self._streaks.organised()
        yield from self._looking_at_streaks(names, self._rules, offset)

    def _named(self, names: Iterable[str] | None) -> list[str]:
        return self._board.homes() if names is None else sorted(names)

    def _ruled(self, offset: int) -> Iterator[int]:
        before = self._rules
        self._take_rules(recognition_rules(self._organisation))
        changed = {kpi for kpi in {*before, *self._rules} if before.get(kpi) != self._rules.get(kpi)}
        self._take_back(changed, offset)
        for kpi in sorted(changed):
            if not _needs_total(self._rules.get(kpi, NOTHING)):
                self._told.drop_totals(self._prefix, kpi)
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
                    self._streaks.look(home, self._told.of(home.name, kpi), least, offset)

    def changed(self, home: Home, day: int, delta: Measures, offset: int) -> None:
        """Called once measures that are watched were added to a day of a home."""
        if day < self._days.first_day or not self._is_mine(home.name):
            return
        for kpi, rule in self._rules.items():
            if amount := amount_of(kpi, delta):
                told = self._told.of(home.name, kpi)
                total = self._count(home, told, amount) if _needs_total(rule) else 0
                if rule.best:
                    self._bests.changed(home, told, rule.best, day, amount, total, offset)
                if rule.milestones:
                    self._milestones.changed(home, told, rule.milestones, day, amount, total, offset)
                if rule.streaks:
                    self._streaks.changed(home, told, rule.streaks, day, amount, offset)

    def _take_rules(self, rules: Rules) -> None:
        self._rules = {kpi: rule for (whose, kpi), rule in rules.items() if whose == self._whose}
        self.watched = frozenset(name for kpi in self._rules for name in COUNTED[kpi])

    def _take_back(self, kpis: Iterable[str], offset: int) -> None:
        """What is not recognised any more of a KPI."""
        concerned = frozenset(kpis)
        for feat in self._told.feats():
            is_asked = feat.kpi in concerned and feat.scope.startswith(self._prefix)
            if is_asked and feat.what not in _told(self._rules.get(feat.kpi, NOTHING), feat.kind):
                self._told.end(feat, offset)

    def _mine(self, name: str) -> Home | None:
        return self._board.find(name) if self._is_mine(name) else None

    def _is_mine(self, name: str) -> bool:
        return name.startswith(self._prefix) and name not in NOBODY

    def _look_at_all(self, home: Home, kpi: str, offset: int) -> None:
        if not _needs_total(rule := self._rules[kpi]):
            return
        told, values = self._told.of(home.name, kpi), self._days.values(home, kpi)
        if (total := self._told.total(told)) is None:
            total = sum(values.values())
            self._told.put_total(told, total)
        self._bests.look(home, told, rule.best, total, values, offset)
        self._milestones.look(told, rule.milestones, total, values, offset)

    def _count(self, home: Home, told: ToldOf, amount: int) -> int:
        """Count on."""
        before = self._told.total(told)
        total = sum(self._days.values(home, told.kpi).values()) if before is None else before + amount
        self._told.put_total(told, total)
        return total


def _needs_total(rule: RecognitionRule) -> bool:
    return bool(rule.best or rule.milestones)


def _told(rule: RecognitionRule, kind: str) -> Iterable[str]:
    return map(str, rule.best if kind == "best" else rule.milestones if kind == "milestone" else rule.streaks)
