"""What the engine counts: the protocol it records to, and one that records nothing."""

from typing import Protocol


class EngineMetrics(Protocol):
    """Verbs that the engine calls; an implementation adds them up."""

    def batch_folded(self, stage: str, records: int) -> None:
        """A batch of so many source records was folded."""

    def batch_durable(self, stage: str, seconds: float) -> None:
        """A batch became durable, so many seconds after its fold began."""

    def sent(self, topic: str, records: int = 1) -> None:
        """So many records were sent to a logical topic."""

    def log_written(self, stage: str, size_bytes: int) -> None:
        """So much was appended to the state log."""

    def log_trimmed(self, stage: str) -> None:
        """A state log was trimmed to its last mark."""

    def recovered(self, stage: str, seconds: float, records: int, size_bytes: int) -> None:
        """Partitions were taken over: how long it took, how much of their state logs was read."""

    def turned(self, records: int, seconds: float) -> None:
        """A turn of so many records was folded in so many seconds, over all stages and partitions."""

    def prefetch_dropped(self, topic: str, records: int) -> None:
        """Records fetched from before a seek, or over a gap, were dropped at the gate."""

    def handed_over(self, topic: str, records: int) -> None:
        """So many records of a topic were folded once they were acknowledged, before a fetch brought them."""


class NoMetrics:
    """Records nothing."""

    def batch_folded(self, stage: str, records: int) -> None: ...
    def batch_durable(self, stage: str, seconds: float) -> None: ...
    def sent(self, topic: str, records: int = 1) -> None: ...
    def log_written(self, stage: str, size_bytes: int) -> None: ...
    def log_trimmed(self, stage: str) -> None: ...
    def recovered(self, stage: str, seconds: float, records: int, size_bytes: int) -> None: ...
    def turned(self, records: int, seconds: float) -> None: ...
    def prefetch_dropped(self, topic: str, records: int) -> None: ...
    def handed_over(self, topic: str, records: int) -> None: ...
