"""The total order of an object's versions: any order of arrival gives the same object."""

from hashlib import sha1

Version = tuple[int, int, str, str, int]
"""(event time ms, sequence, source, event id, 64 bits of a digest of the bytes). Later in this order wins."""


def version_of(time_ms: int, sequence: int, source: str, event_id: str, value: bytes) -> Version:
    """The version that an event makes. The digest only orders events that share everything else."""
    digest = sha1(value, usedforsecurity=False).digest()
    return (time_ms, sequence, source, event_id, int.from_bytes(digest[:8], "big"))
