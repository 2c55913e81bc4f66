"""The breaker: what halts a worker, and what does not."""

from collections.abc import Iterator, Sequence

import pytest

from pipeline.intake.breaker import Breaker, BreakerPolicy, guarded
from pipeline.intake.refusals import TALLY
from pipeline.kernel.stage import Halt, Record, Send, Stage
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store

POLICY = BreakerPolicy(limit_percent=20, least_records=100)
MINUTE = 29_000_000


def trips(*looks: tuple[int, list[list[int]]], policy: BreakerPolicy = POLICY) -> bool:
    """Whether the last of these looks (partition, tally) halts, and none before it."""
    breaker = Breaker(policy)
    for partition, tally in looks[:-1]:
        breaker.look("crm.events", partition, tally)
    try:
        breaker.look("crm.events", *looks[-1])
    except Halt:
        return True
    return False


def test_too_large_a_share_of_enough_records_halts() -> None:
    """More than the limit trips it, exactly the limit does not, nor do too few records."""
    assert trips((0, [[MINUTE, 100, 21]]))
    assert not trips((0, [[MINUTE, 100, 20]]))
    assert not trips((0, [[MINUTE, 99, 99]]))


def test_minutes_are_looked_at_one_by_one() -> None:
    """What one minute has too few of is not made up for by the next."""
    assert not trips((0, [[MINUTE, 99, 99], [MINUTE + 1, 99, 99]]))
    assert trips((0, [[MINUTE, 100, 21], [MINUTE + 1, 1000, 0]]))


def test_the_partitions_of_a_topic_count_together() -> None:
    """Sound records on one partition speak for the topic, bad ones on several against it."""
    assert trips((0, [[MINUTE, 60, 20]]), (1, [[MINUTE, 60, 20]]))
    assert not trips((0, [[MINUTE, 1000, 0]]), (1, [[MINUTE, 150, 150]]))
    assert not trips((0, [[MINUTE, 60, 20]]), (1, [[MINUTE + 1, 60, 20]]))


def test_a_partition_counts_with_its_latest_tally() -> None:
    """Each look at a partition replaces the one before."""
    assert not trips((0, [[MINUTE, 60, 12]]), (0, [[MINUTE, 70, 14]]), (1, [[MINUTE, 29, 29]]))


def test_topics_are_apart() -> None:
    """What another topic brings neither halts nor excuses."""
    breaker = Breaker(POLICY)
    breaker.look("telephony.events", 0, [[MINUTE, 1000, 0]])

    with pytest.raises(Halt):
        breaker.look("crm.events", 0, [[MINUTE, 100, 50]])


def test_an_operator_can_let_pass_what_is_there() -> None:
    """Minutes that began before the instant never trip it, later ones do; the line says which instant to give."""
    after_ms = (MINUTE + 1) * 60_000
    passing = BreakerPolicy(20, 100, pass_before_ms=after_ms)

    assert not trips((0, [[MINUTE, 1000, 1000]]), policy=passing)
    assert trips((0, [[MINUTE + 1, 1000, 1000]]), policy=passing)
    with pytest.raises(Halt) as caught:
        Breaker(POLICY).look("crm.events", 0, [[MINUTE, 1000, 999]])
    assert str(caught.value).startswith(
        "crm.events: 999 of 1000 records appended in the minute of 2025-02-19T21:20:00Z"
    )
    assert "SALESPULSE_DEAD_LETTERS_PASS_BEFORE=2025-02-19T21:21:00Z" in str(caught.value)


class Refusing:
    """A stage that refuses all it gets and sends one record for it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def restore(self) -> None: ...

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        self._store.scalars[TALLY] = [[MINUTE, len(records), len(records)]]
        yield [Send("dead-letters", 0, b"")]


def test_nothing_of_a_batch_that_trips_it_is_sent() -> None:
    """The guarded stage raises before it gives what it would send."""

    def stage(_: int, store: Store) -> Stage:
        return Refusing(store)

    [spec] = guarded([StageSpec("crm", "crm.events", "state.crm", stage)], Breaker(POLICY))
    guard = spec.factory(0, Store())

    assert len(list(guard.fold([None] * 99))) == 1  # type: ignore[list-item]
    with pytest.raises(Halt):
        next(iter(guard.fold([None] * 100)))  # type: ignore[list-item]
