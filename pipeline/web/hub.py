"""One reader of Redis for all who look at the page: it passes on which scopes changed, however slow a browser is."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pipeline.config.settings import SetupError
from pipeline.views.live import LiveFigures
from pipeline.views.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_SECONDS = 1.0
log = logging.getLogger(__name__)


class Listener:
    """What one browser has not been told yet: at most the name of every scope."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._woken = asyncio.Event()
        self.closed = False

    def tell(self, changed: set[str]) -> None:
        """Note changes and wake whoever waits; an empty set wakes too."""
        self._changed |= changed
        self._woken.set()

    async def changes(self) -> AsyncIterator[set[str]]:
        """Sets of changed scopes, as fast as they are taken, until the hub closes."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self.closed:
                return
            changed, self._changed = self._changed, set()
            yield changed


class Hub:
    """The figures and alerts as last read, and those who listen for changes."""

    def __init__(self, live: LiveFigures) -> None:
        self._live = live
        self._listeners: set[Listener] = set()
        self.figures: dict[str, Reading] = dict(live.figures)
        self.alerts: list[dict[str, Any]] = live.alerts
        self.as_of_ms = live.as_of_ms
        self.down = live.down

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read on in the background, for as long as the server runs."""
        task = asyncio.create_task(self._read())
        try:
            yield
        finally:
            self.close()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @contextmanager
    def listening(self) -> "Iterator[Listener]":
        """Be told of changes from now on."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End all streams; called in the loop, when the server stops."""
        for listener in self._listeners:
            listener.closed = True
            listener.tell(set())

    async def _read(self) -> None:
        while True:
            before = (self.alerts, self.down)
            try:
                changed = await asyncio.to_thread(self._live.wait, WAIT_SECONDS)
                self.down = self._live.down
            except SetupError as error:
                log.error("cannot read the figures: %s", error)
                changed, self.down = set(), True
                await asyncio.sleep(WAIT_SECONDS)
            except Exception:
                # What lies in Redis is not what it should be: the page must not go on looking live.
                log.exception("cannot read the figures")
                changed, self.down = set(), True
                await asyncio.sleep(WAIT_SECONDS)
            gone = self.figures.keys() - self._live.figures.keys()
            self.figures = dict(self._live.figures)
            self.alerts, self.as_of_ms = self._live.alerts, self._live.as_of_ms
            if changed or gone or before != (self.alerts, self.down):
                for listener in self._listeners:
                    listener.tell(changed | gone)
