"""The inbox gives back what was put into it, once and in order, in the sizes asked for."""

from dataclasses import dataclass
from typing import Any, cast

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.faust.inbox import Inbox

FIRST, SECOND = TP("crm.events", 0), TP("facts", 1)


@dataclass
class Fetched:
    """A record as far as the inbox looks."""

    offset: int


def chunk(start: int, count: int, *, gap: int = 0) -> Chunk:
    """So many records from an offset on, after a gap in which there is nothing to read."""
    return Chunk(cast(Any, [Fetched(start + gap + number) for number in range(count)]), start, 1)


@given(
    fetches=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=6),
    sizes=st.lists(st.integers(1, 5), min_size=1),
)
def test_what_waits_is_cut_to_size(fetches: list[tuple[int, int]], sizes: list[int]) -> None:
    """Each record comes once, in order; a chunk is full unless nothing waits after it, and follows the one before."""
    inbox, offset = Inbox(), 0
    put: list[int] = []
    for count, gap in fetches:
        inbox.put(FIRST, chunk(offset, count, gap=gap))
        put += range(offset + gap, offset + gap + count)
        offset += gap + count
    taken: list[int] = []
    due = 0
    while inbox.records(FIRST):
        waiting, most = inbox.records(FIRST), sizes[len(taken) % len(sizes)]
        got = inbox.take(FIRST, most)
        assert len(got.records) == min(most, waiting)
        assert got.follows <= due <= got.records[0].offset
        taken += [record.offset for record in got.records]
        due = got.last + 1

    assert taken == put
    assert not list(inbox.partitions())


def test_partitions_wait_apart() -> None:
    """What is taken of one leaves the others."""
    inbox = Inbox()
    inbox.put(SECOND, chunk(0, 2))
    inbox.put(FIRST, chunk(5, 1))
    assert list(inbox.partitions()) == [FIRST, SECOND]
    assert inbox.take(SECOND, 10).last == 1
    assert (inbox.records(FIRST), inbox.records(SECOND)) == (1, 0)
    inbox.clear()
    assert not list(inbox.partitions())
    assert inbox.records(FIRST) == 0
