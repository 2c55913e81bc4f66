"""Where a period is going to end: what is reached by now, by what is usually reached by then, with an interval.

Pure: all that it takes is the working time that has passed, and a curve as it was told. Where somebody has reached
nothing yet, or more than ever before, a share of so little says little; so the projection leans on a usual period, the
more the earlier it is. How far totals were from just this projection in former periods gives the interval, which holds
for eight totals in ten as long as the period is one like those.
"""

from typing import NamedTuple

from pipeline.organisation.curves import POINTS, WHOLE, Curve

LEAN_PERCENT = 10
"""What is still to come of a period counts a tenth as a usual one."""


class Projection(NamedTuple):
    """A total, and between which two it lies in eight periods of ten. None where that cannot be said."""

    total: float | None = None
    low: float | None = None
    high: float | None = None


def expected_share(curve: Curve, worked: int, work: int) -> float:
    """What share of a period's total is usually reached after `worked` of `work`, from 0 to 1."""
    return _at(curve.shares, worked, work)


def projected(curve: Curve, actual: int, worked: int, work: int) -> Projection:
    """The total of a period in which `actual` was reached after `worked` of `work`.

    It is what was reached by the share that is usually reached, with a tenth of what is still to come of a usual period
    added to both. Of what only grows the total is no less than what was reached.
    """
    share = expected_share(curve, worked, work)
    lean = (1 - share) * LEAN_PERCENT / 100
    total = (actual + lean * curve.typical) / (share + lean)
    low, high = sorted((total * _at(curve.low, worked, work), total * _at(curve.high, worked, work)))
    return Projection(total, max(low, actual) if actual >= 0 else low, high)


def _at(points: tuple[int, ...], worked: int, work: int) -> float:
    """What points in basis points are at some share of working time, between two of them by the straight line."""
    if worked >= work:
        return points[-1] / WHOLE
    number, beyond = divmod(worked * POINTS, work)
    return (points[number] * (work - beyond) + points[number + 1] * beyond) / (work * WHOLE)
