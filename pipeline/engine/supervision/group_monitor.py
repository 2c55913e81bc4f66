"""A monitor of the consumer group membership, outside of aiokafka, which retries without end."""

from pipeline.clock import elapsed_seconds
from pipeline.engine.faust.app import EngineApp
from pipeline.engine.faust.driver import ChunkConsumer
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.kafka.fail_stop import said
from pipeline.engine.supervision.topic_monitor import TopicMonitor


class GroupMonitor:
    """Ends the process when the group is lost, or its coordinator is silent although brokers answer."""

    def __init__(self, app: EngineApp, topic_monitor: TopicMonitor, settings: EngineSettings) -> None:
        self._app = app
        self._topic_monitor = topic_monitor
        self._settings = settings

    def check(self) -> None:
        """Called with every beat of the loop."""
        consumer = self._consumer
        if consumer is None or self._app.should_stop:
            return
        error = consumer.group_error()
        if error is not None:
            self._settings.fail_stop(f"lost the consumer group: {said(error)}")
        since, silent_seconds = self._topic_monitor.answering_since, self._silent_seconds
        # Where no broker answers, it is waited for; and once it does, its coordinator gets as long as any.
        if since is None or min(silent_seconds, elapsed_seconds() - since) <= self._settings.coordinator_limit_seconds:
            return
        self._settings.fail_stop(f"group coordinator silent for {silent_seconds:.0f} s while brokers respond")

    def missing(self) -> list[str]:
        """For the readiness probe: a session that may be over."""
        silent_seconds = self._silent_seconds
        if silent_seconds <= self._settings.session_timeout_seconds:
            return []
        return [f"group coordinator silent for {silent_seconds:.0f} s"]

    @property
    def _consumer(self) -> ChunkConsumer | None:
        consumer = self._app.consumer
        return consumer if isinstance(consumer, ChunkConsumer) else None

    @property
    def _silent_seconds(self) -> float:
        answered_at = None if self._consumer is None else self._consumer.coordinator_answered_at
        return 0.0 if answered_at is None else elapsed_seconds() - answered_at
