"""One reader of Redis for all who look at the page: it passes on which scopes changed, however slow a browser is."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from pipeline import clock
from pipeline.config.settings import SetupError
from pipeline.views import freshness
from pipeline.views.asked import Asked
from pipeline.views.freshness import Evidence, Verdict
from pipeline.views.live import LiveFigures
from pipeline.views.readings import Reading
from pipeline.views.usual_day import UsualDays, WorkDays
from pipeline.web.recent import Recent

WAIT_SECONDS = 1.0
PULSE_SECONDS = 4.0
"""So often a stream says something, whether anything changed or not: a browser that hears nothing knows why."""
TOLD_A_SECOND = 1000
"""So many streams are told of changes; where there are more, or they change more often, changes are told together."""
HISTORIES_AT_ONCE = 4
"""Whoever reads on has a thread left, however many ask for the past."""
USUAL_SECONDS = 60.0
"""What is usual of a day is worked out so seldom for all who look at the same: it costs as much as 50 answers."""
KEPT_USUAL = 500
STUCK_SECONDS = 60.0
"""A round of reading ends within seconds, also where Redis does not answer."""
log = logging.getLogger(__name__)


class Changes(NamedTuple):
    """The scopes that changed after one telling of the hub and up to another: the same for all who heard both."""

    scopes: frozenset[str]
    since: int
    up_to: int


class Listener:
    """What one browser has not been told yet: at most the name of every scope."""

    def __init__(self, telling: int) -> None:
        self._changed: set[str] = set()
        self._since = self._up_to = telling
        self._woken = asyncio.Event()
        self.closed = False

    def tell(self, changed: Collection[str], telling: int) -> None:
        """Note the changes of a telling and wake whoever waits; none wake too."""
        self._changed.update(changed)
        self._up_to = telling
        self._woken.set()

    async def changes(self) -> AsyncIterator[Changes]:
        """What changed, as fast as it is taken, and nothing with every pulse, until the hub closes."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self.closed:
                return
            changes = Changes(frozenset(self._changed), self._since, self._up_to)
            self._changed, self._since = set(), self._up_to
            yield changes


