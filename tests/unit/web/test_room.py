"""How many the board serves at once, and that whoever is turned away hears when to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from pipeline.web.room import Room


class Desk:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.inside = 0
        self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _receive() -> Message:
    return {"type": "http.request"}


async def ask(app: Room, path: str) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers of an answer."""
    sent: list[Any] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "path": path, "method": "GET", "headers": []}, _receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


@asynccontextmanager
async def asking(app: Room, path: str, times: int) -> AsyncIterator[list["asyncio.Task[Any]"]]:
    """So many who wait for their answers."""
    tasks = [asyncio.create_task(ask(app, path)) for _ in range(times)]
    await asyncio.sleep(0)
    yield tasks
    await asyncio.gather(*tasks)


@pytest.mark.parametrize(("path", "other"), [("/events", "/api/v1/figures"), ("/", "/events")])
async def test_whoever_is_beyond_the_room_is_told_when_to_come_again(path: str, other: str) -> None:
    """Others have their own room, probes need none, and whoever leaves makes room."""
    desk = Desk()
    room = Room(desk, streams=3, requests=3)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asking(room, path, 3))
        status, headers = await ask(room, path)
        assert (status, int(headers[b"retry-after"]) > 0) == (503, True)

        await stack.enter_async_context(asking(room, other, 3))
        await stack.enter_async_context(asking(room, "/healthz", 9))
        assert desk.inside == 15
        desk.go.set()

    assert (await ask(room, path))[0] == 200


async def test_a_client_that_leaves_makes_room() -> None:
    """Also when its request is cancelled."""
    desk = Desk()
    room = Room(desk, streams=1)
    left = asyncio.create_task(ask(room, "/events"))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    desk.go.set()

    assert (await ask(room, "/events"))[0] == 200


async def test_what_is_not_answered_in_time_makes_room() -> None:
    """A stream may take as long as it likes."""
    room = Room(Desk(), streams=1, requests=1, seconds=0.01)
    stream = asyncio.create_task(ask(room, "/events"))
    for _ in range(2):
        status, headers = await ask(room, "/api/v1/figures")
        assert (status, int(headers[b"retry-after"]) > 0) == (503, True)

    assert not stream.done()
    stream.cancel()
    await asyncio.gather(stream, return_exceptions=True)
