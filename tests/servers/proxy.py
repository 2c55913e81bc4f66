"""Proxies of the tests between clients and one server: what they keep back, a test decides while they run."""

import asyncio
import threading
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from tests.servers.process import free_port

CHUNK_BYTES = 65_536
FETCH, JOIN_GROUP, HEARTBEAT, SYNC_GROUP = 1, 11, 12, 14
"""API keys of Kafka's protocol."""
GROUP = frozenset({JOIN_GROUP, HEARTBEAT, SYNC_GROUP})


class Proxy:
    """Hands everything on, on a port of its own; a context, once `target` is the server's port."""

    def __init__(self, target: int = 0) -> None:
        self.port = free_port()
        self.target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def ask(self, client: StreamReader, server: StreamWriter) -> None:
        """What a client says, on its way to the server."""
        await self._copy(client, server)

    async def answer(self, server: StreamReader, client: StreamWriter) -> None:
        """What the server says, on its way to a client."""
        await self._copy(server, client)

    async def _copy(self, source: StreamReader, sink: StreamWriter) -> None:
        while chunk := await source.read(CHUNK_BYTES):
            sink.write(chunk)
            await sink.drain()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, client: StreamReader, to_client: StreamWriter) -> None:
        to_server: StreamWriter | None = None
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
            await self._first_to_end(self.ask(client, to_server), self.answer(server, to_client))
        except (OSError, asyncio.CancelledError):
            """The server is away, or the proxy ends: so does the connection. A task that is cancelled is an error to
            asyncio's streams in Python 3.11."""
        finally:
            for writer in (to_client, to_server):
                if writer is not None:
                    writer.close()

    async def _first_to_end(self, *ways: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class KafkaProxy(Proxy):
    """Before a broker that advertises this port. A connection on which a `silent` request came is answered no more.

    So one part of the broker hangs (its group coordinator, its fetches), and all others go on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.silent: Collection[int] = frozenset()

    @property
    def broker_options(self) -> dict[str, str]:
        """What the broker behind it must be told."""
        return {"advertised.listeners": f"CLIENTS://127.0.0.1:{self.port}"}

    async def ask(self, client: StreamReader, server: StreamWriter) -> None:
        hangs = False
        with suppress(IncompleteReadError):
            while True:
                size = await client.readexactly(4)
                request = await client.readexactly(int.from_bytes(size, "big"))
                hangs = hangs or int.from_bytes(request[:2], "big") in self.silent
                if not hangs:
                    server.write(size + request)
                    await server.drain()


class SlowProxy(Proxy):
    """Hands answers on late, or not at all. As with TCP, nothing comes any more on a connection that lost something."""

    def __init__(self, target: int = 0) -> None:
        super().__init__(target)
        self.late_seconds = 0.0
        self.lose: Callable[[], bool] = lambda: False
        """Asked for each answer."""

    async def answer(self, server: StreamReader, client: StreamWriter) -> None:
        lost = False
        while chunk := await server.read(CHUNK_BYTES):
            await asyncio.sleep(self.late_seconds)
            lost = lost or self.lose()
            if not lost:
                client.write(chunk)
                await client.drain()