class Hub:
    """Figures and alerts as last read, what is published, who vouches for it, and those who listen for changes.

    `turn` counts how often they were read. `alerts_told`, `recognised_told` and `vouched_told` go up when streams
    have to be told of alerts, of contests and achievements, or of who vouches.
    """

    def __init__(self, live: LiveFigures) -> None:
        self._live = live
        self._listeners: set[Listener] = set()
        self._turned = clock.elapsed_seconds()
        self._telling = 0
        self._next_telling = float("-inf")
        self._untold: set[str] = set()
        self._owing = False
        self._histories = asyncio.Semaphore(HISTORIES_AT_ONCE)
        self._usual = Recent(USUAL_SECONDS, KEPT_USUAL)
        self.turn = self.alerts_told = self.recognised_told = self.vouched_told = 0
        self.namespace = live.namespace
        self._take(live.evidence)

    def _take(self, evidence: Evidence) -> None:
        self.turn += 1
        self.figures: dict[str, Reading] = dict(self._live.figures)
        self.alerts: list[dict[str, Any]] = self._live.alerts
        self.contests: list[dict[str, Any]] = self._live.contests
        self.achieved: list[dict[str, Any]] = self._live.achieved
        self.industry_told: list[dict[str, Any]] = self._live.industry_told
        self.currency = self._live.currency
        self.as_of_ms = self._live.as_of_ms
        self.chosen, self.names = self._live.chosen, self._live.names
        self.evidence = evidence
        self.verdict: Verdict = freshness.overall(evidence)
        self.stale = freshness.stale(evidence, {scope: reading.home for scope, reading in self.figures.items()})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read on in the background, for as long as the server runs."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._pulse())]
        try:
            yield
        finally:
            self.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """Be told of changes from now on, and of none at once."""
        listener = Listener(self._telling)
        listener.tell((), self._telling)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def history(self, scope: str, question: Asked) -> tuple[Reading, list[str]] | None:
        """Windows of a scope, past ones too, and the ids of all that are kept; None where there is no such scope."""
        async with self._histories:
            return await asyncio.to_thread(self._live.history, scope, question)

    async def work_days(self, days: Reading, question: Asked) -> WorkDays:
        """The days of a scope that were read by a question, with those of its calendars."""
        async with self._histories:
            return await asyncio.to_thread(self._live.work_days, days, question)

    async def usual(self, reading: Reading, kpis: Sequence[str]) -> UsualDays:
        """What is usual of the windows of a reading that are days, of these KPIs; of one window as of a minute ago."""
        question = reading.scope, tuple(reading.windows), tuple(kpis)
        async with self._histories:
            found: UsualDays | None = self._usual.get(question, clock.elapsed_seconds())
            if found is None:
                found = await asyncio.to_thread(self._live.usual, reading, kpis)
                if len(reading.windows) == 1:
                    self._usual.keep(question, found, clock.elapsed_seconds())
            return found

    async def board(self, home: str, kind: str) -> dict[str, Reading]:
        """The current figures of the reps on the boards of a team, or of `company`, by rep."""
        async with self._histories:
            return await asyncio.to_thread(self._live.board, home, kind)

    async def industry(self, home: str) -> list[dict[str, Any]]:
        """An industry's figures beside a team, or `company`."""
        async with self._histories:
            return await asyncio.to_thread(self._live.industry, home)

    async def achievements(self, scope: str) -> list[dict[str, Any]]:
        """What a rep or team achieved."""
        async with self._histories:
            return await asyncio.to_thread(self._live.achievements, scope)

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
        self._tell(())

    async def _read(self) -> None:
        while True:
            known, alerts, vouched = self.figures.keys(), self.alerts, self._vouched()
            recognised = self.contests, self.achieved
            changed = await self._round()
            self._turned = clock.elapsed_seconds()
            self._untold |= changed | (known - self.figures.keys())
            told = self.alerts_told, self.recognised_told, self.vouched_told
            self.alerts_told += alerts != self.alerts
            self.recognised_told += recognised != (self.contests, self.achieved)
            self.vouched_told += vouched != self._vouched()
            turned = told != (self.alerts_told, self.recognised_told, self.vouched_told)
            self._owing = self._owing or bool(self._untold) or turned
            if self._owing and clock.elapsed_seconds() >= self._next_telling:
                self._next_telling = clock.elapsed_seconds() + len(self._listeners) / TOLD_A_SECOND
                untold, self._untold, self._owing = self._untold, set(), False
                self._tell(untold)

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(PULSE_SECONDS)
            self.vouched_told += 1
            self._tell(())

    async def _round(self) -> set[str]:
        """Read once, and note who vouches; returns the scopes that changed."""
        try:
            changed = await asyncio.to_thread(self._live.wait, WAIT_SECONDS)
        except SetupError as error:
            log.error("cannot read the figures: %s", error, extra={"code": "figures_not_read"})
            await self._fail(str(error))
            return set()
        except Exception as error:
            # What lies in Redis is not what it should be: the page must not go on looking live.
            log.exception("cannot read the figures", extra={"code": "figures_not_read"})
            await self._fail(f"what lies in Redis cannot be read ({type(error).__name__}): see the board's log")
            return set()
        self._take(self._live.evidence)
        return changed

    async def _fail(self, why: str) -> None:
        since_ms = self.evidence.down_since_ms or clock.now_ms()
        self._take(replace(self._live.evidence, down_since_ms=since_ms, down_why=why))
        await asyncio.sleep(WAIT_SECONDS)

    def _vouched(self) -> tuple[Any, ...]:
        """What a verdict says that does not change by itself every second."""
        return self.verdict.state, self.verdict.since_ms, self.verdict.why, self.stale

    def _tell(self, changed: Collection[str]) -> None:
        self._telling += 1
        for listener in self._listeners:
            listener.tell(changed, self._telling)
