"""Verdicts: whether a record is an event we take in. They follow from its bytes and its append time alone."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel, ValidationError

from pipeline.intake.causes import cause
from pipeline.kernel.packed_batch import MOST_BYTES, MOST_RECORDS, UnreadBatch
from pipeline.kernel.stage import Record
from pipeline.kinds import Kind, kind_named
from pipeline.kinds.kind import Retention, no_anchor
from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.objects.object import LIFE, MENTIONED
from pipeline.objects.versions import Version, corrected_of, version_of
from pipeline.organisation.days import DAY_MS
from schemas.cloud_events import LARGEST_EVENT_BYTES, ContentError, batch_of, is_binary, structured
from schemas.dead_letters import Reason
from schemas.decoding import DECODED, Decoder, Given
from schemas.events import CHANGES, MODELS, Event, adapter
from schemas.types import Change, Merge

RESERVED = frozenset({f"team:{COMPANY}", f"team:{UNASSIGNED}", f"rep:{UNASSIGNED}"})

_LIVES = {"deleted": "deleted", "restored": "live"}


class Accepted(msgspec.Struct, gc=False):
    """An event, ready to be merged into the object `key`. Dates are ordinals, instants ms, models plain dicts.

    Of the ids of events there are digests only: they may have been made of anything.
    """

    key: str
    version: Version
    corrects: int | None
    changes: dict[str, Any]
    source: str
    type: str
    kind: Kind


class Refused(NamedTuple):
    """A record for the dead-letter topic."""

    reason: Reason
    detail: str


_adapter = lru_cache(adapter)
_decoder = lru_cache(Decoder)
"""One for all partitions: they take long to make, and what one has read before need not be read again by another."""


def is_tombstone(record: Record) -> bool:
    """Whether a record has a key, and neither a value nor an event in its headers.

    Connectors send one after each deletion, so that a compacted topic forgets the object. It says nothing that the
    deletion did not say, so it is passed over: no refusal, and nothing that is counted against its producer.
    """
    return record.value is None and bool(record.key) and not is_binary(record.headers)


def elements_of(record: Record) -> "list[bytes] | Refused | None":
    """The events of a record in batch mode; None for a record in another mode."""
    try:
        return batch_of(record.value, record.headers)
    except ContentError as why:
        return Refused("invalid_event", str(why))


class _Rule(msgspec.Struct, frozen=True, gc=False):
    """What the verdict on events of one type depends on. `limit_ms` is None where none is ever late.

    `past_within` are times of the past in lists: (field, name of the time in each of its parts). `period` are two
    fields, of which the second is no earlier than the first.
    """

    of: Kind
    verb: str
    past: tuple[str, ...]
    past_within: tuple[tuple[str, str], ...]
    limit_ms: int | None
    anchor_ms: Callable[[Mapping[str, Any]], int | None]
    period: tuple[str, str] | None = None
    contradictory: bool = False
    """Whether such an event may mean nothing."""

    def contradiction(self, key: str, changes: Mapping[str, Any]) -> str | None:
        """What makes an event mean nothing, though each of its fields is valid; None for all others."""
        if key in RESERVED:
            return "subject: reserved"
        if self.verb == "merged" and changes[LIFE] == f"into:{key.partition(':')[2]}":
            return "data.into: the object itself"
        if self.period is not None:
            first, last = self.period
            began, ended = changes.get(first), changes.get(last)
            if began is not None and ended is not None and ended < began:
                return f"data.{last}: before data.{first}"
        return None

    def ahead(self, changes: Mapping[str, Any], limit_ms: int) -> str | None:
        """The first time that tells what has happened, and lies behind a limit; None where none does."""
        for field in self.past:
            at_ms = changes.get(field)
            if at_ms is not None and at_ms > limit_ms:
                return field
        for field, name in self.past_within:
            parts = changes.get(field)
            if parts and any((part.get(name) or 0) > limit_ms for part in parts):
                return f"{field}.{name}"
        return None

    def oldest_ms(self, changes: Mapping[str, Any], event_ms: int) -> int:
        """How old a record is: as the time it names, else as its event."""
        anchor_ms = self.anchor_ms(changes)
        return event_ms if anchor_ms is None else anchor_ms


def _rule(name: str, retention: Retention | None) -> _Rule:
    domain, kind_name, verb = name.split(".")
    period = CHANGES[domain][kind_name].PERIOD if verb == "changed" else None
    kind = kind_named(kind_name)
    contradictory = verb == "merged" or period is not None or any(key.startswith(f"{kind_name}:") for key in RESERVED)
    if retention is None:
        return _Rule(kind, verb, (), (), None, no_anchor, period, contradictory)
    given = sorted(kind.past) if verb == "changed" else ()
    past = tuple(field for field in given if "." not in field)
    within = tuple((list_, name) for list_, dot, name in (field.partition(".") for field in given) if dot)
    return _Rule(kind, verb, past, within, kind.limit_ms(retention), kind.anchor_ms, period, contradictory)


class Judge:
    """Judges the records of one domain (`crm`, `telephony`, `org`).

    `retention` is how long objects are remembered; None for records of the organisation, which always are.
    """

    def __init__(self, domain: str, future_tolerance_ms: int, retention: Retention | None = None) -> None:
        self._domain = domain
        self._adapter = _adapter(domain)
        self._decoder = _decoder(domain) if domain in DECODED else None
        self._tolerance_ms = future_tolerance_ms
        self._rules = {name: _rule(name, retention) for name in MODELS if name.startswith(f"{domain}.")}

    def verdict(self, record: Record) -> Accepted | Refused:
        """The verdict on a record with one event, in structured or binary mode."""
        if not record.headers:
            return self.judge(record.value, record.timestamp)
        try:
            value = structured(record.value, record.headers)
        except ContentError as why:
            return Refused("invalid_event", str(why))
        return self.judge(value, record.timestamp)

    def judge(self, value: bytes | None, append_ms: int) -> Accepted | Refused:
        """The verdict on an event in structured mode that was first appended at `append_ms`."""
        event = self._read(value)
        if isinstance(event, Refused):
            return event
        rule = self._rules[event.type]
        refused = self._refusal(event, rule, append_ms)
        if refused is not None:
            return refused
        assert value is not None
        version = version_of(event.time_ms, event.sequence, event.source, event.id, value, event.ingested_ms)
        corrects = corrected_of(event.corrects)
        return Accepted(event.subject, version, corrects, event.data, event.source, event.type, rule.of)

    def refusal(self, value: bytes | None, append_ms: int) -> Refused | None:
        """Called for an event that is not on its way into an object: why it would be refused; None if it would not."""
        event = self._read(value)
        return event if isinstance(event, Refused) else self._refusal(event, self._rules[event.type], append_ms)

    def _read(self, value: bytes | None) -> Given | Refused:
        """What a value says."""
        event = self._decoder.read(value) if value and self._decoder is not None else None
        return self._read_by_model(value) if event is None else event

    def _read_by_model(self, value: bytes | None) -> Given | Refused:
        if not value:
            return _left_packed(value) if isinstance(value, UnreadBatch) else Refused("empty", "no value")
        if len(value) > LARGEST_EVENT_BYTES:
            return Refused("too_large", f"{len(value)} bytes, allowed are {LARGEST_EVENT_BYTES}")
        try:
            return _given(self._adapter.validate_json(value))
        except ValidationError as error:
            return Refused(*cause(error, value, self._domain))

    def _refusal(self, event: Given, rule: _Rule, append_ms: int) -> Refused | None:
        """Why an event is refused, None if it is not: then `data` holds what it changes of the object."""
        if rule.verb != "changed":
            event.data = {LIFE: f"into:{event.data['into']}" if rule.verb == "merged" else _LIVES[rule.verb]}
        elif not event.data:
            event.data = {MENTIONED: None}
        changes, time_ms, limit_ms = event.data, event.time_ms, append_ms + self._tolerance_ms
        if rule.contradictory and (wrong := rule.contradiction(event.subject, changes)) is not None:
            return Refused("invalid_event", wrong)
        if time_ms > limit_ms or (event.ingested_ms or 0) > limit_ms:
            return Refused("future", self._ahead("time" if time_ms > limit_ms else "ingested"))
        ahead = rule.ahead(changes, limit_ms)
        if ahead is not None:
            return Refused("future", self._ahead(f"data.{ahead}"))
        if rule.limit_ms is not None and rule.oldest_ms(changes, time_ms) + rule.limit_ms < append_ms:
            return Refused("late", f"{rule.of.name} remembered for {rule.limit_ms // DAY_MS} days")
        return None

    def _ahead(self, field: str) -> str:
        seconds = self._tolerance_ms // 1000
        return f"{field}: more than {seconds} s ahead (SALESPULSE_FUTURE_TOLERANCE_SECONDS)"


def judges(retention: Retention, future_tolerance_ms: int) -> dict[str, Judge]:
    """The judge of every domain, as a deployment that remembers so long has them."""
    return {domain: Judge(domain, future_tolerance_ms, None if domain == "org" else retention) for domain in CHANGES}


def _left_packed(value: UnreadBatch) -> Refused:
    allowed = f"allowed are {MOST_BYTES} bytes and {MOST_RECORDS} records unpacked"
    return Refused("oversized_batch", f"batch from offset {value.first} up to this one: {allowed}; none of it was read")


def _given(event: Event) -> Given:
    data = event.data
    if isinstance(data, Change):
        changes = {name: _plain(value) for name, value in data.changes().items()}
    else:
        changes = {"into": data.into} if isinstance(data, Merge) else {}
    return Given(
        event.type,
        event.subject,
        event.time,
        event.sequence,
        event.ingested,
        event.source,
        event.id,
        event.corrects,
        changes,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
