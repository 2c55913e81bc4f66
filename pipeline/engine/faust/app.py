"""The Faust app: agents, topics, partition assignment and worker life cycle are Faust's; all else of it is off."""

import tempfile
from collections.abc import Mapping
from typing import Any

import faust
from faust.serializers.schemas import Schema
from faust.tables.manager import TableManager
from faust.transport import drivers
from faust.types import AppT, Message

from pipeline.engine.faust.driver import SCHEME
from pipeline.engine.faust.driver_host import DriverHost
from pipeline.engine.faust.metadata_pace import pace_metadata
from pipeline.engine.kafka.engine_settings import EngineSettings

TRANSPORT = "pipeline.engine.faust.driver:Transport"
AGENT_LOOKS, AGENT_LOOK_SECONDS = 100, 0.01
COMMIT_SECONDS = 0.25
"""So often it is told what is durable: whoever sends history goes by it, so that live events do not wait for long."""


class PassThrough(Schema[Any, Any]):
    """Hands keys and values on as the driver made them."""

    def loads_key(self, app: AppT, message: Message, **_: Any) -> Any:  # noqa: ARG002
        return message.key

    def loads_value(self, app: AppT, message: Message, **_: Any) -> Any:  # noqa: ARG002
        return message.value


class NoTables(TableManager):
    """Faust's tables, of which there are none.

    The stock one lets a second go by before the group is joined, so that every agent has named its topic until then;
    this one asks, and waits no longer than that.
    """

    async def on_start(self) -> None:
        for _ in range(AGENT_LOOKS):
            if self.should_stop or len(self.app.topics) >= len(self.app.agents):
                break
            await self.sleep(AGENT_LOOK_SECONDS)
        if not self.should_stop:
            await self._update_channels()
            await self.recovery.start()


class EngineApp(faust.App):
    """A Faust app that belongs to an engine. It keeps nothing on disk."""

    owner: DriverHost
    security: Mapping[str, Any]

    def _create_directories(self) -> None: ...

    async def start(self) -> None:
        self.owner.on_starting()
        await super().start()

    async def stop(self) -> None:
        self.owner.on_stopping()
        await super().stop()
        self.owner.on_stopped()


def faust_app(settings: EngineSettings, owner: DriverHost) -> EngineApp:
    """The app for these settings, with the driver in place; it connects when it is started."""
    drivers.TRANSPORTS.aliases[SCHEME] = TRANSPORT
    pace_metadata()
    urls = ";".join(f"{SCHEME}://{broker}" for broker in settings.brokers)
    app = EngineApp(
        settings.group,
        broker=urls,
        store="memory://",
        datadir=tempfile.gettempdir(),
        topic_partitions=settings.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 4,
        broker_rebalance_timeout=settings.rebalance_timeout_seconds,
        broker_commit_interval=COMMIT_SECONDS,
        # Faust waits so long for the seek, which is where partitions are taken over; then it would give up silently.
        broker_request_timeout=settings.recovery_limit_seconds + 60,
        producer_compression_type=settings.compression,
        TableManager=NoTables,
    )
    app.owner = owner
    app.security = settings.security
    return app
