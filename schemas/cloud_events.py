"""How an event comes in a record: the content modes of the CloudEvents Kafka binding.

Structured: the value is the event, in JSON. Binary: its attributes are headers (`ce_id`, `ce_source` and so on), and
the value is its data alone. Batch: the value is a JSON array of events.
"""

from collections.abc import Mapping, Sequence

import msgspec

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "sequence", "ingested", "corrects")
"""What an event says beside its data; of other attributes nothing is known here."""
PREFIX = "ce_"
CONTENT_TYPE = "content-type"
MARK = f"{PREFIX}specversion"
"""The header that every record in binary mode has, and no other."""
LARGEST_EVENT_BYTES = 64 * 1024
LARGEST_BATCH_BYTES = 1024 * 1024
"""As much as a topic takes in one record, unless it is set up otherwise."""
MOST_OF_BATCH = 1000

SPACE = b" \t\r\n"
"""What may stand between the parts of JSON."""

Headers = Sequence[tuple[str, bytes]]

_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class ContentError(ValueError):
    """Raised for a record that is marked to be in a mode, and is not; the message names what is wrong with it."""


def is_binary(headers: Headers) -> bool:
    """Whether a record is in binary mode."""
    return any(name == MARK for name, _ in headers)


def carried(headers: Headers) -> Headers:
    """The headers of a record that are part of its event: without them the value says something else, or nothing."""
    if not is_binary(headers):
        return ()
    return tuple((name, value) for name, value in headers if name.startswith(PREFIX) or name == CONTENT_TYPE)


def structured(value: bytes | None, headers: Headers) -> bytes | None:
    """The event in structured mode, whichever of the two single modes it came in; ContentError where it is neither.

    The same record always gives the same bytes.
    """
    if not headers or not is_binary(headers):
        return value
    given = dict(headers)
    event: dict[str, str | msgspec.Raw] = {}
    for name in ATTRIBUTES:
        text = given.get(PREFIX + name)
        if text is not None:
            event[name] = _text(name, text)
    if value:
        _require_json(value, given)
        event["data"] = msgspec.Raw(value)
    return _encode(event)


def batch_of(value: bytes | None) -> list[bytes] | None:
    """The events of a record in batch mode, each as its own bytes; None for a record in another mode.

    ContentError for a batch that is too large, or has too many events.
    """
    if not value or value.lstrip(SPACE)[:1] != b"[":
        return None
    if len(value) > LARGEST_BATCH_BYTES:
        raise ContentError(f"batch: {len(value)} bytes, allowed are {LARGEST_BATCH_BYTES}")
    try:
        found = [bytes(element) for element in _elements(value)]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    if len(found) > MOST_OF_BATCH:
        raise ContentError(f"batch: {len(found)} events, allowed are {MOST_OF_BATCH}")
    return found


def events_in(value: bytes | None, headers: Headers) -> list[bytes]:
    """The events of a record in any mode, in structured mode; none where it has no event."""
    try:
        batch = None if is_binary(headers) else batch_of(value)
        if batch is not None:
            return batch
        event = structured(value, headers)
    except ContentError:
        return []
    return [event] if event else []


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise ContentError(f"headers.{PREFIX}{name}: allowed is UTF-8") from None


def _require_json(value: bytes, given: Mapping[str, bytes]) -> None:
    kind = given.get(CONTENT_TYPE, b"application/json").split(b";")[0].strip().lower()
    if not (kind.endswith((b"/json", b"+json"))):
        raise ContentError(f"headers.{CONTENT_TYPE}: allowed is application/json")
    try:
        msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ContentError("data: allowed is JSON") from None
