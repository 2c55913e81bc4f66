"""A random model of the state log, run with the real reader and writer: owners, zombies, crashes, late trims.

The broker crashes too, and then forgets how far the log was trimmed.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

import pytest

from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.changelog.log_record import Claim, Delta, LogRecord, decode, encode
from pipeline.engine.changelog.log_writer import Entry, LogWriter
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.kernel.store import Store

KEYS = 48
LAST_POSITION = 600
FIRST_APPEND_MS = 1_700_000_000_000
TAKEOVER_CHANCE = 0.006
POLICIES = [WriterPolicy(part_bytes=60, shard_pace=pace) for pace in (60, 300, 5000)]
"""From a few slices a batch to whole rounds within one."""


@cache
def state_at(position: int) -> dict[bytes, int]:
    """The state after a source position: a pure function of the log up to it."""
    if position < 0:
        return {}
    state = dict(state_at(position - 1))
    key = b"key-%d" % ((position * 7 + position // 3) % KEYS)
    if position % 5 == 4:
        state.pop(key, None)
    else:
        state[key] = state.get(key, 0) + position
    return state


for _position in range(0, LAST_POSITION, 100):
    state_at(_position)  # fills the cache step by step, so that no call goes deep


class Violation(AssertionError):  # noqa: N818
    """What the protocol promises did not hold."""


class Deposed(Exception):  # noqa: N818
    """The owner found that it is none any more."""


class Log:
    """A partition of a broker: offsets are dense, a head may be deleted."""

    def __init__(self) -> None:
        self.start = 0
        self.values: list[bytes] = []
        self._first_on_disk = 0

    def append(self, value: bytes) -> int:
        """Append and return the offset."""
        self.values.append(value)
        return len(self.values) - 1

    def crash(self, rnd: random.Random) -> None:
        """Some of the trimmed segments are deleted, and where the log starts is lost: the first one left is it then."""
        self._first_on_disk = rnd.randint(self._first_on_disk, self.start)
        self.start = self._first_on_disk


@dataclass(eq=False)
class Owner:
    """One worker's hold on the partition: claims, reads, then writes batches; each step is one small thing."""

    log: Log
    reader: LogReader
    policy: WriterPolicy
    epoch: int = -1
    next_read: int | None = None
    writer: LogWriter | None = None
    unsent: list[Entry] = field(default_factory=list)
    unacked: list[tuple[Entry, int]] = field(default_factory=list)
    trim_before: int | None = None
    quiet: bool = False

    @property
    def idle(self) -> bool:
        """Whether everything it wrote is acknowledged, so that its memory is what the log says."""
        return self.writer is not None and not self.unsent and not self.unacked

    def step(self, rnd: random.Random, truth: "Truth") -> None:
        """Do one thing, chosen at random."""
        if self.epoch < 0:
            self.epoch = self.log.append(encode(Claim("worker")))
            self.next_read = self.reader.next_offset
        elif self.writer is None:
            self._read(rnd.randrange(1, 9), truth)
        elif self.trim_before is not None and rnd.random() < 0.1:
            self.trim()
        else:
            self._write(rnd)

    def trim(self) -> None:
        """DeleteRecords arrives."""
        if self.trim_before is not None:
            self.log.start = max(self.log.start, self.trim_before)
            self.trim_before = None

    def _read(self, records: int, truth: "Truth") -> None:
        for _ in range(records):
            offset = max(self.log.start, self.next_read or 0)
            self.reader.feed(offset, FIRST_APPEND_MS + offset, self.log.values[offset])
            self.next_read = offset + 1
            if offset > self.epoch:
                raise Deposed
            if offset == self.epoch:
                self._begin(truth)
                return

    def _begin(self, truth: "Truth") -> None:
        reader, store = self.reader, self.reader.store
        if reader.epoch is not None and reader.epoch != self.epoch:
            raise Deposed
        truth.check(self)
        self.writer = LogWriter(store, self.epoch, reader.generation, self.policy)

    def _write(self, rnd: random.Random) -> None:
        assert self.writer is not None
        chance = rnd.random()
        if chance > 0.99:
            self.quiet = not self.quiet
        if (
            chance < 0.12
            and not self.quiet
            and len(self.unsent) < 30
            and self.reader.store.position < LAST_POSITION - 4
        ):
            self._batch(rnd.randrange(1, 4))
        elif chance < 0.6 and self.unsent:
            self.send()
        elif self.unacked:
            self._acknowledge(*self.unacked.pop(0))

    def _batch(self, records: int) -> None:
        assert self.writer is not None
        store = self.reader.store
        old, store.position = state_at(store.position), store.position + records
        new = state_at(store.position)
        store.scalars["twice"] = 2 * store.position
        for key in sorted(set(old) | set(new)):
            if key not in new:
                store.delete(key)
            elif old.get(key) != new[key]:
                store.put(key, new[key])
        self.unsent.extend(self.writer.entries(store.take_changes()))

    def send(self) -> None:
        """The next entry reaches the broker."""
        entry = self.unsent.pop(0)
        self.unacked.append((entry, self.log.append(entry.value)))

    def _acknowledge(self, entry: Entry, offset: int) -> None:
        assert self.writer is not None
        expected = self.writer.expected_offset
        if offset != expected and (
            self.log.start > expected or self.writer.deposed_by(self.log.values[expected:offset])
        ):
            raise Deposed
        self.trim_before = self.writer.acked(entry, offset) or self.trim_before


