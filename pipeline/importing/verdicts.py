"""What the pipeline would say of an event, before it is sent; in words for who wrote the map."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from pipeline.importing.drafts import Draft
from pipeline.importing.faults import Fault
from pipeline.importing.field_map import EventMap
from pipeline.intake.verdicts import judges
from pipeline.kinds.kind import Retention
from schemas.events import MODELS
from schemas.ids import ALLOWED

AN_ID = f"is no id: {ALLOWED}"
A_NAME = "is no name: letters of ASCII, digits, '_', '.', '-', at most 64"
CURES = {
    "subject": "write {column|id}, |hash or |slug in the subject",
    "": 'read it with parse = "id", "hash" or "slug"',
}


class Memory(NamedTuple):
    """How long the deployment remembers, by its settings."""

    activity_days: int
    closed_deal_days: int
    pane_days: int
    future_tolerance_ms: int = 300_000

    def retention(self) -> Retention:
        """The same, as verdicts take it."""
        return Retention(self.activity_days * 86_400_000, self.closed_deal_days * 86_400_000, self.pane_days)


EVER = Memory(36_500, 36_500, 36_500)
"""As long as the settings allow."""


class Late(NamedTuple):
    """An event that is older than what the deployment remembers of its kind."""

    kind: str


class Verdicts:
    """The verdicts of all domains, at the time of the import."""

    def __init__(self, memory: Memory, now_ms: int) -> None:
        self._now_ms = now_ms
        self._judges = judges(memory.retention(), memory.future_tolerance_ms)

    def of(self, draft: Draft, event: Mapping[str, Any], value: bytes, event_map: EventMap) -> Fault | Late | None:
        """None for an event that is taken in."""
        judged = self._judges[draft.type.partition(".")[0]].refusal(value, self._now_ms)
        if judged is None:
            return None
        if judged.reason == "late":
            return Late(event_map.kind)
        if judged.reason == "future":
            column = _column(judged.detail.partition(":")[0].removeprefix("data."), event_map)
            return Fault(column, "lies in the future", "is the zone right, and the order of day and month?")
        if judged.reason == "invalid_event":
            return _invalid(event, event_map, judged.detail)
        return Fault("", f"would be refused: {judged.detail}")


def told(event: Mapping[str, Any], fault: Fault, event_map: EventMap) -> str | None:
    """The text that a fault of an event is about."""
    for name in event_map.data:
        if fault.column == _column(name, event_map) and name in event["data"]:
            return str(event["data"][name])
    if fault.column == event_map.time.name:
        return str(event["time"])
    return str(event["subject"]) if fault.column == event_map.subject else None


def _column(field: str, event_map: EventMap) -> str:
    """What the field is read from."""
    name = field.partition(".")[0]
    if name == "subject":
        return event_map.subject
    if name == "time":
        return event_map.time.name
    value = event_map.data.get(name)
    return name if value is None or value.name == "constant" else value.name


def _invalid(event: Mapping[str, Any], event_map: EventMap, detail: str) -> Fault:
    try:
        MODELS[event_map.type].model_validate_json(json.dumps(event, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=True)[0]
        loc = [str(step) for step in first["loc"]]
        field = loc[1] if loc[:1] == ["data"] and len(loc) > 1 else loc[0]
        return _worded(field, str(first["type"]), str(first["msg"]), _column(field, event_map))
    where, _, what = detail.partition(": ")
    return Fault(_column(where.removeprefix("data."), event_map), f"would be refused: {what or detail}")


def _worded(field: str, kind: str, message: str, column: str) -> Fault:
    if kind == "string_pattern_mismatch" and field == "currency":
        return Fault(column, "is no ISO 4217 code of a currency", "list it under values")
    if kind == "string_pattern_mismatch" or ALLOWED in message:
        return Fault(column, AN_ID if ALLOWED in message else A_NAME, CURES.get(field, CURES[""]))
    if kind == "literal_error":
        return Fault(column, f"is not {message.removeprefix('Input should be ')}", "map it under values")
    if kind == "greater_than_equal":
        return Fault(column, "is negative, which it cannot be")
    if kind == "less_than_equal":
        return Fault(column, f"is larger than it can be: {message[:1].lower()}{message[1:]}")
    said = message.removeprefix("Value error, ")
    return Fault(column, f"is no {field}: {said[:1].lower()}{said[1:]}", f"see the field {field} in schemas/")
