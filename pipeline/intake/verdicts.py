"""Verdicts: whether a record is an event we take in. They follow from its bytes and its append time alone."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel, ValidationError

from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.objects.object import LIFE, MENTIONED
from pipeline.objects.versions import Version, version_of
from pipeline.organisation.days import DAY_MS, utc_day_ms
from schemas.dead_letters import Reason
from schemas.decoding import DECODED, Decoder, Given
from schemas.events import CHANGES, MODELS, Event, adapter
from schemas.types import Change, Merge

MAX_VALUE_BYTES = 64 * 1024
PAST_FIELDS = frozenset(
    {"started_at", "answered_at", "ended_at", "created_at", "closed_at", "sent_at", "occurred_at", "booked_at"}
)
"""Times that tell what has happened: they cannot lie ahead."""
ANCHORS = {"call": "started_at", "email": "sent_at", "meeting": "starts_at", "activity": "occurred_at"}
"""The field that says how old an object is; a record without it is as old as its event."""
RESERVED = frozenset({f"team:{COMPANY}", f"team:{UNASSIGNED}", f"rep:{UNASSIGNED}"})

_LIVES = {"deleted": "deleted", "restored": "live"}


class Accepted(msgspec.Struct, gc=False):
    """An event, ready to be merged into the object `key`. Dates are ordinals, instants ms, models plain dicts."""

    key: str
    version: Version
    corrects: str | None
    changes: dict[str, Any]
    source: str
    type: str


class Refused(NamedTuple):
    """A record for the dead-letter topic."""

    reason: Reason
    detail: str


_adapter = lru_cache(adapter)
_decoder = lru_cache(Decoder)
"""One for all partitions: they take long to make, and what one has read before need not be read again by another."""


class _Rule(msgspec.Struct, frozen=True, gc=False):
    """What the verdict on events of one type depends on. `retention_ms` is None where none is ever late."""

    kind: str
    verb: str
    past: tuple[str, ...]
    retention_ms: int | None
    anchor_field: str

    def anchor_ms(self, changes: Mapping[str, Any], event_ms: int) -> int:
        """How old a record is: as the start it names, else as its event."""
        if self.kind == "cost" and changes.get("period_end") is not None:
            return utc_day_ms(changes["period_end"]) + DAY_MS
        anchor: int | None = changes.get(self.anchor_field)
        return event_ms if anchor is None else anchor


def _rule(name: str, retention_ms: Mapping[str, int]) -> _Rule:
    domain, kind, verb = name.split(".")
    past = PAST_FIELDS & CHANGES[domain][kind].model_fields.keys() if verb == "changed" else ()
    return _Rule(kind, verb, tuple(sorted(past)), retention_ms.get(kind), ANCHORS.get(kind, ""))


class Judge:
    """Judges the records of one domain (`crm`, `telephony`, `org`).

    `retention_ms` is by kind of object; a kind that is not in it is never late.
    """

    def __init__(self, domain: str, future_tolerance_ms: int, retention_ms: Mapping[str, int]) -> None:
        self._adapter = _adapter(domain)
        self._decoder = _decoder(domain) if domain in DECODED else None
        self._tolerance_ms = future_tolerance_ms
        self._rules = {name: _rule(name, retention_ms) for name in MODELS if name.startswith(f"{domain}.")}

    def judge(self, value: bytes | None, append_ms: int) -> Accepted | Refused:
        """The verdict on a record's value that was first appended at `append_ms`."""
        if not value:
            return Refused("empty", "no value")
        if len(value) > MAX_VALUE_BYTES:
            return Refused("too_large", f"{len(value)} bytes, allowed are {MAX_VALUE_BYTES}")
        event = self._decoder.read(value) if self._decoder is not None else None
        if event is None:
            try:
                event = _given(self._adapter.validate_json(value))
            except ValidationError as error:
                return _refusal(error)
        return self._timely(event, value, append_ms)

    def _timely(self, event: Given, value: bytes, append_ms: int) -> Accepted | Refused:
        rule, changes = self._rules[event.type], event.data
        if rule.verb != "changed":
            changes = {LIFE: f"into:{changes['into']}" if rule.verb == "merged" else _LIVES[rule.verb]}
        elif not changes:
            changes = {MENTIONED: None}
        key, time_ms, limit_ms = event.subject, event.time_ms, append_ms + self._tolerance_ms
        if key in RESERVED:
            return Refused("invalid_event", "subject: reserved")
        if rule.verb == "merged" and changes[LIFE] == f"into:{key.partition(':')[2]}":
            return Refused("invalid_event", "data.into: the object itself")
        if time_ms > limit_ms:
            return Refused("future", "time")
        for field in rule.past:
            at_ms = changes.get(field)
            if at_ms is not None and at_ms > limit_ms:
                return Refused("future", f"data.{field}")
        if rule.retention_ms is not None and rule.anchor_ms(changes, time_ms) + rule.retention_ms < append_ms:
            return Refused("late", f"{rule.kind} remembered for {rule.retention_ms // DAY_MS} days")
        version = version_of(time_ms, event.sequence, event.source, event.id, value)
        return Accepted(key, version, event.corrects, changes, event.source, event.type)


def _given(event: Event) -> Given:
    data = event.data
    if isinstance(data, Change):
        changes = {name: _plain(value) for name, value in data.changes().items()}
    else:
        changes = {"into": data.into} if isinstance(data, Merge) else {}
    return Given(event.type, event.subject, event.time, event.sequence, event.source, event.id, event.corrects, changes)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _refusal(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return Refused("invalid_json", "not JSON")
    if first["type"] == "union_tag_invalid":
        return Refused("unknown_type", "type")
    where = ".".join(str(step) for step in first["loc"] if step not in MODELS)
    return Refused("invalid_event", f"{where or 'event'}: {first['type']}")
