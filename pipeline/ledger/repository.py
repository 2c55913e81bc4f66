"""The object repository of one partition, with a two-generation cache over its store."""

from collections.abc import Iterable, Iterator

from pipeline.intake.verdicts import Accepted
from pipeline.kernel.store import Store
from pipeline.kinds import FORMS, Kind, kind_named
from pipeline.ledger.concerned_objects import Concern
from pipeline.ledger.forgotten import Forgotten
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.reference_index import ReferenceIndex
from pipeline.ledger.statements import NOTHING, Statement, end_of, statement_of
from pipeline.ledger.sweep import Sweep
from pipeline.objects.histories import History
from pipeline.objects.object import LIFE, OVER, Links, Object
from pipeline.objects.storage import OBJECT, Storage
from pipeline.objects.versions import Version
from pipeline.organisation.days import DAY_MS
from pipeline.organisation.organisation import Organisation

WARM_BYTES = 1 << 20
"""So much of stored forms is kept decoded in each of the two generations; decoded they take about ten times that."""
OBJECT_BYTES = 300
"""What an object counts beside its stored form."""
_NO_OLDER: dict[str, Version] = {}
_NO_HISTORY: History = []
_NO_LINKS: Links = {}


class ObjectRepository:
    """Takes objects off and puts them back; knows which of them depend on what in the organisation.

    What has expired counts as absent, or as over where it is still counted somewhere, and is let go whenever it is met:
    so it does not matter whether it was swept away before. The objects used last are kept as they are, with what they
    said; `cool_down` ends that.
    """

    def __init__(self, store: Store, organisation: Organisation, policy: LedgerPolicy) -> None:
        self._store = store
        self._organisation = organisation
        self._retention = policy.retention
        self._storage = Storage(store, FORMS)
        self._index = ReferenceIndex(store, OBJECT, organisation)
        self._forgotten = Forgotten(store)
        self._sweep = Sweep(store, OBJECT, policy.swept_objects)
        self._warm: dict[str, Object] = {}
        self._cooling: dict[str, Object] = {}
        self._warm_bytes = 0

    def take(self, key: str, now_ms: int) -> Object:
        """An object with what it `said`, a new and silent one where it is absent; `put` it back if it is changed."""
        item = self.known(key, now_ms)
        return self._new(key, now_ms) if item is None else item

    def known(self, key: str, now_ms: int) -> Object | None:
        """As `take`; None where the object is absent."""
        item = self._warm.get(key)
        if item is None:
            item = self._warmed(key)
            if item is None:
                return None
        ended_ms = self._end_of(item, self._organisation, now_ms)
        if ended_ms is not None:
            self._forget(item, item.said, ended_ms, now_ms)
            return None
        return item

    def _end_of(self, item: Object, organisation: Organisation, now_ms: int) -> int | None:
        return end_of(item, organisation, self._retention, now_ms)

    def _warmed(self, key: str) -> Object | None:
        """The object as the store has it, from now on among those used last."""
        if self._warm_bytes >= WARM_BYTES:
            self._warm, self._cooling, self._warm_bytes = {}, self._warm, 0
        item = self._cooling.pop(key, None) if self._cooling else None
        if item is None:
            item = self._storage.read(key)
            if item is None:
                return None
            item.said = statement_of(item, self._organisation)
        self._warm[key] = item
        self._warm_bytes += item.weight + OBJECT_BYTES
        return item

    def _new(self, key: str, now_ms: int) -> Object:
        item = Object(key, said=NOTHING)
        if self.is_over(key, kind_named(item.kind), now_ms):
            item.values = {LIFE: OVER}
            return item
        self._warm[key] = item
        self._warm_bytes += OBJECT_BYTES
        return item

    def is_over(self, key: str, kind: Kind, now_ms: int) -> bool:
        """Whether an absent object was forgotten and is still counted."""
        return kind.over_days(self._retention) is not None and self._forgotten.holds(key, now_ms // DAY_MS)

    def put_first(self, event: Accepted, heard_ms: int) -> Statement:
        """As `take`, `merge` and `put`, of an object that is absent and not over; returns what it says now.

        Seven events in ten are the first of their object: whatever only matters to later ones is left out.
        """
        histories = event.kind.histories
        if histories:
            item = Object(event.key)
            item.merge(event.version, event.changes, event.corrects, heard_ms, histories)
        else:
            item = Object(event.key, event.changes, event.version, _NO_OLDER, _NO_HISTORY, _NO_LINKS)
        self._storage.write(item)
        self._warm[event.key] = item
        self._warm_bytes += item.weight + OBJECT_BYTES
        return self._put(item)

    def settle(self, item: Object, before_ms: int) -> None:
        """Called before an event is merged: let go of what is settled; what it counted stays counted."""
        settling = kind_named(item.kind).settling
        if settling is not None and settling.settle(item, before_ms):
            before_bytes = item.weight
            self._storage.drop(item)
            self._storage.write(item)
            self._warm_bytes += item.weight - before_bytes
            item.said = statement_of(item, self._organisation)

    def put(self, item: Object) -> Statement:
        """Put back an object that was changed; returns what it says now. One of which nothing is known is dropped."""
        if item.version is None and not item.history and not item.links:
            self._drop(item)
            return NOTHING
        before_bytes = item.weight
        self._storage.write(item)
        self._warm_bytes += item.weight - before_bytes
        return self._put(item)

    def _put(self, item: Object) -> Statement:
        self._index.changed(item.key)
        said = item.said = statement_of(item, self._organisation)
        return said

    @property
    def decoded_bytes(self) -> int:
        """What the objects used last weigh, by their stored forms; as much again may be cooling."""
        return self._warm_bytes

    def cool_down(self) -> None:
        """Called when the organisation is another one: what objects said before no longer holds."""
        self._warm, self._cooling, self._warm_bytes = {}, {}, 0

    def _drop(self, item: Object) -> None:
        self._warm.pop(item.key, None)
        self._storage.drop(item)

    def _forget(self, item: Object, said: Statement, ended_ms: int, now_ms: int) -> None:
        """Let go of what has expired; of what was told of, or counts, it stays known that it is over."""
        self._drop(item)
        over_days = kind_named(item.kind).over_days(self._retention)
        if over_days is not None and (item.has_events or said.cells):
            self._forgotten.add(item.key, ended_ms // DAY_MS + over_days, now_ms // DAY_MS)

    def update_index(self) -> Iterator[None]:
        """Called before `keys_of`: bring the index up to date, a turn at a time; nothing may be put meanwhile."""
        return self._index.update()

    def keys_of(self, concerns: Iterable[Concern]) -> list[str]:
        """The keys of all objects that may refer to one of these, sorted."""
        return [key[1:].decode() for key in sorted(self._index.of(concerns))]

    def forget_index(self) -> None:
        """Called when the organisation changed so that every object may refer to something else."""
        self._index.forget()

    def restated(self, item: Object) -> None:
        """Called for an object that says something else since the organisation is another one."""
        self._index.restated(item)

    def all_keys(self) -> Iterator[list[str]]:
        """The keys of all objects, each shard's sorted: one after the other, as there may be millions."""
        for shard in self._store.shards:
            yield sorted(key[1:].decode() for key in shard if key.startswith(OBJECT))

    def read_all(self, keys: Iterable[str]) -> list[Object]:
        """The objects under these keys, expired ones too."""
        found = (self._storage.read(key) for key in keys)
        return [item for item in found if item is not None]

    def statements(self, items: Iterable[Object], organisation: Organisation, now_ms: int) -> list[Statement]:
        """What each object says by an organisation; nothing where it has expired."""
        return [
            statement_of(item, organisation) if self._end_of(item, organisation, now_ms) is None else NOTHING
            for item in items
        ]

    def drop_expired(
        self, items: Iterable[Object], organisation: Organisation, now_ms: int
    ) -> list[tuple[Object, Statement]]:
        """Drop those that have expired; returns the others, with what they say by an organisation."""
        kept = []
        for item in items:
            said, ended_ms = statement_of(item, organisation), self._end_of(item, organisation, now_ms)
            if ended_ms is None:
                kept.append((item, said))
            else:
                self._forget(item, said, ended_ms, now_ms)
        return kept

    def collect(self, now_ms: int) -> None:
        """Look at a few objects and let go of those that count as absent anyway."""
        for item in self.read_all(self._sweep.next_keys()):
            ended_ms = self._end_of(item, self._organisation, now_ms)
            if ended_ms is not None:
                self._forget(item, statement_of(item, self._organisation), ended_ms, now_ms)
