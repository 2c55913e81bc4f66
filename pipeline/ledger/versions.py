"""The total order of an object's versions: any order of arrival gives the same object."""

from zlib import crc32

Version = tuple[int, int, str, str, int]
"""(event time ms, sequence, source, event id, checksum of the bytes). Later in this order wins."""


def version_of(time_ms: int, sequence: int, source: str, event_id: str, value: bytes) -> Version:
    """The version that an event makes. The checksum only orders events that share everything else."""
    return (time_ms, sequence, source, event_id, crc32(value))
