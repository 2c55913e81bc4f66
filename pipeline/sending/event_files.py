"""Events in a file: JSON Lines, or one JSON document that is an event or a list of them."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.intake.shapes import shape_of


class Read(NamedTuple):
    """One event of a file as it was read, or why it could not be."""

    place: str
    event: dict[str, Any] | None
    fault: str = ""


def events_of(content: bytes) -> Iterator[Read]:
    """Every event with its place: `line 3` of JSON Lines, `event 3` of a list."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        yield from _lines(content)
        return
    if isinstance(document, list):
        for number, each in enumerate(document, 1):
            yield _read(f"event {number}", each)
    else:
        yield _read("event 1", document)


def _lines(content: bytes) -> Iterator[Read]:
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            place = f"line {number}"
            try:
                yield _read(place, json.loads(line))
            except (ValueError, RecursionError) as error:
                yield Read(place, None, f"not JSON: {shape_of(line) or error}")


def _read(place: str, found: Any) -> Read:
    if isinstance(found, dict):
        return Read(place, found)
    return Read(place, None, shape_of(json.dumps(found).encode()) or "no event")
