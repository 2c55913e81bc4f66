"""Curves: what share of a period's total a team usually has at which share of its working time, as it was told."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.organisation.goals import places_of
from pipeline.organisation.overlay import Groups

Record = Mapping[str, Any]
POINTS = 20
"""A curve is told at so many equal steps of working time, but for the last, at which all is reached."""
WHOLE = 10_000
"""Basis points of one."""


class Curve(NamedTuple):
    """The shares at the ends of all steps, from 0 to 1, in basis points, and how far totals were from the projection.

    `typical` is the total of a usual period. `low` and `high` are what totals were of the projection, at each of these
    points, with a tenth of all periods below and above; `learnt_on` is the day on which all this was learnt.
    """

    learnt_on: int
    typical: int
    shares: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]

    @classmethod
    def read(cls, record: Record) -> "Curve | None":
        """The curve that a record tells; None where it leaves something out."""
        learnt_on, typical, *told = (record.get(name) for name in ("learnt_on", "typical", "shares", "low", "high"))
        if learnt_on is None or typical is None or None in told:
            return None
        shares, low, high = (tuple(each or ()) for each in told)
        # Before the first point nothing is known of how far off a projection is: what holds there holds before it.
        return cls(learnt_on, typical, (0, *shares, WHOLE), (low[0], *low, WHOLE), (high[0], *high, WHOLE))


Curves = Mapping[tuple[str, str], Curve]
"""By KPI and kind of period."""
NO_CURVES: Curves = {}


class CurveBook:
    """The curves by home. A home without any costs nothing."""

    def __init__(self, told: Groups[str, Record] | None = None) -> None:
        self._told: Groups[str, Record] = told or Groups()

    def over(self) -> "CurveBook":
        """A book that begins as this one is, and changes without it."""
        return CurveBook(self._told.over())

    def put(self, name: str, old: Record | None, new: Record | None) -> None:
        """Take in the present record of a curve in place of the former one; None where there is none."""
        for _, home in places_of(old):
            self._told.take(home, name)
        for _, home in places_of(new):
            self._told.put(home, name, dict(new or {}))

    def of(self, home: str) -> Curves:
        """All curves of a home; of several for one KPI and kind of period that of the greater id."""
        told = self._told.of(home)
        if not told:
            return NO_CURVES
        found: dict[tuple[str, str], Curve] = {}
        for _, record in sorted(told.items()):
            kpi, period, curve = record.get("kpi"), record.get("period"), Curve.read(record)
            if kpi is not None and period is not None and curve is not None:
                found[kpi, period] = curve
        return found
