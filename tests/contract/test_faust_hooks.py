"""The private hooks of Faust and aiokafka that the driver stands on: a new version that moves one fails here."""

import inspect
from importlib.metadata import version
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer.fetcher import Fetcher, PartitionRecords
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import UnknownError, for_code
from aiokafka.producer import AIOKafkaProducer
from aiokafka.producer.message_accumulator import MessageAccumulator, MessageBatch
from aiokafka.producer.sender import SendProduceReqHandler
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from faust import streams
from faust.app.base import App
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport import consumer as base
from faust.transport.conductor import Conductor
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as stock
from mode import Worker as ModeWorker

from pipeline.engine.faust.driver import ChunkConsumer, Transport
from pipeline.engine.faust.fetched import FetchedRecords
from pipeline.engine.faust.group_thread import FENCED_INSTANCE_ID, GroupConsumerThread
from pipeline.engine.kafka.outlet import IdempotentProducer
from pipeline.engine.worker import Worker


def source(thing: Any) -> str:
    """The source text of a function or class."""
    return inspect.getsource(thing)


def parameters(function: Any) -> list[str]:
    """The names of its parameters."""
    return list(inspect.signature(function).parameters)


def follow(text: str, *steps: str) -> bool:
    """Whether these steps stand in the text in this order."""
    places = [text.find(step) for step in steps]
    return -1 not in places and places == sorted(places)


def test_the_pinned_versions_are_installed() -> None:
    """The hooks were read in Faust 0.15 and aiokafka 0.14."""
    assert version("faust-streaming").startswith("0.15.")
    assert version("aiokafka").startswith("0.14.")


def test_the_compiled_streams_are_there() -> None:
    """Only they leave events of a former generation unacknowledged."""
    assert getattr(streams, "_CStreamIterator", None) is not None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ChunkConsumer.seek_to_committed, base.ThreadDelegateConsumer.seek_to_committed),
        (ChunkConsumer._getmany, base.ThreadDelegateConsumer._getmany),
        (ChunkConsumer._wait_next_records, base.Consumer._wait_next_records),
        (ChunkConsumer._to_message, stock.Consumer._to_message),
        (ChunkConsumer._add_gap, base.Consumer._add_gap),
        (ChunkConsumer._new_offset, base.Consumer._new_offset),
        (ChunkConsumer._new_consumer_thread, stock.Consumer._new_consumer_thread),
        (ChunkConsumer._commit_handler.fun, base.Consumer._commit_handler.fun),
        (ChunkConsumer._commit_livelock_detector.fun, base.Consumer._commit_livelock_detector.fun),
        (ChunkConsumer.on_partitions_revoked, base.Consumer.on_partitions_revoked),
        (ChunkConsumer.on_partitions_assigned, base.Consumer.on_partitions_assigned),
        (GroupConsumerThread._create_worker_consumer, stock.AIOKafkaConsumerThread._create_worker_consumer),
        (GroupConsumerThread._commit, stock.AIOKafkaConsumerThread._commit),
        (GroupConsumerThread.on_start, stock.AIOKafkaConsumerThread.on_start),
        (Worker.install_signal_handlers, ModeWorker.install_signal_handlers),
        (Worker.stop, ModeWorker.stop),
        (IdempotentProducer._settings_auth, stock.Producer._settings_auth),
        (IdempotentProducer._settings_extra, stock.Producer._settings_extra),
    ],
)
def test_what_the_driver_overrides_takes_the_same_arguments(ours: Any, theirs: Any) -> None:
    """An override that Faust calls otherwise would never run, or fail in the middle of a rebalance."""
    assert parameters(ours) == parameters(theirs)
    assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)


def test_seeks_go_through_the_hook_after_recovery_and_before_the_flow_resumes() -> None:
    """`perform_seek` takes the positions from `seek_to_committed`, once the rebalance is complete."""
    completed = source(Recovery.on_recovery_completed)
    assert follow(completed, "if assignment:", "consumer.perform_seek()", "consumer.resume_flow()")
    assert "self.seek_to_committed()" in source(base.Consumer.perform_seek)
    assert "read_offset.update" in source(base.Consumer.perform_seek)


