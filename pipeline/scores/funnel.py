"""The funnel: stages entered, left for a further one, lost and open, by process and stage."""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline import measures as m
from schemas.integers import fits

Stages = dict[str, dict[str, Any]]
"""Values by `<process>:<stage>`, sorted by that; those of the rest, if any, come last."""
MOST_STAGES = 200
"""So many stages a figure names, those with most deals: four of the longest processes, some 80 KB."""
UNDECLARED = f":{m.UNASSIGNED}"
"""How the name of a stage ends that no process declares."""
REST = "…:other"
"""What all further stages add up to: no process and no stage has such a name."""


def stage_entries(measures: Mapping[str, int]) -> dict[str, Any]:
    """Deals that entered each stage in the window.

    A deal enters several, so the sum over all stages means nothing, and `value` is None.
    """
    entered, _, _, closed = _period(measures)
    stages = {key: {"value": count} for key in entered if (count := entered[key] + closed[key])}
    return {"value": None, "stages": stages}


def stage_conversion(measures: Mapping[str, int]) -> dict[str, Any]:
    """Of the deals that entered each stage in the window: the share that reached a further one since.

    `lost` were lost without one, `pending` are still open in between. Behind a stage that closes there is no further
    one, nor behind one that no process declares. The conversion over all stages means nothing, so `value` is None.
    """
    entered, converted, lost, _ = _period(measures)
    stages: Stages = {}
    for key, total in entered.items():
        further, gone = converted[key], lost[key]
        if key.endswith(UNDECLARED) or not (total or further or gone):
            continue
        stages[key] = {
            "value": further / total if total > 0 else None,
            "numerator": further,
            "denominator": total,
            "n": total,
            "lost": gone,
            "pending": total - further - gone,
        }
    return {"value": None, "stages": stages}


def counted(measures: Mapping[str, int], prefix: str) -> dict[str, Any]:
    """Deals of which one thing was counted in each stage. A deal may be in several, so there is no total."""
    (found,) = largest(family(measures, prefix))
    return {"value": None, "stages": {key: {"value": count} for key, count in found.items() if count}}


def open_stages(measures: Mapping[str, int], places: Mapping[str, int]) -> dict[str, Any]:
    """Deals open in each stage now, and their amount in minor units; `value` is the number of all of them.

    `places` are told as they are given: in which order deals go through the stages of each process.
    """
    count, amount = largest(family(measures, m.OPEN_STAGE), family(measures, m.OPEN_STAGE_MINOR))
    stages = {key: {"value": deals, **_amount(amount[key])} for key, deals in count.items()}
    return {"value": sum(count.values()), "stages": stages, "places": places}


def _amount(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor} if fits(minor) else {"amount_minor": None, "overflow": True}


def _period(measures: Mapping[str, int]) -> list[dict[str, int]]:
    families = (m.STAGE_ENTERED, m.STAGE_CONVERTED, m.STAGE_LOST, m.STAGE_CLOSED)
    entered, converted, lost, closed = (family(measures, prefix) for prefix in families)
    together = {key: entered.get(key, 0) + closed.get(key, 0) for key in entered.keys() | closed.keys()}
    return largest(together, entered, converted, lost, closed)[1:]


def largest(first: dict[str, int], *others: dict[str, int]) -> list[dict[str, int]]:
    """Each family with the same stages: those with the highest counts in the first one, and the rest added up."""
    families = (first, *others)
    names = sorted({name for each in families for name in each}, key=lambda name: (-first.get(name, 0), name))
    named, rest = sorted(names[:MOST_STAGES]), names[MOST_STAGES:]
    return [_shown(each, named, rest) for each in families]


def _shown(counts: Mapping[str, int], named: Iterable[str], rest: Iterable[str]) -> dict[str, int]:
    shown = {name: counts.get(name, 0) for name in named}
    return {**shown, REST: sum(counts.get(name, 0) for name in rest)} if rest else shown


def family(measures: Mapping[str, int], prefix: str) -> dict[str, int]:
    """The measures of one family, by what stands behind its name."""
    return {name[len(prefix) :]: count for name, count in measures.items() if name.startswith(prefix)}
