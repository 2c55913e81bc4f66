"""The latest streak of each home: days of it that are no longer kept count as they were told."""

from collections.abc import Iterable
from itertools import chain

from pipeline.organisation.organisation import Organisation
from pipeline.recognition.achieved import Achieved
from pipeline.recognition.days_done import DaysDone
from pipeline.recognition.due_days import DueDays
from pipeline.recognition.runs import latest_run
from pipeline.recognition.told_of import Told, ToldOf
from pipeline.scores.home import Home


class StreakWatch:
    """Tells the latest streak. One that lies wholly before the days that are kept stands until another one is there."""

    def __init__(self, days: DaysDone, told: Told, organisation: Organisation) -> None:
        self._days = days
        self._told = told
        self._organisation = organisation
        self._due: dict[str, DueDays] = {}
        """By home, as far as it was asked since the organisation changed."""

    def organised(self) -> None:
        """Called when working days may be others than before."""
        self._due.clear()

    def look(self, home: Home, told: ToldOf, least: int, offset: int) -> None:
        """Called when other days may be working days, or other streaks are told."""
        self._tell(home, told, least, self._latest(home, told, least), offset)

    def changed(self, home: Home, told: ToldOf, leasts: Iterable[int], day: int, amount: int, offset: int) -> None:
        """Look which streak is the latest, if the day has enough now and had not before, or the other way round."""
        now = self._days.on(home, told.kpi, day)
        for least in leasts:
            if (now >= least) == (now - amount >= least) or day not in self._due_days(home):
                continue
            known = told["streak", least]
            if now >= least:
                run = self._latest(home, told, least, since=day) or known
            elif known is not None and known.first_day <= day <= known.last_day:
                run = self._latest(home, told, least)
            else:
                continue  # What was no part of it is not missed.
            self._tell(home, told, least, run, offset)

    def _latest(self, home: Home, told: ToldOf, least: int, since: int = 0) -> Achieved | None:
        due, first_day = self._due_days(home), self._days.first_day
        kept = (day for day in self._days.latest_first(home) if self._days.on(home, told.kpi, day) >= least)
        before = self._before(told, least)
        gone = () if before is None else range(min(before.last_day, first_day - 1), before.first_day - 1, -1)
        run = latest_run((day for day in chain(kept, gone) if day in due), due.between, since)
        is_over = before is not None and before.last_day < first_day
        if not since and is_over and (run is None or run.last_day < first_day):
            return before
        return None if run is None else Achieved.of_days(*run)

    def _before(self, told: ToldOf, least: int) -> Achieved | None:
        """What was told of days that are gone: the latest streak, or one that another took the place of."""
        known = told["streak", least]
        is_gone = known is not None and known.first_day < self._days.first_day
        return known if is_gone else self._told.outlived(told, ("streak", least))

    def _tell(self, home: Home, told: ToldOf, least: int, run: Achieved | None, offset: int) -> None:
        known, first_day = told["streak", least], self._days.first_day
        if run == known:
            return
        if known is not None and known.first_day < first_day and (run is None or run.first_day != known.first_day):
            self._told.put_outlived(told, ("streak", least), self._gone_part(home, known))
        told.tell(("streak", least), run, offset)

    def _gone_part(self, home: Home, known: Achieved) -> Achieved:
        """What days that are kept cannot tell of a streak: of these it is seen whether they belong to it."""
        first_day, due = self._days.first_day, self._due_days(home)
        if known.last_day < first_day:
            return known
        days = [day for day in range(known.first_day, first_day) if day in due]
        return Achieved.of_days(len(days), known.first_day, days[-1] if days else known.first_day)

    def _due_days(self, home: Home) -> DueDays:
        if (due := self._due.get(home.name)) is None:
            due = self._due[home.name] = DueDays(self._organisation, home.name)
        return due
