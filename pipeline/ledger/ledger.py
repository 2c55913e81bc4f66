"""The ledger: the fold that keeps the objects of one partition and sends what changes in their contributions."""

import heapq
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter

from pipeline.intake.batches import taken_apart
from pipeline.intake.control_records import NOT_OURS, ControlRecords
from pipeline.intake.intake_metrics import IntakeMetrics, Unmetered
from pipeline.intake.positions import MOST_FEEDS, advance, feed_due, first_time
from pipeline.intake.refusals import Letters, PassedOn, Tally
from pipeline.intake.verdicts import Accepted, Judge, Refused, elements_of, is_tombstone
from pipeline.kernel.load import TURN_WORK, Load
from pipeline.kernel.partitioner import partition_of, partitions_of
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.state_keys import ORG as KEY
from pipeline.kernel.store import Store
from pipeline.kinds import Kind
from pipeline.kinds.cells import Cells, Place, difference
from pipeline.kinds.kind import Said
from pipeline.ledger.capacity import has_room, is_full
from pipeline.ledger.concerned_objects import Concern, concerned, rates_only
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.outbox import Outbox
from pipeline.ledger.repository import ObjectRepository
from pipeline.ledger.statements import NOTHING, Statement
from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.objects.object import Object
from pipeline.organisation.copies import OrganisationCopies
from pipeline.organisation.days import DAY_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.organisation import Record as OrganisationRecord
from schemas.cloud_events import structured
from schemas.control import (
    ANSWER,
    BLOCK,
    FORWARDED,
    LINK,
    ORG,
    TICK,
    Answer,
    Control,
    Forwarded,
    control_kind,
)
from schemas.ids import LONGEST_KEPT

TURN_RECORDS = 100
"""After so many records the event loop has its turn."""
TURN_OBJECTS = 50
"""So many objects are restated before others have their turn: a deal takes as long as ten records."""
LONGEST_KEY = 32 + LONGEST_KEPT
"""In bytes, of an object: a kind and an id."""
MOST_TEAMS = 1000
"""Of so many teams each it is known when a source was last told to serve them; of others it is told more often."""


