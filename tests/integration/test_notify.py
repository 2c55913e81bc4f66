"""Notifications from the log of alerts to a real receiver, which checks signatures by itself."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry
from redis import Redis

from pipeline import clock
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.notifying.alert_log import AlertLog
from pipeline.notifying.message import message_of
from pipeline.notifying.notifier import Notifier
from pipeline.notifying.notify_metrics import NotifyMetrics
from pipeline.notifying.receiver import DeliveryError, Receiver
from pipeline.sinks.alerts_topic import AlertsTopic
from pipeline.sinks.sink import Batch, Bookmark, Owner
from pipeline.topics.check import create_topics
from pipeline.topics.table import full_name
from pipeline.views.directory import Directory
from schemas.alerts import Alert
from tests.harness.inbox import KEY, SECRET, Inbox, has_position, notifying
from tests.servers.process import wait_until
from tests.unit.notifying.alerts import acknowledged, opened, resolved


class Log:
    """Alerts written as the pipeline's own sink writes them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def write(self, *alerts: Alert, now_ms: int | None = None) -> None:
        """One batch for each, at the stream time at which it is so."""
        producer = KafkaProducer(**kafka_python_options(self._settings))

        async def send(topic: str, partition: int, value: bytes, key: bytes, headers: Any) -> Any:
            name = full_name(self._settings.namespace, topic)
            producer.send(name, value, key, list(headers), partition).get(20)
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done

        async def write() -> None:
            sink = AlertsTopic(send, self._settings.partitions)
            for alert in alerts:
                at_ms = clock.now_ms() if now_ms is None else now_ms
                await sink.write(Owner("scoreboard", 0, 1, 1), Bookmark(), Batch(1, at_ms, True, alerts=[alert]))

        asyncio.run(write())
        producer.close()


def now(alert: Alert, ago_ms: int = 0) -> Alert:
    """An alert of this moment."""
    at_ms = clock.now_ms() - ago_ms
    return alert.model_copy(update={"opened_ms": at_ms, "resolved_ms": alert.resolved_ms and at_ms + 1})


def notified(
    settings: Settings, inbox: Inbox, until: Callable[[CollectorRegistry], bool], what: str
) -> CollectorRegistry:
    """Run a notifier until something is so; gives its metrics."""
    registry = CollectorRegistry()
    metrics = NotifyMetrics(settings.namespace, registry)

    async def run() -> None:
        with AlertLog(settings) as alerts:
            async with Receiver(inbox.url, [KEY], private=True) as receiver:
                notifier = Notifier(settings.namespace, alerts, receiver, lambda _: {}, metrics, 3_600_000, 0.05)
                task = asyncio.create_task(notifier.run())
                try:
                    await asyncio.to_thread(wait_until, lambda: task.done() or until(registry), what)
                finally:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    asyncio.run(run())
    return registry


def ended(registry: CollectorRegistry, outcome: str) -> float:
    """How many messages came to an end in this way."""
    for family in registry.collect():
        for sample in family.samples:
            if sample.name == "salespulse_notifications_total" and sample.labels["outcome"] == outcome:
                return sample.value
    return 0


def begin(settings: Settings, inbox: Inbox) -> None:
    """Let a notifier begin, so that all that comes later is told."""
    notified(settings, inbox, lambda _: has_position(settings), "a position in the log of alerts")


def test_alerts_are_told_as_they_live(embedded_settings: Settings, inbox: Inbox) -> None:
    """What was before the first start is told to nobody; then each thing once and in order, also over a restart."""
    log, life = Log(embedded_settings), now(opened())
    log.write(now(opened(scope="rep:8@north", id="silent_rep:rep:8@north"), 60_000))
    begin(embedded_settings, inbox)
    assert inbox.took == []

    at = {"opened_ms": life.opened_ms}
    log.write(life, life)
    notified(embedded_settings, inbox, lambda _: len(inbox.took) == 1, "the opening")
    log.write(
        life,
        acknowledged().model_copy(update=at),
        resolved().model_copy(update=at | {"resolved_ms": at["opened_ms"] + 1}),
    )
    notified(embedded_settings, inbox, lambda _: len(inbox.took) == 3, "the rest")
    log.write(now(opened(id="silent_rep:rep:11@north")))
    notified(embedded_settings, inbox, lambda _: len(inbox.took) == 4, "another alert, and nothing before it")

    assert inbox.types == ["opened", "acknowledged", "resolved", "opened"]
    assert len({each["id"] for each in inbox.took}) == 4
    assert [each["data"]["id"] for each in inbox.took] == ["silent_rep:rep:7@north"] * 3 + ["silent_rep:rep:11@north"]