def test_a_time_out_of_the_seek_would_end_recovery_silently() -> None:
    """That is why the engine's own limit comes first: the wait is bounded by `broker_request_timeout`."""
    assert "timeout=self.app.conf.broker_request_timeout" in source(Recovery.on_recovery_completed)


def test_fetching_asks_the_hooks_and_stops_when_there_is_nothing() -> None:
    """`getmany` returns on None, else it would seek anew when the flow was stopped meanwhile."""
    getmany = source(base.Consumer.getmany)
    assert follow(getmany, "self._wait_next_records(timeout)", "if records is None", "perform_seek()")
    assert "self._to_message" in getmany
    assert "await self._getmany(" in source(base.Consumer._wait_next_records)


def test_a_message_counts_when_its_last_offset_is_not_behind() -> None:
    """The drain loop compares the message's offset, which is a chunk's last one, and reports gaps to the hook."""
    drain = source(base.Consumer._drain_messages)
    assert "if r_offset is None or offset >= r_offset" in drain
    assert "await self._add_gap(tp, r_offset + 1, offset)" in drain


def test_what_to_commit_is_asked_for_each_partition_that_is_known() -> None:
    """`_acked` names them, and the override of `_new_offset` knows what is durable."""
    assert "for tp in self._acked" in source(base.Consumer._filter_tps_with_pending_acks)
    assert "self._new_offset(tp)" in source(base.Consumer._filter_committable_offsets)


def test_the_stock_commits_come_at_an_interval_and_nothing_else_is_done_in_them() -> None:
    """So ours may take their place, and that of the check for stuck partitions, which look at every one of them."""
    assert source(base.Consumer._commit_handler.fun).rstrip().endswith("await self.commit()")
    assert (
        source(base.Consumer._commit_livelock_detector.fun)
        .rstrip()
        .endswith("await self.verify_all_partitions_active()")
    )
    begun = (ChunkConsumer._tasks or {})[ChunkConsumer._get_class_id()]
    assert {"_commit_handler", "_commit_livelock_detector"} <= begun


def test_nothing_is_kept_of_messages_that_are_not_acknowledged() -> None:
    """Our topics ask for no acknowledgements: a round is more than the partition in whose name it comes."""
    assert follow(source(Conductor._update_indices), "if channel.acks:", "self._acking_topics.add(topic)")
    assert "if topic in acking_topics and not message.tracked" in source(streams.Stream)


def test_before_a_revoke_the_streams_are_emptied() -> None:
    """Flow stops, rounds in buffers are dropped, what is under way is finished, or left by our `wait_empty`."""
    revoked = source(App._on_partitions_revoked)
    assert follow(revoked, "stop_flow)()", "flow_control.clear)()", "_consumer_wait_empty)(")


def test_who_waits_for_streams_commits_at_the_end() -> None:
    """As our `wait_empty` does, which waits for the engine instead, and not for as long as a fold takes."""
    waiting = source(base.Consumer.wait_empty)
    assert "while not self.should_stop and self._unacked_messages" in waiting
    assert waiting.rstrip().endswith("self.commit_and_end_transactions)()")


def test_how_long_brokers_wait_is_told_with_each_fetch() -> None:
    """So it can change between two fetches, as records come and stay away."""
    fetch = source(Fetcher._get_actions_per_node)
    assert follow(fetch, "req = FetchRequest(", "self._fetch_max_wait_ms", "self._fetch_min_bytes")
    assert "self._fetcher = Fetcher(" in source(AIOKafkaConsumer.start)


def test_a_fetch_waits_until_what_was_fetched_is_taken() -> None:
    """So all partitions are in it, and what came together meanwhile comes in one answer."""
    assert follow(source(Fetcher._get_actions_per_node), "fetch_requests = []", "if node_id in backoff_by_nodes:")


