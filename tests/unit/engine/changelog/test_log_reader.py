"""Reading a state log: what counts, what does not, and what cannot be read."""

import pytest

from pipeline.engine.changelog.log_reader import LogBrokenError, LogReader
from pipeline.engine.changelog.log_record import Claim, Delta, LogRecord, Shard, SnapshotStart, encode
from pipeline.kernel.store import SHARDS, Store, shard_of

KEY = b"deal:1"


def feed(reader: LogReader, *records: LogRecord, first: int = 0) -> None:
    """Give the reader these records at consecutive offsets; the append time is 1000 plus the offset."""
    for offset, record in enumerate(records, first):
        reader.feed(offset, 1000 + offset, encode(record))


def delta(epoch: int, position: int, value: object, part: int = 0, *, last: bool = True) -> Delta:
    """A delta that sets one key."""
    return Delta(epoch, part, last, position, 1000, {"p": position} if last else {}, {KEY: value})


def round_of(epoch: int, value: object) -> list[LogRecord]:
    """A whole round of shards that hold one key."""
    return [Shard(epoch, 0, True, n, {KEY: value} if n == shard_of(KEY) else {}) for n in range(SHARDS)]


def test_deltas_of_the_claim_in_force_count() -> None:
    """The first claim's append time is the generation; the last delta gives values, position and scalars."""
    reader = LogReader(Store(), "log")
    feed(reader, Claim("a"), delta(0, 4, "old"), delta(0, 9, "new"))
    assert (reader.store.get(KEY), reader.store.position, reader.store.scalars) == ("new", 9, {"p": 9})
    assert (reader.generation, reader.epoch, reader.whole) == (1000, 0, True)


def test_what_a_former_owner_still_writes_is_ignored() -> None:
    """A record with a lower epoch than the claim in force changes nothing."""
    reader = LogReader(Store(), "log")
    feed(reader, Claim("a"), delta(0, 4, "own"), Claim("b"), delta(0, 5, "zombie"), SnapshotStart(0, 5, 1000, {}))
    assert (reader.store.get(KEY), reader.store.position, reader.stale) == ("own", 4, 2)


def test_parts_count_only_together() -> None:
    """A delta in parts changes nothing until the last part, and nothing at all when a claim comes between."""
    reader = LogReader(Store(), "log")
    feed(reader, Claim("a"), delta(0, 4, "half", last=False))
    assert reader.store.get(KEY) is None
    feed(reader, Claim("b"), delta(2, 5, "whole", last=False), delta(2, 5, "whole", part=1), first=2)
    assert (reader.store.get(KEY), reader.store.position) == ("whole", 5)


def test_a_part_without_the_parts_before_it_is_refused() -> None:
    """Parts follow each other; anything else means that the log is not what the owner wrote."""
    reader = LogReader(Store(), "log")
    with pytest.raises(LogBrokenError, match="part 1 of a delta"):
        feed(reader, Claim("a"), delta(0, 4, "half", part=1))


def test_a_mark_and_a_round_are_the_whole_state() -> None:
    """A trimmed log starts with a mark, which carries epoch, generation, position and scalars."""
    reader = LogReader(Store(), "log")
    feed(reader, SnapshotStart(7, 41, 1000, {"p": 41}), *round_of(7, "kept")[:-1], first=100)
    before = reader.whole
    feed(reader, round_of(7, "kept")[-1], Claim("b"), first=100 + SHARDS)
    assert (before, reader.whole) == (False, True)
    assert (reader.store.get(KEY), reader.store.position, reader.store.scalars) == ("kept", 41, {"p": 41})
    assert (reader.generation, reader.epoch) == (1000, 101 + SHARDS)


def test_a_shard_replaces_its_slice() -> None:
    """What is not in the shard is gone from the slice."""
    reader = LogReader(Store(), "log")
    feed(reader, Claim("a"), delta(0, 4, "old"), Shard(0, 0, True, shard_of(KEY), {}))
    assert reader.store.get(KEY) is None


def test_a_jump_means_trimmed_and_starts_anew() -> None:
    """After a jump nothing read before counts: the new head must be a mark."""
    reader = LogReader(Store(), "log")
    feed(reader, Claim("a"), delta(0, 4, "gone"))
    feed(reader, SnapshotStart(0, 8, 1000, {"p": 8}), *round_of(0, "there"), first=50)
    assert (reader.store.get(KEY), reader.store.position, reader.whole) == ("there", 8, True)


@pytest.mark.parametrize("head", [Claim("a"), delta(0, 4, "x"), Shard(0, 0, True, 0, {})])
def test_any_other_head_is_no_state_to_go_on_from(head: LogRecord) -> None:
    """A log that starts with neither a mark nor the claim at offset 0 is not whole, claims or not."""
    reader = LogReader(Store(), "log")
    feed(reader, head, Claim("b"), delta(4, 9, "y"), first=3)
    assert (reader.whole, reader.store.get(KEY)) == (False, None)


def test_a_log_may_start_in_an_older_round_than_the_one_it_was_trimmed_to() -> None:
    """What comes before the first mark is skipped; the state is whole after a round."""
    reader = LogReader(Store(), "log")
    feed(reader, delta(0, 4, "x"), Shard(0, 0, True, 3, {}), Claim("b"), first=60)
    assert not reader.whole
    feed(reader, SnapshotStart(62, 5, 1000, {}), *round_of(62, "y"), delta(62, 6, "z"), first=63)
    assert (reader.store.get(KEY), reader.store.position, reader.whole) == ("z", 6, True)


def test_a_former_owners_mark_does_not_mislead() -> None:
    """A higher epoch starts the reading anew, at the next mark."""
    reader = LogReader(Store(), "log")
    feed(
        reader,
        SnapshotStart(3, 1, 1000, {}),
        delta(62, 6, "z"),
        SnapshotStart(62, 6, 1000, {}),
        *round_of(62, "y"),
        first=70,
    )
    assert (reader.store.get(KEY), reader.epoch, reader.whole) == ("y", 62, True)


def test_reading_does_not_start_at_a_mark_of_an_owner_that_was_deposed_before() -> None:
    """A claim that was passed on the way to the first mark counts: whoever it deposed wrote nothing to start from."""
    reader = LogReader(Store(), "log")
    feed(reader, Claim("b"), SnapshotStart(3, 1, 1000, {}), *round_of(3, "zombie"), Claim("c"), first=60)
    assert (reader.store.get(KEY), reader.epoch, reader.whole) == (None, None, False)
    feed(reader, SnapshotStart(94, 6, 1000, {}), *round_of(94, "y"), first=95)
    assert (reader.store.get(KEY), reader.epoch, reader.whole) == ("y", 94, True)


def test_a_follower_goes_on_where_it_stands() -> None:
    """A partition that comes back is read on from memory: only what others wrote since is applied."""
    store = Store()
    store.shards[shard_of(KEY)][KEY] = "own"
    store.position = 4
    reader = LogReader(store, "log")
    reader.resume(next_offset=10, epoch=0, generation=1000)
    feed(reader, Claim("b"), delta(10, 5, "theirs"), Claim("a"), first=10)
    assert (store.get(KEY), store.position, reader.epoch, reader.applied) == ("theirs", 5, 12, 1)
