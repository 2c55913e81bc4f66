"""Tells the webhook what the log of alerts says: in its order, at least once, and nothing of long ago."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import ValidationError
from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_exception_type, wait_random_exponential

from pipeline import clock
from pipeline.notifying.alert_log import AlertLog, AlertRecord
from pipeline.notifying.message import Message, message_of, scopes_of
from pipeline.notifying.notify_metrics import NotifyMetrics
from pipeline.notifying.receiver import DeliveryError
from pipeline.notifying.transitions import Transitions
from schemas.alerts import Alert

log = logging.getLogger(__name__)

MOST_PAUSE_SECONDS = 300
Names = Callable[[set[str]], Mapping[str, str]]
"""The display names of scopes; blocking, and empty where there are none to be had."""


class Endpoint(Protocol):
    """Where messages are delivered."""

    async def deliver(self, message: Message, at_ms: int) -> None: ...


class Notifier:
    """One log, one receiver. `give_up_ms`: what happened longer ago is told to nobody."""

    def __init__(
        self, namespace: str, alerts: AlertLog, receiver: Endpoint, names: Names, metrics: NotifyMetrics,
        give_up_ms: int, first_pause_seconds: float = 1.0,
    ) -> None:  # fmt: skip
        self._namespace = namespace
        self._alerts = alerts
        self._receiver = receiver
        self._names = names
        self._metrics = metrics
        self._give_up_ms = give_up_ms
        self._pause = wait_random_exponential(first_pause_seconds, MOST_PAUSE_SECONDS)
        self._transitions = Transitions()

    async def run(self) -> None:
        """Until it is cancelled; SetupError where Kafka refuses."""
        known = await asyncio.to_thread(lambda: list(self._alerts.replay()))
        for record in known:
            if alert := _read(record):
                self._transitions.take(alert)
        log.info("telling of alerts, after %d records", len(known), extra={"code": "notifying"})
        while True:
            for record in await asyncio.to_thread(self._alerts.poll):
                await self.tell(record)
                await asyncio.to_thread(self._alerts.commit, record)

    async def tell(self, record: AlertRecord) -> None:
        """Deal with one record: returns once it was taken, given up, or has nothing to tell."""
        alert = _read(record)
        told = self._transitions.take(alert) if alert else None
        if alert is None or told is None:
            return
        if record.now_ms is None or record.appended_ms - record.now_ms > self._give_up_ms:
            self._metrics.ended("history")
            return
        names = await asyncio.to_thread(self._names, scopes_of(alert))
        await self._deliver(message_of(self._namespace, alert, *told, record.now_ms, names))

    async def _deliver(self, message: Message) -> None:
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(DeliveryError),
                wait=self._pause,
                stop=lambda state: self._is_over(message, state),
                before_sleep=lambda state: self._failed(message, state),
            ):
                with attempt:
                    await self._receiver.deliver(message, clock.now_ms())
        except RetryError as error:
            self._metrics.failed()
            self._metrics.ended("dead")
            log.error(
                "%s of %s is told to nobody: the webhook does not take it (%s)", message.what, message.alert_id,
                error.last_attempt.exception(), extra={"code": "notification_dead"},
            )  # fmt: skip
        else:
            self._metrics.ended("delivered")

    def _is_over(self, message: Message, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        most = error.most_attempts if isinstance(error, DeliveryError) else None
        return (
            most is not None and state.attempt_number >= most
        ) or clock.now_ms() - message.happened_ms > self._give_up_ms

    def _failed(self, message: Message, state: RetryCallState) -> None:
        self._metrics.failed()
        self._metrics.failing(state.seconds_since_start or 0)
        log.warning(
            "the webhook does not take %s of %s (%s): tried again", message.what, message.alert_id,
            state.outcome.exception() if state.outcome else None, extra={"code": "notification_failed"},
        )  # fmt: skip


def _read(record: AlertRecord) -> Alert | None:
    """The alert of a record; None for a tombstone, and for what is no alert."""
    if record.value is None:
        return None
    try:
        return Alert.model_validate_json(record.value)
    except ValidationError:
        log.error(
            "record %d of %s partition %d is no alert: it is passed over", record.offset, *record.place,
            extra={"code": "alert_not_read"},
        )  # fmt: skip
        return None
