"""Garbage collection of the store: a few keys at a time, round and round."""

from pipeline.kernel.store import SHARDS, Store


class Sweep:
    """Walks over all keys with a prefix, `most` at a time; what is put meanwhile may wait for the next round."""

    def __init__(self, store: Store, prefix: bytes, most: int) -> None:
        self._store = store
        self._prefix = prefix
        self._most = most
        self._shard = 0
        self._waiting: list[bytes] = []

    def next_keys(self) -> list[str]:
        """The next keys to look at, without the prefix; keys deleted since the walk came to their shard included."""
        if not self._waiting:
            shard = self._store.shards[self._shard]
            self._waiting = [key for key in shard if key.startswith(self._prefix)]
            self._shard = (self._shard + 1) % SHARDS
        taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        return [key[len(self._prefix) :].decode() for key in taken]
