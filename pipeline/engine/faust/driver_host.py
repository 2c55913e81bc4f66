"""What the transport driver asks of the engine."""

from collections.abc import Iterable, Mapping, Sequence
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
    def sources(self) -> Sequence[str]:
        """The topics that are read (full names), in the order in which a turn folds them."""

    @property
    def linger_seconds(self) -> float:
        """For so long the brokers let records come together, as long as there are any."""

    @property
    def turn_seconds(self) -> float:
        """For so long a turn may fold without letting other tasks in."""

    @property
    def waiting_records(self) -> int:
        """Of a partition so many records may wait."""

    def room(self, partition: TP) -> int:
        """How many records of the partition the next turn may fold; 0 where it sits that one out."""

    def durable_to(self, partition: TP) -> int | None:
        """The offset after the last one that is durable, of a partition that is held."""

    @property
    def under_way(self) -> bool:
        """Whether anything that was handed over is not durable yet."""

    @property
    def finish_seconds(self) -> float:
        """For so long a rebalance waits for what is being folded; what is not done by then is left, and done again."""

    async def finished(self, limit_seconds: float) -> None:
        """Return once nothing is under way, or after so long."""

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

    def turned(self, records: int, seconds: float) -> None:
        """A turn of so many records is over; its fold had the event loop for so long."""

    def prefetch_dropped(self, topic: str, records: int) -> None:
        """Records were dropped at the gate."""

    def handed_over(self, topic: str, records: int) -> None:
        """A fetch brought records that were folded before, since they were handed over."""
