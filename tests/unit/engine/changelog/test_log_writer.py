"""Writing a state log: parts, pace, rounds, and what the acks mean."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.changelog.log_reader import LogBrokenError, LogReader
from pipeline.engine.changelog.log_record import Claim, Delta, Shard, SnapshotStart, decode, encode
from pipeline.engine.changelog.log_writer import RECORD_LIMIT_BYTES, Entry, LogWriter, Role, StateTooLargeError
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.kernel.store import SHARDS, Store


def written(store: Store, policy: WriterPolicy, epoch: int = 0) -> list[Entry]:
    """The entries of one batch that changed what the store notes as changed."""
    return list(LogWriter(store, epoch, 1000, policy).entries(store.take_changes()))


@given(st.dictionaries(st.binary(max_size=6), st.text(max_size=40), max_size=60), st.integers(40, 400))
def test_a_delta_in_parts_is_read_back_whole(state: dict[bytes, str], part_bytes: int) -> None:
    """However small the parts, a reader of claim, delta and a whole round gets the store; no part is too large."""
    store = Store()
    store.position = 5
    store.scalars["now"] = 7
    for key, value in state.items():
        store.put(key, value)
    entries = written(store, WriterPolicy(part_bytes=part_bytes, shard_pace=1e9))
    reader = LogReader(Store(), "log")
    for offset, record in enumerate([encode(Claim("a")), *(entry.value for entry in entries)]):
        reader.feed(offset, 1000, record)
    assert dict(reader.store.items()) == state
    assert (reader.store.position, reader.store.scalars) == (5, {"now": 7})
    for entry in entries:
        held = decode(entry.value)
        content = held.changes if isinstance(held, Delta) else getattr(held, "entries", {})
        assert len(entry.value) <= part_bytes or len(content) <= 1


def test_shards_are_written_in_turn_at_the_pace_of_the_deltas() -> None:
    """So many bytes of shards go out for the bytes of deltas as the policy says, and each round starts with a mark."""
    store = Store()
    writer = LogWriter(store, 0, 1000, WriterPolicy(shard_pace=0.5))
    sizes = {Delta: 0, Shard: 0}
    turns: list[int] = []
    marks = 0
    for batch in range(400):
        store.position = batch
        for number in range(20):
            store.put(b"key-%d" % (batch * 20 + number), "x" * 100)
        for entry in writer.entries(store.take_changes()):
            record = decode(entry.value)
            if isinstance(record, SnapshotStart):
                marks += 1
            elif isinstance(record, Delta | Shard):
                sizes[type(record)] += len(entry.value)
            if isinstance(record, Shard):
                turns.append(record.shard)
    assert turns == [turn % SHARDS for turn in range(len(turns))]
    assert marks == len(turns) // SHARDS + 1
    assert 0.4 < sizes[Shard] / sizes[Delta] < 0.55


def test_the_log_is_trimmed_to_the_mark_once_its_round_is_acknowledged() -> None:
    """The ack of a round's last shard gives the offset of the mark that began it."""
    store = Store()
    writer = LogWriter(store, 10, 1000, WriterPolicy(shard_pace=1e9))
    entries = list(writer.entries({}))
    assert [entry.role for entry in entries] == [Role.PLAIN, Role.MARK, *[Role.PLAIN] * (SHARDS - 1), Role.ROUND_END]
    answers = [writer.acked(entry, 11 + number) for number, entry in enumerate(entries)]
    assert answers == [None] * (SHARDS + 1) + [12]
    assert writer.expected_offset == 11 + len(entries)


@pytest.mark.parametrize(
    ("found", "deposed"),
    [
        ([Claim("b")], True),
        ([SnapshotStart(20, 0, 0, {})], True),
        ([SnapshotStart(3, 0, 0, {}), Shard(3, 0, True, 1, {})], False),
    ],
)
def test_a_gap_shows_a_later_owner_by_a_claim_or_a_higher_epoch(
    found: list[Claim | SnapshotStart], deposed: bool
) -> None:
    """What a former owner still writes between own records is no reason to stop."""
    writer = LogWriter(Store(), 10, 1000, WriterPolicy())
    assert writer.deposed_by([encode(record) for record in found]) is deposed


@given(st.dictionaries(st.binary(min_size=1, max_size=2), st.integers(0, 3_000_000), min_size=1, max_size=5))
@settings(max_examples=25)
def test_values_of_any_size_are_cut_and_read_back_whole(sizes: dict[bytes, int]) -> None:
    """A value of megabytes comes in pieces, first, last or among others: no record is more than a broker takes."""
    store = Store()
    for key, size in sizes.items():
        store.put(key, {"sum": 2**70 + size, "text": "x" * size})
    entries = [entry.value for entry in written(store, WriterPolicy(shard_pace=1e9))]
    reader = LogReader(Store(), "log")
    for offset, record in enumerate([encode(Claim("a")), *entries]):
        reader.feed(offset, 1000, record)

    assert dict(reader.store.items()) == dict(store.items())
    assert max(map(len, entries)) <= RECORD_LIMIT_BYTES


def test_pieces_without_the_one_before_are_a_broken_log() -> None:
    """A value is never put together from what is left of it."""
    store = Store()
    store.put(b"a", "x" * 2_000_000)
    _, *rest = [entry.value for entry in written(store, WriterPolicy())]
    reader = LogReader(Store(), "log")
    reader.feed(0, 1000, encode(Claim("a")))
    with pytest.raises(LogBrokenError, match="without the parts before it"):
        reader.feed(1, 1000, rest[0])


def test_a_state_too_large_for_the_embedded_broker_is_refused() -> None:
    """Where the broker drops old records by itself, more state than it can hold is refused with a remedy."""
    store = Store()
    for number in range(1000):
        store.put(b"key-%d" % number, "x" * 100)
    with pytest.raises(StateTooLargeError, match="use a real Kafka"):
        written(store, WriterPolicy(shard_pace=1e9, state_limit_bytes=80_000))
