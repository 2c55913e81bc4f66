"""The definition of figures: a KPI table with all that follows from it, and the version that readers see."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields

from pipeline.organisation.working_time import calendar_version
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpi_json import KpiJson
from pipeline.scores.kpi_table import KpiTable
from pipeline.scores.kpis import KPIS
from pipeline.scores.marks import Marks
from pipeline.scores.panes import CURRENT_DAYS, DAY_BIT, NOW_BIT
from pipeline.scores.ranks import Ranking
from schemas.kpis import FORM
from schemas.windows import CALENDAR, NOW, ROLLING, TRAILING, TRAILING_DAYS

SHAPES_NO_FIGURE: Mapping[str, str] = {
    "number": "a section of the page for people",
    "basis": "a word for people; which time counts follows from the measures",
    "better": "how a reader colours a change",
    "description": "words for people",
    "source": "where the definition comes from, for people",
}
"""The columns of the KPI table that are no part of a figure, each with the reason."""
_WINDOWS = (ROLLING, NOW, CALENDAR, TRAILING, TRAILING_DAYS)


class Definition:
    """How a board makes figures from measures, for one KPI table. It is the same for all boards of a process."""

    def __init__(self, kpis: Sequence[Kpi] = KPIS) -> None:
        self.table = KpiTable(kpis)
        self.marks = Marks(self.table)
        self.texts = KpiJson(self.table)
        self.ranking = Ranking(self.table)
        self.goal_marks = self.marks.of(CURRENT_DAYS, self.table.goals)
        """What goals, and the hours in which they are to be reached, have a part in."""
        self.score_marks = self.marks.of(CURRENT_DAYS, self.table.score)
        """What rules of scores, and who belongs to a team, have a part in."""
        self.per_rep_marks = self.marks.of(CURRENT_DAYS | NOW_BIT, self.table.per_rep)
        """What has a part in it who is at work."""
        self.usual_marks = self.marks.of(NOW_BIT, self.table.usual)
        """What activities by the hour, the time of day, and the hours of work have a part in."""

        self.timeline_marks = self.marks.of(DAY_BIT, self.table.timeline)
        """What phones have a part in, whatever they are set to."""

    def version(self, policy: BoardPolicy) -> str:
        """A digest of all that shapes figures besides measures and currency.

        That is KPI rows, windows, policy, choice, the public holidays that working days of goals follow from, and the
        form of the records that hold figures.
        """
        names = [each.name for each in fields(Kpi) if each.name not in SHAPES_NO_FIGURE]
        rows = [[getattr(kpi, name) for name in names] for kpi in self.table.rows]
        asked = (policy.finality_hours, policy.stalled_days, policy.chosen)
        shaping = (rows, _WINDOWS, asked, calendar_version(), FORM)
        return hashlib.sha256(repr(shaping).encode()).hexdigest()[:12]


DEFINITION = Definition()
"""Of the KPI table that is published."""
