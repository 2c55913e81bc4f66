"""The funnel: stages entered, left for a further one, lost and open, by process and stage."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pipeline import measures as m
from pipeline.organisation.processes import UNDECLARED
from pipeline.scores.named import ByStage
from schemas.integers import fits

Stages = dict[str, dict[str, Any]]
"""Values by `<process>:<stage>`, sorted by that; those of the rest, if any, come last."""
MOST_STAGES = 200
"""So many stages a figure names, those with most deals: four of the longest processes, some 80 KB."""
REST = "…:other"
"""What all further stages add up to: no process and no stage has such a name."""


def stage_entries(by_stage: ByStage) -> dict[str, Any]:
    """Deals that entered each stage in the window.

    A deal enters several, so the sum over all stages means nothing, and `value` is None.
    """
    entered, _, _, closed = _period(by_stage)
    stages = {key: {"value": count} for key in entered if (count := entered[key] + closed[key])}
    return {"value": None, "stages": stages}


def stage_conversion(by_stage: ByStage) -> dict[str, Any]:
    """Of the deals that entered each stage in the window: the share that reached a further one since.

    `lost` were lost without one, `pending` are still open in between. Behind a stage that closes there is no further
    one, nor behind one that no process declares. The conversion over all stages means nothing, so `value` is None.
    """
    entered, converted, lost, _ = _period(by_stage)
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


def conversion_by_value(by_stage: ByStage) -> dict[str, Any]:
    """The same by what the deals are worth, of those whose amount is known and converted; the others stand beside.

    `lost_minor` and `pending_minor` are what is left of the amount above the line.
    """
    entered, amount, further, lost, without, unconverted = largest(*(by_stage.get(each, {}) for each in _BY_VALUE))
    stages: Stages = {}
    for key, total in entered.items():
        if key.endswith(UNDECLARED) or not (total or amount[key] or further[key] or lost[key]):
            continue
        pending = amount[key] - further[key] - lost[key]
        whole = all(map(fits, (amount[key], further[key], lost[key], pending)))
        stages[key] = {
            "value": further[key] / amount[key] if whole and amount[key] > 0 else None,
            "numerator": further[key] if whole else None,
            "denominator": amount[key] if whole else None,
            "n": total - without[key] - unconverted[key],
            "lost_minor": lost[key] if whole else None,
            "pending_minor": pending if whole else None,
            "without_amount": without[key],
            "unconverted": unconverted[key],
            **({} if whole else {"overflow": True}),
        }
    return {"value": None, "stages": stages}


_BY_VALUE = (
    m.STAGE_ENTERED, m.STAGE_ENTERED_MINOR, m.STAGE_CONVERTED_MINOR, m.STAGE_LOST_MINOR,
    m.STAGE_ENTERED_WITHOUT_AMOUNT, m.STAGE_ENTERED_UNCONVERTED,
)  # fmt: skip


def counted(by_stage: ByStage, family: str) -> dict[str, Any]:
    """Deals of which one thing was counted in each stage. A deal may be in several, so there is no total."""
    (found,) = largest(by_stage.get(family, {}))
    return {"value": None, "stages": {key: {"value": count} for key, count in found.items() if count}}


def open_stages(by_stage: ByStage, places: Mapping[str, int]) -> dict[str, Any]:
    """Deals open in each stage now, and their amount in minor units; `value` is the number of all of them.

    `places` are told as they are given: in which order deals go through the stages of each process.
    """
    count, amount = largest(by_stage.get(m.OPEN_STAGE, {}), by_stage.get(m.OPEN_STAGE_MINOR, {}))
    stages = {key: {"value": deals, **_amount(amount[key])} for key, deals in count.items()}
    return {"value": sum(count.values()), "stages": stages, "places": places}


def _amount(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor} if fits(minor) else {"amount_minor": None, "overflow": True}


def _period(by_stage: ByStage) -> list[dict[str, int]]:
    families = (m.STAGE_ENTERED, m.STAGE_CONVERTED, m.STAGE_LOST, m.STAGE_CLOSED)
    entered, converted, lost, closed = (by_stage.get(family, {}) for family in families)
    together = {key: entered.get(key, 0) + closed.get(key, 0) for key in entered.keys() | closed.keys()}
    return largest(together, entered, converted, lost, closed)[1:]


def largest(first: Mapping[str, int], *others: Mapping[str, int]) -> list[dict[str, int]]:
    """Each family with the same stages: those with the highest counts in the first one, and the rest added up."""
    families = (first, *others)
    named, rest = apart(set().union(*families), first)
    return [_shown(each, named, rest) for each in families]


def apart(stages: Collection[str], counts: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The stages that a figure names, those with the highest counts, by name; and the rest."""
    if len(stages) <= MOST_STAGES:
        return sorted(stages), []
    names = sorted(stages, key=lambda name: (-counts.get(name, 0), name))
    return sorted(names[:MOST_STAGES]), names[MOST_STAGES:]


def _shown(counts: Mapping[str, int], named: Iterable[str], rest: Iterable[str]) -> dict[str, int]:
    shown = {name: counts.get(name, 0) for name in named}
    return {**shown, REST: sum(counts.get(name, 0) for name in rest)} if rest else shown
