"""One dead letter, without what it holds: what its headers say, where it lies, and whether it was replayed."""

from dataclasses import dataclass
from typing import Any

from pipeline.dead_letters.given import given_in
from pipeline.dead_letters.letter_record import LetterRecord
from pipeline.topics.table import SOURCES
from pipeline.views.wording import rfc3339
from schemas import dead_letters
from schemas.dead_letters import Origin, Refusal


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a letter lies in the dead-letter topic."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Letter:
    """The latest attempt of one origin. `replayed`: that attempt was sent back since.

    `given` is what the record holds in the field that the detail names, shortened; None where it has no such field.
    `size_bytes` is of its value as it came, `digest` its SHA-256 where the letter has only the head of it, of
    `head_bytes`, or nothing at all.
    """

    refusal: Refusal
    place: Place
    size_bytes: int
    replayed: bool = False
    given: str | None = None
    digest: str | None = None
    head_bytes: int = 0

    @property
    def origin(self) -> Origin:
        """What makes it unique."""
        return self.refusal.arrival.origin

    def as_json(self) -> dict[str, Any]:
        """As other programs read it."""
        refusal, arrival = self.refusal, self.refusal.arrival
        return {
            "origin": str(self.origin),
            "reason": refusal.reason,
            "detail": refusal.detail,
            "given": self.given,
            "appended": rfc3339(arrival.timestamp_ms),
            "attempt": arrival.attempt,
            "refused": rfc3339(refusal.refused_ms),
            "version": refusal.version,
            "replayed": self.replayed,
            "bytes": self.size_bytes,
            "sha256": self.digest,
        }


def read_letter(record: LetterRecord) -> Letter | None:
    """The letter in a record of the topic; None for a note that one was replayed, ValueError for anything else.

    What does not come from a source topic is no letter of ours, whoever wrote it.
    """
    refusal = dead_letters.read(record.headers)
    if refusal is None:
        return None
    if refusal.arrival.origin.topic not in SOURCES:
        raise ValueError("not from a source topic")
    place, given = Place(record.partition, record.offset), given_in(record.value, record.headers, refusal.detail)
    size_bytes, digest = dead_letters.cut(record.headers) or (len(record.value or b""), None)
    return Letter(refusal, place, size_bytes, given=given, digest=digest, head_bytes=len(record.value or b""))
