"""Letters for people: raw bytes are shown so that they can do nothing to a terminal."""

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.dead_letters.letter import Letter
from pipeline.dead_letters.letter_record import LetterRecord
from pipeline.views.wording import instant
from pipeline.visible import visible


def shown(given: bytes | None) -> str:
    """Bytes as text in one piece: what is no text, or would move the cursor, is escaped."""
    return "(none)" if given is None else visible(given.decode(errors="backslashreplace"))


def contents(record: LetterRecord) -> dict[str, Any]:
    """Key and value for other programs: as text where they are, and always as bytes."""
    found: dict[str, Any] = {}
    for name, given in (("key", record.key), ("value", record.value)):
        found[name] = _text(given)
        found[f"{name}_base64"] = None if given is None else base64.b64encode(given).decode()
    return found


def lines(letter: Letter, record: LetterRecord) -> Iterator[str]:
    """A letter with what it holds; lines of its value stand further in than what is said of it."""
    refusal, arrival = letter.refusal, letter.refusal.arrival
    rows = {
        "origin": str(letter.origin),
        "appended": instant(arrival.timestamp_ms),
        "reason": f"{refusal.reason}: {refusal.detail}",
        "attempt": f"{arrival.attempt}, refused {instant(refusal.refused_ms)} by version {refusal.version}",
        "replayed": "yes" if letter.replayed else "no",
        "stored at": f"dead-letters/{letter.place.partition}/{letter.place.offset}",
        "key": shown(record.key),
        "value": f"{letter.size_bytes} bytes" + (f", SHA-256 {letter.digest}; its head:" if letter.digest else ""),
    }
    for name, text in rows.items():
        yield f"{name:<9} {text}"
    for line in (record.value or b"(none)").split(b"\n"):
        yield f"  {shown(line)}"


def summary(letters: Iterable[Letter]) -> str:
    """How many there are, by topic and reason."""
    counts = Counter((letter.origin.topic, letter.refusal.reason) for letter in letters)
    said = ", ".join(f"{topic} {reason} {number}" for (topic, reason), number in sorted(counts.items()))
    return f"{counts.total()} dead letters: {said}" if counts else "no dead letters"


def _text(given: bytes | None) -> str | None:
    try:
        return None if given is None else given.decode()
    except UnicodeDecodeError:
        return None
