"""Readers without pause, as a process of their own: loops that scrape a worker, and streams of the board left open.

`python -m benchmarks.reader_load METRICS EVENTS SCRAPERS STREAMS`: addresses as host:port/path; ends with its input,
and then prints as JSON how much was read.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any

CHUNK_BYTES = 1 << 20


class Readers:
    """All that read, and what they got."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.scrape_seconds: list[float] = []

    async def scrape(self, address: str) -> None:
        """One scrape after the other over one connection, uncompressed."""
        reader, writer = await _asked(address, "Accept-Encoding: identity")
        while True:
            began = time.monotonic()
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            status, length = head.split()[1], head.partition("content-length:")[2].split()[0]
            await reader.readexactly(int(length))
            self.read[f"scrapes_{status}"] += 1
            self.scrape_seconds.append(time.monotonic() - began)
            writer.write(_request(address, "Accept-Encoding: identity"))

    async def stream(self, address: str) -> None:
        """A browser that stays."""
        reader, _ = await _asked(address)
        while piece := await reader.read(CHUNK_BYTES):
            self.read["stream_events"] += piece.count(b"event: ")
            self.read["stream_bytes"] += len(piece)


async def _asked(address: str, *headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.partition("/")[0].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=CHUNK_BYTES)
    writer.write(_request(address, *headers))
    return reader, writer


def _request(address: str, *headers: str) -> bytes:
    host, _, path = address.partition("/")
    return "\r\n".join((f"GET /{path} HTTP/1.1", f"Host: {host}", *headers, "", "")).encode()


async def _run(metrics: str, events: str, scrapers: int, streams: int) -> None:
    readers = Readers()
    work: list[Coroutine[Any, Any, None]] = [readers.scrape(metrics) for _ in range(scrapers)]
    work += [readers.stream(events) for _ in range(streams)]
    tasks = [asyncio.create_task(each) for each in work]
    await asyncio.to_thread(sys.stdin.read)
    lost = sum(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    sys.stdout.write(json.dumps({**readers.read, "lost": lost, "scrape_seconds": readers.scrape_seconds}))


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
