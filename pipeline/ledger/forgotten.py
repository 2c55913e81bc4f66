"""What was forgotten and still counts in figures: ten bytes each, so that nothing of it counts again.

An entry is the first eight bytes of the digest of a key, and the last day on which it holds. Where ten million are
known, another key is taken for one of them with a chance of 1 in 10^12: its events are dead letters then.

The entries lie in a tree of blocks, each sorted. A new one goes to the root. A block that has become large hands its
entries on to the eight parts of its range of digests, one block a call at most. So a new entry writes a small block,
not the large one that it ends in, and no call takes long. Nothing is built in memory: a lookup searches a block a
level.
"""

from bisect import bisect_left
from collections.abc import Iterable
from hashlib import sha1

from pipeline.kernel.store import Store

FORGOTTEN = b"f"
"""First byte of the blocks' keys in the store; the digits of their range of digests follow, in base 8."""
BLOCK_BYTES = 64 * 1024
"""No block is larger."""
ROOT_BYTES, FULL_BYTES = 4 * 1024, 32 * 1024
"""The root hands on what it holds at the first, every level at twice that of the one above, up to the second."""
DIGEST_BYTES, DAY_BYTES = 8, 2
ENTRY_BYTES = DIGEST_BYTES + DAY_BYTES
FOR_EVER = 2 ** (8 * DAY_BYTES) - 1
"""The last day that an entry can name, in the year 2149."""


class Forgotten:
    """Whose objects were forgotten, in the store of a partition. Days are counted since 1970."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._full: dict[bytes, None] = {}

    def holds(self, key: str, today: int) -> bool:
        """Whether the object under a key was forgotten, and that is still to be known."""
        if self._store.get(FORGOTTEN) is None:
            return False
        digest = _digest(key)
        path = _path(digest)
        for level in range(len(path) + 1):
            block = self._store.get(FORGOTTEN + path[:level])
            if block is None:
                return False
            if block and _last_day(block, digest) >= today:
                return True
        return False

    def add(self, key: str, last_day: int, today: int) -> None:
        """Know from now on, up to a last day, that an object was forgotten; what no longer holds may be let go of."""
        last_day = min(last_day, FOR_EVER)
        if last_day < today or self.holds(key, last_day):
            return
        self._insert(b"", [_digest(key) + last_day.to_bytes(DAY_BYTES, "big")], today)
        if self._full:
            path = next(iter(self._full))
            del self._full[path]
            self._hand_on(path, today)

    def _insert(self, path: bytes, entries: list[bytes], today: int) -> None:
        block: bytes = self._store.get(FORGOTTEN + path) or b""
        if len(block) + ENTRY_BYTES * len(entries) > BLOCK_BYTES:
            self._hand_on(path, today)
            block = b""
        block = _with(block, entries[0]) if len(entries) == 1 else _merged(block, entries, today)
        self._store.put(FORGOTTEN + path, block)
        if len(block) > min(ROOT_BYTES << len(path), FULL_BYTES):
            self._full[path] = None

    def _hand_on(self, path: bytes, today: int) -> None:
        """Empty a block into those of the eight ranges below it."""
        level = len(path)
        below: dict[bytes, list[bytes]] = {}
        for entry in _holding(_entries(self._store.get(FORGOTTEN + path) or b""), today):
            below.setdefault(_path(entry[:DIGEST_BYTES])[: level + 1], []).append(entry)
        self._store.put(FORGOTTEN + path, b"")
        for range_, entries in below.items():
            self._insert(range_, entries, today)


def _digest(key: str) -> bytes:
    return sha1(key.encode(), usedforsecurity=False).digest()[:DIGEST_BYTES]


def _path(digest: bytes) -> bytes:
    """The digits of the ranges that a digest lies in, from the largest: three bits each, without the first bit."""
    return f"{int.from_bytes(digest, 'big') & (1 << 63) - 1:021o}".encode()


def _last_day(block: bytes, digest: bytes) -> int:
    """The last day that a block names for a digest; -1 where it names none."""
    # `bisect` with a key takes half as long again.
    low, high = 0, len(block) // ENTRY_BYTES
    while low < high:
        middle = (low + high) // 2
        at = ENTRY_BYTES * middle
        if digest < block[at : at + DIGEST_BYTES]:
            high = middle
        else:
            low = middle + 1
    at = ENTRY_BYTES * (low - 1)
    if at < 0 or block[at : at + DIGEST_BYTES] != digest:
        return -1
    return int.from_bytes(block[at + DIGEST_BYTES : at + ENTRY_BYTES], "big")


def _with(block: bytes, entry: bytes) -> bytes:
    places = range(0, len(block), ENTRY_BYTES)
    at = ENTRY_BYTES * bisect_left(places, entry, key=lambda start: block[start : start + ENTRY_BYTES])
    return block[:at] + entry + block[at:]


def _merged(block: bytes, entries: Iterable[bytes], today: int) -> bytes:
    return b"".join(sorted(_holding({*_entries(block), *entries}, today)))


def _entries(block: bytes) -> list[bytes]:
    return [block[at : at + ENTRY_BYTES] for at in range(0, len(block), ENTRY_BYTES)]


def _holding(entries: Iterable[bytes], today: int) -> list[bytes]:
    first = today.to_bytes(DAY_BYTES, "big")
    return [entry for entry in entries if entry[DIGEST_BYTES:] >= first]
