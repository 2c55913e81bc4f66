"""Starts and stops clients of the broker whole: one that is cut off half-way leaves connections behind."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol


class Startable(Protocol):
    """A client that is not connected yet."""

    async def start(self) -> None: ...


async def start(client: Startable, stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Start it; where that fails or is cancelled, stop it before the error goes on.

    aiokafka knows a connection only once the broker has answered on it, so nothing could close one that is cut off
    before.
    """
    try:
        await to_the_end(client.start())
    except BaseException:
        await to_the_end(stop())
        raise


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await it; a cancellation goes on when it has ended, well or not."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
