"""One reader of Redis for all who look at the page: it passes on which scopes changed, however slow a browser is."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline import clock
from pipeline.config.settings import SetupError
from pipeline.views import freshness
from pipeline.views.asked import Asked
from pipeline.views.freshness import Evidence, Verdict
from pipeline.views.live import LiveFigures
from pipeline.views.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_SECONDS = 1.0
PULSE_SECONDS = 4.0
"""So often a stream says something, whether anything changed or not: a browser that hears nothing knows why."""
STUCK_SECONDS = 60.0
"""A round of reading ends within seconds, also where Redis does not answer."""
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
        """Sets of changed scopes, as fast as they are taken, and one with every pulse, until the hub closes."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PULSE_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            if self.closed:
                return
            changed, self._changed = self._changed, set()
            yield changed


class Hub:
    """The figures and alerts as last read, who vouches for them, and those who listen for changes."""

    def __init__(self, live: LiveFigures) -> None:
        self._live = live
        self._listeners: set[Listener] = set()
        self._turned = clock.elapsed_seconds()
        self.namespace = live.namespace
        self._take(live.evidence)

    def _take(self, evidence: Evidence) -> None:
        self.figures: dict[str, Reading] = dict(self._live.figures)
        self.alerts: list[dict[str, Any]] = self._live.alerts
        self.as_of_ms = self._live.as_of_ms
        self.evidence = evidence
        self.verdict: Verdict = freshness.overall(evidence)
        self.stale = freshness.stale(evidence, {scope: reading.home for scope, reading in self.figures.items()})

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

    async def history(self, scope: str, question: Asked) -> tuple[Reading, list[str]] | None:
        """Windows of a scope, past ones too, and the ids of all that are kept; None where there is no such scope."""
        return await asyncio.to_thread(self._live.history, scope, question)

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len(self._listeners)

    def missing(self) -> list[str]:
        """For the health probe: whether the reader is still at work. A Redis that is away is no reason to restart."""
        seconds = clock.elapsed_seconds() - self._turned
        return [f"nothing was read from Redis for {seconds:.0f} s"] if seconds > STUCK_SECONDS else []

    def close(self) -> None:
        """End all streams; called in the loop, when the server stops."""
        for listener in self._listeners:
            listener.closed = True
            listener.tell(set())

    async def _read(self) -> None:
        while True:
            known, before = self.figures.keys(), self._told()
            changed = await self._round()
            gone = known - self.figures.keys()
            self._turned = clock.elapsed_seconds()
            if changed or gone or before != self._told():
                for listener in self._listeners:
                    listener.tell(changed | gone)

    async def _round(self) -> set[str]:
        """Read once, and note who vouches; returns the scopes that changed."""
        try:
            changed = await asyncio.to_thread(self._live.wait, WAIT_SECONDS)
        except SetupError as error:
            log.error("cannot read the figures: %s", error)
            await self._fail(str(error))
            return set()
        except Exception as error:
            # What lies in Redis is not what it should be: the page must not go on looking live.
            log.exception("cannot read the figures")
            await self._fail(f"what lies in Redis cannot be read ({type(error).__name__}): see the board's log")
            return set()
        self._take(self._live.evidence)
        return changed

    async def _fail(self, why: str) -> None:
        since_ms = self.evidence.down_since_ms or clock.now_ms()
        self._take(replace(self._live.evidence, down_since_ms=since_ms, down_why=why))
        await asyncio.sleep(WAIT_SECONDS)

    def _told(self) -> tuple[Any, ...]:
        """What listeners are told beside figures."""
        return self.alerts, self.verdict.state, self.verdict.since_ms, self.verdict.why, self.stale
