"""The best day, week and month of each home: one of days that are no longer kept stands until it is beaten."""

from collections.abc import Iterable

from pipeline.recognition.achieved import Achieved
from pipeline.recognition.bests import PERIODS, Values, after, best
from pipeline.recognition.days_done import DaysDone
from pipeline.recognition.told_of import Told, ToldOf
from pipeline.scores.home import Home
from pipeline.scores.windows import calendar_windows


class BestWatch:
    """Tells the best periods. Of whoever has days that are gone, a best that was told needs no others beside it."""

    def __init__(self, days: DaysDone, told: Told) -> None:
        self._days = days
        self._told = told

    def look(self, home: Home, told: ToldOf, periods: Iterable[str], total: int, values: Values, offset: int) -> None:
        """Called when other periods may be the best without any change of a day: look at all that are kept."""
        for period in periods:
            self._tell(told, period, self._anew(home, told, period, total, values), offset)

    def changed(
        self, home: Home, told: ToldOf, periods: Iterable[str], day: int, amount: int, total: int, offset: int
    ) -> None:
        """Called when a day changed: look whether its day, week and month are the best now, or are it no longer."""
        windows = calendar_windows(day, home.period_rules)
        for period in periods:
            number = PERIODS.index(period)
            window = windows[number]
            now = Achieved(self._days.within(home, told.kpi, number, window), window.first_day, window.id)
            known = told["best", period]
            if self._is_gone(known) and not _beats(now, known):
                continue

            def anew(period: str = period) -> Achieved | None:
                return self._anew(home, told, period, total, self._days.values(home, told.kpi))

            self._tell(told, period, after(known, now, now.value - amount, anew), offset)

    def _anew(self, home: Home, told: ToldOf, period: str, total: int, values: Values) -> Achieved | None:
        known = told["best", period]
        gone = known if self._is_gone(known) else self._told.outlived(told, ("best", period))
        any_gone = total > sum(values.values())
        found = best(period, values, home.period_rules, 0 if known is not None and any_gone else None)
        return found if _beats(found, gone) else gone

    def _tell(self, told: ToldOf, period: str, now: Achieved | None, offset: int) -> None:
        known = told["best", period]
        if now == known:
            return
        if known is not None and self._is_gone(known):
            self._told.put_outlived(told, ("best", period), known)
        told.tell(("best", period), now, offset)

    def _is_gone(self, known: Achieved | None) -> bool:
        """Whether what was told is of days that are gone, or some of them are: then it stands until it is beaten."""
        return known is not None and known.first_day < self._days.first_day


def _beats(found: Achieved | None, known: Achieved | None) -> bool:
    """Whether more was done than in the best period so far, of which days are gone."""
    return known is None or (found is not None and found.value > known.value)
