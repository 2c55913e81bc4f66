"""What the transport driver asks of the engine."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from faust.types import TP


class DriverHost(Protocol):
    """What the driver asks of the engine."""

    def on_revoked(self) -> None:
        """The assignment is about to change."""

    async def on_assigned(self, partitions: Iterable[TP]) -> Mapping[TP, int]:
        """These partitions, and no others, are held from now on: the offset to read each from."""

    def on_sought(self, session: int) -> None:
        """The partitions were sought to these offsets; what is delivered from now on bears this session."""

    @property
    def linger_seconds(self) -> float:
        """What has arrived is asked for at most so often."""

    @property
    def finish_seconds(self) -> float:
        """For so long a rebalance waits for what is being folded; what is not done by then is left, and done again."""

    def has_room(self, partition: TP) -> bool:
        """Whether more records of the partition are wanted now."""

    def broken(self, reason: str) -> None:
        """The consumer cannot go on; does not return."""

    def on_starting(self) -> None:
        """The worker begins to start."""

    def on_stopping(self) -> None:
        """The worker begins to stop."""

    def on_stopped(self) -> None:
        """The worker has stopped in order."""

    def consumer_options(self) -> Mapping[str, Any]:
        """Keyword options for the group's aiokafka consumer."""

    def prefetch_dropped(self, topic: str, records: int) -> None:
        """Records were dropped at the gate."""
