"""The sequencer gate: once, in order, only after the seek."""

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.faust.gate import Gate, LogAnewError, RefetchNeededError
from pipeline.engine.faust.skipped import Skipped

PARTITION = TP("crm.events", 0)


@dataclass
class Fetched:
    """A record as far as the gate looks."""

    offset: int


def fetched(*offsets: int) -> Any:
    """Records with these offsets."""
    return [Fetched(offset) for offset in offsets]


def admitted(gate: Gate, *offsets: int) -> list[int]:
    """The offsets that pass."""
    chunk = gate.admit(PARTITION, fetched(*offsets))
    return [record.offset for record in chunk.records] if chunk is not None else []


def test_nothing_passes_before_the_seek() -> None:
    """Records fetched before the state's position is known are dropped."""
    gate = Gate(Skipped())
    assert admitted(gate, 5, 6) == []
    gate.open(PARTITION, 5, session=1)
    assert admitted(gate, 5, 6) == [5, 6]
    gate.close()
    assert admitted(gate, 7) == []


def test_what_was_fetched_before_the_seek_does_not_pass() -> None:
    """Records before the one that is due are dropped, until the first one passed."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=1)
    assert admitted(gate, 3, 4) == []
    assert admitted(gate, 3, 4, 5, 6) == [5, 6]
    assert admitted(gate, 7) == [7]


def test_a_log_that_begins_anew_is_noticed() -> None:
    """An offset that was delivered comes again only where the log is another one; a new seek asks anew."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=1)
    assert admitted(gate, 5, 6) == [5, 6]
    with pytest.raises(LogAnewError) as anew:
        admitted(gate, 0, 1)
    assert (anew.value.due, anew.value.got) == (7, 0)
    gate.open(PARTITION, 7, session=2)
    assert admitted(gate, 6, 7) == [7]


def test_a_gap_is_fetched_again_and_passes_when_it_is_still_there() -> None:
    """A jump asks for the offset that is due; the same jump a second time is real."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=1)
    with pytest.raises(RefetchNeededError) as gap:
        admitted(gate, 8)
    assert gap.value.due == 5
    assert admitted(gate, 8, 9) == [8, 9]
    with pytest.raises(RefetchNeededError):
        admitted(gate, 11)
    assert admitted(gate, 10, 11) == [10, 11]


def test_a_gap_in_which_there_is_nothing_to_read_is_none() -> None:
    """Marks of transactions and what was aborted are passed over at once; what is missing beyond is not."""
    skipped = Skipped()
    gate = Gate(skipped)
    gate.expect([PARTITION])
    skipped.note(PARTITION, 5, 8)
    gate.open(PARTITION, 5, session=1)
    assert gate.past(PARTITION, 5) == 8
    assert admitted(gate, 8, 9) == [8, 9]
    skipped.note(PARTITION, 10, 12)
    skipped.note(PARTITION, 12, 13)
    with pytest.raises(RefetchNeededError) as gap:
        admitted(gate, 14)
    assert gap.value.due == 10
    assert gate.past(PARTITION, 10) == 13
    assert admitted(gate, 13, 14) == [13, 14]
    assert gate.past(PARTITION, 5) == 5
    gate.close()
    assert gate.past(PARTITION, 10) == 10


@given(st.lists(st.tuples(st.sampled_from(["record", "nothing"]), st.integers(1, 3)), max_size=20), st.randoms())
def test_what_holds_nothing_is_never_asked_for_again(stretches: list[tuple[str, int]], random: Random) -> None:
    """Whatever of a log is passed over, each record passes once, nothing is fetched again, and the end is reached."""
    skipped = Skipped()
    gate = Gate(skipped)
    gate.expect([PARTITION])
    gate.open(PARTITION, 0, session=1)
    offset = 0
    wanted: list[int] = []
    passed: list[int] = []
    waiting: list[int] = []
    for what, count in stretches:
        if what == "nothing":
            skipped.note(PARTITION, offset, offset + count)
        else:
            waiting += range(offset, offset + count)
            wanted += range(offset, offset + count)
        offset += count
        if random.random() < 0.5 and waiting:
            passed += admitted(gate, *waiting)
            waiting = []
    if waiting:
        passed += admitted(gate, *waiting)

    assert passed == wanted
    assert gate.past(PARTITION, passed[-1] + 1 if passed else 0) == offset


def test_each_chunk_says_what_it_follows_and_since_which_seek() -> None:
    """So that the order can be checked after the gate."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 0, session=3)
    chunks = [gate.admit(PARTITION, fetched(*offsets)) for offsets in (range(20), range(20, 45))]
    assert [(chunk.follows, chunk.last, chunk.session) for chunk in chunks if chunk is not None] == [
        (0, 19, 3),
        (20, 44, 3),
    ]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=30))
def test_whatever_is_fetched_passes_once_and_in_order(fetches: list[tuple[int, int]]) -> None:
    """Stale, repeated and early fetches never make an offset pass twice, out of order, or unannounced after a gap."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 0, session=1)
    passed: list[int] = []
    asked: int | None = None
    for start, count in fetches:
        try:
            now = admitted(gate, *range(start, start + count))
        except RefetchNeededError as gap:
            asked = gap.due
            continue
        except LogAnewError:
            assert start <= passed[-1]
            continue
        if now and now[0] != (passed[-1] + 1 if passed else 0):
            assert asked == (passed[-1] + 1 if passed else 0)
        passed.extend(now)
    assert passed == sorted(set(passed))
