"""What a home did by day, as a KPI of goals counts it, on the days that are kept."""

from collections.abc import Mapping

from pipeline.recognition.bests import Values
from pipeline.recognition.kept_days import KeptDays
from pipeline.scores.cold_panes import measures_of
from pipeline.scores.goals import MEASURE_OF, SPLIT_OF
from pipeline.scores.home import Home
from pipeline.scores.windows import Window

COUNTED = {kpi: (measure, *((SPLIT_OF[kpi],) if kpi in SPLIT_OF else ())) for kpi, measure in MEASURE_OF.items()}
"""By KPI of goals: the measures that it is the sum of."""
Measures = Mapping[str, int]


def amount_of(kpi: str, measures: Measures) -> int:
    """What a KPI of goals counts of these measures."""
    return sum(measures.get(name, 0) for name in COUNTED[kpi])


class DaysDone:
    """Reads the panes of homes. `kept` tells which of them are whole: no others are read."""

    def __init__(self, kept: KeptDays) -> None:
        self._kept = kept

    @property
    def first_day(self) -> int:
        """The first local day that is kept."""
        return self._kept.first_day

    def on(self, home: Home, kpi: str, day: int) -> int:
        """What was done on a day."""
        pane = home.total.days.get(day)
        return 0 if pane is None else amount_of(kpi, measures_of(pane))

    def values(self, home: Home, kpi: str) -> Values:
        """What was done on each day, where it is not 0."""
        first_day = self.first_day
        days = ((day, amount_of(kpi, measures_of(pane))) for day, pane in home.total.days.items() if day >= first_day)
        return {day: value for day, value in days if value}

    def latest_first(self, home: Home) -> list[int]:
        """The days on which anything was done, be it of another KPI."""
        first_day = self.first_day
        return sorted((day for day in home.total.days if day >= first_day), reverse=True)

    def within(self, home: Home, kpi: str, number: int, window: Window) -> int:
        """What was done in a window of days, the `number`th of those of a calendar."""
        if window.kind == "day":
            return self.on(home, kpi, window.first_day)
        total, counted = home.total, COUNTED[kpi]
        if window == home.current[number]:
            ahead = range(home.today + 1, window.last_day + 1)
            so_far = total.sum_of_days(number, home.today, home.current, counted)
            return so_far + sum(self.on(home, kpi, day) for day in ahead if day in total.days)
        return amount_of(kpi, total.between(max(window.first_day, self.first_day), window.last_day)[0])
