"""A reverse index in memory: which objects refer to what in the organisation. Built when it is first needed."""

from collections.abc import Iterable, Iterator

from pipeline.kernel.store import Store
from pipeline.kinds import FORMS, references

MOST_CHANGED = 100_000
"""Beyond so many changes it is cheaper to make the index anew than to bring it up to date."""
TURN_OBJECTS = 2000
LEAST_PRUNED = 1000


class _Keys(list[bytes]):
    """Keys of objects. Beyond `limit` of them they are looked through: some are named twice, some are gone."""

    limit = LEAST_PRUNED


class Dependents:
    """Keys in the store by what their objects refer to (`rep:7`, `team:north`, `process:default`, `currency:EUR`).

    The organisation changes rarely and objects all the time: so an object that changed is only noted, and looked at by
    `update` before the index is asked. It may name objects that refer to something no longer, and such that are gone:
    too many, never too few.
    """

    def __init__(self, store: Store, prefix: bytes) -> None:
        self._store = store
        self._prefix = prefix
        self._keys: dict[str, _Keys] | None = None
        self._changed: list[bytes] = []

    def changed(self, key: bytes) -> None:
        """Note that the object under a key is another one now."""
        self._changed.append(key)
        if len(self._changed) > MOST_CHANGED:
            self._keys = None
            self._changed.clear()

    def update(self) -> Iterator[None]:
        """Take in all that was put since the last time, a turn at a time; nothing may be put meanwhile."""
        changed: Iterable[bytes] = dict.fromkeys(self._changed)
        if self._keys is None:
            self._keys = {}
            changed = (key for shard in self._store.shards for key in shard if key.startswith(self._prefix))
        for count, key in enumerate(changed, 1):
            self._add(self._keys, key)
            if count % TURN_OBJECTS == 0:
                yield
        self._changed.clear()

    def _add(self, index: dict[str, _Keys], key: bytes) -> None:
        form = self._store.get(key)
        for reference in references(FORMS.decode(key[len(self._prefix) :].decode(), form)) if form is not None else ():
            keys = index.get(reference)
            if keys is None:
                keys = index[reference] = _Keys()
            keys.append(key)
            if len(keys) > keys.limit:
                keys[:] = [known for known in dict.fromkeys(keys) if self._store.get(known) is not None]
                keys.limit = max(LEAST_PRUNED, 2 * len(keys))

    def of(self, references: Iterable[str]) -> set[bytes]:
        """All objects that may refer to one of these, as of the last update."""
        known = self._keys or {}
        return set().union(*(known.get(reference, ()) for reference in references))
