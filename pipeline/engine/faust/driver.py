"""The transport driver: Faust's aiokafka driver, with one message per topic and turn, and positions from the state.

Every hook used here is private to Faust; `tests/contract/test_faust_hooks.py` fails when one of them moves.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from aiokafka.errors import GroupAuthorizationFailedError
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka as stock
from faust.types import TP, ConsumerMessage

from pipeline.clock import elapsed_seconds
from pipeline.engine.faust.chunk import Chunk
from pipeline.engine.faust.driver_host import DriverHost
from pipeline.engine.faust.fetched import SKIPPED
from pipeline.engine.faust.gate import Gate, LogAnewError, RefetchNeededError
from pipeline.engine.faust.group_thread import GroupConsumerThread
from pipeline.engine.faust.inbox import Inbox
from pipeline.engine.faust.turn import Round, Turn
from pipeline.engine.kafka.acknowledged import Acknowledged
from pipeline.engine.kafka.fail_stop import said
from pipeline.engine.kafka.outlet import IdempotentProducer

SCHEME = "salespulse"
SIT_OUT_SECONDS = 0.02
"""How soon a partition that had no room is looked at again."""
TURN_LIMIT_SECONDS = 1.0
"""A turn that is not over by then, since a round of it was dropped, is not waited for any longer."""
FINISH_LOOK_SECONDS = 1.0
"""How soon whoever waits for a fold looks again."""


class ChunkConsumer(stock.Consumer):
    """Delivers a turn at a time; starts each partition where its state says, and commits what is durable of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._gate = Gate(SKIPPED)
        self._inbox = Inbox()
        self._turn = Turn()
        self._session = 0
        self._gathers = False
        self._fetching: asyncio.Task[None] | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._waits = False
        super().__init__(*args, **kwargs)

    @property
    def _owner(self) -> DriverHost:
        owner: DriverHost = self.app.owner  # type: ignore[attr-defined]
        return owner

    @property
    def coordinator_answered_at(self) -> float | None:
        """When the group's coordinator last answered; None before it could be asked."""
        return cast(GroupConsumerThread, self._thread).answered_at

    def group_error(self) -> BaseException | None:
        """What ended the membership in the group, if anything did."""
        return cast(GroupConsumerThread, self._thread).group_error()

    def _new_consumer_thread(self) -> GroupConsumerThread:
        return GroupConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_stop(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
        await super().on_stop()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self._close()
        self._owner.on_revoked()
        await super().on_partitions_revoked(revoked)

    def _close(self) -> None:
        """Nothing is handed out until the next seek. What waits is fetched again, from what was folded on."""
        self._gate.close()
        self._inbox.clear()
        self._turn.end()

    async def wait_empty(self) -> None:
        """Called before partitions are given back: wait for what is under way, but not until the group gives us up.

        A fold may take minutes, such as after a change of an organisation that concerns everything.
        """
        until = elapsed_seconds() + self._owner.finish_seconds
        while not self.should_stop and self._owner.under_way:
            if elapsed_seconds() > until:
                self.log.warning(
                    "a fold takes longer than a rebalance may: it is left, and done again", extra={"code": "fold_left"}
                )
                break
            await self._owner.finished(FINISH_LOOK_SECONDS)
        await self.commit_and_end_transactions()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._close()
        await super().on_partitions_assigned(assigned, generation_id)
        if not assigned:
            # Nothing to seek, so `seek_to_committed` is not called: the worker is a spare from now on.
            await self._owner.on_assigned(())

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Called when Faust would start from the committed offsets: start from the states' positions instead."""
        self._close()
        wanted = dict(await self._owner.on_assigned(self.assignment()))
        self._gate.expect(wanted)
        if wanted:
            await self._thread.seek_wait(wanted)
        self._session += 1
        for partition, offset in wanted.items():
            self._gate.open(partition, offset, self._session)
            self._acked.setdefault(partition, [])  # so that it is asked for what to commit
        self._owner.on_sought(self._session)
        return wanted

    async def _wait_next_records(
        self,
        timeout: float,  # noqa: ASYNC109
    ) -> tuple[RecordMap | None, set[TP] | None]:
        """Nothing, when flow was stopped meanwhile: the stock consumer would run the whole seek a second time."""
        records, active = await super()._wait_next_records(timeout)
        return (records if self.flow_active else None), active

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109
    ) -> RecordMap:
        """The next turn: what is there, and what had to wait for it.

        A fetch is under way all the time, if there is room. A turn waits for it no longer than until something was
        handed over.
        """
        await self._turn.over(TURN_LIMIT_SECONDS)
        if self._turn.records:
            self._owner.turned(self._turn.records, self._turn.folded_seconds)
            self._turn = Turn()
        self._go_on_fetching(active_partitions or (), timeout)
        await self._until_arrival()
        if not self.flow_active:
            return {}  # It would be dropped.
        self._turn = Turn(self._ready(), self._owner.turn_seconds)
        return {round_.carrier: [round_] for round_ in self._turn.hand_out()}

    def _go_on_fetching(self, partitions: Iterable[TP], limit_seconds: float) -> None:
        """Begin the next fetch when the last one has ended; whatever that one raised, Faust is told."""
        if self._fetching is not None:
            if not self._fetching.done():
                return
            ended, self._fetching = self._fetching, None
            ended.result()
        most = self._owner.waiting_records
        wanted = {partition for partition in partitions if self._inbox.records(partition) < most}
        if wanted:
            silence_seconds = 2 * self._owner.linger_seconds if self._gathers else 0.0
            limit_seconds = min(limit_seconds, silence_seconds or limit_seconds)
            self._fetching = asyncio.create_task(self._fetch(wanted, limit_seconds))
            self._fetching.add_done_callback(self._fetched)

    def _fetched(self, fetching: "asyncio.Task[None]") -> None:
        if not fetching.cancelled():
            fetching.exception()  # Nobody may ask for it any more, at the end.
        self._arrived()

    def on_room(self) -> None:
        """Called when a partition may have room again: what waits for it is looked at."""
        if self._waits:
            self._arrived()

    def _arrived(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _until_arrival(self) -> None:
        """Return once the fetch has ended or something was handed over, or as soon as what waits may be folded."""
        waiting = list(self._inbox.partitions())
        if any(self._owner.room(partition) for partition in waiting):
            return
        loop = asyncio.get_running_loop()
        self._arrival = arrival = loop.create_future()
        timer = loop.call_later(SIT_OUT_SECONDS, self._arrived) if waiting else None
        self._waits = timer is not None
        try:
            await arrival
        finally:
            if timer is not None:
                timer.cancel()

    def hand_over(self, partition: TP, record: Acknowledged) -> None:
        """Called with each record that was acknowledged, in the order of its partition.

        The next one of a partition that is read here is folded in the next turn, without a fetch. Any other is fetched.
        """
        if self._inbox.records(partition) >= self._owner.waiting_records:
            return
        chunk = self._gate.hand_over(partition, record)
        if chunk is not None:
            self._inbox.put(partition, chunk)
            self._arrived()

    async def _fetch(self, wanted: set[TP], limit_seconds: float) -> None:
        """Let what is there, or comes in time, through the gate.

        The first record after a silence is fetched at once. While records come, the brokers let some of them come
        together in all partitions: a turn costs as much as several records, and what all of its partitions send goes
        out together.
        """
        try:
            fetched = await super()._getmany(wanted, limit_seconds)
        except self.consumer_stopped_errors:
            raise
        except Exception as error:
            # Whoever asks first is told what the coordinator has said: here, or the membership.
            lost = isinstance(error, GroupAuthorizationFailedError)
            self._owner.broken(f"{'lost the consumer group' if lost else 'fetching failed'}: {said(error)}")
            raise
        self._gather(bool(fetched))
        for partition, records in fetched.items():
            await self._admit(TP(*partition), records)

    def _gather(self, gathers: bool) -> None:
        if gathers != self._gathers:
            self._gathers = gathers
            cast(GroupConsumerThread, self._thread).gather(self._owner.linger_seconds if gathers else 0.0)

    async def _admit(self, partition: TP, records: Any) -> None:
        handed = self._gate.unfetched(partition)
        try:
            passed = self._gate.admit(partition, records)
        except RefetchNeededError as gap:
            self._owner.prefetch_dropped(partition.topic, len(records))
            await self._fetch_again(partition, gap.due, records[0].offset)
            return
        except LogAnewError as anew:
            self._owner.broken(
                f"{partition.topic}-{partition.partition} was read up to {anew.due} and starts again at {anew.got}: "
                "the log was replaced or truncated"
            )
            raise
        if passed is not None:
            self._inbox.put(partition, passed)
        copies = handed - self._gate.unfetched(partition)
        if copies:
            self._owner.handed_over(partition.topic, copies)
        dropped = len(records) - copies - (len(passed.records) if passed is not None else 0)
        if dropped:
            self._owner.prefetch_dropped(partition.topic, dropped)

    def _ready(self) -> list[dict[TP, Chunk]]:
        """What can be folded now, by topic in the order of the stages. The others sit this turn out."""
        ready: dict[str, dict[TP, Chunk]] = {topic: {} for topic in self._owner.sources}
        for partition in self._inbox.partitions():
            if room := self._owner.room(partition):
                ready[partition.topic][partition] = self._inbox.take(partition, room)
        return [chunks for chunks in ready.values() if chunks]

    async def _fetch_again(self, partition: TP, due: int, got: int) -> None:
        """Look at a gap: either something slipped through a seek, or the log lost records before they were read."""
        earliest = (await self._thread.earliest_offsets(partition))[partition]
        if earliest > due:
            self._owner.broken(
                f"{partition.topic}-{partition.partition} starts at {earliest}, {due} is due: records "
                "were lost before they were read"
            )
        self.log.warning(
            "%s-%d: gap in fetched records: got offset %d, expected %d; fetching again",
            *partition,
            got,
            due,
            extra={"code": "fetched_again", "topic": partition.topic, "partition": partition.partition},
        )
        await self._thread.seek_wait({partition: due})

    def _to_message(self, tp: TP, record: Round) -> ConsumerMessage:
        partition = TP(*tp)
        chunk = record.chunks[partition]
        timestamp_seconds = chunk.records[-1].timestamp / 1000
        generation = self.app.consumer_generation_id
        return ConsumerMessage(
            partition.topic, partition.partition, chunk.last, timestamp_seconds,
            0, None, None, cast(Any, record), None, 0, 0, partition, generation_id=generation,
        )  # fmt: skip

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets between two messages are no gap."""

    def _new_offset(self, tp: TP) -> int | None:
        """The offset to commit: after what is durable, and after what holds nothing to read there.

        So nobody waits for it.
        """
        durable_to = self._owner.durable_to(tp)
        return None if durable_to is None else self._gate.past(tp, durable_to) or None

    def lags(self) -> Mapping[TP, int]:
        """How many offsets of each partition held lie between what is durable and the end that the broker last told."""
        client = cast(GroupConsumerThread, self._thread)._consumer
        found: dict[TP, int] = {}
        if client is None:
            return found
        for tp in client.assignment():
            end, due = client.highwater(tp), self._new_offset(TP(*tp))
            if end is not None and due is not None:
                found[TP(*tp)] = max(end - due, 0)
        return found

    @stock.Consumer.task
    async def _commit_handler(self) -> None:
        """Tell what is durable, again and again.

        The stock task warns each time that it is late, which on a busy machine says nothing: the next one tells more.
        """
        await self.sleep(self.commit_interval)
        while not self.should_stop:
            await self.commit()
            await self.sleep(self.commit_interval)

    @stock.Consumer.task
    async def _commit_livelock_detector(self) -> None:
        """Nothing: the stock check takes an idle partition for a stuck one. The engine has its own watchdog."""


class Transport(stock.Transport):
    """Named in the broker URL: `salespulse://host:port`."""

    Consumer: ClassVar[type[ChunkConsumer]] = ChunkConsumer
    Producer: ClassVar[type[IdempotentProducer]] = IdempotentProducer
