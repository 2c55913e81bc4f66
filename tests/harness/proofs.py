"""The proofs of all tests: one key, and records as the pipeline's own writers make them."""

from collections.abc import Sequence

from pipeline.audit.own_records import OwnRecords
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage import Headers
from pipeline.topics.table import SOURCES
from schemas.control import KIND_HEADER, control_kind
from schemas.dead_letters import ATTEMPT_HEADER

SECRET = "a-secret-that-is-known-to-tests-only"
CONTROL_KEYS = f"tests:{SECRET}"
"""As a setting."""
PROOFS = Proofs({"tests": SECRET.encode()}, "salespulse")
JUMP_MS = 6 * 3_600_000


def own_records(partitions: int) -> OwnRecords:
    """The audit's own way to know these records."""
    return OwnRecords({"tests": SECRET.encode()}, "salespulse", partitions, JUMP_MS)


def signed(kind: bytes, value: bytes | None, topic: str, partition: int, key: bytes | None = None) -> Headers:
    """The headers of a control record in a place."""
    return PROOFS.at(topic, partition).signed(value, key, ((KIND_HEADER, kind),))


def proven(
    headers: Sequence[tuple[str, bytes]], value: bytes | None, topic: str, partition: int, key: bytes | None = None
) -> Headers:
    """The same headers, with the proof that the pipeline's own record has; as they are for anything else."""
    told = tuple(headers)
    own = topic in SOURCES and (control_kind(told) is not None or any(name == ATTEMPT_HEADER for name, _ in told))
    return PROOFS.at(topic, partition).signed(value, key, told) if own else told
