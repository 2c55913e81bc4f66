"""Measures that stand for something by their name: those of stages, and the buckets of sketches."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.kernel.sketch import Ordered, in_order
from pipeline.scores.activity_score import NO_SCORE
from pipeline.scores.goals import NO_PERIOD, GoalPeriod
from pipeline.scores.stall import NO_STALL
from pipeline.scores.timeline import NO_TIMELINE
from pipeline.scores.usual import NO_USUAL, Usual
from schemas.readers import Memo

ByStage = Mapping[str, Mapping[str, int]]
"""By family, `stage_entered:`, and by `<process>:<stage>`."""


class Named:
    """Those of one window: `stages` by family and stage, `sketches` by what they are of, `deal_size~`.

    `stage_sketches` are by family and stage, as `stages` are. `places` are those of stages in their processes, by
    `<process>:<stage>`; `goals` are those of the window, `stall` tells where prospects stall, `usual` what the scope
    usually does by now, `score` its activity score, `timeline` that of the rep's day.
    """

    __slots__ = (
        "_counted", "_ordered", "_together", "goals", "places", "score", "sketches", "stage_sketches", "stages",
        "stall", "timeline", "usual",
    )  # fmt: skip

    def __init__(
        self,
        measures: Mapping[str, int],
        places: Mapping[str, int],
        goals: GoalPeriod = NO_PERIOD,
        stall: Mapping[str, Any] = NO_STALL,
        usual: Usual = NO_USUAL,
        score: Mapping[str, Any] = NO_SCORE,
        timeline: Mapping[str, Any] = NO_TIMELINE,
    ) -> None:
        self.places = places
        self.goals = goals
        self.stall = stall
        self.usual = usual
        self.score = score
        self.timeline = timeline
        self.sketches: dict[str, dict[int, int]] = {}
        self.stage_sketches: dict[str, dict[str, dict[int, int]]] = {}
        self.stages: dict[str, dict[str, int]] = {}
        self._ordered: dict[str, Ordered] = {}
        self._counted: dict[tuple[str, ...], dict[str, int]] = {}
        self._together: dict[tuple[str, ...], dict[str, Mapping[int, int]]] = {}
        told = _TOLD
        for name, count in measures.items():
            if (found := told[name]) is not None:
                family, stage, bucket = found
                if bucket is None:
                    self.stages.setdefault(family, {})[stage] = count
                elif stage:
                    self.stage_sketches.setdefault(family, {}).setdefault(stage, {})[bucket] = count
                else:
                    self.sketches.setdefault(family, {})[bucket] = count

    def counted(self, families: tuple[str, ...]) -> Mapping[str, int]:
        """By stage: how many values the sketches of these families hold, counted once for all that is asked."""
        found = self._counted.get(families)
        if found is None:
            together = self.together(families).items()
            found = self._counted[families] = {stage: sum(buckets.values()) for stage, buckets in together}
        return found

    def together(self, families: tuple[str, ...]) -> Mapping[str, Mapping[int, int]]:
        """By stage: the sketches of these families as one, put together once for all that is asked."""
        found = self._together.get(families)
        if found is None:
            found = self._together[families] = {}
            for family in families:
                for stage, buckets in self.stage_sketches.get(family, {}).items():
                    found[stage] = merged((found[stage], buckets)) if stage in found else buckets
        return found

    def ordered(self, sketch: str) -> Ordered:
        """The buckets of a sketch, sorted once for all that is asked of it."""
        found = self._ordered.get(sketch)
        if found is None:
            found = self._ordered[sketch] = in_order(self.sketches.get(sketch, {}))
        return found


def merged(sketches: Iterable[Mapping[int, int]]) -> Mapping[int, int]:
    """Sketches as one."""
    found: Counter[int] = Counter()
    for each in sketches:
        found.update(each)
    return found


def _read(name: str) -> tuple[str, str, int | None] | None:
    """The family, the stage and the bucket that a measure is of; None where it stands for nothing by its name.

    A tilde may be part of a process: a long id ends with one and a hash, and a stage follows.
    """
    before, tilde, last = name.rpartition("~")
    bucket = int(last) if tilde and ":" not in last else None
    of = name if bucket is None else before
    family, colon, stage = of.partition(":")
    if colon:
        return family + colon, stage, bucket
    return None if bucket is None else (before + tilde, "", bucket)


MOST_NAMES = 20_000
_TOLD = Memo(_read, MOST_NAMES)
