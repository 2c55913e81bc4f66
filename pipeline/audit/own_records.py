"""Which of the records that claim to be the pipeline's own are: the audit's own rule for the proof and for its bounds.

A proof is `<id of a key>:<hex>` in the header `sp.proof`: the first 16 bytes of an HMAC with SHA-256 over topic,
partition, key, value and all other headers, names and values in turn. Before each of them stands its length in four
bytes, or 2^32 - 1 for one that is null. The key is itself an HMAC, of the deployment's name by the secret.
"""

import hashlib
import hmac
import re
import struct
from collections.abc import Mapping, Sequence
from typing import Protocol

from schemas.blocks import Block
from schemas.control import Control, Forwarded
from schemas.events import CHANGES
from schemas.ids import KEPT_PATTERN

PURPOSE = "salespulse control records of "
CRM, TELEPHONY, ORG = "crm.events", "telephony.events", "org.changes"
KINDS = {f"{domain}.events": set(kinds) for domain, kinds in CHANGES.items()}
OBJECT_ID = re.compile(KEPT_PATTERN)
LARGEST, LARGEST_KEY = 64 * 1024, 4096
"""Bytes of an event, and of a key that is passed on."""
LINKS_FROM: Mapping[str, Sequence[str]] = {
    "touch": (CRM, TELEPHONY),
    "win": (CRM,),
    "logged": (CRM,),
    "merge": (CRM,),
    "became": (CRM,),
}


class ProvenRecord(Protocol):
    """What a proof is over, and when it was appended."""

    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class OwnRecords:
    """Told the secrets by id, the deployment's name, how many partitions there are, and how far clocks may differ."""

    def __init__(self, secrets: Mapping[str, bytes], namespace: str, partitions: int, jump_ms: int) -> None:
        name = f"{PURPOSE}{namespace}".encode()
        self._keys = {id_: hmac.new(secret, name, hashlib.sha256) for id_, secret in secrets.items()}
        self._partitions = partitions
        self._jump_ms = jump_ms

    def wrote(self, topic: str, partition: int, record: ProvenRecord) -> bool:
        """Whether the pipeline, or its operator, wrote a record that lies there."""
        told = [value.decode("ascii", "replace") for name, value in record.headers if name == "sp.proof" and value]
        id_, _, proof = told[0].partition(":") if told else ("", "", "")
        if id_ not in self._keys:
            return False
        over = hmac.new(self._keys[id_].digest(), digestmod=hashlib.sha256)
        for part in self._parts(topic, partition, record):
            over.update(struct.pack(">I", 2**32 - 1 if part is None else len(part)))
            over.update(part or b"")
        return hmac.compare_digest(over.hexdigest()[:32], proof)

    def _parts(self, topic: str, partition: int, record: ProvenRecord) -> list[bytes | None]:
        parts = [topic.encode(), str(partition).encode(), record.key, record.value]
        for name, value in record.headers:
            if name != "sp.proof":
                parts += [name.encode("utf-8", "surrogateescape"), value]
        return parts

    def can_say(self, topic: str, record: ProvenRecord, said: Control | Block | Forwarded) -> bool:
        """Whether a record of a source log comes from a place and time that there can be."""
        size = len(record.value or b"")
        if isinstance(said, Forwarded):
            fits = said.topic == topic and len(said.value) <= LARGEST and len(said.key or b"") <= LARGEST_KEY
        elif isinstance(said, Block):
            fits = said.topic == ORG
        elif said.kind == "org":
            fits = said.topic == ORG and said.origin == said.subject
        else:
            fits = said.topic in LINKS_FROM.get(said.kind, ()) and _is_object(said.subject, topic)
            fits = fits and _is_object(said.origin, said.topic)
            fits = fits and size <= (4 * LARGEST if said.kind == "merge" else LARGEST)
        return (
            fits
            and said.partition in range(self._partitions)
            and said.position.offset in range(2**53)
            and said.position.part in range(2**31)
            and said.timestamp_ms in range(record.timestamp + self._jump_ms + 1)
        )


def _is_object(key: str, topic: str) -> bool:
    """Whether a key is one of an object that a log owns."""
    kind, _, id_ = key.partition(":")
    return kind in KINDS.get(topic, ()) and OBJECT_ID.fullmatch(id_) is not None
