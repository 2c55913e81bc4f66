"""One pass over an export: every row read, mapped and judged, before anything is sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from pipeline.importing.declared import Declared
from pipeline.importing.faults import ONCE, Causes, Place, Refused, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.findings import Before, Finding, Weight, both_ways, findings_of
from pipeline.importing.judging import Given, Judged, Judging, Placed, Repetitions
from pipeline.importing.lookups import Table
from pipeline.importing.names import Names
from pipeline.importing.spool import Spool
from pipeline.importing.stretches import STRETCH_ROWS, batches, judged_stretches
from pipeline.importing.tally import Tally
from pipeline.importing.texts import Row
from pipeline.importing.verdicts import Memory

ROW_ZERO: Placed = (ONCE, {})
"""Of which everything comes that an import gives once."""


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
        self._names = Names()
        self._tally = Tally()
        self._telling: set[str] = set()
        self._repetitions = Repetitions()

    def read(
        self,
        rows: Iterable[Placed],
        lookups: dict[str, Table],
        known: Declared | None,
        progress: Callable[[int], None] = lambda _: None,
        processes: int | None = None,
    ) -> Summary:
        """The whole pass. `known` is what the deployment declares, None where nobody knows.

        `progress` is told the number of rows. `processes` is how many work on many rows; by default as many as there
        are cores.
        """
        closing = frozenset(known.closing) if known is not None else frozenset()
        judging = Judging(Given(self._map, lookups, self._memory, self._now_ms, closing))
        watched = chain([ROW_ZERO], self._watched(rows, progress))
        for judged in judged_stretches(judging, watched, processes):
            self._take(judged)
            for draft in judged.open:
                self._spool.defer(draft)
            self._take(judging.drafts(filter(self._repetitions.is_new, judged.organisation)))
        for drafts in batches(self._spool.deferred(), STRETCH_ROWS):
            self._take(judging.drafts(drafts))
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

    def _watched(self, rows: Iterable[Placed], progress: Callable[[int], None]) -> Iterator[Placed]:
        for place, row in rows:
            self.summary.rows += 1
            progress(self.summary.rows)
            if len(self.summary.shown) < self._show and not isinstance(row, RowError):
                self.summary.shown.append((place, row, []))
            yield place, row

    def _take(self, judged: Judged) -> None:
        for refused in judged.refused:
            self.summary.causes.add(refused)
        self._spool.add(judged.ready)
        self._spool.note_names(judged.named)
        self._names.add(judged.names)
        self._tally.add(judged.tally)
        self._telling |= judged.telling

    def _conclude(self, known: Declared | None) -> None:
        summary, spool = self.summary, self._spool
        self._count()
        found = [
            *self._tally.findings(summary.rows, self._now_ms),
            *findings_of(spool, self._memory, self._now_ms, self._before),
        ]
        found += both_ways(summary.causes, self._telling)
        if known is not None:
            found += self._names.undeclared(known)
        summary.findings = sorted(found, key=lambda finding: list(Weight).index(finding.weight), reverse=True)
        for place, _, events in summary.shown:
            events.extend(spool.events_of_row(place))

    def _count(self) -> None:
        summary, spool = self.summary, self._spool
        summary.events = Counter(dict(spool.ask("SELECT type, count(*) FROM events GROUP BY type")))
        summary.objects = spool.ask("SELECT count(DISTINCT subject) FROM events")[0][0]
        summary.first_ms, summary.last_ms = spool.ask(
            "SELECT min(time_ms), max(time_ms) FROM events WHERE type NOT LIKE 'org.%'"
        )[0]
