"""Shapes that records are sent in by mistake, by their names: what connectors and serializers make of an event."""

import json
from collections.abc import Mapping
from typing import Any

BYTES = (
    (b"\xef\xbb\xbf", "begins with a byte order mark (BOM); allowed is UTF-8 without one"),
    (b"\xff\xfe", "UTF-16; allowed is UTF-8"),
    (b"\xfe\xff", "UTF-16; allowed is UTF-8"),
    (b"\x1f\x8b", "compressed with gzip; send JSON and let the producer's compression.type compress it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; send JSON and let the producer's compression.type compress it"),
    (b"Obj\x01", "an Avro file; send JSON"),
    (b"\x00", "begins with a Schema Registry prefix; send JSON without the registry's serializer"),
    (b"\x03\x00", "begins with a Glue Schema Registry prefix; send JSON without the registry's serializer"),
    (b"<", "XML; send JSON"),
)
"""First bytes of a value, and what has them."""
ENVELOPE = frozenset({"specversion", "id", "source", "type", "subject", "time"})


def shape_of(value: bytes) -> str | None:
    """What a value that is no event looks like, and what to do about it; None where it has no known shape."""
    for first, name in BYTES:
        if value.startswith(first):
            return name
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return _lines(value)
    if isinstance(found, str):
        return "a text that holds JSON; encode the event once, not twice" if _is_json(found) else "a text"
    if isinstance(found, list):
        return "an array that is no batch of events"
    return _of_object(found) if isinstance(found, dict) else "a single value"


def _of_object(found: Mapping[str, Any]) -> str | None:
    if {"schema", "payload"} <= found.keys():
        return "an envelope of Kafka Connect; set value.converter.schemas.enable=false"
    if "op" in found and found.keys() & {"before", "after"}:
        return "a change event of Debezium; unwrap it (ExtractNewRecordState) and map it to an event"
    missing = sorted(ENVELOPE - found.keys())
    if "type" in missing:
        return f"no CloudEvent; missing: {', '.join(missing)}"
    return None


def _lines(value: bytes) -> str | None:
    lines = value.split(b"\n")
    if len(lines) > 1 and _is_json(lines[0].decode(errors="replace")):
        return "several lines of JSON; send each as a record, or all as an array"
    return None


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
