"""Exits: the deals that left each stage in a window, and what came of them there and then, by process and stage."""

from typing import Any

from pipeline import measures as m
from pipeline.organisation.processes import UNDECLARED
from pipeline.scores.funnel import largest
from pipeline.scores.named import Named
from schemas.integers import fits


def stage_exits(named: Named) -> dict[str, Any]:
    """Deals that left each stage. A deal leaves several, so the sum over all stages means nothing."""
    (deals,) = _shown(named)
    return {"value": None, "stages": {stage: {"value": count} for stage, count in deals.items() if count}}


def stage_progress(named: Named) -> dict[str, Any]:
    """Of the deals that left each stage: the share that went on, and how many were lost.

    All others went back, to another process or to a stage that no process declares. None of these goes on from a stage
    that no process declares.
    """
    deals, onward, lost = _shown(named, m.STAGE_LEFT_ON, m.STAGE_LEFT_LOST)
    stages = {
        stage: {
            "value": onward[stage] / count,
            "numerator": onward[stage],
            "denominator": count,
            "n": count,
            "lost": lost[stage],
        }
        for stage, count in deals.items()
        if count and not stage.endswith(UNDECLARED)
    }
    return {"value": None, "stages": stages}


def progress_by_value(named: Named) -> dict[str, Any]:
    """The same by what the deals are worth, of those whose amount is known and converted; the others stand beside."""
    deals, amount, onward, without, unconverted = _shown(
        named, m.STAGE_LEFT_MINOR, m.STAGE_LEFT_ON_MINOR, m.STAGE_LEFT_WITHOUT_AMOUNT, m.STAGE_LEFT_UNCONVERTED
    )
    stages = {}
    for stage, count in deals.items():
        if not count or stage.endswith(UNDECLARED):
            continue
        above, below = onward[stage], amount[stage]
        whole = fits(above) and fits(below)
        stages[stage] = {
            "value": above / below if whole and below > 0 else None,
            "numerator": above if whole else None,
            "denominator": below if whole else None,
            "n": count - without[stage] - unconverted[stage],
            "without_amount": without[stage],
            "unconverted": unconverted[stage],
            **({} if whole else {"overflow": True}),
        }
    return {"value": None, "stages": stages}


def _shown(named: Named, *families: str) -> list[dict[str, int]]:
    """The deals that left each stage, and what the families count of them."""
    deals = named.counted((m.STAGE_ONCE, m.STAGE_LATEST))
    return largest(deals, *(named.stages.get(family, {}) for family in families))
