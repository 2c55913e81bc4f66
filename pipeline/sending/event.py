"""An event on its way into the pipeline, and its wire form: what the importer and the simulator yield."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.events import CHANGES, TOPICS
from schemas.ids import kept_id

_WIRE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_CONTENT = msgspec.json.Encoder(order="sorted", enc_hook=str)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One CloudEvent for one source topic."""

    event: dict[str, Any]

    @property
    def topic(self) -> str:
        """The logical name of the topic it belongs to."""
        return TOPICS[str(self.event["type"]).partition(".")[0]]

    @property
    def key(self) -> bytes:
        """The record's key."""
        return key_of(str(self.event["subject"]))

    @property
    def value(self) -> bytes:
        """The record's value: JSON in UTF-8. ValueError for what cannot be written so: no number, half a character."""
        return _WIRE.encode(self.event).encode()


def key_of(subject: str) -> bytes:
    """The key of a record about an object: its id as it is kept, so that the record is on the partition it belongs to.

    ValueError for a subject that is none.
    """
    kind, _, written = subject.partition(":")
    return f"{kind}:{kept_id(written)}".encode()


def domain_of(kind: str) -> str:
    """The domain a kind of object belongs to: `deal` is `crm`."""
    return next(domain for domain, kinds in CHANGES.items() if kind in kinds)


def content_of(event: dict[str, Any]) -> bytes:
    """An event that has no id yet, as JSON with sorted names: its id follows from it, so the same has the same."""
    return _CONTENT.encode(event)


def id_of(content: bytes) -> str:
    """The id of an event with this content."""
    return hashlib.sha256(content).hexdigest()[:32]
