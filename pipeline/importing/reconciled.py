"""What an export and the pipeline do not agree on, object by object, and the events that correct it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.importing.logged import Sides
from pipeline.importing.reconciling import Changed, Said, corrections, deletion, differences, object_of
from pipeline.importing.taking_back import is_late
from pipeline.importing.tellings import LIVE, Telling
from pipeline.importing.verdicts import Memory
from pipeline.objects.object import LIFE

Range = tuple[int, int]


@dataclass
class Found:
    """Objects by what is wrong with them. `events` are those that correct an object."""

    missed: list[str] = field(default_factory=list)
    """In the export, and nothing was ever told of them."""
    changed: dict[str, list[Changed]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    """Not in the export any more, and nobody told."""
    forgotten: list[str] = field(default_factory=list)
    """Whatever came for them now would be late: compared by totals only."""
    compared: int = 0
    events: dict[str, list[Telling]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many objects differ that can be corrected."""
        return len(self.missed) + len(self.changed) + len(self.deleted)

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        changed = {subject: [each.as_json() for each in fields] for subject, fields in self.changed.items()}
        return {
            "compared": self.compared, "missed": self.missed, "changed": changed, "deleted": self.deleted,
            "forgotten": self.forgotten,
        }  # fmt: skip


def reconcile(
    objects: Iterable[Sides], ranges: dict[str, Range], source: str, within_ms: int, memory: Memory, now_ms: int
) -> Found:
    """Compare both sides of every object.

    `ranges` has the first and last time that the export speaks of, by kind: an object that it does not have is missed
    from it only where its source first told it in between.
    """
    found = Found()
    for sides in objects:
        found.compared += bool(sides.export)
        if sides.export:
            _compare(sides, source, within_ms, found, now_ms)
        elif _is_missing(sides, ranges.get(sides.kind), source):
            found.deleted.append(sides.subject)
            found.events[sides.subject] = [deletion(sides.subject, source, sides.log, now_ms)]
    _set_forgotten_apart(found, source, memory, now_ms)
    return found


def ranges_of(objects: Iterable[Sides]) -> dict[str, Range]:
    """The first and last time that the export speaks of, by kind."""
    found: dict[str, Range] = {}
    for sides in objects:
        for said in sides.export:
            at_ms = said.telling.time_ms
            first_ms, last_ms = found.get(sides.kind, (at_ms, at_ms))
            found[sides.kind] = (min(first_ms, at_ms), max(last_ms, at_ms))
    return found


def _compare(sides: Sides, source: str, within_ms: int, found: Found, now_ms: int) -> None:
    changed = differences(sides.kind, sides.export, sides.log, within_ms)
    if not sides.log:
        found.missed.append(sides.subject)
    elif changed:
        found.changed[sides.subject] = changed
    else:
        return
    found.events[sides.subject] = corrections(sides.subject, source, sides.export, sides.log, changed, now_ms)


def _is_missing(sides: Sides, range_: Range | None, source: str) -> bool:
    own = [each for each in sides.log if each.source == source]
    if range_ is None or not own or object_of(sides.kind, sides.log).values.get(LIFE, LIVE) != LIVE:
        return False
    return range_[0] <= _first_ms(own) <= range_[1]


def _first_ms(said: Iterable[Said]) -> int:
    return min(each.telling.time_ms for each in said)


def _set_forgotten_apart(found: Found, source: str, memory: Memory, now_ms: int) -> None:
    for subject, events in list(found.events.items()):
        if is_late(events, source, subject, memory, now_ms):
            found.forgotten.append(subject)
            del found.events[subject]
            found.changed.pop(subject, None)
    gone = set(found.forgotten)
    found.missed = [subject for subject in found.missed if subject not in gone]
    found.deleted = [subject for subject in found.deleted if subject not in gone]
