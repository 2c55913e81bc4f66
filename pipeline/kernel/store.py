"""The keyed state of one partition, in memory: shards of plain values, and what a batch changed in them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from zlib import crc32

SHARDS = 32


def shard_of(key: bytes) -> int:
    """The slice of the state that holds `key`; part of the state log's format, so it never changes."""
    return crc32(key) % SHARDS


class Store:
    """Values by key, and a few scalars, of one partition of one stage.

    Values are whatever msgpack holds (None, bool, int, float, str, bytes, list, dict); None is not a value. A value
    that was put must be replaced by `put` when it changes: the store does not look inside. `scalars` are small and
    written whole with every delta and mark; the pump owns `position`, a stage owns the rest.
    """

    def __init__(self) -> None:
        self.shards: list[dict[bytes, Any]] = [{} for _ in range(SHARDS)]
        self.scalars: dict[str, Any] = {}
        self.position = -1
        self._changed: dict[bytes, Any] = {}

    def get(self, key: bytes) -> Any:
        """The value under `key`, or None."""
        # As in `put`, `shard_of` is spelled out: a call costs as much as all the rest of it.
        return self.shards[crc32(key) % SHARDS].get(key)

    def put(self, key: bytes, value: Any) -> None:
        """Set the value and note the change for the next delta."""
        self.shards[crc32(key) % SHARDS][key] = value
        self._changed[key] = value

    def replace(self, key: bytes, value: Any) -> None:
        """Set another form of the value that is there: it says the same, so no delta has to."""
        self.shards[crc32(key) % SHARDS][key] = value

    def delete(self, key: bytes) -> None:
        """Remove the value, if any, and note the change for the next delta."""
        if self.shards[shard_of(key)].pop(key, None) is not None:
            self._changed[key] = None

    def items(self, prefix: bytes = b"") -> Iterator[tuple[bytes, Any]]:
        """All entries whose key starts with `prefix`, sorted by key: order in memory differs after a recovery."""
        found = [(k, v) for shard in self.shards for k, v in shard.items() if k.startswith(prefix)]
        return iter(sorted(found, key=lambda entry: entry[0]))

    def slices(self, most: int) -> Iterator[list[tuple[bytes, Any]]]:
        """All entries, at most so many at a time, in no order: whoever reads them gives others their turn between."""
        for shard in self.shards:
            entries = iter(shard.items())
            while slice_ := list(islice(entries, most)):
                yield slice_

    def __len__(self) -> int:
        return sum(map(len, self.shards))

    def take_changes(self) -> dict[bytes, Any]:
        """What was put (value) or deleted (None) since the last call: the keyed part of a delta."""
        changed, self._changed = self._changed, {}
        return changed

    def apply(self, changes: dict[bytes, Any]) -> None:
        """Take over the changes of a delta (value, or None for a deleted key) without noting them for the next one."""
        for key, value in changes.items():
            shard = self.shards[shard_of(key)]
            if value is None:
                shard.pop(key, None)
            else:
                shard[key] = value

    def clear(self) -> None:
        """Forget everything, as before the first record."""
        self.__init__()  # type: ignore[misc]
