"""What somebody can write who has the rights of one source, and wants to speak as the pipeline.

Records of the pipeline's own that he read elsewhere, whole or changed in one thing; new ones that say anything, with
proofs that are missing, made up or another record's; headers of replays; bytes. The same seed makes the same records.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from pipeline.audit.records import LogReader
from pipeline.dead_letters.catalogue import Catalogue
from pipeline.kernel.append_times import Answers
from pipeline.kernel.stage import Send
from pipeline.kernel.store import Store
from schemas import blocks, control, facts
from schemas.blocks import Block
from schemas.control import (
    ANSWER,
    BLOCK,
    FORWARDED,
    KIND_HEADER,
    LINK,
    ORG,
    PROOF_HEADER,
    TICK,
    Answer,
    Control,
    Forwarded,
    Position,
    control_kind,
)
from schemas.dead_letters import Arrival, Origin, arrival_headers, read_arrival
from tests.harness.proofs import PROOFS, own_records
from tests.unit.dead_letters.test_dead_letters import TopicRecord
from tests.unit.ledger.world import HOUR, LOGS, NOON_MS, LogRecord, World, event, organisation

PARTITIONS = 2
KINDS = (TICK, LINK, ORG, BLOCK, FORWARDED, ANSWER, b"sung", b"")
NUMBERS = (0, 1, 2, 7, 99_999, 900_000, 2**31, 2**53, 2**62, 2**63 - 1)
INSTANTS = (0, NOON_MS, NOON_MS + HOUR, 10**15, 10**17, 2**63 - 1)
TOPICS = (*LOGS, "facts", "state.crm", "x")
SUBJECTS = ("lead:l1", "deal:d1", "account:a1", "call:c1", "team:north", "membership:m1", "xyz:1", "lead:\x1b", "")
SAID = ("touch", "win", "logged", "merge", "org", "xyz")
BAD_EVENTS = (b"{", b"[{}]", b"\xff", b'{"specversion": "1.0"}', b"")
NAMES = ("x", "a\udcff", "ce_id", "content-type", "dlq.reason", PROOF_HEADER, KIND_HEADER, "dlq.attempt")
Headers = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Forged:
    """A record that is about to be written."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def floor() -> World:
    """Deals, leads, calls and an organisation, which name each other; one event went astray."""
    made: dict[str, Any] = {"owner_id": "rep-01", "created_at": NOON_MS}
    told = [
        event("account", "a1", NOON_MS, **made),
        event("lead", "l1", NOON_MS, **made),
        event("lead", "l2", NOON_MS, **made),
        event("lead", "l2", NOON_MS + 1, verb="merged", into="l1"),
        event("deal", "d1", NOON_MS, **made, account_id="a1", stage_id="won", amount_minor=700, currency="EUR"),
        event("activity", "x1", NOON_MS, kind="call", rep_id="rep-01", occurred_at=NOON_MS, call_id="c1"),
    ]
    calls = [
        event("call", f"c{n}", NOON_MS, rep_id="rep-01", started_at=NOON_MS, direction="outbound", lead_id=f"l{n % 3}")
        for n in range(8)
    ]
    world = World(partitions=PARTITIONS)
    world.tick()
    world.play(organisation(), told, calls)
    for partition in range(PARTITIONS):
        world.produce([calls[0], told[0], organisation()[1]][partition : partition + 1], partition)
    world.run()
    return world


