"""The sequencer gate: once, in order, only after the seek."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.faust.gate import UNFETCHED_BYTES, Gate, LogAnewError, RefetchNeededError
from pipeline.engine.faust.skipped import Skipped
from pipeline.engine.kafka.acknowledged import Acknowledged

PARTITION = TP("crm.events", 0)


@dataclass(frozen=True)
class Fetched:
    """A record as far as the gate looks."""

    offset: int
    timestamp: int = 7
    key: bytes | None = b"team"
    value: bytes | None = b"facts"
    headers: tuple[tuple[str, bytes], ...] = (("of", b"crm"),)


def fetched(*offsets: int) -> Any:
    """Records with these offsets."""
    return [Fetched(offset) for offset in offsets]


def admitted(gate: Gate, *offsets: int) -> list[int]:
    """The offsets that pass."""
    chunk = gate.admit(PARTITION, fetched(*offsets))
    return [record.offset for record in chunk.records] if chunk is not None else []


def handed_over(gate: Gate, *offsets: int) -> list[int]:
    """Acknowledged at these offsets, one after the other: those that pass."""
    chunks = [
        gate.hand_over(PARTITION, Acknowledged(offset, 7, b"team", b"facts", (("of", b"crm"),))) for offset in offsets
    ]
    return [record.offset for chunk in chunks if chunk is not None for record in chunk.records]


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


def test_what_was_sent_from_here_passes_once_it_is_acknowledged() -> None:
    """Only the very next one; its copy does not pass again, and what comes after it in the same fetch does."""
    gate = Gate(Skipped())
    assert handed_over(gate, 5) == []
    gate.open(PARTITION, 5, session=1)
    assert handed_over(gate, 6, 5, 6, 8) == [5, 6]
    assert gate.unfetched(PARTITION) == 2
    assert admitted(gate, 5) == []
    assert admitted(gate, 6, 7, 8) == [7, 8]
    assert gate.unfetched(PARTITION) == 0
    assert handed_over(gate, 8, 9) == [9]
    assert admitted(gate, 9, 10) == [10]


def test_a_chunk_that_was_handed_over_says_what_it_follows() -> None:
    """So the order is checked behind the gate as for any other."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=3)
    chunk = gate.hand_over(PARTITION, Acknowledged(5, 7, None, b"facts", ()))
    assert chunk is not None
    assert (chunk.follows, chunk.last, chunk.session) == (5, 5, 3)


def test_a_copy_comes_late_and_after_a_gap() -> None:
    """What is missing is asked for from where fetches are, not from where folds are."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=1)
    assert handed_over(gate, 5, 6, 7) == [5, 6, 7]
    assert admitted(gate, 3, 4) == []
    with pytest.raises(RefetchNeededError) as gap:
        admitted(gate, 6, 7, 8)
    assert gap.value.due == 5
    assert admitted(gate, 5, 6, 7, 8) == [8]


def test_a_log_that_begins_anew_is_told_from_a_copy() -> None:
    """Offsets that a fetch brought come again only in another log; those that were only handed over come once."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=1)
    assert admitted(gate, 5, 6) == [5, 6]
    assert handed_over(gate, 7, 8) == [7, 8]
    with pytest.raises(LogAnewError) as anew:
        admitted(gate, 0, 1)
    assert (anew.value.due, anew.value.got) == (7, 0)
    assert admitted(gate, 7, 8, 9) == [9]


@pytest.mark.parametrize(
    "change", [{"timestamp": 8}, {"key": None}, {"value": b"others"}, {"headers": ()}, {"offset": 6}], ids=str
)
def test_what_was_handed_over_must_be_what_the_log_holds(change: dict[str, Any]) -> None:
    """Else it was taken from the log after it was acknowledged, and the state is no longer what follows from it."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 5, session=1)
    assert handed_over(gate, 5, 6) == [5, 6]
    if "offset" in change:  # The first one is gone, also when it is fetched again.
        with pytest.raises(RefetchNeededError):
            admitted(gate, 6)
    copy: Any = [replace(Fetched(5), **change)]
    with pytest.raises(LogAnewError):
        gate.admit(PARTITION, copy)


def test_no_more_is_handed_over_than_fetches_keep_up_with() -> None:
    """Copies are kept until a fetch brings them; beyond so many bytes whatever follows is fetched."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 0, session=1)
    large = Acknowledged(0, 7, None, bytes(UNFETCHED_BYTES), ())
    assert gate.hand_over(PARTITION, large) is not None
    assert handed_over(gate, 1) == []
    copy: Any = [Fetched(0, 7, None, large.value, ()), Fetched(1)]
    chunk = gate.admit(PARTITION, copy)
    assert chunk is not None
    assert [record.offset for record in chunk.records] == [1]
    assert handed_over(gate, 2) == [2]


@given(st.lists(st.sampled_from(["ours", "others", "ack", "fetch", "seek", "gap"]), max_size=60), st.randoms())
def test_whoever_writes_and_however_it_comes_each_record_passes_once(steps: list[str], random: Random) -> None:
    """Acks come in order, later than the record is there, and beside fetches; others write in between."""
    gate = Gate(Skipped())
    gate.open(PARTITION, 0, session=1)
    log: list[str] = []
    passed: list[int] = []
    acked = position = 0
    seeks = 1
    for step in [*steps, "fetch", "fetch"]:
        if step in ("ours", "others"):
            log.append(step)
        elif step == "ack":
            while acked < len(log) and log[acked] != "ours":
                acked += 1
            if acked < len(log):
                passed += handed_over(gate, acked)
                acked += 1
        elif step == "seek":
            seeks += 1
            position = len(passed)
            gate.close()
            assert handed_over(gate, position) == admitted(gate, *range(position, len(log))) == []
            gate.open(PARTITION, position, session=seeks)
            if random.random() < 0.5:
                passed += admitted(gate, *range(max(position - 3, 0), position))
        elif step == "gap" and position + 1 < len(log):
            with pytest.raises(RefetchNeededError) as gap:
                admitted(gate, *range(position + 1, len(log)))
            assert gap.value.due == position
            passed += admitted(gate, *range(position, len(log)))
            position = len(log)
        elif step == "fetch":
            until = len(log) if random.random() < 0.5 else random.randint(position, len(log))
            passed += admitted(gate, *range(position, until))
            position = until
    passed += admitted(gate, *range(position, len(log)))

    assert passed == list(range(len(log)))
    assert gate.unfetched(PARTITION) == 0
