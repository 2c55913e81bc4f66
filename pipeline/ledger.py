"""The ledger: the fold that keeps the objects of one partition and sends what changes in their contributions."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from pipeline import links, objects
from pipeline.concerns import concerned
from pipeline.contributions import Cells, contributions, difference, references
from pipeline.dependents import Dependents
from pipeline.engine.partitioner import partition_of
from pipeline.engine.stage import Record, Send
from pipeline.engine.store import Store
from pipeline.intake import IntakeMetrics, Unmetered, advance, control_kind, feed_due, first_time
from pipeline.objects import Object
from pipeline.organisation import Organisation
from pipeline.outbox import Outbox
from pipeline.retention import LedgerPolicy, forgotten
from pipeline.sweep import Sweep
from pipeline.verdicts import Judge, Refused
from schemas import control
from schemas.control import FORWARDED, LINK, ORG, TICK, Control, Forwarded
from schemas.links import check

OBJECT, ORGANISATION = b"x", b"o"
"""First byte of a key in the store, before the object's or the organisation record's own key."""
TURN_RECORDS = 500
"""After so many records the event loop has its turn."""

Said = tuple[Cells, links.Links]
"""All that an object says: its cells, and what it says of others."""
_NOTHING: Said = ({}, {})


class Ledger:
    """The stage-1 fold of one partition of `crm.events` or `telephony.events`.

    In the store: each object's encoded form, each organisation record, and as scalars `now_ms`, `seen` and `feeds`.
    The organisation and the index of what depends on it are rebuilt by `restore`.
    """

    def __init__(
        self,
        domain: str,
        topic: str,
        partition: int,
        partitions: int,
        store: Store,
        policy: LedgerPolicy,
        metrics: IntakeMetrics | None = None,
    ) -> None:
        self._partition = partition
        self._partitions = partitions
        self._store = store
        self._policy = policy
        self._metrics: IntakeMetrics = metrics or Unmetered()
        self._judge = Judge(domain, policy.future_tolerance_ms, policy.retention_ms())
        self._outbox = Outbox(topic, partition, partitions, policy.part_cells)
        self._forget_derived()

    def _forget_derived(self) -> None:
        self._organisation = Organisation(self._policy.currency, self._now_ms)
        self._dependents = Dependents()
        self._sweep = Sweep(self._store, OBJECT, self._policy.swept_objects)

    def restore(self) -> None:
        self._forget_derived()
        for key, record in self._store.items(ORGANISATION):
            self._organisation.put(key[1:].decode(), record)
        for key, form in self._store.items(OBJECT):
            name = key[1:].decode()
            self._dependents.replace(name, (), references(objects.decode(name, form)))

    @property
    def _now_ms(self) -> int:
        now_ms: int = self._store.scalars.get("now_ms", 0)
        return now_ms

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        for count, record in enumerate(records, 1):
            self._outbox.begin(record)
            yield from self._move_on(record.timestamp)
            kind = control_kind(record.headers)
            if kind is None:
                self._event(record, record.value, record.timestamp, partition_matters=True)
            elif kind == ORG:
                yield from self._organisation_copy(record)
            elif kind == TICK:
                self._collect()
            else:
                self._control(kind, record)
            self._outbox.close()
            if count % TURN_RECORDS == 0:
                yield ()
        yield self._outbox.flush(self._now_ms)

    # Time.

    def _move_on(self, append_ms: int) -> Iterator[Sequence[Send]]:
        before_ms, now_ms = advance(self._store, append_ms)
        if before_ms // self._policy.clock_ms != now_ms // self._policy.clock_ms:
            self._outbox.tell_time()
        due = self._organisation.schedule.due(now_ms)
        if due:
            yield from self._restate(
                self._dependents.of(due), partial(self._set_now, before_ms), partial(self._set_now, now_ms)
            )
        self._organisation.now_ms = now_ms

    def _set_now(self, now_ms: int) -> None:
        self._organisation.now_ms = now_ms

    def _collect(self) -> None:
        """Let go of some of what counts as absent anyway; nothing is sent."""
        for key in self._sweep.next_keys():
            item = self._load(key)
            if item is not None and self._forgotten(item):
                self._store.delete(OBJECT + key.encode())
                self._dependents.replace(key, references(item), ())

    # Events, links and forwarded records.

    def _event(self, record: Record, value: bytes | None, append_ms: int, *, partition_matters: bool) -> None:
        verdict = self._judge.judge(value, append_ms)
        if isinstance(verdict, Refused):
            self._refuse(record, verdict)
            return
        owner = partition_of(verdict.key, self._partitions)
        if partition_matters and owner != self._partition and value is not None:
            self._metrics.forwarded()
            self._outbox.forward(record, value, owner)
            return
        self._metrics.saw_event(verdict.source, verdict.type)
        if feed_due(self._store, verdict.source, record.timestamp, self._policy.feed_ms):
            self._outbox.tell_feed(verdict.source, record.timestamp)
        merge = partial(
            Object.merge,
            version=verdict.version,
            changes=verdict.changes,
            corrects=verdict.corrects,
            heard_ms=append_ms,
        )
        if not self._change(verdict.key, merge):
            self._metrics.saw_duplicate()

    def _refuse(self, record: Record, refused: Refused) -> None:
        self._metrics.refused(refused.reason)
        self._outbox.refuse(record, refused.reason, refused.detail)

    def _control(self, kind: bytes, record: Record) -> None:
        try:
            read = _READ[kind](record.value or b"")
        except (KeyError, ValueError):
            self._refuse(record, Refused("invalid_control", "headers.sp"))
            return
        if not first_time(self._store, read.topic, read.partition, read.position):
            return
        if isinstance(read, Forwarded):
            self._event(record, read.value, read.timestamp_ms, partition_matters=False)
        else:
            self._link(read)

    def _link(self, link: Control) -> None:
        said = partial(
            Object.link, kind=link.kind, origin=link.origin, append_ms=link.timestamp_ms, payload=link.payload
        )
        self._change(link.subject, said)

    # Objects.

    def _load(self, key: str) -> Object | None:
        form = self._store.get(OBJECT + key.encode())
        return None if form is None else objects.decode(key, form)

    def _forgotten(self, item: Object) -> bool:
        return forgotten(item, self._organisation, self._policy, self._now_ms)

    def _said(self, item: Object) -> Said:
        if self._forgotten(item):
            return _NOTHING
        return contributions(item, self._organisation), links.links(item, self._organisation)

    def _change(self, key: str, change: Callable[[Object], bool]) -> bool:
        """Change one object and send what that changes; False when it stays as it is."""
        item = self._load(key)
        referred: set[str] = set() if item is None else references(item)
        if item is None or self._forgotten(item):
            item = Object(key)
        old = self._said(item)
        if not change(item):
            return False
        if item.registers or item.histories or item.links:
            self._store.put(OBJECT + key.encode(), objects.encode(item))
            self._dependents.replace(key, referred, references(item))
        else:
            self._store.delete(OBJECT + key.encode())
            self._dependents.replace(key, referred, ())
        new = self._said(item)
        self._outbox.cells(difference(old[0], new[0]))
        self._send_links(key, old[1], new[1])
        return True

    def _send_links(self, origin: str, old: links.Links, new: links.Links) -> None:
        for about in sorted(old.keys() | new.keys()):
            payload = new.get(about)
            if payload != old.get(about):
                self._outbox.link(*about, origin, payload)

    # The organisation.

    def _organisation_copy(self, record: Record) -> Iterator[Sequence[Send]]:
        try:
            copy = control.unpack(record.value or b"")
        except ValueError:
            self._refuse(record, Refused("invalid_control", "headers.sp"))
            return
        if not first_time(self._store, copy.topic, copy.partition, copy.position):
            return
        old = self._organisation.get(copy.subject)
        if old == copy.payload:
            return
        references_of = concerned(copy.subject, old, copy.payload, self._organisation)
        keys = self._all_keys() if references_of is None else self._dependents.of(references_of)
        put = self._organisation.put
        yield from self._restate(keys, partial(put, copy.subject, old), partial(put, copy.subject, copy.payload))
        key = ORGANISATION + copy.subject.encode()
        if copy.payload is None:
            self._store.delete(key)
        else:
            self._store.put(key, copy.payload)

    def _all_keys(self) -> list[str]:
        return [key[1:].decode() for key, _ in self._store.items(OBJECT)]

    def _restate(
        self, keys: Sequence[str], before: Callable[[], None], after: Callable[[], None]
    ) -> Iterator[Sequence[Send]]:
        """Send what changes for these objects from one organisation to another, a constant slice at a time."""
        size = self._policy.slice_objects
        for start in range(0, len(keys), size):
            items = [item for key in keys[start : start + size] if (item := self._load(key)) is not None]
            before()
            old = [self._said(item) for item in items]
            after()
            new = [self._said(item) for item in items]
            total: Cells = {}
            for (cells_before, _), (cells_after, _) in zip(old, new, strict=True):
                _add_all(total, difference(cells_before, cells_after))
            self._outbox.cells({place: left for place, sums in total.items() if (left := _nonzero(sums))})
            for item, (_, links_before), (_, links_after) in zip(items, old, new, strict=True):
                self._send_links(item.key, links_before, links_after)
            yield self._outbox.flush(self._now_ms)
        after()


def _read_link(value: bytes) -> Control:
    link = control.unpack(value)
    check(link.kind, link.payload)
    return link


_READ: dict[bytes, Callable[[bytes], Control | Forwarded]] = {LINK: _read_link, FORWARDED: control.unpack_forwarded}


def _add_all(total: Cells, changed: Cells) -> None:
    for place, amounts in changed.items():
        sums = total.setdefault(place, {})
        for measure, amount in amounts.items():
            sums[measure] = sums.get(measure, 0) + amount


def _nonzero(sums: dict[str, int]) -> dict[str, int]:
    return {measure: amount for measure, amount in sums.items() if amount}
