"""Sales and marketing cost of a period, accrued evenly over its local days."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures
from pipeline.kinds.cells import Cells, add, known_team
from pipeline.kinds.kind import Kind, closed_limit_ms, closed_until_ms, over_while_counted
from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.objects.object import Object
from pipeline.organisation import money
from pipeline.organisation.days import DAY_MS, utc_day_ms
from pipeline.organisation.organisation import Organisation

LONGEST_DAYS = 3660
"""A longer period is a mistake and counts nothing."""
LATER = ((30, measures.COST_30D_MINOR), (60, measures.COST_60D_MINOR), (90, measures.COST_90D_MINOR))
"""After how many local days cost counts once more, in a measure of its own: what is spent wins customers later."""


def anchor_ms(cost: Mapping[str, Any]) -> int | None:
    """The end of its period."""
    last_day = cost.get("period_end")
    return None if last_day is None else utc_day_ms(last_day) + DAY_MS


def references(cost: Object) -> set[str]:
    """Team and currency whose change may move it."""
    given = {"team": cost.get("team_id"), "currency": cost.get("currency")}
    return {f"{kind}:{name}" for kind, name in given.items() if name}


def contribute(cost: Object, organisation: Organisation) -> Cells:
    """A share for each day of the period, exact in sum, at the rate of the first; of the `company` if of no team.

    It counts by what it was spent on, too, and again so many days `LATER`.
    """
    cells: Cells = {}
    amount_minor, first_day, last_day = cost.get("amount_minor"), cost.get("period_start"), cost.get("period_end")
    if not cost.live or amount_minor is None or first_day is None or last_day is None:
        return cells
    length = last_day - first_day + 1
    if not 1 <= length <= LONGEST_DAYS:
        return cells
    team, currency = _team(cost.get("team_id"), organisation), cost.get("currency") or organisation.currency
    rate = organisation.rate(currency, first_day)
    converted = money.convert(amount_minor, currency, organisation.currency, rate)
    if converted is None:
        add(cells, (team, "", first_day, None), measures.UNCONVERTED)
        return cells
    spent_on = f"{measures.COST_CATEGORY_MINOR}{cost.get('category') or UNASSIGNED}"
    for day, share in enumerate(money.spread(converted, length), first_day):
        for measure in (measures.COST_MINOR, spent_on):
            add(cells, (team, "", day, None), measure, share)
        for days, measure in LATER:
            add(cells, (team, "", day + days, None), measure, share)
    return cells


def _team(team: str | None, organisation: Organisation) -> str:
    return COMPANY if team is None else known_team(organisation, team)


COST = Kind(
    name="cost",
    domain="crm",
    fields={"team_id": 2, "amount_minor": 3, "currency": 4, "period_start": 5, "period_end": 6, "category": 7},
    anchor_ms=anchor_ms,
    limit_ms=closed_limit_ms,
    until_ms=closed_until_ms(anchor_ms),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
)
