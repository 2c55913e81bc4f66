"""Rows into events, by a field map: pure, every event checked by the schema before it leaves."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pipeline.importing.field_map import Condition, EventMap, FieldMap
from pipeline.importing.values import Context, Row, RowError, fill, read_instant_ms, read_value
from pipeline.sending.event import Outgoing, content_id
from schemas.events import MODELS, iso


@dataclass(frozen=True, slots=True)
class Refused:
    """A row, or one event of it, that the map cannot read. Row 0 is what the import gives once."""

    row: int
    reason: str


def events_of(
    field_map: FieldMap,
    rows: Iterable[tuple[int, Row | None]],
    lookups: Mapping[str, Mapping[str, str]],
    ingested_ms: int,
) -> Iterator[Outgoing | Refused]:
    """All events of an export, those given once first, in the order of rows and of the map.

    An organisation event that is the same in many rows comes once. The same export gives the same event ids, whenever
    it is imported; by `ingested_ms`, the time of the run, a later one wins over an earlier one.
    """
    context = Context(lookups, field_map.zone)
    known: set[str] = set()
    for number, row in _with_row_zero(rows):
        if row is None:
            yield Refused(number, "neither CSV nor a JSON object")
            continue
        for event_map in field_map.events:
            if event_map.once != (number == 0) or not all(_holds(condition, row) for condition in event_map.when):
                continue
            try:
                outgoing = _event(field_map, event_map, row, context, ingested_ms)
            except RowError as error:
                yield Refused(number, str(error))
                continue
            if event_map.type.startswith("org."):
                if outgoing.event["id"] in known:
                    continue
                known.add(outgoing.event["id"])
            yield outgoing


def _with_row_zero(rows: Iterable[tuple[int, Row | None]]) -> Iterator[tuple[int, Row | None]]:
    yield 0, {}
    yield from rows


def _holds(condition: Condition, row: Row) -> bool:
    text = row.get(condition.column, "").strip()
    return bool(text) == condition.filled if condition.one_of is None else text in condition.one_of


def _event(field_map: FieldMap, event_map: EventMap, row: Row, context: Context, ingested_ms: int) -> Outgoing:
    time_ms = read_instant_ms(event_map.time, row, context)
    if time_ms is None:
        raise RowError(f"{event_map.type}: the time is empty")
    subject = fill(event_map.subject, row)
    if not subject:
        raise RowError(f"{event_map.type}: the subject {event_map.subject} is empty")
    data = {name: read_value(value, row, context) for name, value in event_map.data.items()}
    event: dict[str, Any] = {
        "specversion": "1.0",
        "source": field_map.source,
        "type": event_map.type,
        "subject": subject,
        "time": iso(time_ms),
        "sequence": event_map.sequence,
        "data": {name: value for name, value in data.items() if value is not None},
    }
    event["id"] = content_id(event)
    event["ingested"] = iso(ingested_ms)
    _check(event)
    return Outgoing(event)


def _check(event: dict[str, Any]) -> None:
    try:
        MODELS[event["type"]].model_validate_json(json.dumps(event, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RowError(f"{event['type']}: {where}: {first['msg']}") from None
