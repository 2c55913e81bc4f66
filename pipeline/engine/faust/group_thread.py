"""The thread that talks to the group, with a client of our own options.

Every hook used here is private to Faust or aiokafka; `tests/contract/test_faust_hooks.py` fails when one of them moves.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as stock
from faust.types import TP

from pipeline.clock import elapsed_seconds
from pipeline.engine.faust.assignment import EvenAssignor
from pipeline.engine.faust.fetched import give_as_fetched
from pipeline.engine.kafka.engine_settings import FETCH_WAIT_MS
from pipeline.engine.kafka.fail_stop import said
from pipeline.kernel.diagnosis import Diagnosis

FENCED_INSTANCE_ID = 82
"""Kafka's answer to a static member whose name has been taken by a later one."""
GATHER_BYTES = 256 * 1024
"""While records come, a broker answers at once only when it has so many; else it lets them come together."""


class NameTakenError(Diagnosis):
    """Raised nowhere, only said: two workers have one name, and the group keeps the later one."""


class GroupConsumerThread(stock.AIOKafkaConsumerThread):
    """The thread that talks to the group; its client has our own options.

    Partitions stay where they are as far as a balance of each stage allows: what stays is read on from its replica.
    """

    answered_at: float | None = None
    """When the group's coordinator last answered anything: aiokafka asks for ever, and says nothing of it."""
    name_taken = False
    """Whether it said that another member has our name: aiokafka does not know that answer, and asks again."""

    async def on_start(self) -> None:
        await super().on_start()
        if self._consumer is None:
            return
        coordinator = self._consumer._coordinator
        ask = coordinator._send_req

        async def ask_and_note(request: Any) -> Any:
            answer = await ask(request)
            self.answered_at = elapsed_seconds()
            self.name_taken = self.name_taken or getattr(answer, "error_code", 0) == FENCED_INSTANCE_ID
            return answer

        coordinator._send_req = ask_and_note
        self.answered_at = elapsed_seconds()

    # Faust calls it with the transport, which our options do not follow from.
    def _create_worker_consumer(self, transport: stock.Transport) -> aiokafka.AIOKafkaConsumer:  # noqa: ARG002
        give_as_fetched()
        # Of its own, since aiokafka's keeps what it was assigned in its class.
        self._assignor = type("KeepingAssignor", (EvenAssignor,), {})
        return aiokafka.AIOKafkaConsumer(
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            # Faust names the app by its own class; `EngineApp` is what knows its owner.
            **self.app.owner.consumer_options(),  # type: ignore[attr-defined]
        )

    def gather(self, seconds: float) -> None:
        """From the next fetch on brokers let records come together for so long; 0: they answer with the first one."""
        if self._consumer is None:
            return
        fetcher = self._consumer._fetcher
        fetcher._fetch_min_bytes = GATHER_BYTES if seconds else 1
        fetcher._fetch_max_wait_ms = int(seconds * 1000) or FETCH_WAIT_MS

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Whether these offsets were committed. They are for monitoring: what fails is tried with the next ones.

        Where the reason is the group itself, the membership finds it.
        """
        wanted = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()}
        held = self._ensure_consumer().assignment()
        still = {tp: offset for tp, offset in wanted.items() if tp in held}
        if not still:  # aiokafka takes that for a mistake; a group that gave them away meanwhile makes none.
            return True
        try:
            await self._ensure_consumer().commit(still)
        except (KafkaError, IllegalStateError) as error:
            self.log.warning("offsets not committed: %s", said(error), extra={"code": "offsets_not_committed"})
            return False
        return True

    def group_error(self) -> BaseException | None:
        """What ended the membership in the group, if anything did: aiokafka keeps it until somebody asks."""
        if self.name_taken:
            return NameTakenError("another worker has the same name: SALESPULSE_WORKER_ID must be unique")
        if self._consumer is None or self._consumer._coordinator is None:
            return None
        coordinator = self._consumer._coordinator
        if coordinator._pending_exception is not None:
            return cast(BaseException, coordinator._pending_exception)
        task: asyncio.Task[None] = coordinator._coordination_task
        return task.exception() if task.done() and not task.cancelled() else None
