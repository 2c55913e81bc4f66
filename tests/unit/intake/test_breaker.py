"""The breaker: what halts a worker, and what does not."""

import pytest

from pipeline.intake.breaker import Breaker, BreakerPolicy
from pipeline.intake.refusals import TALLY
from pipeline.kernel.stage import Halt
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


def test_a_stage_is_checked_with_the_tally_of_its_own_state() -> None:
    """What the engine asks before it sends looks at the tally that the fold has left in the store."""
    check, store = Breaker(POLICY).check("crm.events"), Store()
    check(0, store)
    store.scalars[TALLY] = [[MINUTE, 99, 99]]
    check(0, store)
    store.scalars[TALLY] = [[MINUTE, 100, 100]]

    with pytest.raises(Halt):
        check(0, store)
