"""A sales process: its stages, their order, and which ones end a deal, as each of its editions has them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.measures import UNASSIGNED

OPEN, WON, LOST = "open", "won", "lost"
DEFAULT_PROCESS = "default"
UNDECLARED = f":{UNASSIGNED}"
"""How `<process>:<stage>` ends where no process declares the stage."""

Stages = Sequence[Mapping[str, Any]]
"""The stages that an edition declares, in its order."""


class Edition:
    """A process as it holds from an instant on. Stages have the names of today, whatever they were called then.

    `open_stages` are in order; won and lost ones lie behind all of them.
    """

    __slots__ = ("_ranks", "open_stages", "qualified")

    def __init__(self, stages: Stages, names: Mapping[str, str]) -> None:
        kinds = _kinds(stages)
        places = {names[stage]: place for place, stage in enumerate(kinds) if kinds[stage] == OPEN}
        self.open_stages = tuple(sorted(places, key=places.__getitem__))
        self._ranks = {name: rank for rank, name in enumerate(self.open_stages)}
        self.qualified = frozenset(names[stage["id"]] for stage in stages if stage.get("qualified"))

    def rank(self, name: str) -> int | None:
        """The place of an open stage among the open ones, from 0; None for any other stage."""
        return self._ranks.get(name)


class Reading(NamedTuple):
    """What a stage that was told means: its name of today, whether deals in it are open, and by which edition."""

    name: str
    kind: str
    rank: int | None
    edition: Edition


class Process:
    """A process through all its editions.

    A stage is read by the edition that held when it was told. Where that one does not declare it, the last one before
    that does, else the first one after: a record of the process may come later than the first deal in a new stage.
    A stage that names a former id is the same stage ever since, and has its newest name all along. `implied` tells
    whether a stage that was skipped counts as entered, of all editions.
    """

    def __init__(self, name: str, editions: Sequence[tuple[int, Stages]], *, implied: bool = True) -> None:
        self.name = name
        self.implied = implied
        self._told: dict[str, tuple[list[int], list[Reading]]] = {}
        self._qualified: dict[str, tuple[list[int], list[bool]]] = {}
        self._places: dict[str, tuple[bool, int, int, str]] = {}
        for number, (from_ms, stages) in enumerate(editions):
            self._take_in(number, from_ms, stages, _names_of_today(editions, number))
        self.order = tuple(sorted(self._places, key=self._places.__getitem__))
        """All stages that any edition has: open ones, then closing ones, each by its place in the last that has it."""

    def _take_in(self, number: int, from_ms: int, stages: Stages, names: Mapping[str, str]) -> None:
        edition, kinds, told_as = Edition(stages, names), _kinds(stages), _renamed(stages)
        for told, name in names.items():
            kind = kinds[told_as.get(told, told)]
            starts, readings = self._told.setdefault(told, ([], []))
            starts.append(from_ms)
            readings.append(Reading(name, kind, edition.rank(name) if kind == OPEN else None, edition))
        for place, stage in enumerate(kinds):
            name = names[stage]
            self._places[name] = (kinds[stage] != OPEN, place, -number, name)
            starts, flags = self._qualified.setdefault(name, ([], []))
            starts.append(from_ms)
            flags.append(name in edition.qualified)

    def read(self, stage: str, at_ms: int) -> Reading | None:
        """What a stage told at an instant means; None for one that no edition declares."""
        found = self._told.get(stage)
        if found is None:
            return None
        starts, readings = found
        return readings[0] if len(starts) == 1 else readings[max(bisect_right(starts, at_ms) - 1, 0)]

    def qualified(self, name: str, at_ms: int) -> bool:
        """Whether deals that stand in a stage at an instant count as qualified pipeline."""
        found = self._qualified.get(name)
        if found is None:
            return False
        starts, flags = found
        return flags[max(bisect_right(starts, at_ms) - 1, 0)]


def _kinds(stages: Stages) -> dict[str, str]:
    """The kind of each stage, in the order of the edition."""
    return {stage["id"]: stage.get("kind") or OPEN for stage in stages}


def _renamed(stages: Stages) -> dict[str, str]:
    """Former ids, with what they became; an id that is declared itself is that."""
    own = {stage["id"] for stage in stages}
    return {former: stage["id"] for stage in stages for former in stage.get("former_ids") or () if former not in own}


def _names_of_today(editions: Sequence[tuple[int, Stages]], number: int) -> dict[str, str]:
    """What the stages of an edition, by their ids and former ids in it, are called in the end."""
    _, stages = editions[number]
    names = {stage["id"]: stage["id"] for stage in stages} | _renamed(stages)
    for _, later in editions[number + 1 :]:
        renamed = _renamed(later)
        names = {told: renamed.get(name, name) for told, name in names.items()}
    return names
