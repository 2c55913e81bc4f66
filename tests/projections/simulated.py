"""Periods of made-up teams, of several kinds: what is reached on each day, by a seed alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import exp, sqrt
from random import Random
from typing import NamedTuple

Daily = Callable[[Random, float], float]
"""What is reached on a day of which so many deals, calls or the like are to be expected."""
WEEK = 7


class Period(NamedTuple):
    """One period: whether somebody works on each of its days, and what is reached on it."""

    works: Sequence[bool]
    amounts: Sequence[int]


class Kind(NamedTuple):
    """A kind of team: how much is to be expected on a working day, how a day goes, and how much a period grows.

    `rhythm` are weights from Monday to Friday, `rush` is that of the last week. Periods differ by `swing` as a whole.
    """

    expected: float
    daily: Daily
    rhythm: Sequence[float] = (1, 1, 1, 1, 1)
    rush: float = 1
    growth: float = 1
    swing: float = 0.15
    weekend: float = 0


def counted(random: Random, expected: float) -> float:
    """A Poisson number: things that happen by themselves."""
    if expected > 30:
        return max(0, round(random.gauss(expected, sqrt(expected))))
    floor, product, found = exp(-expected), random.random(), 0
    while product > floor:
        product *= random.random()
        found += 1
    return found


def booked(random: Random, expected: float) -> float:
    """The cents of so many deals: most are small, and a few make the month."""
    return sum(100 * round(random.lognormvariate(8, 1)) for _ in range(round(counted(random, expected))))


KINDS: Mapping[str, Kind] = {
    "calls": Kind(40, counted),
    "few deals": Kind(0.6, counted),
    "money": Kind(0.8, booked),
    "weekly rhythm": Kind(30, counted, rhythm=(0.5, 1, 1.3, 1.2, 0.6), weekend=0.05),
    "month-end rush": Kind(8, counted, rush=4),
    "money in a rush": Kind(0.6, booked, rush=3),
    "growing team": Kind(20, counted, growth=1.02),
}


def periods(random: Random, kind: Kind, number: int) -> Iterator[Period]:
    """So many months of a team, one after the other."""
    weekday, level = random.randrange(WEEK), 1.0
    for _ in range(number):
        length = random.choice((28, 30, 31, 31))
        swing = exp(random.gauss(0, kind.swing)) * level
        weekdays = [(weekday + day) % WEEK for day in range(length)]
        yield Period([each < 5 for each in weekdays], list(_amounts(random, kind, weekdays, swing)))
        weekday, level = (weekday + length) % WEEK, level * kind.growth


def _amounts(random: Random, kind: Kind, weekdays: Sequence[int], swing: float) -> Iterator[int]:
    for day, weekday in enumerate(weekdays):
        weight = kind.rhythm[weekday] if weekday < 5 else kind.weekend
        late = kind.rush if day >= len(weekdays) - WEEK else 1
        yield round(kind.daily(random, kind.expected * weight * late * swing))
