"""The funnel: stages entered, left for a further one, lost and open, by process and stage."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m

Stages = dict[str, dict[str, Any]]
"""Values by `<process>:<stage>`, sorted by that."""


def stage_entries(measures: Mapping[str, int]) -> dict[str, Any]:
    """Deals that entered each stage in the window; `value` is all of them."""
    entered = _family(measures, m.STAGE_ENTERED)
    return {"value": sum(entered.values()), "stages": {key: {"value": count} for key, count in entered.items()}}


def stage_conversion(measures: Mapping[str, int]) -> dict[str, Any]:
    """Of the deals that entered each stage in the window: the share that reached a further one since.

    `lost` were lost without one, `pending` are still open in between. The conversion over all stages means nothing,
    so `value` is None.
    """
    entered = _family(measures, m.STAGE_ENTERED)
    converted, lost = _family(measures, m.STAGE_CONVERTED), _family(measures, m.STAGE_LOST)
    stages: Stages = {}
    for key in sorted({*entered, *converted, *lost}):
        total, further, gone = entered.get(key, 0), converted.get(key, 0), lost.get(key, 0)
        stages[key] = {
            "value": further / total if total > 0 else None,
            "numerator": further,
            "denominator": total,
            "n": total,
            "lost": gone,
            "pending": total - further - gone,
        }
    return {"value": None, "stages": stages}


def open_stages(measures: Mapping[str, int]) -> dict[str, Any]:
    """Deals open in each stage now, and their amount in minor units; `value` is the number of all of them."""
    count, amount = _family(measures, m.OPEN_STAGE), _family(measures, m.OPEN_STAGE_MINOR)
    stages = {
        key: {"value": count.get(key, 0), "amount_minor": amount.get(key, 0)} for key in sorted({*count, *amount})
    }
    return {"value": sum(count.values()), "stages": stages}


def _family(measures: Mapping[str, int], prefix: str) -> dict[str, int]:
    names = sorted(name for name in measures if name.startswith(prefix))
    return {name[len(prefix) :]: measures[name] for name in names}
