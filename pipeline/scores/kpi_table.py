"""What follows from the rows of a KPI table: its families, and which of them a measure says something about."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from pipeline.scores.activity_score import SCORE
from pipeline.scores.goals import GOALS
from pipeline.scores.kpi import Kpi, Where
from pipeline.scores.occupancy import RUNNING
from pipeline.scores.rep_kpis import REPS_AT_WORK
from pipeline.scores.stall import STALL
from pipeline.scores.timeline import TIMELINE
from pipeline.scores.usual import USUAL
from pipeline.scores.velocity import VELOCITY_OF
from schemas.windows import CALENDAR

WAITING = "waiting_callers"
APART = frozenset({GOALS, STALL, USUAL, SCORE, TIMELINE})
"""The families that follow from more than a window's measures: then no other window has the same."""


class KpiTable:
    """The rows, as a board reads them. A set of families is an int with a bit for each, in the order of the table."""

    def __init__(self, rows: Sequence[Kpi]) -> None:
        self.rows = tuple(rows)
        self.by_name = {kpi.name: kpi for kpi in self.rows}
        self.families: tuple[str, ...] = tuple(dict.fromkeys(kpi.family for kpi in self.rows))
        self.all_families = (1 << len(self.families)) - 1
        self.goals = self._bits({GOALS})
        """The bits of the family of goals, which a home's own scope alone has."""
        self.stall = self._bits({STALL})
        """The bits of the family of where prospects stall, which follows from the days before today."""
        self.usual = self._bits({USUAL})
        """The bits of what is usual, which those have whose activities are kept by the hour."""
        self.score = self._bits({SCORE})
        """The bits of the activity score, which teams have whose activities are weighed."""
        self.per_rep = self._bits({REPS_AT_WORK})
        """The bits of what is told for each rep at work, which the organisation has a part in."""
        self.timeline = self._bits({TIMELINE})
        """The bits of the timeline of a day, which reps within a team have while the day lasts."""
        self.waiting = self._bits({WAITING})
        """The bits of the family of callers who wait, which the last hour tells of."""
        self.apart = self._bits(APART)
        self.bits = lru_cache(maxsize=1024)(self._bits)
        self.names = lru_cache(maxsize=4096)(self._names)
        self._of_measure = _families_of(self.rows)
        self._concerned = _Concerned(self)

    def _bits(self, families: Collection[str]) -> int:
        """A set of families as bits."""
        return sum(1 << number for number, family in enumerate(self.families) if family in families)

    def _names(self, bits: int) -> tuple[str, ...]:
        """The families whose bits are set."""
        return tuple(family for number, family in enumerate(self.families) if bits >> number & 1)

    def given_in(self, kind: str, *, rep: bool = False) -> tuple[Kpi, ...]:
        """The KPIs that a window of that kind has, in the order of the table."""
        return tuple(kpi for kpi in self.rows if _is_given(kpi.where, kind) and (kpi.reps or not rep))

    def families_of(self, stems: Iterable[str]) -> frozenset[str]:
        """The families that measures say something about: once one was seen, their KPIs are no longer absent."""
        counted = (RUNNING.get(stem, stem) for stem in stems)
        return frozenset(family for stem in counted for family in self._of_measure.get(stem, ()))

    def concerned(self, measures: Iterable[str]) -> int:
        """The bits of the families that follow from any of these measures."""
        found, known = 0, self._concerned
        for name in measures:
            found |= known[name]
        return found


class _Concerned(dict[str, int]):
    """By measure: the bits of all families with a KPI that follows from it. Filled as measures are met."""

    def __init__(self, table: KpiTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, measure: str) -> int:
        stem = stem_of(measure)
        stem = RUNNING.get(stem, stem)
        families = {kpi.family for kpi in self._table.rows if _follows(kpi, stem)}
        self[measure] = found = self._table.bits(frozenset(families))
        return found


def _is_given(where: Where, kind: str) -> bool:
    match where:
        case "always":
            return True
        case "now" | "90d" | "quarter":
            return kind == where
        case "today":
            return kind == "day"
        case "days":
            return kind not in ("now", "rolling")
        case "calendar":
            return kind in CALENDAR
    return kind != "now"


def _follows(kpi: Kpi, stem: str) -> bool:
    if kpi.formula in ("goals", "score"):  # Of those who have any: the board marks them.
        return stem in kpi.numerator
    if kpi.formula in ("usual", "timeline"):  # Of days that were, of hours and what stands: the board marks them.
        return False
    return stem in kpi.numerator or stem in below(kpi) or (kpi.formula == "velocity" and stem in VELOCITY_OF)


def below(kpi: Kpi) -> tuple[str, ...]:
    """All that a KPI divides by, leaves out, or tells of the deals behind it."""
    return (*kpi.denominator, *kpi.left_out, *(name for each in kpi.amounts for name in (each.deals, *each.left_out)))


@lru_cache(maxsize=10_000)
def stem_of(measure: str) -> str:
    """A measure without what stands for a stage or bucket: `stage_entered:`, `deal_size~`, `calls`."""
    for mark in ":~":
        stem, found, _ = measure.partition(mark)
        if found:
            return stem + found
    return measure


def _families_of(rows: Sequence[Kpi]) -> Mapping[str, frozenset[str]]:
    """By measure: the families that count it, or if none does, those that divide by it."""
    counted, divided = _families(rows, lambda kpi: kpi.numerator), _families(rows, below)
    return {measure: frozenset(families) for measure, families in {**divided, **counted}.items()}


def _families(rows: Sequence[Kpi], side: Callable[[Kpi], tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kpi in rows:
        for measure in side(kpi):
            found.setdefault(measure, set()).add(kpi.family)
    return found
