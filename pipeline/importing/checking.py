"""One pass over an export: every row read, mapped and judged, before anything is sent."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pipeline.importing.declared import Declared
from pipeline.importing.events import Draft, event_of, events_of
from pipeline.importing.faults import ONCE, Causes, Place, Refused, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.findings import Before, Finding, Names, Weight, both_ways, findings_of
from pipeline.importing.ids import folded
from pipeline.importing.lookups import Table
from pipeline.importing.spool import Spool
from pipeline.importing.tally import Tally
from pipeline.importing.texts import Row
from pipeline.importing.values import Context
from pipeline.importing.verdicts import Late, Memory, Verdicts, told

MOST_REMEMBERED = 100_000
"""Of repetitions that are known without asking the spool."""


@dataclass
class Summary:
    """What an export holds, and what stands out in it."""

    rows: int = 0
    objects: int = 0
    events: Counter[str] = field(default_factory=Counter)
    first_ms: int | None = None
    last_ms: int | None = None
    causes: Causes = field(default_factory=Causes)
    findings: list[Finding] = field(default_factory=list)
    shown: list[tuple[Place, Row, list[dict[str, Any]]]] = field(default_factory=list)

    @property
    def sendable(self) -> bool:
        """Whether everything is clear enough to be sent."""
        return not self.causes.refused and not any(finding.weight is Weight.GRAVE for finding in self.findings)

    @property
    def right(self) -> bool:
        """Whether there is nothing that anybody has to act on."""
        return self.sendable and not any(finding.weight is Weight.DOUBT for finding in self.findings)


class Check:
    """Reads an export into a spool, and tells what is in it."""

    def __init__(
        self,
        field_map: FieldMap,
        memory: Memory,
        spool: Spool,
        now_ms: int,
        show: int = 0,
        before: Before | None = None,
    ) -> None:
        self.summary = Summary()
        self._map = field_map
        self._memory = memory
        self._spool = spool
        self._now_ms = now_ms
        self._show = show
        self._before = before
        self._verdicts = Verdicts(memory, now_ms)
        self._names = Names()
        self._tally = Tally()
        self._context = Context()
        self._organisation: set[str] = set()

    def read(
        self,
        rows: Iterable[tuple[Place, Row | RowError]],
        lookups: dict[str, Table],
        known: Declared | None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Summary:
        """The whole pass. `known` is what the deployment declares, None where nobody knows.

        `progress` is told the number of rows.
        """
        noted = lru_cache(maxsize=65_536)(self._note_name)
        context = self._context = Context(note_id=noted)
        closing = frozenset(known.closing) if known is not None else frozenset()
        watched = self._watched(rows, progress)
        for made in events_of(self._map, watched, lookups, self._now_ms, context, closing):
            self._tally.speaks(made.place)
            if isinstance(made, Refused):
                self.summary.causes.add(made)
            elif made.open or made.keep is not None:
                self._spool.defer(made)
            else:
                self._take(made)
        for draft in self._spool.deferred():
            self._take(draft)
        self._conclude(known)
        return self.summary

    def refuse(self, refused: Iterable[RowError]) -> None:
        """Faults that only the whole file shows."""
        for error in refused:
            self.summary.causes.add(Refused(ONCE, error.fault, error.text))

    def leave_out_forgotten(self) -> None:
        """Called before a part is sent: nothing of deals that ended too long ago, whose other events would count."""
        before_ms = self._now_ms - self._memory.retention().closed_ms
        self._spool.drop_closed_before(before_ms)
        self._count()

    def _watched(
        self, rows: Iterable[tuple[Place, Row | RowError]], progress: Callable[[int], None]
    ) -> Iterable[tuple[Place, Row | RowError]]:
        for place, row in rows:
            self.summary.rows += 1
            progress(self.summary.rows)
            if len(self.summary.shown) < self._show and not isinstance(row, RowError):
                self.summary.shown.append((place, row, []))
            yield place, row

    def _note_name(self, made: str, text: str) -> None:
        self._spool.note_name(made, folded(text), text)

    def _take(self, draft: Draft) -> None:
        if draft.type.startswith("org.") and not self._is_new(draft):
            return
        event_map = self._map.events[draft.number]
        event, value = event_of(draft, self._map.source, self._now_ms)
        verdict = self._verdicts.of(draft, event, value, event_map)
        if isinstance(verdict, Late):
            self._tally.late(verdict.kind, draft.time_ms)
        elif verdict is not None:
            self.summary.causes.add(Refused(draft.place, verdict, told(event, verdict, event_map)))
        else:
            self._names.take(event)
            self._spool.add(draft, event["id"], value)
            if draft.backwards:
                self._tally.backwards(draft.place)

    def _is_new(self, draft: Draft) -> bool:
        """Whether something of the organisation, which is the same in many rows, is told for the first time."""
        told_ = f"{draft.number} {draft.subject} {draft.time_ms} {draft.sequence} {draft.data}"
        if told_ in self._organisation:
            return False
        if len(self._organisation) < MOST_REMEMBERED:
            self._organisation.add(told_)
        return True

    def _conclude(self, known: Declared | None) -> None:
        summary, spool = self.summary, self._spool
        self._count()
        found = [
            *self._tally.findings(summary.rows, self._now_ms),
            *findings_of(spool, self._memory, self._now_ms, self._before),
        ]
        found += both_ways(summary.causes, self._context.telling)
        if known is not None:
            found += self._names.undeclared(known)
        summary.findings = sorted(found, key=lambda finding: list(Weight).index(finding.weight), reverse=True)
        for place, _, events in summary.shown:
            events.extend(spool.events_of_row(place))

    def _count(self) -> None:
        summary, spool = self.summary, self._spool
        spool.flush()
        summary.events = Counter(dict(spool.ask("SELECT type, count(*) FROM events GROUP BY type")))
        summary.objects = spool.ask("SELECT count(DISTINCT subject) FROM events")[0][0]
        summary.first_ms, summary.last_ms = spool.ask(
            "SELECT min(time_ms), max(time_ms) FROM events WHERE type NOT LIKE 'org.%'"
        )[0]
