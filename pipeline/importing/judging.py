"""Rows into judged events, a stretch of rows at a time: all that needs no other row. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pipeline.importing.drafts import Draft, event_of
from pipeline.importing.events import Drafting
from pipeline.importing.faults import Place, Refused, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.ids import folded
from pipeline.importing.lookups import Table
from pipeline.importing.names import Names
from pipeline.importing.spool import Named, Ready
from pipeline.importing.tally import Tally
from pipeline.importing.texts import Row
from pipeline.importing.verdicts import Late, Memory, Verdicts, told

MOST_REMEMBERED = 100_000
"""Of repetitions that are known without asking the spool."""
Placed = tuple[Place, Row | RowError]


class Given(NamedTuple):
    """All that decides what a row becomes, beside the row: the same in every process."""

    field_map: FieldMap
    lookups: dict[str, Table]
    memory: Memory
    now_ms: int
    closing: frozenset[str] = frozenset()
    """Stages that end a deal, as the deployment declares."""


@dataclass
class Judged:
    """What became of a stretch of rows."""

    ready: list[Ready] = field(default_factory=list)
    organisation: list[Draft] = field(default_factory=list)
    """Not judged yet: the same is told in many stretches."""
    open: list[Draft] = field(default_factory=list)
    """What all rows decide."""
    refused: list[Refused] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    tally: Tally = field(default_factory=Tally)
    named: list[Named] = field(default_factory=list)
    telling: set[str] = field(default_factory=set)
    """Columns with a number that shows how numbers are written in it."""


class Repetitions:
    """What was told of the organisation, which is the same in many rows."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def is_new(self, draft: Draft) -> bool:
        """Whether it is told for the first time, as far as that is remembered."""
        told_ = f"{draft.number} {draft.subject} {draft.time_ms} {draft.sequence} {draft.data}"
        if told_ in self._told:
            return False
        if len(self._told) < MOST_REMEMBERED:
            self._told.add(told_)
        return True


class Judging:
    """Judges stretches of rows, one after the other."""

    def __init__(self, given: Given) -> None:
        self.given = given
        noted = lru_cache(maxsize=65_536)(self._note_name)
        self._drafting = Drafting(given.field_map, given.lookups, given.now_ms, given.closing, noted)
        self._verdicts = Verdicts(given.memory, given.now_ms)
        self._repetitions = Repetitions()
        self._named: list[Named] = []

    def rows(self, rows: Sequence[Placed]) -> Judged:
        """What becomes of some rows."""
        judged = Judged()
        for made in self._drafting.of(rows):
            judged.tally.speaks(made.place)
            if isinstance(made, Refused):
                judged.refused.append(made)
            elif made.open or made.keep is not None:
                judged.open.append(made)
            elif not made.type.startswith("org."):
                self._judge(made, judged)
            elif self._repetitions.is_new(made):
                judged.organisation.append(made)
        judged.named, self._named = self._named, []
        judged.telling = set(self._drafting.context.telling)
        return judged

    def drafts(self, drafts: Iterable[Draft]) -> Judged:
        """What becomes of drafts in which nothing is open any more."""
        judged = Judged()
        for draft in drafts:
            self._judge(draft, judged)
        return judged

    def _judge(self, draft: Draft, judged: Judged) -> None:
        given = self.given
        event_map = given.field_map.events[draft.number]
        event, value = event_of(draft, given.field_map.source, given.now_ms)
        verdict = self._verdicts.of(draft, event, value, event_map)
        if isinstance(verdict, Late):
            judged.tally.late(verdict.kind, draft.time_ms)
        elif verdict is not None:
            judged.refused.append(Refused(draft.place, verdict, told(event, verdict, event_map)))
        else:
            judged.names.take(event)
            judged.ready.append(_ready(draft, event["id"], value))
            if draft.backwards:
                judged.tally.backwards(draft.place)

    def _note_name(self, made: str, text: str) -> None:
        self._named.append(Named(made, folded(text), text))


def _ready(draft: Draft, event_id: str, value: bytes) -> Ready:
    closes = None if draft.closes is None else int(draft.closes)
    emptied = json.dumps(draft.emptied) if draft.emptied else None
    return Ready(
        draft.place.number, draft.place.file, draft.type, draft.subject, draft.time_ms, draft.sequence, closes,
        event_id, emptied, value,
    )  # fmt: skip
