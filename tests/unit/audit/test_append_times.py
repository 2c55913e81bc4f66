"""The audit counts append times as the pipeline does, by its own way: it has the whole log before it."""

import asyncio

from hypothesis import given, settings

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.records import LogReader
from schemas.control import Answer
from tests.harness.jumping_log import STEPS, Life, Step
from tests.harness.proofs import own_records
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation


@settings(max_examples=15)
@given(STEPS)
def test_any_answers_give_the_same_append_times(steps: list[Step]) -> None:
    """Whatever jumped and was answered, and however often the worker was restarted."""
    life = asyncio.run(Life().lived(steps))
    reader = LogReader("crm.events", 0, 1, own_records(1))
    for record in life.log:
        reader.read(record)
    with Database() as database:
        Oracle(database, Rules()).take_in(reader.hand_over())
        database.run("append_times")

        found = database.rows("SELECT append_ms FROM appended ORDER BY pos")
        assert [append_ms for (append_ms,) in found] == life.reading.counted


def test_events_that_were_stamped_ahead_count_where_they_belong() -> None:
    """On the right partition and on a wrong one, from which it was forwarded: the cells are those of the fold."""
    world = World(partitions=2).play(organisation())
    told_ms = world.now_ms
    calls = [event("call", f"c{n}", told_ms, rep_id="rep-01", direction="outbound", started_at=told_ms) for n in (1, 2)]
    for topic, partition in (("telephony.events", 0), ("telephony.events", 1)):
        world.now_ms = told_ms
        world.append(topic, partition, b"", headers=(("sp", b"tick"),))
        world.now_ms = NOON_MS + 500 * DAY
        world.produce(calls, partition)
        world.now_ms = told_ms
        jumped = len(world.logs[topic, partition])
        world.answer(topic, partition, Answer(jumped - 2, jumped - 1, told_ms))
    world.run()

    assert (world.reasons(), world.measure("dials")) == ([], 2)
    with audited(world) as database:
        assert database.rows("SELECT sum(amount) FROM cell WHERE measure = 'dials'") == [(2,)]
        assert database.rows("SELECT DISTINCT append_ms FROM misplaced") == [(told_ms,)]
        assert database.rows("SELECT DISTINCT append_ms FROM event WHERE domain = 'telephony'") == [(told_ms,)]
