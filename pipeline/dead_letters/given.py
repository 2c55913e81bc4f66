"""What stands in the field that a refusal names, short enough for a line."""

import json
from typing import Any

from schemas.cloud_events import ContentError, Headers, structured

LONGEST = 40


def given_in(value: bytes | None, headers: Headers, detail: str) -> str | None:
    """The value of the field, as JSON in printable ASCII; None where the record has no such field."""
    try:
        return given_of(json.loads(structured(value, headers) or b""), detail)
    except (ContentError, ValueError, RecursionError):
        return None


def given_of(event: Any, detail: str) -> str | None:
    """The same of an event that was read already."""
    path, colon, _ = detail.partition(": ")
    found = event
    for step in (path if colon else detail).split("."):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return _short(found)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
