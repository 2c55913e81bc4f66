"""A record on its way into the pipeline, right or wrong, and how events are made."""

import json
from typing import Any, NamedTuple

from pipeline.sending.event import domain_of
from schemas.events import TOPICS, iso

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
INSTANTS = ("valid_from", "valid_to")


class Sent(NamedTuple):
    """A record for a source topic, by its logical name. `refused` is the reason why it must become a dead letter."""

    topic: str
    key: bytes | None
    value: bytes | None
    refused: str | None = None


def on_the_wire(name: str, value: Any) -> Any:
    """A field as events carry it: instants are given in milliseconds."""
    instant = name.endswith("_at") or name in INSTANTS
    return iso(value) if instant and value is not None else value


def event(
    kind: str,
    name: str,
    time_ms: int,
    /,
    number: int,
    *,
    verb: str = "changed",
    source: str = "crm-1",
    corrects: str | None = None,
    refused: str | None = None,
    **data: Any,
) -> Sent:
    """The record of an event; `number` makes its id and its place among others of the same time."""
    domain = domain_of(kind)
    said: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": source,
        "type": f"{domain}.{kind}.{verb}",
        "subject": f"{kind}:{name}",
        "time": iso(time_ms),
        "sequence": number,
        "data": {field: on_the_wire(field, value) for field, value in data.items()},
    }
    if corrects is not None:
        said["corrects"] = corrects
    value = json.dumps(said, separators=(",", ":")).encode()
    return Sent(TOPICS[domain], said["subject"].encode(), value, refused)
