"""Whom Redis names and nobody knows: when such a sentinel may be written over, and what is told of it."""

from dataclasses import dataclass, field

import pytest

from pipeline.sinks.redis_contested import AHEAD_MS, LOOKED_SECONDS, STILL_SECONDS, TOLD_SECONDS, Contested
from pipeline.sinks.redis_guard import Named
from pipeline.sinks.sink import Deposed, Owner

NOW_MS = 1_795_435_200_000
OURS = Owner("scoreboard", 1, NOW_MS - 1000, 9)


@dataclass
class Refusals:
    """Those of one Redis, by a clock that a test moves."""

    now: float = 100.0
    contested: Contested = field(init=False)

    def __post_init__(self) -> None:
        self.contested = Contested(lambda: self.now, lambda: NOW_MS)

    def refuse(self, *named: Named) -> None:
        """Have Redis refuse us."""
        self.contested.refuse(OURS, named)

    def may_be_written_over(self) -> bool:
        """Whether our log tells enough."""
        try:
            return bool(self.contested.unknown(OURS))
        except Deposed:
            return False


def sentinel(generation: int | None, epoch: int | None = 5, turn: int = 1, home: str = "company") -> Named:
    """What it names."""
    return Named(f"{home}:owner", f"{generation} {epoch} {turn}", generation, epoch, turn)


@pytest.mark.parametrize(
    "named",
    [
        sentinel(OURS.generation, 10**9),
        sentinel(OURS.generation, OURS.epoch, 10**9),
        sentinel(OURS.generation, None),
        sentinel(None),
        sentinel(9_007_199_254_740_992_000),
        sentinel(NOW_MS + AHEAD_MS + 1),
    ],
)
def test_what_no_log_can_hold_is_written_over_at_once(named: Named) -> None:
    """A claim of our own log would have been seen; a time to come and what is no number are nobody's generation."""
    refusals = Refusals()
    refusals.refuse(named)

    assert refusals.may_be_written_over()


def test_another_generation_may_be_another_log() -> None:
    """It is let alone while it moves, as a deployment that lives does; one that stands still is nobody's."""
    refusals = Refusals()
    for turn in range(5):
        refusals.refuse(sentinel(OURS.generation + 1, turn=turn))
        refusals.now += 0.9 * STILL_SECONDS
        assert not refusals.may_be_written_over()
    refusals.refuse(sentinel(OURS.generation + 1, turn=4))
    refusals.now += 0.2 * STILL_SECONDS

    assert refusals.may_be_written_over()


def test_one_sentinel_that_may_be_anothers_keeps_all() -> None:
    """What is one owner's is written over together, or not at all."""
    refusals = Refusals()
    refusals.refuse(sentinel(OURS.generation), sentinel(OURS.generation + 1, home="team:north"))

    assert not refusals.may_be_written_over()


def test_who_was_not_refused_writes_over_nothing() -> None:
    """Another lease of the same partition was, or nobody."""
    refusals = Refusals()
    refusals.contested.refuse(OURS._replace(epoch=7), [sentinel(None)])

    assert not refusals.may_be_written_over()


def test_it_is_told_while_it_lasts_and_for_an_hour() -> None:
    """Of an owner that may yet be a later one nothing is said, nor of a partition that was lost meanwhile."""
    refusals = Refusals()
    refusals.refuse(sentinel(OURS.generation + 1))
    assert refusals.contested.missing() == []
    assert not refusals.may_be_written_over()
    assert refusals.contested.missing() == [
        f"Redis names an owner that never claimed its partition: company:owner: generation {OURS.generation + 1}, "
        "epoch 5, turn 1"
    ]

    refusals.now += LOOKED_SECONDS
    assert refusals.contested.missing() == []
    refusals.contested.settle(OURS)
    assert len(refusals.contested.doubts()) == 1
    refusals.now += TOLD_SECONDS + 1
    assert refusals.contested.doubts() == []
