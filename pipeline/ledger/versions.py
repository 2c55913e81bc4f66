"""The total order of an object's versions: any order of arrival gives the same object."""

from hashlib import md5

Version = tuple[int, int, str, str, bytes]
"""(event time ms, sequence, source, event id, digest of the bytes). Later in this order wins."""


def version_of(time_ms: int, sequence: int, source: str, event_id: str, value: bytes) -> Version:
    """The version that an event makes. The digest only orders events that share everything else."""
    return (time_ms, sequence, source, event_id, md5(value, usedforsecurity=False).digest()[:8])
