"""The publisher of one lease: takes what changed on its board, waits until that is durable, and writes it to the sinks.

It never holds ingestion up: a sink that is down is skipped, and gets what it missed when it is back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from redis.backoff import AbstractBackoff, ExponentialWithJitterBackoff

from pipeline import clock
from pipeline.boards.pending import PUBLISHED
from pipeline.kernel.failpoints import Failpoints
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Send
from pipeline.kernel.time_slice import TimeSlice
from pipeline.monitoring.metrics import Metrics
from pipeline.publishing.cpu_budget import CpuBudget
from pipeline.publishing.published_stage import PublishedStage
from pipeline.scores.figures import Figure
from pipeline.sinks.sink import Batch, Bookmark, Deposed, Owner, Reclaimable, Sink, SinkDown, Survey

log = logging.getLogger(__name__)

PANES_AT_ONCE = 2000
RECONSIDERED_SECONDS = 0.2
"""A pause is looked at again so often: the debt that it waits for is paid off sooner once the process is idle."""
RECLAIMED_SECONDS = 1.0
"""So often it is looked whether a sink that named a later owner was wrong."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often figures go out (those of current windows; all others with the topics), and sinks are looked over.

    Figures of `scopes_at_once` scopes (or past days of them) are formed before the event loop has its turn; that is
    done in so many `rounds` before what was taken is sent.
    """

    interval_seconds: float
    slow_interval_seconds: float
    survey_seconds: float = 10.0
    backoff: AbstractBackoff = field(default_factory=lambda: ExponentialWithJitterBackoff(cap=10.0, base=0.5))
    scopes_at_once: int = 20
    rounds: int = 20


@dataclass(slots=True)
class _Feed:
    """One sink, as this lease serves it. `defined_by` is what shaped all that it shows, as far as it was served.

    `refused_at` is the last position computed when it named a later owner, `contested` that there is none.
    """

    sink: Sink
    bookmark: Bookmark
    defined_by: str
    up: bool = False
    refused_at: int | None = None
    contested: bool = False
    failures: int = 0
    due: float = 0.0

    @property
    def over(self) -> bool:
        """Whether this lease has nothing more to publish there."""
        return self.refused_at is not None and not isinstance(self.sink, Reclaimable)

    def note_refused(self, computed: int) -> None:
        self.up, self.refused_at = False, computed
        self.due = clock.elapsed_seconds() + RECLAIMED_SECONDS

    def note_up(self) -> None:
        self.up, self.failures = True, 0

    def note_down(self, backoff: AbstractBackoff) -> None:
        self.up = False
        self.failures += 1
        self.due = clock.elapsed_seconds() + backoff.compute(self.failures)


class Publisher:
    """Runs as a companion of a lease: from `run` until it is cancelled."""

    def __init__(
        self,
        lease: Lease,
        stage: PublishedStage,
        sinks: Sequence[Sink],
        pace: Pace,
        budget: CpuBudget,
        metrics: Metrics,
        failpoints: Failpoints | None = None,
    ) -> None:
        self._lease = lease
        self._stage = stage
        self._board = stage.board
        self._pace = pace
        self._budget = budget
        self._metrics = metrics
        self._failpoints = failpoints or Failpoints()
        self._owner = Owner(stage.stage, lease.partition, lease.generation, lease.epoch)
        held: dict[str, list[Any]] = lease.store.scalars.get(PUBLISHED, {})
        self._feeds = [_feed(sink, held.get(sink.name)) for sink in sinks]
        self._gap = True
        self._slow_due = self._slow_earliest = 0.0
        self._taken = -2
        self._complete = False

    async def run(self) -> None:
        """Publish until cancelled. What a sink cannot take is no error; what the broker does not take is."""
        self._board.generation = self._lease.generation
        for feed in self._feeds:
            if feed.sink.carries_parts:
                self._stage.mark_parts_since(_offset(feed.bookmark.published))
        while self._any_left:
            await self._survey()
            slow = clock.elapsed_seconds() >= self._slow_due
            if slow or self._live:
                await self._publish(slow=slow)
            await self._pause()

    async def _survey(self) -> None:
        """Ask every sink that is due what it misses, and mark that as changed."""
        due = [feed for feed in self._feeds if not feed.over and clock.elapsed_seconds() >= feed.due]
        if any(await asyncio.gather(*(self._ask(feed) for feed in due))):
            await self._mark_all()

    async def _mark_all(self) -> None:
        """Have everything published again."""
        await self._mark(self._marking_all())

    def _marking_all(self) -> Iterator[int]:
        for home in self._board.homes():
            yield from self._board.marking.unchosen(home)
            yield from self._board.marking.all_windows(home)

    async def _mark(self, steps: Iterable[int]) -> None:
        """Have that published which these steps mark; between two of them others may fold."""
        await self._lease.until_settled()
        time_slice = TimeSlice()
        for _ in steps:
            await time_slice.pause()
            await self._lease.until_settled()
        self._gap, self._complete, self._slow_due = True, False, 0.0

    async def _ask(self, feed: _Feed) -> bool:
        """Mark what a sink misses; whether it misses everything, since it was served by another definition."""
        was_up = feed.up
        if feed.refused_at is not None and not await self._reclaimed(feed, feed.refused_at):
            return False
        feed.due = clock.elapsed_seconds() + self._pace.survey_seconds
        survey = await self._try(feed, feed.sink.survey(self._owner, feed.bookmark, self._board.published_scopes()))
        if survey is None:
            return False
        since = feed.bookmark.published if survey.since is None and not was_up else survey.since
        feed.bookmark = survey.bookmark
        other = not was_up and feed.defined_by != self._board.defined_by
        if since is None and not survey.homes and not survey.windows:
            return other
        await self._mark(self._marking_missed(survey, since))
        return other

    async def _reclaimed(self, feed: _Feed, refused_at: int) -> bool:
        """Whether a sink that named a later owner was wrong, and takes figures of this one again.

        What was folded after the refusal was appended after it too. Once that is durable, no claim was before it.
        """
        feed.due = clock.elapsed_seconds() + RECLAIMED_SECONDS
        if self._lease.durable <= refused_at or not isinstance(feed.sink, Reclaimable):
            return False
        if not feed.contested:
            feed.contested = True
            self._metrics.saw_unknown_owner()
        if await self._try(feed, feed.sink.reclaim(self._owner)) is None:
            return False
        log.warning(
            "%s named an owner of %s that never claimed it; it is ours again", feed.sink.name, self._name,
            extra=self._told("owner_unknown", feed),
        )  # fmt: skip
        feed.refused_at, feed.contested = None, False
        return True

    def _marking_missed(self, survey: Survey, since: int | None) -> Iterator[int]:
        if since is not None:
            known = since == survey.bookmark.published
            now_ms = survey.bookmark.now_ms if known and since >= 0 else None
            yield from self._board.marking.since(_offset(since), now_ms)
        for home in sorted(survey.homes):
            yield from self._board.marking.home(home)
        for window in sorted(survey.windows):
            self._board.marking.window(*window)
            yield 1

    async def _publish(self, *, slow: bool) -> None:
        batch = await self._take(slow=slow)
        await self._lease.until_durable(batch.position)
        topics = [feed for feed in self._feeds if feed.up and not feed.sink.fast] if slow else []
        self._failpoints.reached("taken")
        await self._write_all(self._live, batch)
        if topics:
            await self._live_until(asyncio.create_task(self._write_all(topics, batch)))
        self._failpoints.reached("published")
        if slow:
            interval_seconds = self._pace.slow_interval_seconds if batch.complete else 0.0
            now = clock.elapsed_seconds()
            self._slow_earliest = now + interval_seconds
            self._slow_due = now + self._budget.pause_seconds(interval_seconds, slow=True)
        marks = {feed.sink.name: [*feed.bookmark, feed.defined_by] for feed in self._feeds}
        self._lease.store.scalars[PUBLISHED] = dict(sorted(marks.items()))

    async def _write_all(self, feeds: Sequence[_Feed], batch: Batch) -> None:
        size = 1 + len(batch.figures)
        writes = ((feed.sink.name, partial(self._write, feed, batch)) for feed in feeds)
        await asyncio.gather(
            *(self._budget.charged(write, of=name, size=size, slow=batch.slow) for name, write in writes)
        )

    async def _live_until(self, written: "asyncio.Task[None]") -> None:
        """Let live figures go out meanwhile: the brokers may take long to acknowledge what the topics got."""
        try:
            while not written.done():
                await asyncio.wait({written}, timeout=self._budget.pause_seconds(self._pace.interval_seconds))
                if self._live and not written.done() and self._lease.computed > self._taken:
                    await self._publish(slow=False)
        finally:
            written.cancel()
        await written

    async def _take(self, *, slow: bool) -> Batch:
        """What changed, in rounds that give the event loop its turn."""
        found: dict[tuple[str, str], Figure] = {}
        parts: list[Send] = []
        time_slice = TimeSlice()
        for _ in range(self._pace.rounds):
            await self._lease.until_settled()
            with self._budget.spending(slow=slow):
                more = self._take_round(found, parts, slow=slow)
            if not more:
                break
            await time_slice.pause()
        await self._lease.until_settled()
        return self._batch(found, parts, slow=slow)

    def _take_round(self, found: dict[tuple[str, str], Figure], parts: list[Send], *, slow: bool) -> bool:
        """Take what some scopes have; whether there may be more."""
        figures = self._board.take(slow=slow, limit=self._pace.scopes_at_once)
        if slow:
            parts += self._stage.take_parts(PANES_AT_ONCE)
        for figure in figures:
            key = figure.scope, figure.window
            earlier = found.get(key)
            found[key] = figure if earlier is None else figure.after(earlier)
        return self._board.changed if slow else bool(figures)

    def _batch(self, found: dict[tuple[str, str], Figure], parts: list[Send], *, slow: bool) -> Batch:
        """The batch as of now: called when the lease is settled, and awaits nothing."""
        rest = self._stage.take_parts(PANES_AT_ONCE) if slow else []
        complete = slow and not self._board.changed and not rest
        homes = sorted({*(figure.home for figure in found.values()), *self._stage.take_regrouped()})
        gap = self._gap and slow
        self._gap = self._gap and not gap
        self._taken, self._complete = self._lease.computed, complete
        return Batch(
            position=self._lease.computed,
            now_ms=self._board.now_ms,
            complete=complete,
            slow=slow,
            figures=list(found.values()),
            current={home: self._board.current_ids(home) for home in homes},
            beside={home: self._stage.beside(home) for home in homes},
            alerts=self._stage.take_alerts(),
            open_alerts=self._stage.open_alerts() if gap else None,
            recognition=self._stage.take_recognition(),
            all_recognition=self._stage.recognition() if gap else None,
            parts=[*parts, *rest],
            cut=self._cut() if complete else None,
            defined_by=self._board.defined_by,
        )

    def _cut(self) -> dict[str, Any] | None:
        cut = self._stage.cut()
        if cut is None or cut["offset"] < 0:
            return None
        return {**cut, "version": [self._lease.generation, cut["offset"]]}

    async def _write(self, feed: _Feed, batch: Batch) -> None:
        bookmark = await self._try(feed, feed.sink.write(self._owner, feed.bookmark, batch))
        if bookmark is None:
            return
        feed.bookmark = bookmark
        if batch.complete:
            feed.defined_by = batch.defined_by
        if batch.figures:
            lag_seconds = (clock.now_ms() - batch.now_ms) / 1000
            self._metrics.published(feed.sink.name, self._owner.stage, len(batch.figures), lag_seconds)

    async def _try(self, feed: _Feed, asked: Awaitable[T]) -> T | None:
        """The sink's answer; None when it is down, or has seen a later owner."""
        name = feed.sink.name
        try:
            answer = await asked
        except SinkDown as error:
            if not feed.failures:
                log.warning("%s is down for %s: %s", name, self._name, error, extra=self._told("sink_down", feed))
            feed.note_down(self._pace.backoff)
            self._metrics.sink_failed(name)
            return None
        except Deposed as error:
            if feed.refused_at is None:
                log.warning(
                    "%s: %s is now published by another worker: %s", name, self._name, error,
                    extra=self._told("deposed", feed),
                )  # fmt: skip
                self._metrics.was_deposed(name)
            feed.note_refused(self._lease.computed)
            return None
        if feed.failures:
            log.info("%s is up again for %s", name, self._name, extra=self._told("sink_up", feed))
        feed.note_up()
        return answer

    def _sooner(self, due: float, earliest: float, *, slow: bool) -> float:
        """When to go on that was to go on at `due`, now that the process may have become idle."""
        return max(earliest, min(due, clock.elapsed_seconds() + self._budget.pause_seconds(0.0, slow=slow)))

    def _told(self, code: str, feed: _Feed) -> dict[str, Any]:
        """What a line of the log says for programs."""
        owner = self._owner
        return {"code": code, "stage": owner.stage, "partition": owner.partition, "sink": feed.sink.name}

    @property
    def _name(self) -> str:
        return f"{self._owner.stage}-{self._owner.partition}"

    async def _pause(self) -> None:
        """Wait out the interval, and then until there is something to do."""
        began = clock.elapsed_seconds()
        due = began + self._budget.pause_seconds(self._pace.interval_seconds)
        while (left := due - clock.elapsed_seconds()) > 0:
            await asyncio.sleep(min(left, RECONSIDERED_SECONDS))
            due = self._sooner(due, began + self._pace.interval_seconds, slow=False)
        lease = self._lease
        while lease.computed <= self._taken and (left := self._due() - clock.elapsed_seconds()) > 0:
            await lease.advanced(left if self._complete else min(left, RECONSIDERED_SECONDS))

    def _due(self) -> float:
        """When there is something to do even if nothing is folded."""
        due = min((feed.due for feed in self._feeds if not feed.over), default=0.0)
        if self._complete:
            return due
        self._slow_due = self._sooner(self._slow_due, self._slow_earliest, slow=True)
        return min(due, self._slow_due)

    @property
    def _live(self) -> list[_Feed]:
        """The sinks that get live figures now."""
        return [feed for feed in self._feeds if feed.up and feed.sink.fast]

    @property
    def _any_left(self) -> bool:
        return any(not feed.over for feed in self._feeds)


def _feed(sink: Sink, held: list[Any] | None) -> _Feed:
    """A sink with its bookmark, as the state has it; of one that is new nothing is known."""
    if held is None:
        return _Feed(sink, Bookmark(), "")
    *bookmark, defined_by = held
    return _Feed(sink, Bookmark(*bookmark), defined_by)


def _offset(published: int) -> int | None:
    return published if published >= 0 else None
