"""The engine against brokers: whatever ends a worker, the counts equal what was produced."""

import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.structs import TopicPartition as AdminTopicPartition

from pipeline.engine.changelog.log_record import Delta, encode
from pipeline.engine.kafka import fail_stop
from pipeline.kernel import failpoints
from tests.conftest import Start
from tests.harness.counting import POISON
from tests.harness.counting_process import PARTITIONS, CountingProcess, Tally, create_topics
from tests.harness.state import end_offsets, read_state
from tests.servers.kafka import KafkaServer
from tests.servers.process import wait_until


def log_start(bootstrap: str, topic: str, partition: int) -> int:
    """The first offset that is still there."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    try:
        return int(consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)[0])
    finally:
        consumer.close()


def delete_all(tally: Tally) -> None:
    """Delete every record of the source, as a retention that is too short would."""
    ends = end_offsets(tally.bootstrap, {f"{tally.namespace}.crm.events": PARTITIONS})
    admin = KafkaAdminClient(bootstrap_servers=tally.bootstrap)
    try:
        admin.delete_records({AdminTopicPartition(*partition): end for partition, end in ends.items()})
    finally:
        admin.close()


def committed_offsets(tally: Tally) -> list[int]:
    """What the group has committed, for each partition of the source."""
    group = {"bootstrap.servers": tally.bootstrap, "group.id": f"{tally.namespace}.worker", "log_level": 0}
    consumer = Consumer(group)
    try:
        source = [TopicPartition(f"{tally.namespace}.crm.events", n) for n in range(PARTITIONS)]
        return [int(partition.offset) for partition in consumer.committed(source, timeout=10)]
    finally:
        consumer.close()


@pytest.mark.slow
def test_a_killed_worker_on_the_embedded_broker_loses_and_doubles_nothing(
    mock_broker: str, namespace: str, tmp_path: Path, processes: list[CountingProcess]
) -> None:
    """After kill -9 in the middle and a restart, both stages equal what was produced; silent partitions tick."""
    tally = Tally(mock_broker, namespace, embedded=True)
    process = CountingProcess(tmp_path, namespace, mock_broker, embedded=True)
    processes.append(process)
    process.begin()
    process.until_holding(2 * PARTITIONS)
    tally.produce(3000)
    process.kill()
    tally.produce(2000)
    process.begin()
    tally.until_agreed()

    def ticked() -> bool:
        stores = read_state(mock_broker, f"{namespace}.state.crm", PARTITIONS)
        return all(store.scalars.get("ticks", 0) > 1 for store in stores)

    wait_until(ticked, "a tick in every source partition")
    assert process.stop() == 0


@pytest.mark.slow
def test_a_state_log_that_the_embedded_broker_cut_off_is_read_from_a_mark(
    mock_broker: str, namespace: str, tmp_path: Path, processes: list[CountingProcess]
) -> None:
    """The embedded broker drops the oldest of more than 5 MB a partition: here all that the first batches wrote."""
    tally = Tally(mock_broker, namespace, embedded=True)
    producer = Producer({"bootstrap.servers": mock_broker, "log_level": 0})
    junk = encode(Delta(-1, 0, True, 0, 0, {}, {b"of a former owner": b"x" * 450_000}))
    process = CountingProcess(tmp_path, namespace, mock_broker, embedded=True, eager=True)
    processes.append(process)
    process.begin()
    process.until_holding(2 * PARTITIONS)

    def cut() -> bool:
        producer.produce(f"{namespace}.state.crm", junk, partition=0)
        producer.flush()
        tally.produce(200)
        return log_start(mock_broker, f"{namespace}.state.crm", 0) > 0

    wait_until(cut, "the head of the state log to be dropped", 60)
    process.kill()
    process.begin()
    tally.produce(1000)
    tally.until_agreed()


@pytest.mark.kafka
@pytest.mark.slow
def test_kills_and_restarts_among_two_workers_lose_and_double_nothing(start: Start, tally: Tally) -> None:
    """Two workers, killed and stopped in turn under load, with logs trimmed meanwhile: the counts are equal."""
    workers = [start(worker="one"), start(worker="two")]
    workers[0].until_holding()
    for turn, end in enumerate(
        (CountingProcess.kill, CountingProcess.stop, CountingProcess.kill, CountingProcess.stop)
    ):
        tally.produce(1500)
        end(workers[turn % 2])
        tally.produce(500)
        workers[turn % 2].begin()
    tally.until_agreed()
    assert any(log_start(tally.bootstrap, f"{tally.namespace}.state.crm", n) > 0 for n in range(PARTITIONS))
    assert [worker.stop() for worker in workers] == [0, 0]
    stores = read_state(tally.bootstrap, f"{tally.namespace}.state.crm", PARTITIONS)
    for committed, store in zip(committed_offsets(tally), stores, strict=True):
        assert 0 < committed <= store.position + 1, "what is committed is for monitoring, and never ahead of the state"


@pytest.mark.kafka
@pytest.mark.slow
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(start: Start, tally: Tally) -> None:
    """A worker that dies at each failpoint in turn, several batches in, leaves logs that lead to equal counts."""
    # A worker with a name finds its partitions waiting: no session of one that crashed has to be over first.
    for point in failpoints.ENGINE_POINTS:
        worker = start(worker=point, instance="one", failpoints=f"{point}#7")

        def crashed(worker: CountingProcess = worker) -> bool:
            tally.produce(50)
            return not worker.running

        wait_until(crashed, f"the crash at {point}", 60)
        assert worker.until_ended() == failpoints.EXIT_CODE, worker.tail()
    last = start(worker="last", instance="one")
    tally.until_agreed()
    assert last.stop() == 0


@pytest.mark.kafka
@pytest.mark.slow
def test_a_frozen_worker_that_wakes_up_late_changes_nothing(start: Start, tally: Tally) -> None:
    """A worker without self-fence that was frozen past its session goes on writing and is ignored."""
    zombie = start(worker="zombie", self_fence=False)
    zombie.until_holding(2 * PARTITIONS)
    tally.produce(1000)
    zombie.pause()
    tally.produce(1000)
    heir = start(worker="heir")
    heir.until_holding(2 * PARTITIONS)
    tally.produce(1000)
    zombie.resume()
    tally.produce(1000)
    tally.until_agreed()


@pytest.mark.kafka
@pytest.mark.slow
def test_a_frozen_worker_fences_itself(start: Start, tally: Tally) -> None:
    """A worker that stood still for more than half its session ends before it does anything else."""
    worker = start(worker="frozen")
    worker.until_holding(2 * PARTITIONS)
    worker.pause()
    time.sleep(4)  # more than half the session of six seconds: it is the pause itself that is tested
    worker.resume()
    assert worker.until_ended(10) == fail_stop.EXIT_CODE
    assert "event loop blocked" in worker.tail()
    tally.produce(10)
    start(worker="next")
    tally.until_agreed()


@pytest.mark.kafka
@pytest.mark.slow
def test_a_killed_broker_only_makes_the_worker_wait(
    own_kafka: KafkaServer, namespace: str, tmp_path: Path, processes: list[CountingProcess]
) -> None:
    """While the broker is away nothing is lost; once it is back the worker goes on by itself."""
    create_topics(own_kafka.bootstrap, namespace)
    tally = Tally(own_kafka.bootstrap, namespace)
    worker = CountingProcess(tmp_path, namespace, own_kafka.bootstrap)
    processes.append(worker)
    worker.begin()
    worker.until_holding(2 * PARTITIONS)
    tally.produce(1000)
    tally.until_agreed()
    own_kafka.kill()
    own_kafka.start()
    tally.produce(1000)
    tally.until_agreed()
    assert worker.running


@pytest.mark.kafka
def test_a_source_that_starts_after_the_position_is_refused(start: Start, tally: Tally) -> None:
    """Records deleted before they were read end the worker with a diagnosis; nothing is acknowledged."""
    worker = start()
    worker.until_holding()
    tally.produce(500)
    tally.until_agreed()
    assert worker.stop() == 0
    tally.produce(500)
    delete_all(tally)
    worker.begin()
    assert worker.until_ended() == fail_stop.EXIT_CODE
    assert "records were lost before they were read" in worker.tail(60)


@pytest.mark.kafka
def test_records_deleted_under_a_running_worker_end_it(start: Start, tally: Tally) -> None:
    """What is lost between two fetches is noticed too: a gap at the head of the log is never taken for a real one."""
    worker = start(self_fence=False)
    worker.until_holding()
    tally.produce(100)
    tally.until_agreed()
    worker.pause()
    # The one fetch that was under way may be answered with what is there at some moment, never with the rest.
    for _ in range(2):
        tally.produce(100)
        delete_all(tally)
    tally.produce(100)
    worker.resume()
    assert worker.until_ended() == fail_stop.EXIT_CODE
    assert "records were lost before they were read" in worker.tail(60)


@pytest.mark.kafka
def test_a_damaged_state_log_is_refused(start: Start, tally: Tally) -> None:
    """A record that is not the engine's ends the worker with a diagnosis."""
    topic = f"{tally.namespace}.state.crm"
    producer = Producer({"bootstrap.servers": tally.bootstrap, "log_level": 0})
    worker = start()
    worker.until_holding()
    assert worker.stop() == 0
    producer.produce(topic, b"not a record of a state log", partition=1)
    producer.flush()
    worker.begin()
    assert worker.until_ended() == fail_stop.EXIT_CODE
    assert "cannot take over" in worker.tail(60)


@pytest.mark.slow
def test_a_fold_that_raises_stops_the_worker_before_it_acknowledges(
    mock_broker: str, namespace: str, tmp_path: Path, processes: list[CountingProcess]
) -> None:
    """The reason names the partition, and nothing of the batch is in the state log: a repaired worker folds it."""
    worker = CountingProcess(tmp_path, namespace, mock_broker, embedded=True)
    processes.append(worker)
    worker.begin()
    worker.until_holding()
    producer = Producer({"bootstrap.servers": mock_broker, "log_level": 0})
    for value in (b"x", POISON):
        producer.produce(f"{namespace}.crm.events", value, b"key-1", partition=2)
    producer.flush()
    assert worker.until_ended() == fail_stop.EXIT_CODE
    assert "crm.events-2: ValueError('poison')" in worker.tail(60)
    store = read_state(mock_broker, f"{namespace}.state.crm", PARTITIONS)[2]
    assert store.get(b"key-1") is None
    assert (
        store.position < end_offsets(mock_broker, {f"{namespace}.crm.events": PARTITIONS})[f"{namespace}.crm.events", 2]
    )
