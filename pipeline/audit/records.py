"""What the records of a log say, as rows for the audit's tables: events, links, organisation copies."""

import json
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha1
from typing import Any, Protocol

from pydantic import BaseModel, TypeAdapter

from pipeline.audit.own_records import OwnRecords, ProvenRecord
from pipeline.audit.positions import Transit
from pipeline.audit.told import Told
from pipeline.kernel.diagnosis import Diagnosis
from pipeline.kernel.partitioner import partition_of
from schemas import blocks, cloud_events, control, facts, links, parts
from schemas.blocks import Block
from schemas.control import (
    ANSWER,
    BLOCK,
    FORWARDED,
    LINK,
    ORG,
    TICK,
    Answer,
    Control,
    Forwarded,
    Position,
    control_kind,
)
from schemas.events import Event, adapter
from schemas.types import Change, Merge

DOMAINS = {"crm.events": "crm", "telephony.events": "telephony", "org.changes": "org"}
"""The source logs and the domain of their events."""
TRANSIT = ("facts", "parts")
"""Logs that hold organisation copies beside what is passed on in them."""
READ = (*DOMAINS, *TRANSIT)
"""All logs that the audit reads."""
IN_ONE_RECORD = 1024
"""More than the events of a batch."""
LIVES = {"deleted": "deleted", "restored": "live"}

Row = dict[str, Any]


class RecordError(Diagnosis):
    """Raised where the audit cannot read or judge a record that it should: the message names the record."""


class LogRecord(ProvenRecord, Protocol):
    """A record as Kafka clients give it."""

    @property
    def offset(self) -> int: ...


@dataclass
class Rows:
    """The rows of one partition of a log, by table.

    `misplaced` are events on the wrong partition for their key, or in a batch; `told` says when facts told of which
    days.
    """

    event: list[Row] = field(default_factory=list)
    link: list[Row] = field(default_factory=list)
    copy: list[Row] = field(default_factory=list)
    appended: list[Row] = field(default_factory=list)
    answer: list[Row] = field(default_factory=list)
    misplaced: list[Row] = field(default_factory=list)
    told: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        """How many rows there are in all."""
        rows = self.event, self.link, self.copy, self.appended, self.answer, self.misplaced, self.told
        return sum(map(len, rows))


