"""Measures that stand for something by their name: those of stages, and the buckets of sketches."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipeline.kernel.sketch import Ordered, in_order
from pipeline.scores.goals import NO_PERIOD, GoalPeriod
from pipeline.scores.stall import NO_STALL


class Named:
    """Those of one window: `stages` by name, `sketches` by what they are of, `deal_size~` or `stage_once:<stage>~`.

    `places` are those of stages in their processes, by `<process>:<stage>`; `goals` are those of the window,
    `stall` tells where prospects stall.
    """

    __slots__ = ("_ordered", "goals", "places", "sketches", "stages", "stall")

    def __init__(
        self,
        measures: Mapping[str, int],
        places: Mapping[str, int],
        goals: GoalPeriod = NO_PERIOD,
        stall: Mapping[str, Any] = NO_STALL,
    ) -> None:
        self.places = places
        self.goals = goals
        self.stall = stall
        self.sketches: dict[str, dict[int, int]] = {}
        self.stages: dict[str, int] = {}
        self._ordered: dict[str, Ordered] = {}
        for name, count in measures.items():
            if "~" in name and (found := _bucket(name)):
                sketch, bucket = found
                self.sketches.setdefault(sketch, {})[bucket] = count
            elif ":" in name:
                self.stages[name] = count

    def ordered(self, sketch: str) -> Ordered:
        """The buckets of a sketch, sorted once for all that is asked of it."""
        found = self._ordered.get(sketch)
        if found is None:
            found = self._ordered[sketch] = in_order(self.sketches.get(sketch, {}))
        return found


@lru_cache(maxsize=10_000)
def _bucket(name: str) -> tuple[str, int] | None:
    """None where a tilde is part of a process: a long id ends with one and a hash, and a stage follows."""
    sketch, mark, bucket = name.rpartition("~")
    return None if ":" in bucket else (sketch + mark, int(bucket))