def test_the_position_is_told_again_while_nothing_happens(embedded_settings: Settings) -> None:
    """Kafka forgets those that are not; what was given out is dealt with once the next is asked for."""
    log = Log(embedded_settings)
    log.write(now(opened()))
    with AlertLog(embedded_settings) as alerts:
        assert len(list(alerts.replay())) == 1
        log.write(now(resolved()))
        found = [record for _ in range(20) for record in alerts.poll()]
        alerts._renewal = 0.0
        alerts.poll()
    with AlertLog(embedded_settings) as alerts:
        assert len(found) == 1
        assert len(list(alerts.replay())) == 2
        assert [record for _ in range(3) for record in alerts.poll()] == []


@pytest.mark.kafka
def test_a_real_broker_keeps_the_position(kafka_settings: Settings, inbox: Inbox) -> None:
    """Whoever begins anew tells nothing once more, also where nothing was in the log at first."""
    create_topics(kafka_settings)
    begin(kafka_settings, inbox)
    log, life = Log(kafka_settings), now(opened())
    log.write(life)
    notified(kafka_settings, inbox, lambda _: len(inbox.took) == 1, "the opening")
    log.write(resolved().model_copy(update={"opened_ms": life.opened_ms, "resolved_ms": life.opened_ms + 1}))
    notified(kafka_settings, inbox, lambda _: len(inbox.took) == 2, "the end")

    assert inbox.types == ["opened", "resolved"]


def test_a_receiver_that_fails_is_asked_again_and_no_other(embedded_settings: Settings, inbox: Inbox) -> None:
    """Errors and redirects are tried again under the same id; nobody follows one to another place."""
    log = Log(embedded_settings)
    log.write(now(opened(id="silent_rep:rep:9@north"), 60_000))
    begin(embedded_settings, inbox)
    inbox.statuses = [500, 302, 429, 503]
    log.write(now(opened()))
    registry = notified(embedded_settings, inbox, lambda metrics: ended(metrics, "delivered") == 1, "the message")

    assert inbox.types == ["opened"]
    assert inbox.asked == ["/alerts"] * 5
    assert ended(registry, "dead") == 0


@pytest.mark.logs_errors
def test_what_nobody_takes_is_dead_and_holds_nobody_up(embedded_settings: Settings, inbox: Inbox) -> None:
    """A receiver that is gone is asked once, a message that is not understood five times; the next one is told."""
    log = Log(embedded_settings)
    log.write(now(opened(id="silent_rep:rep:9@north"), 60_000))
    begin(embedded_settings, inbox)
    inbox.statuses = [410, *[400] * 5]
    for name in ("1", "2", "3"):
        log.write(now(opened(id=f"silent_rep:rep:{name}@north")))
    registry = notified(embedded_settings, inbox, lambda metrics: ended(metrics, "delivered") == 1, "the last message")

    assert ended(registry, "dead") == 2
    assert len(inbox.asked) == 7


def test_history_is_told_to_nobody(embedded_settings: Settings, inbox: Inbox) -> None:
    """Alerts of a replay were so long before they were written."""
    log = Log(embedded_settings)
    log.write(now(opened(id="silent_rep:rep:9@north"), 60_000))
    begin(embedded_settings, inbox)
    log.write(opened(), now_ms=clock.now_ms() - 2 * 3_600_000)
    log.write(now(opened(id="silent_rep:rep:10@north")))
    both = {"delivered": 1, "history": 1}
    notified(embedded_settings, inbox, lambda found: both == {each: ended(found, each) for each in both}, "both")

    assert [each["data"]["id"] for each in inbox.took] == ["silent_rep:rep:10@north"]


def test_the_command_tells_people_by_name(embedded_settings: Settings, inbox: Inbox) -> None:
    """Run as people run it, until it is interrupted; nothing that it logs holds a name, the address or the secret."""
    settings, log = embedded_settings, Log(embedded_settings)
    log.write(now(opened(id="silent_rep:rep:9@north"), 60_000))
    begin(settings, inbox)
    with Redis.from_url(settings.redis_url.get_secret_value(), decode_responses=True) as client:
        Directory(client, settings.namespace).replace({"rep:7": "Robin Example", "rep:8": "Sascha Example"})
    env = os.environ | notifying(settings, inbox, LOG_LEVEL="DEBUG")
    inbox.statuses = [503]
    log.write(now(opened()))
    command = [sys.executable, "-m", "pipeline.cli", "notify"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            wait_until(lambda: bool(inbox.took), "the message", 60)
        finally:
            running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=30)

    [message] = inbox.took
    assert running.returncode == 0, said
    assert message["data"]["names"] == {"rep:7": "Robin Example"}
    assert message["data"]["summary"].startswith("Robin Example: ")
    assert "status 503" in said
    assert not [each for each in ("Example", SECRET, inbox.url) if each in said]


async def test_a_name_that_leads_to_a_private_network_is_not_connected_to(inbox: Inbox) -> None:
    """What it resolves to decides, and not what it is called."""
    message = message_of("live", opened(), "alert.opened", "", 1, {})
    async with Receiver(inbox.url.replace("127.0.0.1", "localhost"), [KEY], private=False) as receiver:
        with pytest.raises(DeliveryError):
            await receiver.deliver(message, clock.now_ms())

    assert inbox.asked == []
