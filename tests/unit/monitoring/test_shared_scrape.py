"""A page for all who scrape at once: made one at a time, kept for a second, and sent at a pace."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.monitoring.exposition import Gauges, gauges
from pipeline.monitoring.shared_scrape import (
    ANSWERS_A_SECOND,
    BYTES_A_SECOND,
    FRESH_SECONDS,
    FRESH_TIMES,
    MOST_FRESH_SECONDS,
    MOST_WAITING,
    PIECE_BYTES,
    Crowded,
    SharedScrape,
    Turns,
)

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass
class Floor:
    """What is scraped: each page shows how many were taken before, and the clock stands where a test puts it."""

    series: int = 1
    taken: int = 0
    under_way: int = 0
    most_under_way: int = 0
    now: float = 100.0
    takes_seconds: float = 0.0
    shared: SharedScrape = field(init=False)

    def __post_init__(self) -> None:
        self.shared = SharedScrape(self.take, lambda: self.now)

    async def take(self) -> "Page":
        """As a worker takes a page: with turns for others."""
        self.taken += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        for _ in range(10):
            await asyncio.sleep(0)
        self.under_way -= 1
        self.now += self.takes_seconds
        return Page(self.taken, self.series)


@dataclass
class Page:
    """One of them."""

    number: int
    series: int
    own: None = None

    def families(self) -> Iterator[Gauges]:
        """Its lines."""
        yield gauges("number", "Which page.", (({"rep": str(rep)}, self.number) for rep in range(self.series)))


async def test_all_who_ask_at_once_get_one_page() -> None:
    """However many they are."""
    floor = Floor()
    answers = await asyncio.gather(*(floor.shared.packed("") for _ in range(50)))

    assert floor.taken == 1
    assert len({id(answer.gzip) for answer in answers}) == 1


async def test_a_page_is_kept_for_a_second() -> None:
    """And not for longer: after it, the next one who asks gets a page taken since."""
    floor = Floor()
    first = await floor.shared.packed("")
    floor.now += FRESH_SECONDS
    assert await floor.shared.packed("") is first

    floor.now += 0.01
    assert b"} 2\n" in b"".join((await floor.shared.packed("")).plain())


@pytest.mark.parametrize(("seconds", "kept"), [(0.1, FRESH_SECONDS), (1.0, FRESH_TIMES), (60.0, MOST_FRESH_SECONDS)])
async def test_a_page_that_took_long_is_kept_for_longer(seconds: float, kept: float) -> None:
    """So making pages leaves a busy worker most of its time, and none is older than those of a usual Prometheus."""
    floor = Floor(takes_seconds=seconds)
    first = await floor.shared.packed("")
    floor.now += kept
    assert await floor.shared.packed("") is first

    floor.now += 0.01
    assert await floor.shared.packed("") is not first


async def test_formats_are_made_one_after_the_other() -> None:
    """Each is kept by itself, and no two pages are taken at once."""
    floor = Floor()
    text, openmetrics, *_ = await asyncio.gather(*(floor.shared.packed(each) for each in ("", OPENMETRICS) * 8))

    assert (floor.taken, floor.most_under_way) == (2, 1)
    assert text.content_type.startswith("text/plain")
    assert openmetrics.content_type.startswith("application/openmetrics-text")


async def test_a_page_that_cannot_be_taken_is_taken_anew() -> None:
    """Who asked hears of it, and the next one tries again."""
    failing = iter([True, False])

    async def take() -> Page:
        if next(failing):
            raise RuntimeError("no page")
        return Page(1, 1)

    shared = SharedScrape(take)
    with pytest.raises(RuntimeError, match="no page"):
        await shared.packed("")

    assert (await shared.packed("")).plain_bytes


async def test_a_large_page_goes_out_in_pieces() -> None:
    """Unpacked, no piece takes long; together they are the page."""
    packed = await Floor(series=100_000).shared.packed("")
    pieces = list(packed.plain())

    assert len(pieces) > 5
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert sum(map(len, pieces)) == packed.plain_bytes
    assert b"".join(packed.pieces()) == packed.gzip


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, BYTES_A_SECOND)), min_size=1, max_size=60))
def test_answers_keep_the_pace_whoever_asks(asked: list[tuple[float, int]]) -> None:
    """Their order is that of asking, and in no stretch of time are more sent than may be, or more bytes."""
    now = 0.0
    turns, sent = Turns(lambda: now), []
    for pause, size in asked:
        now += pause
        sent.append((now + turns.wait_seconds(size), size))

    for at, (first, _) in enumerate(sent):
        for until in range(at, len(sent)):
            passed = sent[until][0] - first
            assert until - at <= passed * ANSWERS_A_SECOND + 0.001
            assert sum(size for _, size in sent[at:until]) <= passed * BYTES_A_SECOND + 1


def test_who_asks_seldom_does_not_wait() -> None:
    """Two Prometheus servers notice nothing."""
    now = 0.0
    turns = Turns(lambda: now)
    for _ in range(5):
        assert turns.wait_seconds(1000) == 0
        now += 1


def test_no_more_wait_than_may() -> None:
    """Whoever is beyond that is told so at once; when one has gone, there is room."""
    turns = Turns()
    with ExitStack() as stack:
        for _ in range(MOST_WAITING - 1):
            stack.enter_context(turns.taking())
        with turns.taking(), pytest.raises(Crowded), turns.taking():
            pass
        with turns.taking():
            pass
