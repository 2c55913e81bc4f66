"""A row of the KPI table: what a KPI is, and the words that rows are written in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Formula = Literal[
    "count", "age", "ratio", "mean", "median", "p90", "stages", "states", "wait", "velocity", "goals", "stall", "usual",
    "categories", "score", "per_rep", "timeline",
]  # fmt: skip
Unit = Literal["count", "ratio", "milliseconds", "seconds", "days", "minor", "minor_per_day", "points", "deviations"]
Better = Literal["up", "down", "neither"]
Where = Literal["period", "days", "calendar", "quarter", "today", "now", "90d", "always"]
"""Windows a KPI is given in: all but `now`, those of whole days, those of the calendar, only quarters, only the current
day, only `now`, only the trailing 90 days, or all."""
Value = dict[str, Any]
"""`{"value": …}`; ratios and means also have `numerator`, `denominator` and `n`, quantiles `n`. None: no denominator.

What is said of money of deals also has `n`, `without_amount` and `unconverted`: see `Amounts`.
"""
Values = dict[str, Value]
QUANTILES: Mapping[str, float] = {"median": 0.5, "p90": 0.9}
"""The formulas that read a sketch, and which share of all lies below."""


class Amounts(NamedTuple):
    """The deals behind money: the measures of how many there are, have no amount, and have one that no rate converts.

    `n` of the KPI are the others, whose amount is known and converted; those left out are told beside it. `adjustments`
    are wins below 0, where a KPI is not of them either.
    """

    deals: str
    without_amount: str
    unconverted: str
    adjustments: str | None = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """The measures of the deals that `n` leaves out."""
        return tuple(name for name in self[1:] if name is not None)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One row of the table.

    The value is (sum of `numerator`) / (sum of `denominator` - sum of `left_out`) for ratios and means, the first sum
    for counts, a quantile of the sketch `numerator` for medians and the like. `divisor` turns milliseconds into
    seconds. `amounts` are the deals that money is about. `version` goes up when the definition changes: then every
    window is published again, past ones too. `number` is the section of docs/kpis.md: several KPIs may say one thing in
    several ways.
    """

    number: int
    name: str
    family: str
    formula: Formula
    unit: Unit
    basis: str
    better: Better
    description: str
    source: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    divisor: int = 1
    where: Where = "period"
    reps: bool = True
    version: int = 1
    left_out: tuple[str, ...] = ()
    amounts: tuple[Amounts, ...] = ()


PRACTICE = "common practice"
