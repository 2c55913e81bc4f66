"""What a partition's task leaves behind when it ends."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, cast

import pytest

from pipeline.boards.scoreboard import Scoreboard
from pipeline.engine.changelog.log_record import Claim, encode
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.changelog.replica import Replica
from pipeline.engine.changelog.state_log import StateLog
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.kafka.broker import Broker
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.partition.partition_task import PartitionTask
from pipeline.kernel.lease import LeaseOverError
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.stage_spec import StageSpec
from tests.unit.boards.logs import FactsLog, at, cell


class Endless(Scoreboard):
    """Its fold takes minutes, as a large change of the organisation may."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Turn after turn."""
        yield from super().fold(records)
        while True:
            yield ()


def _fail(reason: str) -> NoReturn:
    raise AssertionError(reason)


async def test_whoever_waits_for_a_fold_that_is_left_hears_of_it() -> None:
    """As a scrape does: nobody goes on with that fold, so nobody else would wake it."""
    settings = EngineSettings(["x:1"], "g", lambda name: name, 1, fail_stop=_fail)
    spec = StageSpec(
        "scoreboard", "facts", "state.scoreboard", lambda partition, store: Endless(partition, store, 1), ()
    )
    replica = Replica(spec, 0, settings)
    replica.reader.feed(0, 1000, encode(Claim("w")))
    broker = Broker(settings, cast(Any, None), cast(Any, None), cast(Any, None))
    log = StateLog(replica, LogWriter(replica.store, 0, 1000, settings.writer_policy), broker)
    task = PartitionTask(replica, await replica.stage(), log, broker, lambda: None)
    task.pump.session = 0
    task.begin()
    facts = FactsLog()
    facts.add(at("2026-11-23 12:00"), cell("north", "7", at("2026-11-23 12:00"), calls=1, activities=1))
    task.fold(Chunk(cast(Any, facts.records), 0, 0), 0.0)
    waiting = asyncio.create_task(task.lease.until_settled())
    await asyncio.sleep(0)
    assert task.lease.folding
    assert not waiting.done()

    await task.end()

    with pytest.raises(LeaseOverError):
        await waiting
