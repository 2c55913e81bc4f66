"""`python -m benchmarks.scores`: what scores and publishing cost, in one process and without Kafka.

Facts come from the real stage 1, which is not counted. Printed are microseconds of processor time per event and per
figure, then milliseconds of it per second of life at a low rate of events, and at none.
"""

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiokafka.structs import RecordMetadata

from benchmarks.events import Arrival, Floor, arrivals, organisation
from benchmarks.inbox import Inbox, Line
from benchmarks.one_partition import PUBLISHED
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.embedded.redis import embedded_redis
from pipeline.engine.kafka.outlet import Records, Sent
from pipeline.engine.supervision import gc_tuning
from pipeline.kernel.stage import Send
from pipeline.scores.figures import Figure
from pipeline.sinks.kpi_topic import KpiTopic
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.sink import Batch, Bookmark, Owner
from schemas import facts, parts

NOON_MS = 1_795_435_200_000
BATCH = 1000
LIVE_PER_SECOND = 20
"""Live figures are taken so often where nothing holds them up."""


class Cost:
    """Processor seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count what is done inside."""
        began = time.process_time()
        try:
            yield
        finally:
            self.seconds[name] += time.process_time() - began

    def show(self, title: str, unit: str, parts_of: float, scale: float) -> None:
        """Print all of it, divided."""
        print(f"{title} ({unit})")
        for name, seconds in self.seconds.items():
            print(f"  {name:<28}{seconds * scale / parts_of:9.2f}")
        print(f"  {'in all':<28}{sum(self.seconds.values()) * scale / parts_of:9.2f}", flush=True)


class Desk:
    """Scoreboard and rollup behind one another, with the real sinks; the topics' producer is left out."""

    def __init__(self, url: str, cost: Cost) -> None:
        self.cost = cost
        self.scoreboard = Line(lambda store: Scoreboard(0, store, 1, PUBLISHED))
        self.rollup = Line(lambda store: Rollup(0, store, 1, PUBLISHED))
        self._redis = RedisSink(connect(url), "bench", 3600, self.scoreboard.stage.board.definition_version)
        self._topic = KpiTopic(self._send_all, lambda: None, str)  # type: ignore[arg-type, return-value]
        self._owners = {line: Owner(name, 0, 1, 1) for line, name in self._lines.items()}
        self.figures = 0

    @property
    def _lines(self) -> dict[Line[Any], str]:
        return {self.scoreboard: "scoreboard", self.rollup: "rollup"}

    async def survey(self) -> None:
        """As a publisher does, first of all."""
        for line, owner in self._owners.items():
            await self._redis.survey(owner, Bookmark(), line.stage.board.published_scopes())

    def fold(self, name: str, line: Line[Any], sends: Sequence[Send]) -> None:
        """Fold what was sent as one batch, and encode the delta."""
        with self.cost.of(f"{name}: unpacking"):
            for send in sends if line is self.scoreboard else ():
                if not send.headers:
                    facts.unpack(send.value or b"")
            for send in sends if line is self.rollup else ():
                if not send.headers:
                    parts.unpack(send.value or b"")
        with self.cost.of(f"{name}: folding, unpacking too"):
            line.fold(sends)
        with self.cost.of(f"{name}: delta"):
            line.delta()

    async def publish(self, line: Line[Any], *, slow: bool) -> None:
        """Take what changed, and give it to the sinks."""
        name, board = self._lines[line], line.stage.board
        with self.cost.of(f"{name}: taking {'all' if slow else 'live'}"):
            figures = board.take(slow=slow)
        self.figures += len(figures)
        await self._write(name, self._owners[line], line, figures, slow=slow)

    async def _write(self, name: str, owner: Owner, line: Line[Any], figures: list[Figure], *, slow: bool) -> None:
        homes = {figure.home for figure in figures}
        current = {home: line.stage.board.current_ids(home) for home in homes}
        beside = {home: line.stage.beside(home) for home in homes}
        batch = Batch(
            line.store.position, NOON_MS, complete=slow, slow=slow, figures=figures, current=current, beside=beside
        )
        with self.cost.of(f"{name}: Redis"):
            await self._redis.write(owner, Bookmark(), batch)
        if slow:
            with self.cost.of(f"{name}: KPI records"):
                await self._topic.write(owner, Bookmark(), batch)

    def send_parts(self) -> None:
        """Hand on to the rollup what changed."""
        with self.cost.of("scoreboard: parts"):
            sends = self.scoreboard.stage.take_parts(10**6)
        self.fold("rollup", self.rollup, sends)

    async def _send_all(self, _topic: str, _partition: int, records: Records) -> list[Sent]:
        sent: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        sent.set_result(RecordMetadata("kpis", 0, None, 0, -1, -1, -1))
        return [Sent(sent, len(records))]

    async def close(self) -> None:
        """The connections are closed."""
        await self._redis.close()


