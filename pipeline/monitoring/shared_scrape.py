"""One page for all who scrape a path within a second or so: taken and written once, and kept as it goes out compressed.

What scrapes take of a worker is bounded, however many ask: pages are made one at a time, and answers go out at a pace.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from pipeline import clock
from pipeline.monitoring.exposition import Page, content_type, gzipped, written

Scrape = Callable[[], Awaitable[Page]]
"""Called on the loop, one call at a time: takes the page that is then written in a thread."""

FRESH_SECONDS = 1.0
"""So long a page is the answer to whoever asks, at least."""
FRESH_TIMES = 3
MOST_FRESH_SECONDS = 5.0
"""And so many times as long as it took to make, up to the pace of a usual Prometheus: a worker has other work too."""
ANSWERS_A_SECOND = 20
"""So many answers go out, more than any Prometheus asks for; whoever asks more often waits for its turn."""
BYTES_A_SECOND = 32 * 1024 * 1024
"""So much is sent, compressed or not: a large page counts as several."""
MOST_WAITING = 64
"""So many are answered at once, or wait for it."""
PIECE_BYTES = 256 * 1024
_GZIP = 31


class Crowded(Exception):  # noqa: N818  (a state, not an error of ours)
    """Raised where as many wait as may: ask again in a second."""


class Packed(NamedTuple):
    """A page as it goes out."""

    content_type: str
    gzip: bytes
    plain_bytes: int

    def plain(self) -> Iterator[bytes]:
        """For scrapers that take no gzip, piece by piece; may be used in a thread."""
        unpacker, left = zlib.decompressobj(_GZIP), self.gzip
        while piece := unpacker.decompress(left, PIECE_BYTES):
            yield piece
            left = unpacker.unconsumed_tail

    def pieces(self) -> Iterator[bytes]:
        """For all others."""
        for start in range(0, len(self.gzip), PIECE_BYTES):
            yield self.gzip[start : start + PIECE_BYTES]


class SharedScrape:
    """What one path shows."""

    def __init__(self, take: Scrape, seconds: Callable[[], float] = clock.elapsed_seconds) -> None:
        self._take = take
        self._seconds = seconds
        self._one_at_a_time = asyncio.Lock()
        self._packed: dict[str, tuple[float, Packed]] = {}

    async def packed(self, accept: str) -> Packed:
        """The page in the format that this Accept header asks for."""
        kind = content_type(accept)
        async with self._one_at_a_time:
            began = self._seconds()
            fresh_until, packed = self._packed.get(kind, (began, None))
            if packed is None or began > fresh_until:
                packed = await asyncio.to_thread(_pack, await self._take(), accept)
                made = self._seconds()
                fresh_seconds = min(max(FRESH_SECONDS, FRESH_TIMES * (made - began)), MOST_FRESH_SECONDS)
                self._packed[kind] = made + fresh_seconds, packed
            return packed


class Turns:
    """The order and the pace of answers, for all paths of a port."""

    def __init__(self, seconds: Callable[[], float] = clock.elapsed_seconds) -> None:
        self._seconds = seconds
        self._next = 0.0
        self._waiting = 0

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Be one of those who are answered, or wait for it; Crowded where there are too many."""
        if self._waiting >= MOST_WAITING:
            raise Crowded
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def wait_seconds(self, size_bytes: int) -> float:
        """Take the next turn for an answer of this size: how long it is until then."""
        now = self._seconds()
        turn = max(self._next, now)
        self._next = turn + max(1 / ANSWERS_A_SECOND, size_bytes / BYTES_A_SECOND)
        return turn - now


def _pack(page: Page, accept: str) -> Packed:
    plain_bytes = 0

    def counted() -> Iterator[bytes]:
        nonlocal plain_bytes
        for piece in written(page, accept):
            plain_bytes += len(piece)
            yield piece

    packed = b"".join(gzipped(counted()))
    return Packed(content_type(accept), packed, plain_bytes)
