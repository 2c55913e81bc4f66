"""Who stands where in a contest. Pure.

Equal values share a place, and the next place is as many further on: 1, 1, 3. Who has no value, or a share or mean of
too few, has no place and comes last.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from typing import NamedTuple, get_args

from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME
from schemas.goals import ContestKpi
from schemas.integers import LEAST, MOST

KPIS: Mapping[str, Kpi] = {name: BY_NAME[name] for name in get_args(ContestKpi)}
SAMPLED = ("ratio", "mean")
DECIDING: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys((*kpi.numerator, *kpi.denominator, *kpi.left_out))) for name, kpi in KPIS.items()
}
"""By KPI: the measures that decide a contest by it."""
MEASURES = frozenset(name for names in DECIDING.values() for name in names)
"""All measures that may decide a contest."""
Sums = Mapping[str, int]
NOTHING: Sums = {}


class Standing(NamedTuple):
    """One who takes part: `scope` is `rep:7` or `team:north`, `n` what a share or mean is of."""

    scope: str
    place: int | None
    value: float | None
    n: int | None


class Standings:
    """All who take part in one contest, in order; only those whose sums changed are read and placed again."""

    def __init__(self, kpi: Kpi, entrants: Iterable[str], least: int, sums: Mapping[str, Sums]) -> None:
        self._kpi = kpi
        self._least = least
        self._read = {scope: _read(kpi, scope, sums.get(scope, NOTHING), least) for scope in entrants}
        self._placed = sorted(_order(each) for each in self._read.values() if each.place)
        self._others = sorted(scope for scope, each in self._read.items() if not each.place)

    def change(self, scope: str, sums: Sums) -> None:
        """Called with the measures of one who takes part, as they are now."""
        before, now = self._read[scope], _read(self._kpi, scope, sums, self._least)
        if before == now:
            return
        self._read[scope] = now
        if before.place:
            del self._placed[bisect_left(self._placed, _order(before))]
        else:
            del self._others[bisect_left(self._others, scope)]
        if now.place:
            insort(self._placed, _order(now))
        else:
            insort(self._others, scope)

    def first(self, most: int | None = None) -> list[Standing]:
        """So many of them (None: all), the first first; those without a place come last, by name."""
        told: list[Standing] = []
        place, last = 0, None
        for number, (order, scope) in enumerate(self._placed[:most], 1):
            if order != last:
                place, last = number, order
            _, _, value, n = self._read[scope]
            told.append(Standing(scope, place, value, n))
        others = self._others if most is None else self._others[: most - len(told)]
        return told + [self._read[scope] for scope in others]


def _order(each: Standing) -> tuple[float, str]:
    """The greater value first, equal ones by name."""
    return -(each.value or 0), each.scope


def _read(kpi: Kpi, scope: str, sums: Sums, least: int) -> Standing:
    """One with a place to be given, 1, or none."""
    above = sum(sums.get(name, 0) for name in kpi.numerator)
    if not LEAST <= above <= MOST:
        return Standing(scope, None, None, None)
    over = above if kpi.divisor == 1 else above / kpi.divisor
    if kpi.formula not in SAMPLED:
        return Standing(scope, 1, over, None)
    below = sum(sums.get(name, 0) for name in kpi.denominator) - sum(sums.get(name, 0) for name in kpi.left_out)
    if not 0 < below <= MOST:
        return Standing(scope, None, None, max(0, min(below, MOST)))
    return Standing(scope, 1 if below >= least else None, over / below, below)
