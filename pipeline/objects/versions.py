"""The total order of an object's versions: any order of arrival gives the same object."""

from hashlib import sha1

Version = tuple[int, int, int, str, int, int]
"""(event time ms, sequence, ingested ms, source, digest of the event id, digest of the bytes). Later wins.

`ingested` is when the export was made that the event is of, 0 where the event does not say: so of one moment, what a
later export tells wins over what an earlier one told. Digests have 64 bits.
"""
FIRST: Version = (0, 0, 0, "", 0, 0)
"""No version of an event is earlier."""

_number = int.from_bytes


def version_of(
    time_ms: int, sequence: int, source: str, event_id: str, value: bytes, ingested_ms: int | None = None
) -> Version:
    """The version that an event makes. The last digest only orders events that share everything else."""
    return (
        time_ms,
        sequence,
        ingested_ms or 0,
        source,
        _number(sha1(event_id.encode(), usedforsecurity=False).digest()[:8], "big"),
        _number(sha1(value, usedforsecurity=False).digest()[:8], "big"),
    )


def corrected_of(corrects: str | None) -> int | None:
    """What an object keeps of the id of an event that is corrected: its digest, as of the event that has the id."""
    return None if corrects is None else digest_of(corrects.encode())


def digest_of(value: bytes) -> int:
    """The digest by which versions tell ids and bytes apart."""
    return _number(sha1(value, usedforsecurity=False).digest()[:8], "big")