class Forger:
    """Makes records for one topic, out of what the pipeline wrote in all of them."""

    def __init__(self, world: World, topic: str, seed: int) -> None:
        self._random = Random(seed)
        self._topic = topic
        self._ours = [
            (where, record)
            for where, log in sorted(world.logs.items())
            if where[0] in LOGS
            for record in log
            if control_kind(record.headers) is not None
        ]
        self._proofs = [dict(record.headers)[PROOF_HEADER] for _, record in self._ours]

    def some(self, count: int) -> list[Forged]:
        """So many more."""
        makes = (self._copied, self._changed, self._new, self._new, self._replayed, self._bytes)
        return [self._random.choice(makes)() for _ in range(count)]

    def _copied(self) -> Forged:
        """As it lies there: where it belongs it comes twice, elsewhere it is nothing."""
        _, record = self._random.choice(self._ours)
        return Forged(record.key, record.value, tuple(record.headers))

    def _changed(self) -> Forged:
        """One thing in it is another."""
        forged, random = self._copied(), self._random
        change = random.randrange(5)
        if change == 0:
            return replace(forged, key=random.choice((None, b"", b"lead:l1", b"x")))
        if change == 1:
            return replace(forged, value=self._flipped(forged.value or b"\0"))
        if change == 2:
            return replace(forged, headers=(*forged.headers, self._header()))
        if change == 3:
            return replace(forged, headers=forged.headers[::-1] if random.random() < 0.5 else forged.headers[:1])
        kind = (KIND_HEADER, random.choice(KINDS))
        return replace(forged, headers=(kind, *forged.headers[1:]))

    def _flipped(self, value: bytes) -> bytes:
        found = bytearray(value)
        found[self._random.randrange(len(found))] ^= 1 << self._random.randrange(8)
        return bytes(found)

    def _header(self) -> tuple[str, bytes | None]:
        random = self._random
        return random.choice(NAMES), random.choice((None, b"", b"1", b"\xff", random.choice(KINDS), self._proof()))

    def _proof(self) -> bytes:
        random = self._random
        made_up = random.choice((b"tests:", b"k1:", b"", b":")) + random.randbytes(16).hex().encode()
        return random.choice((made_up, random.choice(self._proofs), random.randbytes(random.randrange(40))))

    def _new(self) -> Forged:
        """One that says anything, with a proof that is not its own, or none."""
        random = self._random
        kind = random.choice(KINDS)
        value = self._packed(random.choice((kind, kind, kind, random.choice(KINDS))))
        proof = ((PROOF_HEADER, self._proof()),) if random.random() < 0.6 else ()
        more = (self._header(),) if random.random() < 0.2 else ()
        return Forged(random.choice((None, b"lead:l1")), value, ((KIND_HEADER, kind), *proof, *more))

    def _packed(self, kind: bytes) -> bytes:
        random = self._random
        numbers, at_ms = random.choices(NUMBERS, k=3), random.choice(INSTANTS)
        topic, partition, place = random.choice(TOPICS), numbers[0], Position(numbers[1], numbers[2])
        if kind == ANSWER:
            return control.pack_answer(Answer(numbers[0], numbers[1], random.choice((None, at_ms))))
        if kind == FORWARDED:
            value = random.choice((*BAD_EVENTS, b"x" * 70_000 if random.random() < 0.001 else b"{}"))
            return control.pack_forwarded(Forwarded(topic, partition, place, at_ms, b"k", value, numbers[0] % 1500))
        if kind == BLOCK:
            packed = random.choice((b"x", next(blocks.cut([(random.choice(SUBJECTS), {"parent_id": "x"})]))))
            return blocks.pack(Block(topic, partition, place, at_ms, packed))
        payload = random.choice((None, {}, {"rep": "rep-02", "at_ms": at_ms, "outbound": True}, {"won_ms": at_ms}))
        subject, origin = random.choice(SUBJECTS), random.choice(SUBJECTS)
        return control.pack(
            Control(topic, partition, place, at_ms, random.choice(SAID), subject, origin, payload)
        )  # fmt: skip

    def _replayed(self) -> Forged:
        """No event, as the next attempt of somebody's letter."""
        random = self._random
        partition, offset, element, attempt = random.choices(NUMBERS, k=4)
        came = Arrival(Origin(random.choice(TOPICS), partition, offset, element), random.choice(INSTANTS), attempt)
        headers: Headers = arrival_headers(came)
        if random.random() < 0.5:
            headers = (*headers, (PROOF_HEADER, self._proof()))
        if random.random() < 0.2:
            headers = (*headers, self._header())
        return Forged(b"call:c1", random.choice(BAD_EVENTS[:-1]), headers)

    def _bytes(self) -> Forged:
        random = self._random
        headers = tuple(self._header() for _ in range(random.randrange(4)))
        return Forged(random.choice((None, b"x")), random.randbytes(random.randrange(60)), headers)


