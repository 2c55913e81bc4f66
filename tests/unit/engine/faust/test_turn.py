"""A turn is over when all its rounds are folded, or when nobody will fold them."""

import asyncio
import gc
import weakref
from typing import Any, cast

import pytest
from faust.types import TP

from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.faust.turn import Turn


def turn() -> Turn:
    """Two rounds, of two partitions and of one."""
    chunk = Chunk(cast(Any, ()), 0, 1)
    return Turn([{TP("crm.events", 2): chunk, TP("crm.events", 3): chunk}, {TP("facts", 0): chunk}], 0.05)


async def test_the_next_one_waits_for_all_rounds() -> None:
    """It is waited for until the last round is folded."""
    taken = turn()
    over = asyncio.create_task(taken.over(60))
    for round_ in taken.hand_out():
        await asyncio.sleep(0)
        assert not over.done()
        round_.folded(0.0)
    await over


async def test_rounds_that_are_dropped_are_not_waited_for() -> None:
    """Faust drops them when the assignment changes; and should it drop one otherwise, that is not waited for long."""
    taken = turn()
    over = asyncio.create_task(taken.over(60))
    await asyncio.sleep(0)
    taken.end()
    await over
    await turn().over(0.01)
    await Turn().over(60)


def test_the_time_of_a_turn_is_one_for_all_its_rounds() -> None:
    """What the first one takes, the second one does not have."""
    first, second = turn().hand_out()
    assert first.left_seconds == 0.05
    first.folded(0.04)
    assert second.left_seconds == pytest.approx(0.01)


def test_a_round_is_delivered_in_the_name_of_its_first_partition() -> None:
    """Faust knows of no more than one."""
    assert [round_.carrier for round_ in turn().hand_out()] == [TP("crm.events", 2), TP("facts", 0)]


class Records(list[Any]):
    """Of a list itself nobody can tell whether it is still there."""


def test_records_are_free_once_they_are_folded() -> None:
    """They do not wait for the collector, which looks at old objects once in hours: a worker would hold them all."""
    gc.disable()
    try:
        records = Records([b"an event"])
        known = weakref.ref(records)
        taken = Turn([{TP("facts", 0): Chunk(cast(Any, records), 0, 1)}], 0.05)
        del records
        for round_ in taken.hand_out():
            assert taken.records == 1
            round_.folded(0.0)
        del round_
        assert known() is None
    finally:
        gc.enable()
