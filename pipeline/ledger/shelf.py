"""The objects of one partition, as they lie in its store."""

from collections.abc import Iterable, Iterator

from pipeline.contributions import references
from pipeline.engine.store import Store
from pipeline.ledger import objects
from pipeline.ledger.dependents import Dependents
from pipeline.ledger.objects import Object
from pipeline.ledger.retention import LedgerPolicy
from pipeline.ledger.statements import NOTHING, Statement, statement_of
from pipeline.ledger.sweep import Sweep
from pipeline.organisation.organisation import Organisation

OBJECT = b"x"
"""First byte of an object's key in the store, before its own key."""
WARM_OBJECTS = 2048
TURN_OBJECTS = 5000


class Shelf:
    """Takes objects off and puts them back; knows which of them depend on what in the organisation.

    What has expired counts as absent, and is dropped whenever it is met: so it does not matter whether it was swept
    away before. The objects used last are kept as they are, with what they said; `cool_down` ends that.
    """

    def __init__(self, store: Store, organisation: Organisation, policy: LedgerPolicy) -> None:
        self._store = store
        self._organisation = organisation
        self._policy = policy
        self._dependents = Dependents()
        self._sweep = Sweep(store, OBJECT, policy.swept_objects)
        self._warm: dict[str, tuple[Object, Statement]] = {}
        self._cooling: dict[str, tuple[Object, Statement]] = {}

    def rebuild(self) -> Iterator[None]:
        """Make the index anew from the store, a turn at a time."""
        count = 0
        for shard in self._store.shards:
            for key, form in shard.items():
                if key.startswith(OBJECT):
                    name = key[1:].decode()
                    self._dependents.replace(name, (), references(objects.decode(name, form)))
                    count += 1
                    if count % TURN_OBJECTS == 0:
                        yield

    def take(self, key: str, now_ms: int) -> tuple[Object, Statement]:
        """An object and its statement, a new and silent one where it is absent; `put` or `keep` it afterwards."""
        taken = self._warm.pop(key, None)
        if taken is None:
            taken = self._cooling.pop(key, None)
        item, statement = self._read(key) if taken is None else taken
        if statement.expired(now_ms):
            self._drop(key, statement)
            return Object(key), NOTHING
        return item, statement

    def _read(self, key: str) -> tuple[Object, Statement]:
        form = self._store.get(OBJECT + key.encode())
        if form is None:
            return Object(key), NOTHING
        item = objects.decode(key, form)
        return item, statement_of(item, self._organisation, self._policy)

    def put(self, item: Object, old: Statement, now_ms: int) -> Statement:
        """Put back an object that was changed; returns what it says now. One of which nothing is known is dropped."""
        if not (item.registers or item.histories or item.links):
            self._drop(item.key, old)
            return NOTHING
        self._store.put(OBJECT + item.key.encode(), objects.encode(item))
        new = statement_of(item, self._organisation, self._policy)
        self._dependents.replace(item.key, old.references, new.references)
        self.keep(item, new)
        return NOTHING if new.expired(now_ms) else new

    def keep(self, item: Object, statement: Statement) -> None:
        """Put an object back as it was taken."""
        if len(self._warm) >= WARM_OBJECTS:
            self._warm, self._cooling = {}, self._warm
        self._warm[item.key] = (item, statement)

    def cool_down(self) -> None:
        """Called when the organisation is another one: what objects said before no longer holds."""
        self._warm, self._cooling = {}, {}

    def _drop(self, key: str, statement: Statement) -> None:
        self._store.delete(OBJECT + key.encode())
        self._dependents.replace(key, statement.references, ())

    def keys_of(self, concerned: Iterable[str] | None) -> list[str]:
        """The keys of all objects that refer to one of these, sorted; of all objects for None."""
        if concerned is None:
            return [key[1:].decode() for key, _ in self._store.items(OBJECT)]
        return self._dependents.of(concerned)

    def read_all(self, keys: Iterable[str]) -> list[Object]:
        """The objects under these keys, expired ones too."""
        forms = ((key, self._store.get(OBJECT + key.encode())) for key in keys)
        return [objects.decode(key, form) for key, form in forms if form is not None]

    def statements(self, items: Iterable[Object], now_ms: int) -> list[Statement]:
        """What each object says by the organisation of this moment; nothing where it has expired."""
        found = (statement_of(item, self._organisation, self._policy) for item in items)
        return [NOTHING if statement.expired(now_ms) else statement for statement in found]

    def drop_expired(self, items: Iterable[Object], now_ms: int) -> list[Object]:
        """Drop those that have expired; returns the others."""
        kept = []
        for item in items:
            statement = statement_of(item, self._organisation, self._policy)
            if statement.expired(now_ms):
                self._drop(item.key, statement)
            else:
                kept.append(item)
        return kept

    def collect(self, now_ms: int) -> None:
        """Look at a few objects and let go of those that count as absent anyway."""
        self.drop_expired(self.read_all(self._sweep.next_keys()), now_ms)