class LogReader:
    """Reads one partition of a source, facts or parts log, in order. What was re-sent is read once.

    `topic` is the logical name. Of facts and parts only the positions behind them are read (`transit`), and the copies
    between.
    """

    def __init__(self, topic: str, partition: int, partitions: int, own: OwnRecords) -> None:
        """`own` tells the pipeline's records in source logs from what others call so."""
        self.log = f"{topic}/{partition}"
        self._topic = topic
        self._partition = partition
        self._partitions = partitions
        self._own = own
        domain = DOMAINS.get(topic)
        self._adapter: TypeAdapter[Event] | None = adapter(domain) if domain else None
        self._seen: dict[tuple[str, int], Position] = {}
        self._told = Told()
        self.rows = Rows()
        self.transit = Transit()

    def __len__(self) -> int:
        """How many rows there are to hand over."""
        return len(self.rows) + len(self._told)

    def hand_over(self) -> Rows:
        """The rows since the last time; they are forgotten here."""
        rows, self.rows = self.rows, Rows()
        rows.told = self._told.hand_over(self.log)
        return rows

    def read(self, record: LogRecord) -> None:
        """Take in the next record; RecordError where that fails for a reason that no schema foresees."""
        self.transit.starts(record.offset)
        self.rows.appended.append({"log": self.log, "pos": record.offset, "append_ms": record.timestamp})
        try:
            kind = control_kind(record.headers)
            if kind is not None and self._topic in DOMAINS and not self._is_own(record):
                return  # A dead letter.
            if kind is None and self._topic in TRANSIT:
                self._passed(record.offset, record.value or b"")
            elif kind is None:
                self._came(record)
            elif kind == FORWARDED:
                self._forwarded(record, control.unpack_forwarded(record.value or b""))
            elif kind == BLOCK:
                self._block(record, blocks.unpack(record.value or b""))
            elif kind == ANSWER:
                self._answer(record.offset, control.unpack_answer(record.value or b""))
            elif kind in (LINK, ORG):
                self._control(kind, record, control.unpack(record.value or b""))
        except ValueError:  # what no schema reads is a dead letter
            return
        except Exception as error:
            raise RecordError(f"{self.log}, offset {record.offset}: {type(error).__name__}: {error}") from error

    def _is_own(self, record: LogRecord) -> bool:
        return self._own.wrote(self._topic, self._partition, record)

    def _passed(self, offset: int, value: bytes) -> None:
        if self._topic == "facts":
            found = facts.unpack(value)
            self.transit.facts(offset, found)
            self._told.facts(offset, found)
        else:
            self.transit.parts(offset, parts.unpack(value))

    def _answer(self, offset: int, said: Answer) -> None:
        """What an operator said of append times before; each is of this log."""
        row = {"log": self.log, "pos": offset, "first_pos": said.first, "last_pos": said.last}
        self.rows.answer.append({**row, "counts_as_ms": said.counts_as_ms})

    def _first_time(self, record: LogRecord, origin: Control | Forwarded | Block) -> bool:
        if self._topic in DOMAINS and not self._own.can_say(self._topic, record, origin):
            return False
        place = (origin.topic, origin.partition)
        if place in self._seen and origin.position <= self._seen[place]:
            return False
        self._seen[place] = origin.position
        return True

    def _control(self, kind: bytes, record: LogRecord, said: Control) -> None:
        if (kind == ORG) != (said.kind == "org"):
            return
        if kind == LINK:
            links.read(said.kind, said.payload)
        if not self._first_time(record, said):
            return
        row = {**self._from(record.offset, said), "subject": said.subject, "payload": compact(said.payload)}
        if kind == ORG:
            self.rows.copy.append(row)
        else:
            self.rows.link.append({**row, "kind": said.kind, "origin": said.origin})

    def _block(self, record: LogRecord, said: Block) -> None:
        """The copies of a block stand where it does: none of them has been said before at that position."""
        if self._first_time(record, said):
            row = self._from(record.offset, said)
            for subject, payload in said.records():
                self.rows.copy.append({**row, "subject": subject, "payload": compact(payload)})

    def _from(self, offset: int, said: Control | Block) -> Row:
        return {
            "log": self.log,
            "pos": offset,
            "origin_log": f"{said.topic}/{said.partition}",
            "origin_pos": said.position.offset,
            "append_ms": said.timestamp_ms,
        }

    def _forwarded(self, record: LogRecord, passed: Forwarded) -> None:
        if self._first_time(record, passed):
            self._event(record.offset, passed.value, passed.timestamp_ms, forwarded=True)

    def _came(self, record: LogRecord) -> None:
        """Events of a batch are passed on each by itself: places below zero keep them apart until they are."""
        batch = cloud_events.batch_of(record.value, record.headers)
        if batch is None:
            value = cloud_events.structured(record.value, record.headers)
            self._event(record.offset, value, record.timestamp, forwarded=False)
            return
        for number, value in enumerate(batch, 1):
            row = self._row(-(record.offset * IN_ONE_RECORD + number), value, record.timestamp)
            if row is not None:
                self.rows.misplaced.append(row)

    def _event(self, offset: int, value: bytes | None, append_ms: int, *, forwarded: bool) -> None:
        row = self._row(offset, value or b"", append_ms)
        if row is None:
            return
        if not forwarded and partition_of(row["key"], self._partitions) != self._partition:
            self.rows.misplaced.append(row)
        else:
            self.rows.event.append(row)

    def _row(self, place: int, value: bytes, append_ms: int) -> Row | None:
        """An event as a row; None for what is a dead letter."""
        if self._adapter is None or not value or len(value) > cloud_events.LARGEST_EVENT_BYTES:
            return None
        try:
            event = self._adapter.validate_json(value)
        except ValueError:
            return None
        return {"log": self.log, "pos": place, "append_ms": append_ms, **_plain_event(event, value)}


def says_anything(topic: str, record: LogRecord) -> bool:
    """Whether a record can change a figure by more than telling the time."""
    kind = control_kind(record.headers)
    if kind is not None:
        return kind != TICK
    if topic == "facts":
        return bool(facts.unpack(record.value or b"").entries)
    return topic != "parts" or bool(parts.unpack(record.value or b"").panes)


def compact(value: Any) -> str:
    """JSON, the same text for the same value."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _plain_event(event: Event, value: bytes) -> Row:
    domain, kind, verb = event.type.split(".")
    data = event.data
    if isinstance(data, Change):
        given = {name: _plain(item) for name, item in data.changes().items()} or {"mentioned": None}
    else:
        given = {"life": f"into:{data.into}" if isinstance(data, Merge) else LIVES[verb]}
    return {
        "domain": domain,
        "kind": kind,
        "key": event.subject,
        "time_ms": event.time,
        "sequence": event.sequence,
        "ingested": event.ingested or 0,
        "source": event.source,
        "id": event.id,
        "id_digest": _digest(event.id.encode()),
        "digest": _digest(value),
        "corrects": event.corrects,
        "data": given,
    }


def _digest(value: bytes) -> str:
    return sha1(value, usedforsecurity=False).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
