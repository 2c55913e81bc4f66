"""How an event comes in a record: the content modes of the CloudEvents Kafka binding.

Structured: the value is the event, in JSON. Binary: its attributes are headers (`ce_id`, `ce_source` and so on), and
the value is its data alone. Batch: the value is a JSON array of events.

A record whose content type begins with `application/cloudevents` has its event in the value, whatever headers repeat of
it. A header that is null is as good as none.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "sequence", "ingested", "corrects")
"""What an event says beside its data; of other attributes nothing is known here."""
PREFIX = "ce_"
CONTENT_TYPE = "content-type"
EVENTS_TYPE = b"application/cloudevents"
"""How the content type of every record begins that is marked to be in structured or batch mode."""
MARK = f"{PREFIX}specversion"
"""The header that every record in binary mode has."""
LARGEST_EVENT_BYTES = 64 * 1024
LARGEST_BATCH_BYTES = 1024 * 1024
"""As much as a topic takes in one record, unless it is set up otherwise."""
MOST_OF_BATCH = 1000

SPACE = b" \t\r\n"
"""What may stand between the parts of JSON."""

DEEPEST = 500
TOO_DEEP = f"batch: nested too deep, allowed are {DEEPEST} levels"
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL).sub
_SURROGATE = re.compile("[\ud800-\udfff]").search
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

Headers = Sequence[tuple[str, bytes | None]]

_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class ContentError(ValueError):
    """Raised for a record that is marked to be in a mode, and is not; the message names what is wrong with it."""


def require_names(headers: Headers) -> None:
    """ContentError for a record that has a header whose name is no UTF-8: Kafka takes any bytes, CloudEvents do not."""
    if not all(name.isascii() or _is_text(name) for name, _ in headers):
        raise ContentError("headers: allowed are names in UTF-8")


def is_binary(headers: Headers) -> bool:
    """Whether a record is in binary mode."""
    given = _given(headers)
    return MARK in given and not given.get(CONTENT_TYPE, b"").lower().startswith(EVENTS_TYPE)


def carried(headers: Headers) -> tuple[tuple[str, bytes], ...]:
    """The headers of a record that are part of its event: without them the value says something else, or nothing."""
    if not is_binary(headers):
        return ()
    return tuple(
        (name, told)
        for name, told in _given(headers).items()
        if (name.startswith(PREFIX) and _is_text(name)) or name == CONTENT_TYPE
    )


def structured(value: bytes | None, headers: Headers) -> bytes | None:
    """The event in structured mode, whichever of the two single modes it came in; ContentError where it is neither.

    The same record always gives the same bytes.
    """
    if not headers:
        return value
    require_names(headers)
    if not is_binary(headers):
        return value
    given = _given(headers)
    event: dict[str, str | msgspec.Raw] = {}
    for name in ATTRIBUTES:
        text = given.get(PREFIX + name)
        if text is not None:
            event[name] = _text(name, text)
    if value:
        _require_json(value, given)
        event["data"] = msgspec.Raw(value)
    return _encode(event)


def batch_of(value: bytes | None, headers: Headers) -> list[bytes] | None:
    """The events of a record in batch mode, each as its own bytes; None for a record in another mode.

    ContentError for a batch that is too large, nests too deep, or has too many events.
    """
    if headers:
        require_names(headers)
    if not value or value.lstrip(SPACE)[:1] != b"[" or (headers and is_binary(headers)):
        return None
    if len(value) > LARGEST_BATCH_BYTES:
        raise ContentError(f"batch: {len(value)} bytes, allowed are {LARGEST_BATCH_BYTES}")
    try:
        found = [bytes(element) for element in _elements(value)]
    except RecursionError:
        raise ContentError(TOO_DEEP) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if any(map(_is_too_deep, found)):
        raise ContentError(TOO_DEEP)
    if len(found) > MOST_OF_BATCH:
        raise ContentError(f"batch: {len(found)} events, allowed are {MOST_OF_BATCH}")
    return found


def events_in(value: bytes | None, headers: Headers) -> list[bytes]:
    """The events of a record in any mode, in structured mode; none where it has no event."""
    try:
        batch = batch_of(value, headers)
        if batch is not None:
            return batch
        event = structured(value, headers)
    except ContentError:
        return []
    return [event] if event else []


def _given(headers: Headers) -> dict[str, bytes]:
    """The headers that are not null; of those that repeat the last."""
    return {name: told for name, told in headers if told is not None}


def _is_text(name: str) -> bool:
    """Whether a name is text, and not bytes that a reader could make none of."""
    return _SURROGATE(name) is None


def _is_too_deep(element: bytes) -> bool:
    """Whether an element of a batch nests deeper than any Python surely reads: which do differs, verdicts must not."""
    if len(element) < 2 * DEEPEST or element.count(b"[") + element.count(b"{") <= DEEPEST:
        return False
    opened = _STRING(b"", element).translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        opened = opened.replace(b"[]", b"").replace(b"{}", b"")
    return bool(opened)


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
        found = msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ContentError("data: allowed is JSON") from None
    if isinstance(found, dict) and "specversion" in found:
        raise ContentError("data: an event; allowed is its data alone where headers have its attributes")
