"""What has to be sent so that the runs that hold are all that counts, and what cannot or must not be."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pipeline.importing.declared import Declared
from pipeline.importing.field_map import CLOSING
from pipeline.importing.journal import Journal, Settled
from pipeline.importing.manifest import BEGUN, Run, Told, object_records
from pipeline.importing.tellings import DELETED, Telling, event_of_telling, view
from pipeline.importing.verdicts import Memory
from pipeline.intake.verdicts import Judge, Refused
from pipeline.sending.event import domain_of

Others = Callable[[Mapping[str, set[str]]], Mapping[str, Sequence[str]]]
"""Of objects with the ids of what we told of them: whom else they were told by."""


@dataclass
class Plan:
    """What is sent for each object, and the objects that are left as they are."""

    deleted: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    shared: dict[str, Sequence[str]] = field(default_factory=dict)
    """Told by others too, with whom."""
    forgotten: list[str] = field(default_factory=list)
    """Whatever came for them now would be late."""
    events: int = 0

    def as_json(self) -> dict[str, Any]:
        """The plan for scripts."""
        return {
            "events": self.events, "deleted": self.deleted, "corrected": self.corrected,
            "told_by_others": self.shared, "forgotten": self.forgotten,
        }  # fmt: skip


class Forgotten:
    """Whether the deployment remembers an object; by its settings, and the stages that close a deal."""

    def __init__(self, memory: Memory, known: Declared | None, now_ms: int) -> None:
        self._memory = memory
        self._retention = memory.retention()
        self._now_ms = now_ms
        self._closing = CLOSING | (known.closing if known is not None else set())

    def __contains__(self, of: tuple[str, Settled]) -> bool:
        source, settled = of
        if settled.subject.startswith("deal:") and self._is_over(source, settled.told):
            return True
        return is_late(settled.events, source, settled.subject, self._memory, self._now_ms)

    def _is_over(self, source: str, told: list[Telling]) -> bool:
        """Whether a deal was closed, and last heard of, longer ago than such deals are remembered."""
        seen = view("deal", source, told)
        stages = seen.histories.get("stage_id", [])
        if seen.life == DELETED or not stages or stages[-1][1] not in self._closing:
            return False
        heard_ms = max(stages[-1][0][0], *(each.ingested_ms for each in told))
        return heard_ms + self._retention.closed_ms < self._now_ms


def is_late(events: Iterable[Telling], source: str, subject: str, memory: Memory, now_ms: int) -> bool:
    """Whether the deployment would refuse any of some events, because it remembers nothing so old."""
    judge = _judge(domain_of(subject.partition(":")[0]), memory)
    verdicts = (judge.judge(_bytes(event_of_telling(each, source, subject)), now_ms) for each in events)
    return any(isinstance(verdict, Refused) and verdict.reason == "late" for verdict in verdicts)


@lru_cache
def _judge(domain: str, memory: Memory) -> Judge:
    return Judge(domain, memory.future_tolerance_ms, None if domain == "org" else memory.retention())


def plan(
    journal: Journal, run: Run, subjects: Iterable[str], others: Others, forgotten: Forgotten, *, force: bool
) -> Plan:
    """Called once the journal knows the run and its rows: adds to it what settles each object, and says what that is.

    Objects that others told too are left as they are, unless `force`.
    """
    made = Plan()
    open_: dict[str, set[str]] = {}
    for subject in subjects:
        settled = journal.settled(run.source, subject)
        if not settled.events:
            continue
        if (run.source, settled) in forgotten:
            made.forgotten.append(subject)
        else:
            open_[subject] = {each.id for each in settled.told}
    if open_ and not force:
        made.shared = dict(sorted(others(open_).items()))
    for subject in open_:
        if subject not in made.shared:
            _take(journal, run, journal.settled(run.source, subject), made)
    return made


def _take(journal: Journal, run: Run, settled: Settled, made: Plan) -> None:
    said = journal.told(run.id, settled.subject)
    told = Told(said.rows, [*said.settling, *settled.events])
    journal.add(run, object_records(run, settled.subject, told))
    (made.corrected if settled.stays else made.deleted).append(settled.subject)
    made.events += len(settled.events)


def settling_events(journal: Journal, run: Run, subjects: Collection[str]) -> Iterable[bytes]:
    """All that a run sends to settle objects, what it sent before it was broken off too."""
    for subject in subjects:
        for each in journal.told(run.id, subject).settling:
            yield _bytes(event_of_telling(each, run.source, subject))


def unfinished_events(journal: Journal, run: Run) -> Iterable[bytes]:
    """All that other runs of the source were to send when they were broken off: what settles objects relies on it."""
    for other in journal.of_source(run.source):
        if other.state == BEGUN and other.id != run.id:
            subjects = list(journal.subjects([other.id]))
            yield from row_events(journal, other, subjects)
            yield from settling_events(journal, other, subjects)


def row_events(journal: Journal, run: Run, subjects: Collection[str]) -> Iterable[bytes]:
    """All that a run tells of objects by itself."""
    for subject in subjects:
        for each in journal.told(run.id, subject).rows:
            yield _bytes(event_of_telling(each, run.source, subject))


def _bytes(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
