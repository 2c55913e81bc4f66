"""Fault 18: logs that are not what they were. One line says what is wrong, nothing is acknowledged, and what mends it.

A source that was trimmed before it was read, and a state log that ends with a record of somebody else's, are in
tests/integration/test_engine.py.
"""

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.structs import TopicPartition as AdminTopicPartition

from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.changelog.log_record import SnapshotStart, decode
from pipeline.engine.kafka import fail_stop
from pipeline.kernel.store import Store
from tests.conftest import Start
from tests.harness.counting_process import PARTITIONS, CountingProcess, Tally, create_topics
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

LOOK_SECONDS = 2


def ends_with(worker: CountingProcess, line: str) -> None:
    """The worker stops by itself, says why, and no traceback comes with it."""
    assert worker.until_ended() == fail_stop.EXIT_CODE
    said = worker.tail(60)
    assert line in said
    assert "Traceback" not in said


def delete_before(tally: Tally, topic: str, partition: int, offset: int) -> None:
    """Delete the records before an offset behind the owner's back."""
    admin = KafkaAdminClient(bootstrap_servers=tally.bootstrap)
    admin.delete_records({AdminTopicPartition(f"{tally.namespace}.{topic}", partition): offset})
    admin.close()


def delete_topic(tally: Tally, topic: str) -> None:
    """Delete a topic."""
    admin = KafkaAdminClient(bootstrap_servers=tally.bootstrap)
    admin.delete_topics([f"{tally.namespace}.{topic}"])
    wait_until(lambda: f"{tally.namespace}.{topic}" not in admin.list_topics(), "the topic to be gone")
    admin.close()


def create_anew(tally: Tally, topic: str) -> None:
    """Delete a topic, and create it again."""
    delete_topic(tally, topic)
    create_topics(tally.bootstrap, tally.namespace, [topic])


def first_that_is_no_mark(tally: Tally, topic: str, partition: int) -> int:
    """The offset of the first record of a state log that no reader could begin with."""
    consumer = Consumer({"bootstrap.servers": tally.bootstrap, "group.id": "reader", "log_level": 0})
    consumer.assign([TopicPartition(f"{tally.namespace}.{topic}", partition, OFFSET_BEGINNING)])
    try:
        while True:
            message = consumer.poll(10)
            assert message is not None
            offset = message.offset()
            if offset and not isinstance(decode(message.value()), SnapshotStart):
                return offset
    finally:
        consumer.close()


def whole_from(tally: Tally, topic: str, partition: int, start: int) -> bool:
    """Whether a state log would still lead to the whole state if it began at this offset."""
    consumer = Consumer({"bootstrap.servers": tally.bootstrap, "group.id": "reader", "log_level": 0})
    place = TopicPartition(f"{tally.namespace}.{topic}", partition, start)
    consumer.assign([place])
    _, end = consumer.get_watermark_offsets(place, timeout=10)
    reader = LogReader(Store(), topic)
    try:
        while (reader.next_offset or start) < end:
            message = consumer.poll(10)
            assert message is not None
            offset = message.offset()
            assert offset is not None
            reader.feed(offset, message.timestamp()[1], message.value())
    finally:
        consumer.close()
    return reader.whole


def test_fault_18_a_state_log_that_starts_in_an_older_round_is_read_from_the_next(start: Start, tally: Tally) -> None:
    """A broker that crashes forgets how far a log was trimmed, and starts it with its oldest segment.

    Here the owner crashes before it has trimmed, and the log is cut off in the round before: it looks the same.
    """
    worker = start(failpoints="round.acked#40")

    def crashed() -> bool:
        tally.produce(50)
        return not worker.running

    wait_until(crashed, "the crash before a trim", 120)
    places = [
        (topic, partition, first_that_is_no_mark(tally, topic, partition))
        for topic in ("state.crm", "state.scoreboard")
        for partition in range(PARTITIONS)
    ]
    untrimmed = [place for place in places if whole_from(tally, *place)]
    assert untrimmed
    for place in untrimmed:
        delete_before(tally, *place)
    start(worker="next")
    tally.produce(100)
    tally.until_agreed()


