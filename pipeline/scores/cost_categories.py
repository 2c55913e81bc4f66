"""What a new customer costs by what it was spent on."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.scores.named import ByStage
from schemas.integers import fits

MOST_CATEGORIES = 50
"""So many are named, those of most cost."""
REST = "…"
"""What all further ones add up to: no category has such a name."""


def by_category(counted: ByStage, customers: int) -> dict[str, Any]:
    """The cost of each category, and what that is for each new customer: None where there is none.

    `counted` are the measures of a window by family and category. The sum of all is another KPI, so `value` is None.
    """
    spent = {name: minor for name, minor in counted.get(m.COST_CATEGORY_MINOR, {}).items() if minor}
    names = sorted(spent, key=lambda name: (-spent[name], name))
    found = {name: spent[name] for name in sorted(names[:MOST_CATEGORIES])}
    if rest := names[MOST_CATEGORIES:]:
        found[REST] = sum(spent[name] for name in rest)
    return {"value": None, "categories": {name: _for_each(minor, customers) for name, minor in found.items()}}


def _for_each(minor: int, customers: int) -> Mapping[str, Any]:
    if not (fits(minor) and fits(customers)):
        return {"value": None, "numerator": minor if fits(minor) else None, "denominator": None, "overflow": True}
    return {"value": minor / customers if customers > 0 else None, "numerator": minor, "denominator": customers}