def test_the_end_comes_between_consumer_and_producer() -> None:
    """`on_before_shutdown` is sent when nothing is consumed any more and the producer still runs."""
    assert follow(source(App.on_stop), "_stop_consumer()", "on_before_shutdown.send()", "_producer_flush(")


def test_the_thread_offers_what_the_driver_calls() -> None:
    """Seeks that wait, and the consumer with its coordinator."""
    assert parameters(stock.AIOKafkaConsumerThread.seek_wait) == ["self", "partitions"]
    assert parameters(stock.AIOKafkaConsumerThread.earliest_offsets) == ["self", "partitions"]
    assert "_consumer" in stock.AIOKafkaConsumerThread.__annotations__
    assert "_create_worker_consumer(transport)" in source(stock.AIOKafkaConsumerThread._create_consumer)
    assert "self._coordinator" in source(AIOKafkaConsumer)


def test_the_coordinators_errors_are_where_the_watch_looks() -> None:
    """A coordinator parks them until somebody asks, and Faust never asks."""
    text = source(GroupCoordinator)
    assert "self._pending_exception" in text
    assert "self._coordination_task" in text
    assert "check_errors" not in source(stock.AIOKafkaConsumerThread._fetch_records)


def test_the_assignor_keeps_its_memory_in_its_class() -> None:
    """So each consumer needs a class of its own, made from aiokafka's."""
    assert "cls.member_assignment = assignment.partitions()" in source(StickyPartitionAssignor.on_assignment)


def test_an_empty_set_of_partitions_would_mean_all() -> None:
    """So the driver never asks for none when all partitions have enough waiting."""
    assert "if partitions and tp not in partitions" in source(Fetcher.fetched_records)


def test_the_producer_takes_our_settings_last() -> None:
    """Idempotence and acks=all are ours, whatever the app's settings say."""
    assert follow(source(stock.Producer._new_producer), "_settings_default()", "_settings_auth()", "_settings_extra()")
    assert {"acks", "enable_idempotence"} <= set(parameters(AIOKafkaProducer.__init__))


def test_whatever_the_coordinator_is_asked_goes_one_way() -> None:
    """So noting the answers there tells when it was last heard: heartbeats, joins and commits alike."""
    assert parameters(GroupCoordinator._send_req) == ["self", "request"]
    for asking in (GroupCoordinator._do_heartbeat, GroupCoordinator._do_commit_offsets, CoordinatorGroupRebalance):
        assert "_send_req(" in source(asking)
    assert follow(source(stock.AIOKafkaConsumerThread.on_start), "self._consumer =", "await self._consumer.start()")
    assert "self._coordinator = GroupCoordinator(" in source(AIOKafkaConsumer.start)


def test_a_full_buffer_is_told_by_a_time_out_that_queued_nothing() -> None:
    """That is what may be sent again; Faust wraps it, with the cause."""
    full = source(MessageAccumulator.add_message)
    assert follow(full, "return future", "await batch.wait_drain(timeout)", "raise KafkaTimeoutError()")
    assert "raise ProducerSendError(" in source(stock.Producer.send)
    assert "from exc" in source(stock.Producer.send)


def test_an_idempotent_batch_never_expires() -> None:
    """Else a broker that is away for long would lose records that were folded already."""
    can_retry = source(SendProduceReqHandler._can_retry)
    assert follow(can_retry, "_txn_manager is None and batch.expired()", "return error.retriable")


def test_one_batch_a_partition_waits_in_the_producer() -> None:
    """So what a broker that is away makes the worker hold is bounded by the size of a batch."""
    assert "batch = pending_batches[-1]" in source(MessageAccumulator.add_message)


def test_acks_of_a_partition_come_in_its_order_and_tell_the_append_time() -> None:
    """A record is handed over by its ack alone. Without an append time, all of a batch get that of one of them."""
    done = source(MessageBatch.done)
    assert follow(done, "if timestamp == -1:", "timestamp_type = 0", "timestamp_type = 1")
    assert follow(done, "in self._msg_futures", "timestamp = metadata.timestamp", "base_offset + metadata.offset")
    answered = source(SendProduceReqHandler.handle_response)
    assert "batch.done(offset, timestamp, log_start_offset)" in answered