async def run(floor: Floor, seconds: int, url: str) -> None:
    """Everything, one after the other."""
    cost = Cost()
    inbox, desk = Inbox(organisation(floor), floor.end_ms), Desk(url, cost)
    events = arrivals(floor)
    desk.fold("", desk.scoreboard, inbox.copies("facts"))
    desk.fold("", desk.rollup, inbox.copies("parts"))
    cost.seconds.clear()
    many = events[: -seconds * floor.events_per_second]
    for start in range(0, len(many), BATCH):
        desk.fold("scoreboard", desk.scoreboard, inbox.facts(many[start : start + BATCH], floor.end_ms))
        desk.send_parts()
    gc_tuning.settle()
    cost.show("folding", "microseconds per event", len(many), 1e6)

    cost.seconds.clear()
    desk.figures = 0
    await desk.survey()
    for line in (desk.scoreboard, desk.rollup):
        list(line.stage.board.marking.since(None))
        await desk.publish(line, slow=True)
    cost.show(f"publishing everything: {desk.figures} figures", "microseconds per figure", desk.figures, 1e6)

    now_ms = floor.end_ms
    now_ms = await _live(desk, inbox, events[len(many) :], floor, now_ms, seconds)
    cost.show(f"life at {floor.events_per_second} events/s", "milliseconds per second", seconds, 1e3)
    await _live(desk, inbox, [], floor, now_ms, seconds)
    cost.show("life without events", "milliseconds per second", seconds, 1e3)
    await desk.close()


async def _live(desk: Desk, inbox: Inbox, events: list[Arrival], floor: Floor, now_ms: int, seconds: int) -> int:
    """Second by second; returns the instant it ended at."""
    desk.cost.seconds.clear()
    at_once = -(-floor.events_per_second // LIVE_PER_SECOND)
    for second in range(seconds):
        for turn in range(LIVE_PER_SECOND):
            start = (second * LIVE_PER_SECOND + turn) * at_once
            now_ms += 1000 // LIVE_PER_SECOND
            tick = turn == 0 and second % 5 == 0
            desk.fold("scoreboard", desk.scoreboard, inbox.facts(events[start : start + at_once], now_ms, tick=tick))
            await desk.publish(desk.scoreboard, slow=turn == 0)
            if turn == 0:
                desk.send_parts()
                await desk.publish(desk.rollup, slow=True)
    return now_ms


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scores", description=__doc__)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--seconds", type=int, default=70, help="of life at a low rate, and of none")
    parser.add_argument("--reps", type=int, default=500)
    parser.add_argument("--teams", type=int, default=25)
    options = parser.parse_args()
    events = options.events + options.seconds * 100
    floor = Floor(events, NOON_MS, reps=options.reps, teams=options.teams)
    gc_tuning.tune()
    with embedded_redis() as url:
        asyncio.run(run(floor, options.seconds, url))


if __name__ == "__main__":
    main()
