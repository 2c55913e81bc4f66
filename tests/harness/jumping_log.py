"""A source partition whose broker's clock jumps, with a worker that reads it and an operator who answers, in memory."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from aiokafka.errors import KafkaConnectionError
from hypothesis import strategies as st

from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.partition.time_reader import TimeReader
from pipeline.kernel.stage import Halt, Record
from pipeline.sending.answer import Stretch, propose
from schemas.control import ANSWER, KIND_HEADER, TICK, Answer, pack_answer
from tests.harness.proofs import PROOFS, signed

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
START_MS = 1_762_167_600_000
SETTINGS = EngineSettings(["localhost:1"], "group", lambda name: name, 1, proofs=PROOFS)
LIMIT_MS = SETTINGS.jump_limit_ms


@dataclass(frozen=True)
class LogRecord:
    """One record of the log."""

    offset: int
    timestamp: int
    key: bytes | None = None
    value: bytes | None = b""
    headers: Sequence[tuple[str, bytes]] = ((KIND_HEADER, TICK),)


class _Consumer:
    """Reads the log as a Kafka client does, two records at a time."""

    def __init__(self, log: Sequence[LogRecord], clients: "Clients") -> None:
        self._log = log
        self._clients = clients
        self._at = 0

    def assign(self, _: Any) -> None:
        """There is one partition."""

    async def end_offsets(self, sources: list[Any]) -> dict[Any, int]:
        """The present end."""
        return {sources[0]: len(self._log)}

    def seek(self, _: Any, offset: int) -> None:
        """Read on from there."""
        self._at = offset

    async def position(self, _: Any) -> int:
        """The next offset."""
        return self._at

    async def getmany(self, source: Any, timeout_ms: int) -> dict[Any, Sequence[LogRecord]]:
        """The next records."""
        assert timeout_ms
        found = self._log[self._at : self._at + 2]
        self._at += len(found)
        self._clients.records += len(found)
        return {source: found}


class Clients:
    """Makes readers of one log, and counts what they read. The first `away` times nobody responds."""

    def __init__(self, log: Sequence[LogRecord]) -> None:
        self._log = log
        self.readers = self.records = 0
        self.away = 0

    @asynccontextmanager
    async def reader(self, isolation_level: str) -> AsyncIterator[_Consumer]:
        """One more reader, of what is committed."""
        assert isolation_level == "read_committed"
        if self.away:
            self.away -= 1
            raise KafkaConnectionError("nobody responds")
        self.readers += 1
        yield _Consumer(self._log, self)


def broker(clients: Clients) -> Broker:
    """A broker that has these readers and nothing else."""
    return Broker(SETTINGS, cast(Any, None), cast(Any, None), cast(Any, clients))


@dataclass
class Reading:
    """One worker's way through the log: what each record counted as, and at what it halted."""

    log: Sequence[LogRecord]
    now_ms: int = START_MS
    counted: list[int] = field(default_factory=list)
    others_ms: dict[str, int] = field(default_factory=dict)
    line: str | None = None

    def __post_init__(self) -> None:
        """Nothing was read."""
        self.clients = Clients(self.log)
        self.restart()

    def restart(self) -> None:
        """A new process that has only what the state holds."""
        made = broker(self.clients)
        made.newest_ms.update(self.others_ms)
        before_ms = self.counted[-1] if self.counted else None
        self._reader = TimeReader("crm.events", 0, before_ms, made, lambda: self.now_ms)

    async def run(self, batch: int) -> "Reading":
        """Read on to the end, or to a record at which a worker halts: its line is kept, and a new process is there."""
        self.line = None
        while self.line is None and len(self.counted) < len(self.log):
            start = len(self.counted)
            try:
                found: Sequence[Record] = await self._reader.counted(self.log[start : start + batch])
            except Halt as halt:
                self.line = str(halt)
                self.restart()
            else:
                self.counted += [record.timestamp for record in found]
        return self


@dataclass(frozen=True)
class Step:
    """Some records are appended after a pause, and perhaps a worker reads them, and perhaps it was restarted before."""

    pause_ms: int
    ahead_ms: int
    records: int
    reads: int
    restarts: bool
    before: bool


_pauses = st.one_of(st.integers(0, 10 * MINUTE_MS), st.integers(0, 30 * HOUR_MS))
_aheads = st.one_of(st.just(0), st.integers(-3 * HOUR_MS, 8 * HOUR_MS), st.integers(6 * HOUR_MS, 9000 * HOUR_MS))
STEPS = st.lists(
    st.builds(Step, _pauses, _aheads, st.integers(1, 4), st.integers(0, 3), st.booleans(), st.booleans()), max_size=12
)
"""Quiet logs, clocks that go ahead and back again, answers of both kinds."""


class Life:
    """A log that was written, read and answered step by step."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self.log: list[LogRecord] = []
        self.reading = Reading(self.log)
        self.answers: list[Answer] = []

    def append(self, ahead_ms: int, **other: Any) -> None:
        """One record, stamped by a clock that is so far ahead."""
        self.log.append(LogRecord(len(self.log), self.now_ms + ahead_ms, **other))

    async def lived(self, steps: Sequence[Step]) -> "Life":
        """Let all this happen; in the end everything was read."""
        for step in (*steps, Step(0, 0, 1, 1, restarts=True, before=True)):
            self.now_ms += step.pause_ms
            for _ in range(step.records):
                self.append(step.ahead_ms)
            if step.restarts:
                self.reading.restart()
            if step.reads:
                await self._read(step)
        return self

    async def _read(self, step: Step) -> None:
        reading = self.reading
        reading.now_ms = self.now_ms
        while (await reading.run(step.reads)).line is not None:
            found = re.search(r"append-time crm\.events 0 (\d+) ", reading.line or "")
            assert found is not None
            stretch = Stretch("crm.events/0", self.log, PROOFS.at("crm.events", 0))
            answer = propose(stretch, int(found[1]), LIMIT_MS, self.now_ms, before=step.before).answer
            self.answers.append(answer)
            value = pack_answer(answer)
            self.append(0, value=value, headers=signed(ANSWER, value, "crm.events", 0))
