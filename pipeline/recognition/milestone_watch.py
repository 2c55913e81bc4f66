"""The milestones of each home: one that was reached before the days that are kept stands on its day for good."""

from collections.abc import Iterable

from pipeline.recognition.achieved import Achieved
from pipeline.recognition.bests import Values
from pipeline.recognition.days_done import DaysDone
from pipeline.recognition.milestones import reached_on
from pipeline.recognition.told_of import ToldOf
from pipeline.scores.home import Home


class MilestoneWatch:
    """Tells on which day counts were reached: no day that is kept moves one that was reached before all of them."""

    def __init__(self, days: DaysDone) -> None:
        self._days = days

    def look(self, told: ToldOf, counts: Iterable[int], total: int, values: Values, offset: int) -> None:
        """Called when other counts are milestones, or days were drawn otherwise."""
        for count in counts:
            self._tell(told, count, total, values, offset)

    def changed(
        self, home: Home, told: ToldOf, counts: Iterable[int], day: int, amount: int, total: int, offset: int
    ) -> None:
        """Called when a day changed: look which milestones were passed, in whichever direction."""
        most = max(total, total - amount)
        values: Values | None = None
        for count in counts:
            if most < count:
                continue  # Neither before nor now.
            known = told["milestone", count]
            if known is not None and (self._is_gone(known) or (day > known.first_day and amount > 0)):
                continue  # Since that day there are only more.
            values = self._days.values(home, told.kpi) if values is None else values
            self._tell(told, count, total, values, offset)

    def _tell(self, told: ToldOf, count: int, total: int, values: Values, offset: int) -> None:
        known = told["milestone", count]
        if known is not None and self._is_gone(known):
            return
        on = reached_on(count, total, values)
        if on is None and total >= count:  # On a day that is gone.
            on = min(values, default=None) if known is None else known.first_day
        achieved = None if on is None else Achieved.of_days(count, on, on)
        if achieved != known:
            told.tell(("milestone", count), achieved, offset)

    def _is_gone(self, known: Achieved) -> bool:
        return known.first_day < self._days.first_day
