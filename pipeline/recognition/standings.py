"""Who stands where in a contest. Pure.

Equal values share a place, and the next place is as many further on: 1, 1, 3. Who has no value, or a share or mean of
too few, has no place and comes last.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, get_args

from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME
from schemas.goals import ContestKpi
from schemas.integers import LEAST, MOST

KPIS: Mapping[str, Kpi] = {name: BY_NAME[name] for name in get_args(ContestKpi)}
SAMPLED = ("ratio", "mean")
MEASURES = frozenset(
    name for kpi in KPIS.values() for name in (*kpi.numerator, *kpi.denominator, *kpi.left_out)
)  # fmt: skip
"""All measures that may decide a contest."""
Sums = Mapping[str, int]
NOTHING: Sums = {}


class Standing(NamedTuple):
    """One who takes part: `scope` is `rep:7` or `team:north`, `n` what a share or mean is of."""

    scope: str
    place: int | None
    value: float | None
    n: int | None


def standings(kpi: Kpi, sums: Mapping[str, Sums], entrants: Iterable[str], least: int) -> list[Standing]:
    """All who take part, the first first; those without a place by name. `sums` are the measures of each."""
    found = [_read(kpi, scope, sums.get(scope, NOTHING), least) for scope in entrants]
    placed = sorted((each for each in found if each.place), key=lambda each: (-(each.value or 0), each.scope))
    told: list[Standing] = []
    for number, each in enumerate(placed, 1):
        before = told[-1] if told else None
        place = before.place if before is not None and before.value == each.value else number
        told.append(each._replace(place=place))
    return told + sorted(each for each in found if not each.place)


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