def test_fault_18_a_state_log_whose_head_is_lost_is_refused(start: Start, tally: Tally) -> None:
    """Records are missing before the first mark: the state is not known. Created anew, it follows from the source."""
    worker = start()
    worker.until_holding()
    tally.produce(500)
    tally.until_agreed()
    assert worker.stop() == 0
    delete_before(tally, "state.crm", 1, first_that_is_no_mark(tally, "state.crm", 1))
    worker.begin()
    ends_with(worker, f"cannot take over: {tally.namespace}.state.crm-1: no complete snapshot before offset ")

    tally.produce(100)
    create_anew(tally, "state.crm")
    worker.begin()
    tally.until_agreed()


def test_fault_18_a_record_of_somebody_else_in_a_state_log_is_refused(start: Start, tally: Tally) -> None:
    """It ends the owner at its next record there, and every later one, for which it stands in the middle."""
    worker = start()
    worker.until_holding()
    tally.produce(300)
    tally.until_agreed()
    producer = Producer({"bootstrap.servers": tally.bootstrap, "log_level": 0})
    producer.produce(f"{tally.namespace}.state.crm", b"not a record of a state log", partition=1)
    producer.flush()
    ends_with(worker, "crm.events-1: ")
    for _ in range(2):
        worker.begin()
        ends_with(worker, "cannot take over: ")

    tally.produce(100)
    create_anew(tally, "state.crm")
    worker.begin()
    tally.until_agreed()


@pytest.mark.parametrize("topic", ["state.crm", "facts"])
def test_fault_18_a_topic_that_is_deleted_ends_the_worker(start: Start, tally: Tally, topic: str) -> None:
    """Nothing is acknowledged meanwhile; the line names the topic."""
    worker = start(look_seconds=LOOK_SECONDS)
    worker.until_holding()
    tally.produce(100)
    tally.until_agreed()
    delete_topic(tally, topic)
    ends_with(worker, f"topic {tally.namespace}.{topic} is gone: it was deleted while the worker was running")


def test_fault_18_a_state_log_that_is_created_anew_under_its_owner_ends_it(start: Start, tally: Tally) -> None:
    """What it wrote last is no head of a log: the next owner is refused, too, until the topic is empty again."""
    worker = start()
    worker.until_holding()
    tally.produce(300)
    tally.until_agreed()
    create_anew(tally, "state.crm")
    assert worker.until_ended() == fail_stop.EXIT_CODE
    assert "the log was truncated or recreated" in worker.tail(60)
    worker.begin()
    ends_with(worker, "no complete snapshot before offset ")

    tally.produce(100)
    create_anew(tally, "state.crm")
    worker.begin()
    tally.until_agreed()


@pytest.mark.quick_fault
def test_fault_18_a_source_that_is_created_anew_is_refused(start: Start, tally: Tally) -> None:
    """Positions lie ahead of the log: it is another one, and only a new deployment can tell what it holds."""
    worker = start()
    worker.until_holding()
    tally.produce(300)
    tally.until_agreed()
    assert worker.stop() == 0
    create_anew(tally, "crm.events")
    worker.begin()
    ends_with(worker, "the log was replaced or truncated")


def test_fault_18_a_source_that_is_created_anew_under_a_worker_ends_it(start: Start, tally: Tally) -> None:
    """However fast it fills: not one of its records is taken for one that was still to come."""
    worker = start()
    worker.until_holding()
    tally.produce(300)
    tally.until_agreed()
    expected = dict(tally.expected)
    create_anew(tally, "crm.events")
    tally.produce(2000)
    ends_with(worker, "the log was replaced or truncated")
    tally.expected.clear()
    tally.expected.update(expected)
    assert tally.agrees()


def test_fault_18_facts_that_are_lost_with_their_state_are_not_made_up(start: Start, tally: Tally) -> None:
    """A scoreboard without a state begins only with the first of its facts."""
    worker = start()
    worker.until_holding()
    tally.produce(300)
    tally.until_agreed()
    assert worker.stop() == 0
    create_anew(tally, "state.scoreboard")
    delete_before(tally, "facts", 2, 1)
    worker.begin()
    ends_with(worker, f"{tally.namespace}.facts-2 starts at 1 and there is no state to resume from")
