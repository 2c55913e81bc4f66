"""Ids that events name and the organisation does not know: what they tell counts as `unassigned`, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.importing.logs import LogRecord
from pipeline.intake.verdicts import Accepted, Judge, Refused
from pipeline.kinds import references
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS

TOPICS = ("crm.events", "telephony.events")
KINDS = ("rep", "team", "stage")
EXAMPLES = 3


@dataclass(slots=True)
class Unmapped:
    """How many events name one id, and when the first and the last of them happened."""

    kind: str
    id: str
    """As it is kept; of a stage with its process, `default:new`."""
    events: int = 0
    first_ms: int = 0
    last_ms: int = 0
    examples: list[str] = field(default_factory=list)
    """Some of the objects."""

    def saw(self, key: str, at_ms: int) -> None:
        """Count an event of an object."""
        self.first_ms = min(self.first_ms, at_ms) if self.events else at_ms
        self.last_ms = max(self.last_ms, at_ms)
        self.events += 1
        if len(self.examples) < EXAMPLES and key not in self.examples:
            self.examples.append(key)

    def add(self, other: "Unmapped") -> None:
        """Count what another one counted of the same id."""
        self.first_ms = min(self.first_ms, other.first_ms) if self.events else other.first_ms
        self.last_ms = max(self.last_ms, other.last_ms)
        self.events += other.events
        self.examples = list(dict.fromkeys((*self.examples, *other.examples)))[:EXAMPLES]


class Naming:
    """What events name, one pass over their topics; the process of a deal may be told after its stages."""

    def __init__(self, organisation: Organisation, judges: dict[str, Judge]) -> None:
        self._organisation = organisation
        self._judges = judges
        self._known_processes = [name for name, _ in organisation.records("process")]
        self._found: dict[tuple[str, str], Unmapped] = {}
        self._processes: dict[str, str] = {}
        """By deal, where one is told."""
        self._stages: dict[tuple[str, str], Unmapped] = {}
        """By deal and stage, of stages that a process does not know."""

    def take(self, records: Iterable[LogRecord]) -> None:
        """Take in all records of the sources; what the pipeline refused says nothing."""
        for record in records:
            judge = self._judges[record.topic.partition(".")[0]]
            for value in record.events:
                judged = judge.judge(value, record.timestamp_ms)
                if not isinstance(judged, Refused):
                    self._event(judged)

    def _event(self, event: Accepted) -> None:
        at_ms, item = event.version[0], Object(event.key)
        item.merge(event.version, event.changes, None, 0, event.kind.histories)
        for reference in references(item):
            kind, _, name = reference.partition(":")
            if (kind == "rep" and not self._means_somebody(name, at_ms)) or (
                kind == "team" and not self._organisation.knows_team(name)
            ):
                self._of(kind, name).saw(event.key, at_ms)
        if item.kind == "deal":
            self._deal(event, at_ms)

    def _means_somebody(self, named: str, at_ms: int) -> bool:
        """Whether an id means a rep who is known, its own or another's, when an event names it."""
        return self._organisation.knows_rep(self._organisation.rep_of(named, at_ms))

    def _deal(self, event: Accepted, at_ms: int) -> None:
        process, stage = event.changes.get("process_id"), event.changes.get("stage_id")
        if process is not None:
            self._processes[event.key] = process
        if stage is not None and not self._is_known_everywhere(stage, at_ms):
            self._stages.setdefault((event.key, stage), Unmapped("stage", stage)).saw(event.key, at_ms)

    def _is_known_everywhere(self, stage: str, at_ms: int) -> bool:
        known = self._known_processes
        return DEFAULT_PROCESS in known and all(self._knows(name, stage, at_ms) for name in known)

    def _knows(self, process: str, stage: str, at_ms: int) -> bool:
        found = self._organisation.process(process)
        return found is not None and found.read(stage, at_ms) is not None

    def _of(self, kind: str, name: str) -> Unmapped:
        return self._found.setdefault((kind, name), Unmapped(kind, name))

    def all(self) -> list[Unmapped]:
        """Everything that is not known, by kind, what most events name first."""
        found = dict(self._found)
        for (deal, stage), each in self._stages.items():
            process = self._processes.get(deal, DEFAULT_PROCESS)
            if not self._knows(process, stage, each.first_ms):
                name = f"{process}:{stage}"
                found.setdefault(("stage", name), Unmapped("stage", name)).add(each)
        return sorted(found.values(), key=lambda each: (KINDS.index(each.kind), -each.events, each.id))


def as_json_of(each: Unmapped, written: Any, instant: Any) -> dict[str, Any]:
    """One id for scripts."""
    return {
        "kind": each.kind,
        "id": written(each.id),
        "events": each.events,
        "first": instant(each.first_ms),
        "last": instant(each.last_ms),
        "examples": sorted(each.examples),
    }
