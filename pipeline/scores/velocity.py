"""Pipeline velocity: how much money the open pipeline brings in a day."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from schemas.integers import fits

VELOCITY_OF = frozenset(
    {
        m.OPEN_QUALIFIED, m.WON, m.LOST, m.WON_MINOR, m.WON_WITHOUT_AMOUNT, m.WON_UNCONVERTED,
        m.WON_ADJUSTMENTS, m.WON_ADJUSTMENTS_MINOR, m.WON_CYCLES, m.WON_CYCLE_DAYS,
    }
)  # fmt: skip
"""The measures it follows from."""


def velocity(period: Mapping[str, int], standing: Mapping[str, int]) -> dict[str, Any]:
    """Open qualified deals x win rate x mean deal size / mean sales cycle, in minor units a day.

    Win rate, mean deal and cycle are those of `period` (the measures of any window), open deals those of `standing`.
    The mean deal is over those whose amount is known, converted and not below 0, everything else over all deals. The
    value is None where a term cannot be computed, the cycle is 0 days or the amount won leaves 64 bits. `n` is the
    number of closed deals.
    """
    won, closed = period.get(m.WON, 0), period.get(m.WON, 0) + period.get(m.LOST, 0)
    cycles, days = period.get(m.WON_CYCLES, 0), period.get(m.WON_CYCLE_DAYS, 0)
    minor = period.get(m.WON_MINOR, 0) + period.get(m.WON_ADJUSTMENTS_MINOR, 0)
    without_amount, unconverted = period.get(m.WON_WITHOUT_AMOUNT, 0), period.get(m.WON_UNCONVERTED, 0)
    valued = won - without_amount - unconverted - period.get(m.WON_ADJUSTMENTS, 0)
    terms: dict[str, Any] = {
        "open_qualified": standing.get(m.OPEN_QUALIFIED, 0),
        "win_rate": won / closed if closed > 0 else None,
        "avg_deal_size": minor / valued if valued > 0 and fits(minor) else None,
        "sales_cycle": days / cycles if cycles > 0 else None,
    }
    known = terms["win_rate"] is not None and terms["avg_deal_size"] is not None
    numerator = terms["open_qualified"] * terms["win_rate"] * terms["avg_deal_size"] if known else None
    cycle = terms["sales_cycle"]
    value = numerator / cycle if numerator is not None and cycle else None
    found = {
        "value": value, "numerator": numerator, "denominator": cycle, "n": closed, "terms": terms,
        "without_amount": without_amount, "unconverted": unconverted,
    }  # fmt: skip
    return found if fits(minor) else {**found, "overflow": True}
