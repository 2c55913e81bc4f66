"""Proofs: how a record in a source log shows that the pipeline, or an operator's command, wrote it there.

Whoever may write events to a source topic may write any header, so a header alone says nothing. A proof is a keyed hash
over the topic, the partition, and the key, value and headers of a record: it holds for that record in that place alone.
"""

import hmac
from collections.abc import Iterable, Mapping
from typing import Protocol

from pipeline.kernel.stage import Headers
from schemas.control import PROOF_HEADER

PROOF_BYTES = 16
"""Of the 32 of the hash: to guess a proof takes 2^127 records, and each one tried is a dead letter."""
KEYS_SETTING = "SALESPULSE_CONTROL_KEYS"
_NULL = b"\xff\xff\xff\xff"


class Proofs:
    """The keys of a deployment, by id. The first signs, any of them verifies.

    Deployments that share their secrets do not take each other's records for their own.
    """

    def __init__(self, secrets: Mapping[str, bytes], namespace: str) -> None:
        derived = b"salespulse control records of " + namespace.encode()
        self._keys = {id_.encode(): hmac.digest(secret, derived, "sha256") for id_, secret in secrets.items()}
        self._seals: dict[tuple[str, int], Seal] = {}

    def at(self, topic: str, partition: int) -> "Seal":
        """The seal of one partition of a source topic (a logical name)."""
        seal = self._seals.get((topic, partition))
        if seal is None:
            seal = self._seals[topic, partition] = Seal(self._keys, topic, partition)
        return seal


class Sealed(Protocol):
    """What of a record a proof is over."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> "Iterable[tuple[str, bytes | None]]": ...


class Seal:
    """Makes and verifies the proofs of one partition of a source topic."""

    __slots__ = ("_keys", "_place", "_signing")

    def __init__(self, keys: Mapping[bytes, bytes], topic: str, partition: int) -> None:
        self._keys = keys
        self._signing, _ = next(iter(keys.items()))
        self._place = _part(topic.encode()) + _part(str(partition).encode())

    def signed(self, value: bytes | None, key: bytes | None, headers: Headers) -> Headers:
        """The headers of a record that is about to be written, and its proof."""
        proof = self._signing + b":" + self._hash(self._signing, key, value, headers)
        return (*headers, (PROOF_HEADER, proof))

    def holds(self, record: Sealed) -> bool:
        """Whether a record that lies in the partition bears a proof that is right."""
        return self.flaw(record) is None

    def flaw(self, record: Sealed) -> str | None:
        """What is wrong with the proof of a record, in words that repeat nothing of it; None where it is right."""
        given = next((told for name, told in record.headers if name == PROOF_HEADER and told is not None), None)
        if given is None:
            return "without a proof that the pipeline wrote it"
        id_, _, proof = given.partition(b":")
        if id_ not in self._keys:
            return f"its proof is by no key of {KEYS_SETTING}"
        due = self._hash(id_, record.key, record.value, record.headers)
        return None if hmac.compare_digest(proof, due) else "its proof is wrong"

    def _hash(
        self, id_: bytes, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]
    ) -> bytes:
        said = [self._place, _part(key), _part(value)]
        for name, told in headers:
            if name != PROOF_HEADER:
                said += (_part(name.encode(errors="surrogateescape")), _part(told))
        return hmac.digest(self._keys[id_], b"".join(said), "sha256")[:PROOF_BYTES].hex().encode()


def _part(said: bytes | None) -> bytes:
    """With its length before it, so that no two records say the same: nothing at all is not an empty text."""
    return _NULL if said is None else len(said).to_bytes(4, "big") + said
