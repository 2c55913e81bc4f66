"""That something was forgotten is known exactly, for as long as asked, and takes few bytes wherever it is kept."""

import sys
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernel.store import Store
from pipeline.ledger.forgotten import BLOCK_BYTES, FORGOTTEN, Forgotten

MOST_BYTES = 12
"""Of an entry, in memory and in the state log."""
TODAY = 20_000


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-3, 900), st.integers(0, 40)), max_size=60),
    st.integers(0, 1000),
)
def test_it_is_known_up_to_its_last_day(told: list[tuple[int, int, int]], later: int) -> None:
    """Of several days that were said of one the last holds; what was never said is not known."""
    forgotten, today, last = Forgotten(Store()), TODAY, dict[int, int]()
    for number, days, passed in told:
        today += passed
        forgotten.add(f"call:{number}", today + days, today)
        last[number] = max(last.get(number, -1), today + days)
    today += later

    known = {number for number in range(40) if forgotten.holds(f"call:{number}", today)}
    assert known == {number for number, day in last.items() if day >= today}


def _filled(entries: int, adds_a_delta: int) -> tuple[Store, int]:
    """A store in which so many were forgotten, restarted now and then, and how many bytes its deltas wrote."""
    store, written = Store(), 0
    forgotten = Forgotten(store)
    for number in range(entries):
        forgotten.add(f"call:{number}", TODAY + 800, TODAY + number // 1000)
        if number % adds_a_delta == 0:
            written += sum(len(key) + len(value) for key, value in store.take_changes().items())
        if number % 7919 == 0:
            forgotten = Forgotten(store)
    return store, written


@pytest.mark.parametrize("entries", [3_000, 60_000])
def test_an_entry_takes_few_bytes(entries: int) -> None:
    """In memory with the dictionary's own share, and in the log; every one of them is found, and none beside them."""
    store, written = _filled(entries, adds_a_delta=100)
    blocks = dict(store.items(FORGOTTEN))
    empty = sum(sys.getsizeof(shard) for shard in Store().shards)
    slots = sum(sys.getsizeof(shard) for shard in store.shards) - empty
    memory = slots + sum(sys.getsizeof(key) + sys.getsizeof(value) for key, value in blocks.items())
    logged = sum(len(msgspec.msgpack.encode({key: value})) for key, value in blocks.items())
    print(
        f"{entries}: {memory / entries:.2f} B in memory, {logged / entries:.2f} B in the log, in {len(blocks)} blocks;"
    )
    print(f"{written / entries:.0f} B written for each in all, with 100 a delta")

    assert memory <= MOST_BYTES * entries
    assert logged <= MOST_BYTES * entries
    assert max(map(len, blocks.values())) <= BLOCK_BYTES
    forgotten = Forgotten(store)
    sample = Random(1).sample(range(entries), 1000)
    assert all(forgotten.holds(f"call:{number}", TODAY + 800) for number in sample)
    assert not any(forgotten.holds(f"email:{number}", TODAY) for number in range(1000))


def test_an_entry_writes_the_same_however_many_there_are() -> None:
    """Ten times as many are one or two levels more, not ten times the bytes."""
    few, many = 6_000, 60_000
    written = {entries: _filled(entries, adds_a_delta=10)[1] / entries for entries in (few, many)}

    assert written[many] < 2 * written[few]


def test_one_call_hands_on_one_block() -> None:
    """However full the blocks are: a call writes the root, the block it hands on, and the eight below."""
    store = Store()
    forgotten = Forgotten(store)
    most = 0
    for number in range(20_000):
        forgotten.add(f"call:{number}", TODAY + 800, TODAY)
        most = max(most, len(store.take_changes()))

    assert most <= 10


def test_what_no_longer_holds_is_let_go_of() -> None:
    """With so many a day that last ten days, no more than those of some days beyond stay."""
    store = Store()
    forgotten = Forgotten(store)
    sizes = []
    for number in range(60_000):
        today = TODAY + number // 500
        forgotten.add(f"call:{number}", today + 10, today)
        if number % 500 == 0:
            sizes.append(sum(len(value) for _, value in store.items(FORGOTTEN)) // 10)

    assert max(sizes) < 3 * 10 * 500
