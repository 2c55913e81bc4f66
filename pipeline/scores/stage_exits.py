"""Exits: the deals that left each stage in a window, and what came of them there and then, by process and stage."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.scores.funnel import UNDECLARED, largest
from pipeline.scores.named import Named


def stage_exits(named: Named) -> dict[str, Any]:
    """Deals that left each stage. A deal leaves several, so the sum over all stages means nothing."""
    deals, _, _ = _exits(named)
    return {"value": None, "stages": {stage: {"value": count} for stage, count in deals.items() if count}}


def stage_progress(named: Named) -> dict[str, Any]:
    """Of the deals that left each stage: the share that went on, and how many were lost.

    All others went back, to another process or to a stage that no process declares. None of these goes on from a stage
    that no process declares.
    """
    deals, onward, lost = _exits(named)
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


def _exits(named: Named) -> tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]:
    deals: dict[str, int] = {}
    for family in (m.STAGE_ONCE, m.STAGE_LATEST):
        for stage, buckets in named.stage_sketches.get(family, {}).items():
            deals[stage] = deals.get(stage, 0) + sum(buckets.values())
    left = (named.stages.get(family, {}) for family in (m.STAGE_LEFT_ON, m.STAGE_LEFT_LOST))
    shown, onward, lost = largest(deals, *left)
    return shown, onward, lost
