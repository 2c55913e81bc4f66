"""How often the total of a period lies in the interval that was told of it while it ran."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from pipeline.curves.learning import LEAST_PERIODS, MOST_PERIODS, Learnt, Past, learn
from pipeline.organisation.curves import Curve
from pipeline.scores.projection import projected
from tests.projections.simulated import KINDS, Kind, Period, periods

HOUR_MS = 3_600_000
DAY_MS = 8 * HOUR_MS
"""The working time of a day on which somebody works."""
FIRST_DAY = 700_000
AT_ONCE = 50
"""So many teams are learnt from together."""


class Held(NamedTuple):
    """Of how many periods an interval was told, and how many of their totals lay in it, above and below it."""

    periods: int
    within: int
    above: int
    below: int

    @property
    def share(self) -> float:
        """The share of totals within."""
        return self.within / self.periods

    def __add__(self, other: "Held") -> "Held":  # type: ignore[override]
        """Both together."""
        return Held(*(one + more for one, more in zip(self, other, strict=True)))


def coverage(seed: int, each: int) -> Mapping[str, Held]:
    """By kind of team: what became of so many periods of as many teams, each with a curve of its own."""
    random = Random(seed)
    return {
        name: _together(_judged_all(random, kind, min(AT_ONCE, each - begun)) for begun in range(0, each, AT_ONCE))
        for name, kind in KINDS.items()
    }


def _judged_all(random: Random, kind: Kind, number: int) -> Held:
    """Of so many teams of a kind."""
    teams = {
        str(n): list(periods(random, kind, random.randint(LEAST_PERIODS, MOST_PERIODS) + 1)) for n in range(number)
    }
    curves = [curve for curve in learn(_past(teams)) if curve.periods >= LEAST_PERIODS]
    return _together(_judged(random, curve, teams[curve.scope][-1]) for curve in curves)


def _together(found: Iterator[Held]) -> Held:
    return sum(found, Held(0, 0, 0, 0))


def _past(teams: Mapping[str, Sequence[Period]]) -> Past:
    """All periods of the teams but the last."""
    past = Past(aim=[{"scope": scope, "kpi": "won", "kind": "month"} for scope in teams])
    for scope, of_team in teams.items():
        day = FIRST_DAY
        for works, amounts in of_team[:-1]:
            end = day + len(works) - 1
            past.period.append({"scope": scope, "kind": "month", "first_day": day, "last_day": end})
            past.worked += [
                {"scope": scope, "day": day + n, "work_ms": DAY_MS if each else 0} for n, each in enumerate(works)
            ]
            past.amount += [
                {"scope": scope, "kpi": "won", "day": day + n, "amount": amount}
                for n, amount in enumerate(amounts)
                if amount
            ]
            day = end + 1
    return past


def _judged(random: Random, learnt: Learnt, period: Period) -> Held:
    """What is told at some instant from 15 % of the working time on, beside what there is in the end."""
    curve = Curve.read({"learnt_on": FIRST_DAY, **learnt._asdict()})
    assert curve is not None
    work = DAY_MS * sum(period.works)
    worked = random.randint(work * 15 // 100 + 1, work - HOUR_MS)
    found, total = projected(curve, _reached(period, worked), worked, work), sum(period.amounts)
    assert found.low is not None
    assert found.high is not None
    above, below = total > found.high, total < found.low
    return Held(1, not (above or below), above, below)


def _reached(period: Period, worked: int) -> int:
    """What there is after so much working time; of the day that runs a part."""
    found: float = 0
    for works, amount in zip(*period, strict=True):
        if worked <= 0:
            break
        found += amount * min(1, worked / DAY_MS) if works else amount
        worked -= DAY_MS if works else 0
    return round(found)