def test_stopping_and_signals_go_through_the_worker() -> None:
    """`stop` is called after a signal and after a crash; handlers are installed by the method that ours replaces."""
    assert "await self.stop()" in source(ModeWorker._stop_on_signal)
    assert "self.stop()" in source(ModeWorker.stop_and_shutdown)
    assert "self.install_signal_handlers()" in source(ModeWorker.default_on_first_start)
    assert "_schedule_shutdown(" in source(ModeWorker._on_sigterm)
    assert parameters(Worker._on_sigterm) == ["self"]
    assert "return chain(self.services, [self.app])" in source(Worker.on_init_dependencies)


def test_records_can_be_deleted() -> None:
    """Trimming uses aiokafka's admin client."""
    assert parameters(AIOKafkaAdminClient.delete_records) == ["self", "records_to_delete", "timeout_ms"]


def test_the_transport_is_named_by_an_alias() -> None:
    """The scheme of the broker URL finds the driver."""
    TRANSPORTS.aliases["salespulse"] = "pipeline.engine.faust.driver:Transport"
    assert TRANSPORTS.by_url("salespulse://127.0.0.1:9092") is Transport
    assert Transport.Consumer is ChunkConsumer


def test_records_are_given_as_they_were_fetched() -> None:
    """The fetcher makes its records where ours stand in, and ours have what is asked of them, and the same of it."""
    stock_records = PartitionRecords.__mro__[-2]
    assert "PartitionRecords(" in source(Fetcher._proc_fetch_request)
    assert "self._consumer_record(tp, record)" in source(stock_records._unpack_records)

    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=10_000,
    )  # fmt: skip
    builder.append(0, 1_762_167_600_000, b"key", b"value", [("sp", b"tick")])
    builder.append(1, 1_762_167_600_001, None, None, [])
    batch = bytes(builder.build())
    read = [
        [
            (record.offset, record.timestamp, record.key, record.value, tuple(record.headers))
            for record in records(TopicPartition("t", 0), MemoryRecords(batch), [], 0, None, None, True, 0)
        ]
        for records in (stock_records, FetchedRecords)
    ]

    assert (
        read[0]
        == read[1]
        == [
            (0, 1_762_167_600_000, b"key", b"value", (("sp", b"tick"),)),
            (1, 1_762_167_600_001, None, None, ()),
        ]
    )


def test_tables_wait_a_second_before_the_group_is_joined() -> None:
    """Ours do not; the rest of the start is theirs, and agents name their topics to the conductor."""
    stock_start = source(TableManager.on_start)
    assert follow(
        stock_start, "self.sleep(1.0)", "if not self.should_stop", "self._update_channels()", "recovery.start()"
    )
    assert follow(source(Conductor), "agents.wait_until_agents_started()", "tables.wait_until_tables_registered()")


def test_a_name_that_is_taken_is_an_answer_nobody_there_knows() -> None:
    """So the driver looks for it in what the coordinator answers: the join would be tried for ever."""
    assert for_code(FENCED_INSTANCE_ID) is UnknownError
    assert "response.error_code" in source(CoordinatorGroupRebalance.perform_group_join)
    assert "return resp" in source(GroupCoordinator._send_req)


def test_what_was_fetched_is_cut_into_batches_by_a_class_of_the_module() -> None:
    """And batches are unpacked when they are iterated: what stands for one that is too large is never unpacked."""
    assert "records = MemoryRecords(" in source(Fetcher._proc_fetch_request)
    assert "PartitionRecords(" in source(Fetcher._proc_fetch_request)
    unpack = source(PartitionRecords._unpack_records)
    assert follow(unpack, "records.has_next()", "next_batch = records.next_batch()", "for record in next_batch:")
    assert {"has_next", "next_batch", "size_in_bytes"} <= set(dir(MemoryRecords))
    assert "max_records=_consumer._max_poll_records" in source(stock.AIOKafkaConsumerThread)