@dataclass
class Attack:
    """Forged records on all partitions of one topic: what became of them, and that nothing else came of them."""

    topic: str
    seed: int
    world: World = field(default_factory=floor)
    outcomes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """The floor is as it was told."""
        self._forger = Forger(self.world, self.topic, self.seed)
        self._catalogue = Catalogue()
        self._letters = 0
        self._places = [(self.topic, partition) for partition in range(PARTITIONS)]
        self._next = {place: len(self.world.logs[place]) for place in self._places}
        self._readers = {place: self._reader(place) for place in self._places}
        for store in self.world.stores.values():
            store.take_changes()

    def _reader(self, place: tuple[str, int]) -> LogReader:
        reader = LogReader(*place, PARTITIONS, own_records(PARTITIONS))
        for record in self.world.logs[place]:
            reader.read(record)
        reader.hand_over()
        return reader

    def run(self, records: int) -> None:
        """Write so many on each partition, and fold them; AssertionError where one has an effect."""
        for place in self._places:
            self._fold(place, self._forger.some(records))

    def _fold(self, place: tuple[str, int], forged: Sequence[Forged]) -> None:
        store, start = self.world.stores[place], self._next[place]
        records = [
            LogRecord(start + n, self.world.now_ms, each.key, each.value, each.headers) for n, each in enumerate(forged)
        ]
        self._next[place] += len(records)
        before = _scalars(store)
        letters: dict[int, Send] = {}
        for sends in self.world.stages[place].fold(records):
            for send in sends:
                self._only_letters(place, send, letters)
        assert store.take_changes() == {}
        assert _scalars(store) == before
        self._nobody_heeds(place, records)
        for record in records:
            letter = letters.get(record.offset)
            outcome = "passed over" if letter is None else dict(letter.headers)["dlq.reason"].decode()
            self.outcomes[outcome] += 1
        self._letters += len(letters)
        assert (len(list(self._catalogue.letters())), self._catalogue.unreadable) == (self._letters, 0)

    def _only_letters(self, place: tuple[str, int], send: Send, letters: dict[int, Send]) -> None:
        """Each is the first attempt of a record that stands where it was written."""
        if send.topic == "facts":
            told = facts.unpack(send.value or b"")
            assert not told.entries
            assert not told.feeds
            return
        assert send.topic == "dead-letters"
        came = read_arrival(send.headers)
        assert (came.origin.topic, came.origin.partition, came.attempt) == (*place, 1)
        assert came.origin.element or came.origin.offset not in letters
        letters[came.origin.offset] = send
        self._catalogue.add(TopicRecord(self._letters + len(letters), send.headers, place[1], send.key, send.value))

    def _nobody_heeds(self, place: tuple[str, int], records: Sequence[LogRecord]) -> None:
        """No answer among them lets a record count otherwise; the audit takes in what the ledger does."""
        answers, reader = Answers(PROOFS.at(*place)), self._readers[place]
        for record in records:
            answers.read(record)
            reader.read(record)
        rows = reader.hand_over()
        assert all(answers.about(offset) is None for offset in (0, 1, records[0].offset))
        assert not any((rows.event, rows.link, rows.copy, rows.answer, rows.misplaced))


def _scalars(store: Store) -> dict[str, Any]:
    """Those that say anything but how many events were refused in which minute."""
    return {name: repr(told) for name, told in store.scalars.items() if name != "tally"}
