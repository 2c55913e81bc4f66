"""Verdicts: whether a record is an event we take in. They follow from its bytes and its append time alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from pipeline.ledger.objects import LIFE, MENTIONED
from pipeline.ledger.versions import Version, version_of
from pipeline.measures import COMPANY, UNASSIGNED
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
_KIND_AND_VERB = {name: tuple(name.split(".")[1:]) for name in MODELS}
_PAST = {
    f"{domain}.{kind}.changed": sorted(PAST_FIELDS & model.model_fields.keys())
    for domain, kinds in CHANGES.items()
    for kind, model in kinds.items()
}


class Accepted(NamedTuple):
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


class Judge:
    """Judges the records of one domain (`crm`, `telephony`, `org`).

    `retention_ms` is by kind of object; a kind that is not in it is never late.
    """

    def __init__(self, domain: str, future_tolerance_ms: int, retention_ms: Mapping[str, int]) -> None:
        self._adapter = adapter(domain)
        self._decoder = Decoder(domain) if domain in DECODED else None
        self._tolerance_ms = future_tolerance_ms
        self._retention_ms = retention_ms

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
        kind, verb = _KIND_AND_VERB[event.type]
        changes, key = event.data, event.subject
        if verb != "changed":
            changes = {LIFE: f"into:{changes['into']}" if verb == "merged" else _LIVES[verb]}
        elif not changes:
            changes = {MENTIONED: None}
        if key in RESERVED:
            return Refused("invalid_event", "subject: reserved")
        if verb == "merged" and changes[LIFE] == f"into:{key.partition(':')[2]}":
            return Refused("invalid_event", "data.into: the object itself")
        ahead = _ahead(event, append_ms + self._tolerance_ms)
        if ahead is not None:
            return Refused("future", ahead)
        retention_ms = self._retention_ms.get(kind)
        if retention_ms is not None and _anchor_ms(kind, changes, event.time_ms) + retention_ms < append_ms:
            return Refused("late", f"{kind} remembered for {retention_ms // DAY_MS} days")
        version = version_of(event.time_ms, event.sequence, event.source, event.id, value)
        return Accepted(key, version, event.corrects, changes, event.source, event.type)


def _ahead(event: Given, limit_ms: int) -> str | None:
    if event.time_ms > limit_ms:
        return "time"
    for field in _PAST.get(event.type, ()):
        given = event.data.get(field)
        if given is not None and given > limit_ms:
            return f"data.{field}"
    return None


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


def _anchor_ms(kind: str, changes: Mapping[str, Any], event_ms: int) -> int:
    if kind == "cost" and changes.get("period_end") is not None:
        return utc_day_ms(changes["period_end"]) + DAY_MS
    anchor: int | None = changes.get(ANCHORS.get(kind, ""))
    return event_ms if anchor is None else anchor


def _refusal(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return Refused("invalid_json", "not JSON")
    if first["type"] == "union_tag_invalid":
        return Refused("unknown_type", "type")
    where = ".".join(str(step) for step in first["loc"] if step not in MODELS)
    return Refused("invalid_event", f"{where or 'event'}: {first['type']}")
