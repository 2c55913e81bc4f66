"""The size of batches follows how long they take."""

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.engine.partition.batch_size import FIRST, LEAST, SECONDS, BatchSize

RECORD_SECONDS = st.floats(1e-6, 0.05)


def settled(most: int, record_seconds: float, size: BatchSize | None = None) -> BatchSize:
    """The size after a while in which every batch is full and every record takes as long."""
    size = size or BatchSize(most)
    for _ in range(20):
        size.took(size.records, size.records * record_seconds)
    return size


@given(RECORD_SECONDS, st.integers(1, 10_000))
def test_a_batch_takes_about_as_long_as_it_is_to(record_seconds: float, most: int) -> None:
    """No longer than twice that where it can be smaller, and no shorter than half where it can be larger."""
    records = settled(most, record_seconds).records

    assert records <= most
    assert records * record_seconds <= 2 * SECONDS or records <= LEAST
    assert records * record_seconds >= SECONDS / 2 - record_seconds or records == most


@given(RECORD_SECONDS, RECORD_SECONDS)
def test_it_follows_when_records_take_longer_or_shorter(before: float, after: float) -> None:
    """What was once does not show, but for the step in which it doubles."""
    followed = settled(4000, after, settled(4000, before)).records
    fresh = settled(4000, after).records

    assert followed <= 2 * fresh + LEAST
    assert fresh <= 2 * followed + LEAST


def test_small_batches_say_nothing() -> None:
    """Where little waits, the size stays as it is: nobody knows how long a full batch would take."""
    size = BatchSize(4000)
    for _ in range(20):
        size.took(10, 0.001)

    assert size.records == FIRST


@example([(3, 3.0)], 1)
@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 1e6)), max_size=30), st.integers(1, 10_000))
def test_there_is_always_room_for_a_record(taken: list[tuple[int, float]], most: int) -> None:
    """Whatever batches took."""
    size = BatchSize(most)
    for records, seconds in taken:
        size.took(records, seconds)
        assert 1 <= size.records <= most