class Truth:
    """What an all-seeing reader of the untrimmed log holds: written apart from the reader under test."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def position_at(self, end: int, decoded: dict[int, LogRecord]) -> int:
        """The position of the last delta that counts before offset `end`."""
        epoch, position, parts = -1, -1, 0
        for offset in range(end):
            record = decoded[offset]
            if isinstance(record, Claim):
                epoch, parts = offset, 0
            elif record.epoch == epoch and isinstance(record, Delta):
                parts = parts + 1 if record.part == parts else -LAST_POSITION
                if record.last:
                    position, parts = (record.position if parts > 0 else position), 0
            elif record.epoch == epoch:
                parts = 0
        return position

    def check(self, owner: Owner) -> None:
        """At a take-over: the state read is that of a prefix, and never less than was acknowledged."""
        reader, store = owner.reader, owner.reader.store
        if not reader.whole:
            raise Violation(f"epoch {owner.epoch}: not whole")
        if dict(store.items()) != state_at(store.position):
            raise Violation(f"epoch {owner.epoch}: not the state at {store.position}")
        if store.position >= 0 and store.scalars != {"twice": 2 * store.position}:
            raise Violation(f"epoch {owner.epoch}: scalars {store.scalars}")
        if reader.generation != FIRST_APPEND_MS:
            raise Violation(f"epoch {owner.epoch}: generation {reader.generation}")
        durable = self.position_at(owner.epoch, {i: decode(v) for i, v in enumerate(self.log.values)})
        if store.position != durable:
            raise Violation(f"epoch {owner.epoch}: at {store.position}, acknowledged up to {durable}")


def run(seed: int, steps: int = 1500) -> Counter[str]:
    """One random history; what happened in it, counted. Violation, with the seed, when a promise was broken."""
    rnd = random.Random(seed)
    log = Log()
    truth = Truth(log)
    policy = POLICIES[seed % len(POLICIES)]
    owners = [_new_owner(log, policy)]
    dead: list[Owner] = []
    seen: Counter[str] = Counter()
    for _ in range(steps):
        chance = rnd.random()
        if chance < TAKEOVER_CHANCE:
            owners.append(_next_owner(log, policy, owners, rnd, seen))
        elif chance < TAKEOVER_CHANCE * 1.5 and len(owners) > 1:
            dead.append(owners.pop(rnd.randrange(len(owners))))
            seen["crashes"] += 1
        elif chance < TAKEOVER_CHANCE * 3 and dead:
            _last_words(rnd.choice(dead), rnd)
        elif chance < TAKEOVER_CHANCE * 3.5:
            seen["forgotten"] += _crash(log, rnd)
        else:
            _step(rnd.choice(owners if rnd.random() < 0.5 else owners[-2:]), owners, rnd, truth, seen)
        if not owners:
            owners = [_new_owner(log, policy)]
    seen["trimmed"] += log.start > 0
    return seen


def _crash(log: Log, rnd: random.Random) -> bool:
    start = log.start
    log.crash(rnd)
    return log.start != start


def _new_owner(log: Log, policy: WriterPolicy) -> Owner:
    return Owner(log, LogReader(Store(), "log"), policy)


def _next_owner(log: Log, policy: WriterPolicy, owners: list[Owner], rnd: random.Random, seen: Counter[str]) -> Owner:
    seen["takeovers"] += 1
    idle = [owner for owner in owners if owner.idle]
    if not idle or rnd.random() < 0.5:
        return _new_owner(log, policy)
    back = rnd.choice(idle)
    owners.remove(back)
    assert back.writer is not None
    back.reader.resume(back.writer.expected_offset, back.writer.epoch, back.writer.generation)
    seen["followed"] += 1
    return Owner(log, back.reader, policy)


def _last_words(owner: Owner, rnd: random.Random) -> None:
    """What a crashed owner had under way still arrives: a record, or a trim."""
    if owner.unsent and rnd.random() < 0.7:
        owner.send()
    else:
        owner.trim()


def _step(owner: Owner, owners: list[Owner], rnd: random.Random, truth: Truth, seen: Counter[str]) -> None:
    start = owner.log.start
    try:
        owner.step(rnd, truth)
    except Deposed:
        seen["deposed"] += 1
        owners.remove(owner)
    seen["trims"] += owner.log.start != start


@pytest.mark.parametrize("first", range(0, 180, 30))
def test_a_reader_gets_the_state_of_a_prefix_and_never_less_than_was_acknowledged(first: int) -> None:
    """Whatever owners, zombies, crashes and trims do, each take-over reads exactly what was acknowledged."""
    total: Counter[str] = Counter()
    for seed in range(first, first + 30):
        try:
            total += run(seed)
        except Exception as error:
            raise Violation(f"seed {seed}: {error!r}") from error
    assert total["takeovers"] > 100
    assert total["followed"] > 5
    assert total["deposed"] > 50
    assert total["trims"] > 50
    assert total["forgotten"] > 20
