"""A reverse index in memory: which objects refer to what in the organisation. Built when it is first needed."""

from collections.abc import Iterable, Iterator

from pipeline.kernel.store import Store
from pipeline.kinds import FORMS, contributions, references
from pipeline.ledger.concerned_objects import Concern
from pipeline.objects.object import Object
from pipeline.objects.storage import Storage
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.rates import Asked, RateSpan

MOST_CHANGED = 100_000
"""Beyond so many changes it is cheaper to make the index anew than to bring it up to date."""
TURN_OBJECTS = 200
LEAST_PRUNED = 1000
CURRENCY, REP = "currency:", "rep:"


class _Keys(list[bytes]):
    """Keys of objects. Beyond `limit` of them they are looked through: some are named twice, some are gone."""

    limit = LEAST_PRUNED


class ReferenceIndex:
    """Keys in the store by what their objects refer to in the organisation.

    That is `rep:7`, `team:north`, `process:default`, and of amounts in other currencies than the company's the rates
    they are converted at: those that an object asks for when it is stated, of days or of now. An object refers to a rep
    also by the ids that mean that rep.

    The organisation changes rarely and objects all the time: so an object that changed is only noted, and looked at by
    `update` before the index is asked. It may name objects that refer to something no longer, and such that are gone:
    too many, never too few.
    """

    def __init__(self, store: Store, prefix: bytes, organisation: Organisation) -> None:
        self._store = store
        self._prefix = prefix
        self._storage = Storage(store, FORMS)
        self._organisation = organisation
        self._changed: list[bytes] = []
        self.forget()

    def forget(self) -> None:
        """Called when everything may refer to something else: the index is made anew when it is next needed."""
        self._keys: dict[str, _Keys] | None = None
        self._days: dict[str, set[int]] = {}
        self._standing: dict[str, set[bytes]] = {}
        self._changed.clear()

    def changed(self, key: str) -> None:
        """Note that the object under a key is another one now; an index that is made anew meets it anyway."""
        if self._keys is None:
            return
        self._changed.append(self._prefix + key.encode())
        if len(self._changed) > MOST_CHANGED:
            self.forget()

    def restated(self, item: Object) -> None:
        """Note that an object states otherwise now, by another organisation: its amounts may be of other days."""
        if _has_amounts(references(item)):
            self.changed(item.key)

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
        for standing in self._standing.values():
            standing.discard(key)
        item = self._storage.read(key[len(self._prefix) :].decode())
        for reference in self._references(key, item) if item is not None else ():
            keys = index.get(reference)
            if keys is None:
                keys = index[reference] = _Keys()
            keys.append(key)
            if len(keys) > keys.limit:
                keys[:] = [known for known in dict.fromkeys(keys) if self._store.get(known) is not None]
                keys.limit = max(LEAST_PRUNED, 2 * len(keys))

    def _references(self, key: bytes, item: Object) -> Iterator[str]:
        found = references(item)
        yield from (reference for reference in found if not reference.startswith(CURRENCY))
        for currency, day in self._asked(item) if _has_amounts(found) else ():
            if day is None:
                self._standing.setdefault(currency, set()).add(key)
            else:
                self._days.setdefault(currency, set()).add(day)
                yield _on_day(currency, day)

    def _asked(self, item: Object) -> set[Asked]:
        """The rates that the amounts of an object are converted at, whatever these are."""
        organisation, rates = self._organisation.asking()
        contributions(item, organisation)
        return rates.asked

    def of(self, concerns: Iterable[Concern]) -> set[bytes]:
        """All objects that may refer to one of these, as of the last update."""
        return set().union(*(keys for concern in concerns for keys in self._found(concern)))

    def _found(self, concern: Concern) -> Iterator[Iterable[bytes]]:
        known = self._keys or {}
        if isinstance(concern, RateSpan):
            days = concern.among(self._days.get(concern.currency, set()))
            yield from (known.get(_on_day(concern.currency, day), ()) for day in days)
        elif concern.startswith(CURRENCY):
            yield self._standing.get(concern.removeprefix(CURRENCY), ())
        else:
            yield known.get(concern, ())
            if concern.startswith(REP):
                named = self._organisation.ids_of(concern.removeprefix(REP))
                yield from (known.get(f"{REP}{each}", ()) for each in named)


def _has_amounts(references: Iterable[str]) -> bool:
    return any(reference.startswith(CURRENCY) for reference in references)


def _on_day(currency: str, day: int) -> str:
    return f"rate:{currency}:{day}"