class Ledger:
    """The stage-1 fold of one partition of `crm.events` or `telephony.events`.

    In the store: each object's encoded form, each organisation record, and as scalars `now_ms`, `seen`, `copies` and
    `feeds`.
    `organisation` is as the last copy left it; it is rebuilt by `restore`, and what depends on it is found out when it
    first changes. `straight` may be turned off to compare: then first events are merged as all others are.
    """

    def __init__(
        self,
        domain: str,
        topic: str,
        partition: int,
        partitions: int,
        store: Store,
        policy: LedgerPolicy,
        proofs: Proofs,
        metrics: IntakeMetrics | None = None,
        *,
        straight: bool = True,
    ) -> None:
        self._topic = topic
        self._partition = partition
        self._partitions = partitions
        self._store = store
        self._policy = policy
        self._metrics: IntakeMetrics = metrics or Unmetered()
        self._judge = Judge(domain, policy.future_tolerance_ms, policy.retention)
        self._seal = seal = proofs.at(topic, partition)
        self._records = ControlRecords(topic, partition, partitions, seal, policy.jump_ms)
        self._letters = Letters(topic, partition, partitions, seal, bodies=policy.letter_bodies)
        self._outbox = Outbox(topic, partition, partitions, policy.part_cells, proofs)
        self._accepted: Counter[tuple[str, str]] = Counter()
        self._old: Counter[str] = Counter()
        self._tally = Tally(self._letters.sent_again)
        self._straight = straight
        self._start_anew()

    def _start_anew(self) -> None:
        self._strays: set[bytes] = set()
        self._in_batch = False
        """Whether the record was a batch: what it sends goes out before the next, since it may be a megabyte."""
        self._feed_due_ms: dict[str, int] = {}
        self._served_due_ms: dict[str, dict[str, int]] = {}
        self.organisation = Organisation(self._policy.currency, self._now_ms)
        self._copies = OrganisationCopies(
            self._store, self.organisation, self._refuse_control, self._records.require_copy
        )
        self._repository = ObjectRepository(self._store, self.organisation, self._policy)

    def restore(self) -> Iterator[None]:
        self._start_anew()
        held: list[tuple[bytes, OrganisationRecord]] = []
        for slice_ in self._store.slices(10 * TURN_WORK):
            held += [entry for entry in slice_ if entry[0].startswith(KEY)]
            yield
        held.sort(key=itemgetter(0))
        yield from Load().turns(self._copies.restore(self._now_ms, held))

    @property
    def decoded_bytes(self) -> int:
        """What the objects used last weigh, which are kept decoded."""
        return self._repository.decoded_bytes

    @property
    def _now_ms(self) -> int:
        now_ms: int = self._store.scalars.get("now_ms", 0)
        return now_ms

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        self._strays = self._keys_of_others(records) if self._partitions > 1 else set()
        now_ms = self._now_ms
        for count, record in enumerate(records, 1):
            self._outbox.record = record
            if record.timestamp > now_ms:
                yield from self._move_on(record.timestamp)
                now_ms = self._now_ms
            kind = control_kind(record.headers) if record.headers else None
            if kind is None:
                self._event(record, record, now_ms)
            elif (flaw := self._seal.flaw(record)) is not None:
                self._refuse(record, Refused("invalid_control", f"headers.sp: {flaw}"))
            elif kind in (ORG, BLOCK):
                yield from self._organise(record)
            elif kind == TICK:
                self._repository.collect(self._now_ms)
            else:
                self._control(kind, record, now_ms)
            if self._outbox.begun:
                self._outbox.close()
            if self._in_batch:
                self._in_batch = False
                yield self._outbox.flush(now_ms)
            if count % TURN_RECORDS == 0:
                self._tally.note(self._store, self._now_ms)
                yield ()
        for (source, event_type), seen in self._accepted.items():
            self._metrics.saw_event(source, event_type, seen)
        for source, seen in self._old.items():
            self._metrics.saw_old(source, seen)
        self._accepted.clear()
        self._old.clear()
        self._tally.note(self._store, self._now_ms)
        yield self._outbox.flush(self._now_ms)

    # Time.

    def _move_on(self, append_ms: int) -> Sequence[Sequence[Send]] | Iterator[Sequence[Send]]:
        before_ms, now_ms = advance(self._store, append_ms)
        if before_ms // self._policy.clock_ms != now_ms // self._policy.clock_ms:
            everywhere_ms = self._policy.everywhere_ms
            self._outbox.tell_time(everywhere=before_ms // everywhere_ms != now_ms // everywhere_ms)
            # Every minute begins with such an interval.
            self._tally.note(self._store, before_ms)
        due = self.organisation.schedule.due(now_ms)
        self.organisation.now_ms = now_ms
        return self._restate(due, self.organisation.at(before_ms)) if due else ()

    # Events, links and forwarded records.

    def _event(self, record: Record, came: Record, now_ms: int) -> None:
        """Take in what `record` brings: itself, or what `came` to another partition first."""
        judge = self._judge
        event = judge.verdict(came) if came.headers else judge.judge(came.value, came.timestamp)
        if isinstance(event, Refused):
            self._refused(event, record, came)
            return
        if came is record:
            if record.headers:
                self._tally.saw(record)
            else:
                self._tally.events += 1
            key = event.key.encode()
            if (key != record.key or key in self._strays) and not self._owns(event.key):
                self._metrics.forwarded()
                value = structured(record.value, record.headers) or b""
                self._outbox.forward(record, value, partition_of(event.key, self._partitions))
                return
        self._merge(event, record, came, now_ms)

    def _refused(self, verdict: Refused, record: Record, came: Record) -> None:
        """What is no single event is a tombstone, or a batch, or it is refused."""
        elements = elements_of(came) if came is record else None
        if is_tombstone(came):
            self._metrics.saw_tombstone()
        elif elements is None or isinstance(elements, Refused):
            self._refuse(came, elements or verdict)
        else:
            self._take_apart(record, elements)

    def _take_apart(self, record: Record, elements: Iterable[bytes]) -> None:
        """Pass each event of a batch on to the partition of its object, as a record by itself.

        Each has its number, refused or not: a later release may accept more of them.
        """
        self._in_batch = True
        for came, event in taken_apart(self._judge, self._topic, self._partition, record, elements):
            if isinstance(event, Refused):
                self._refuse(came, event)
                self._outbox.pass_over()
            else:
                self._tally.saw(came)
                self._outbox.forward(record, came.value or b"", partition_of(event.key, self._partitions), came.element)

    def _keys_of_others(self, records: Iterable[Record]) -> set[bytes]:
        """Keys of these records that belong to other partitions, hashed all at once: that is ten times cheaper.

        What is longer is no key of an object, and would take minutes.
        """
        keys = [record.key for record in records if record.key is not None and len(record.key) <= LONGEST_KEY]
        owners = partitions_of(keys, self._partitions)
        return {key for key, owner in zip(keys, owners, strict=True) if owner != self._partition}

    def _owns(self, key: str) -> bool:
        return partition_of(key, self._partitions) == self._partition

    def _merge(self, event: Accepted, record: Record, came: Record, now_ms: int) -> None:
        settling = event.kind.settling
        before_ms = settling.before_ms(now_ms) if settling is not None else None
        if before_ms is not None and event.version[0] < before_ms:
            self._refuse(came, Refused("late", self._over_since(event.kind)))
            return
        item = self._repository.known(event.key, now_ms)
        if item is None:
            if self._straight:
                self._first(event, record, came, now_ms)
                return
            item = self._repository.take(event.key, now_ms)
        if item.over:
            self._refuse(came, Refused("late", self._over_since(event.kind)))
            return
        if before_ms is not None:
            self._repository.settle(item, before_ms)
        if item.history and is_full(item, event, self.organisation):
            self._refuse(came, Refused("full", f"{len(item.history)} changes are remembered"))
            return
        live = self._heard(event, record.timestamp)
        old = item.said
        if item.links and not item.has_events:
            item.lapse(now_ms - self._policy.retention.activity_ms)
        if item.merge(event.version, event.changes, event.corrects, came.timestamp, event.kind.histories):
            changed = self._settle(item, old)
            if live:
                self._serve(event.source, changed, record.timestamp)
        else:
            self._metrics.saw_duplicate()

    def _first(self, event: Accepted, record: Record, came: Record, now_ms: int) -> None:
        """Take in the first event of an object straight away: there is nothing that it could be merged into."""
        if self._repository.is_over(event.key, event.kind, now_ms):
            self._refuse(came, Refused("late", self._over_since(event.kind)))
            return
        live = self._heard(event, record.timestamp)
        said = self._repository.put_first(event, came.timestamp)
        changed = self._say(event.key, NOTHING, said)
        if live:
            self._serve(event.source, changed, record.timestamp)

    def _over_since(self, kind: Kind) -> str:
        limit_ms = kind.limit_ms(self._policy.retention)
        if limit_ms is None:
            return f"closed {kind.name} remembered for {self._policy.closed_deal_days} days"
        return f"forgotten {kind.name} remembered for {limit_ms // DAY_MS} days"

    def _heard(self, event: Accepted, heard_ms: int) -> bool:
        """Count an event that is taken in; whether it is of now, so that its source is alive."""
        self._accepted[event.source, event.type] += 1
        live = heard_ms - event.version[0] <= self._policy.live_ms
        if not live:
            self._old[event.source] += 1
        elif heard_ms >= self._feed_due_ms.get(event.source, 0):
            self._hear(event.source, heard_ms)
        return live

    def _hear(self, source: str, heard_ms: int) -> None:
        """Tell that a source is alive, when it is time again; and remember when that will be."""
        if feed_due(self._store, source, heard_ms, self._policy.feed_ms):
            self._outbox.tell_feed(source, heard_ms)
            if len(self._feed_due_ms) > MOST_FEEDS:
                self._feed_due_ms.clear()
            self._feed_due_ms[source] = heard_ms + self._policy.feed_ms

    def _serve(self, source: str, changed: Iterable[Place], heard_ms: int) -> None:
        """Tell for which teams a source speaks, when it is time again: the teams whose figures it changed."""
        due_ms = self._served_due_ms.get(source)
        if due_ms is None:
            due_ms = self._served_due_ms[source] = {}
        for place in changed:
            if heard_ms >= due_ms.get(place[0], 0):
                self._tell_served(source, place[0], heard_ms, due_ms)

    def _tell_served(self, source: str, team: str, heard_ms: int, due_ms: dict[str, int]) -> None:
        if source not in self._store.scalars.get("feeds", ()):  # One of too many.
            return
        if team not in (COMPANY, UNASSIGNED):
            self._outbox.tell_served(source, team, heard_ms)
        due_ms[team] = heard_ms - heard_ms % self._policy.served_ms + self._policy.served_ms
        if len(self._served_due_ms) > MOST_FEEDS or len(due_ms) > MOST_TEAMS:
            self._served_due_ms.clear()

    def _refuse(self, record: Record, refused: Refused) -> None:
        self._metrics.refused(refused.reason)
        self._tally.saw(record, refused.reason)
        self._outbox.refuse(self._letters.letter(record, refused.reason, refused.detail))

    def _refuse_control(self, record: Record, _: Exception) -> None:
        self._refuse(record, Refused("invalid_control", f"headers.sp: {NOT_OURS}"))

    def _control(self, kind: bytes, record: Record, now_ms: int) -> None:
        try:
            read = self._read(kind, record)
        except ValueError as why:
            self._refuse_control(record, why)
            return
        if isinstance(read, Answer):  # What it says was heeded when its records were read.
            return
        if not first_time(self._store, read.topic, read.partition, read.position):
            return
        if isinstance(read, Forwarded):
            self._event(record, PassedOn.of(read), now_ms)
            return
        item = self._repository.take(read.subject, now_ms)
        if item.over:
            return
        if not has_room(item, read, self.organisation):
            self._refuse(record, Refused("full", f"{item.link_count} links to {item.key}"))
            return
        old = item.said
        if item.link(read.kind, read.origin, read.timestamp_ms, read.payload):
            self._settle(item, old)

    def _read(self, kind: bytes, record: Record) -> Control | Forwarded | Answer:
        if kind == LINK:
            return self._records.link(record)
        if kind == FORWARDED:
            return self._records.forwarded(record)
        if kind == ANSWER:
            return self._records.answer(record)
        raise ValueError("unknown kind")

    def _settle(self, item: Object, old: Statement) -> Cells:
        """Put a changed object back, and send what it now says otherwise; give the cells of that."""
        return self._say(item.key, old, self._repository.put(item))

    def _say(self, key: str, old: Statement, new: Statement) -> Cells:
        changed = difference(old.cells, new.cells)
        if changed:
            self._outbox.last_cells(changed)
        if old.links or new.links:
            self._send_links(key, old.links, new.links)
        return changed

    def _send_links(self, origin: str, old: Said, new: Said) -> None:
        if old != new:
            for about in sorted(old.keys() | new.keys()):
                payload = new.get(about)
                if payload != old.get(about):
                    self._outbox.link(*about, origin, payload)

    # The organisation.

    def _organise(self, record: Record) -> Iterator[Sequence[Send]]:
        """Take in what a record brings, a block as one change: whatever two of its copies concern is restated once."""
        changes = list(self._copies.apply(record))
        if not changes:
            return
        # Of two copies of one subject the first replaced what had been there.
        before = self.organisation.with_records({change.subject: change.old for change in reversed(changes)})
        whom: set[Concern] | None = set()
        for change in changes:
            found = concerned(change, before, self.organisation)
            whom = None if whom is None or found is None else whom | found
        if whom is None or whom:
            yield from self._restate(whom, before)

    def _restate(self, whom: Collection[Concern] | None, before: Organisation) -> Iterator[Sequence[Send]]:
        """Send what all these concern says otherwise than it did by the organisation of before, in constant slices.

        Parts hold so many objects that changed. Which others are looked at must not show in them: it may differ in a
        replay, where what is forgotten was swept away at another time.
        """
        keys = yield from self._keys_of(whom)
        size = self._policy.slice_objects
        changed: list[Cells] = []
        elsewhere = whom is not None and not rates_only(whom)
        if whom is None:
            self._repository.forget_index()
        self._repository.cool_down()
        while slice_ := list(islice(keys, min(size, TURN_OBJECTS))):
            items = self._repository.drop_expired(self._repository.read_all(slice_), before, self._now_ms)
            new = self._repository.statements((item for item, _ in items), self.organisation, self._now_ms)
            for (item, said), says in zip(items, new, strict=True):
                if cells := difference(said.cells, says.cells):
                    changed.append(cells)
                    if elsewhere:
                        self._repository.restated(item)
            while len(changed) >= size:
                self._outbox.cells(_sum(changed[:size]))
                del changed[:size]
            for (item, said), says in zip(items, new, strict=True):
                self._send_links(item.key, said.links, says.links)
            yield self._outbox.flush(self._now_ms)
        self._outbox.cells(_sum(changed))

    def _keys_of(self, whom: Collection[Concern] | None) -> Generator[Sequence[Send], None, Iterator[str]]:
        """The keys of all objects that may refer to one of these, None for all of them; in order, with turns."""
        if whom is None:
            shards = []
            for keys in self._repository.all_keys():
                shards.append(keys)
                yield ()
            return heapq.merge(*shards)
        for _ in self._repository.update_index():
            yield ()
        return iter(self._repository.keys_of(whom))


def _sum(changes: Iterable[Cells]) -> Cells:
    total: Cells = {}
    for changed in changes:
        for place, amounts in changed.items():
            sums = total.setdefault(place, {})
            for measure, amount in amounts.items():
                sums[measure] = sums.get(measure, 0) + amount
    return difference({}, total)
