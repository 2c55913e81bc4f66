"""The append times of a source partition: the same in every replay, and no jump counts that nobody vouches for."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.jumping_log import HOUR_MS, LIMIT_MS, MINUTE_MS, START_MS, STEPS, Life, LogRecord, Reading, Step

LATER_MS = START_MS + 20_000 * HOUR_MS


@given(STEPS, st.integers(1, 50), st.integers(0, LATER_MS))
def test_a_replay_counts_the_same_whatever_the_clock_says(steps: list[Step], batch: int, clock_ms: int) -> None:
    """By a clock that is far ahead it goes through; by any other it counts the same as far as it comes."""

    async def both() -> None:
        life = await Life().lived(steps)
        lived = life.reading.counted
        assert (await Reading(life.log, LATER_MS).run(batch)).counted == lived
        other = await Reading(life.log, clock_ms).run(1)
        assert other.counted == lived[: len(other.counted)]
        assert other.line is not None or len(other.counted) == len(lived)

    asyncio.run(both())


@given(STEPS)
def test_what_an_operator_says_counts_and_nothing_else(steps: list[Step]) -> None:
    """Each record counts as it is stamped, but for those that were to count as the one before their range."""
    life = asyncio.run(Life().lived(steps))
    expected = [record.timestamp for record in life.log]
    for answer in life.answers:
        if answer.counts_as_ms is not None:
            before_ms = expected[answer.first - 1] if answer.first else answer.counts_as_ms
            expected[answer.first : answer.last + 1] = [before_ms] * (answer.last + 1 - answer.first)

    assert life.reading.counted == expected


@given(STEPS)
def test_nothing_that_nobody_vouches_for_moves_the_time(steps: list[Step]) -> None:
    """Whatever counts as further ahead than the clock at the end allows was let pass by an operator."""
    life = asyncio.run(Life().lived(steps))
    passed = {n for a in life.answers if a.counts_as_ms is None for n in range(a.first, a.last + 1)}
    jumps = [
        n for n, (before, after) in enumerate(zip([0, *life.reading.counted], life.reading.counted, strict=False))
        if after > max(before + HOUR_MS, life.now_ms + LIMIT_MS)
    ]  # fmt: skip

    assert set(jumps) <= passed


def log_of(*stamps_ms: int) -> list[LogRecord]:
    """A log of ticks."""
    return [LogRecord(offset, stamp_ms) for offset, stamp_ms in enumerate(stamps_ms)]


async def test_a_worker_halts_at_each_start_and_its_line_says_what_to_do() -> None:
    """The first record that is more than six hours ahead; what was before it has been counted."""
    log = log_of(START_MS, START_MS + LIMIT_MS, START_MS + 500 * 24 * HOUR_MS)
    reading = Reading(log)

    for _ in range(2):
        await reading.run(1)
        assert reading.counted == [START_MS, START_MS + LIMIT_MS]
        assert reading.line is not None
        assert "crm.events/0: the record at offset 2 has the append time 2027-03-18T11:00:00Z" in reading.line
        assert "salespulse append-time crm.events 0 2 --before" in reading.line


async def test_nothing_of_its_batch_is_given() -> None:
    """The records before it wait with it."""
    reading = await Reading(log_of(START_MS, START_MS + 7 * HOUR_MS)).run(10)

    assert (reading.counted, reading.line is None) == ([], False)


@pytest.mark.parametrize(("other_ms", "halts"), [(START_MS + 2 * HOUR_MS, False), (START_MS + HOUR_MS - 1, True)])
async def test_another_partition_vouches_for_a_time(other_ms: int, halts: bool) -> None:
    """A worker whose clock is slow goes on where another source partition is not six hours behind the record."""
    reading = Reading(log_of(START_MS, START_MS + 7 * HOUR_MS))
    reading.others_ms["org.changes/0"] = other_ms
    reading.restart()

    assert ((await reading.run(1)).line is not None) == halts


async def test_a_partition_does_not_vouch_for_itself() -> None:
    """What the same partition counted before says nothing of the next jump."""
    reading = Reading(log_of(START_MS, START_MS + 5 * HOUR_MS, START_MS + 7 * HOUR_MS))

    assert (await reading.run(1)).line is not None


@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_a_log_of_many_gaps_is_read_ahead_once(batch: int) -> None:
    """A replay of a hundred nights reads each record once more, not once more for each night."""
    nights = [START_MS + night * 24 * HOUR_MS + minute * MINUTE_MS for night in range(100) for minute in range(10)]
    reading = await Reading(log_of(*nights), LATER_MS).run(batch)

    assert reading.counted == nights
    assert (reading.clients.readers, reading.clients.records) == (1, 1000)


async def test_a_broker_that_is_away_is_waited_for() -> None:
    """It comes back, and the log is read ahead."""
    reading = Reading(log_of(START_MS), LATER_MS)
    reading.clients.away = 1

    assert (await reading.run(1)).counted == [START_MS]
    assert (reading.clients.away, reading.clients.readers) == (0, 1)


async def test_a_log_without_gaps_is_read_ahead_at_its_head_only() -> None:
    """What an operator may have said of the first record is looked for; of the next million nothing is."""
    reading = Reading(log_of(START_MS), LATER_MS)
    await reading.run(1)
    reading = Reading(log_of(*(START_MS + n * MINUTE_MS for n in range(1000))), LATER_MS, [START_MS])

    assert (await reading.run(50)).clients.readers == 0
