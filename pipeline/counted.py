"""A stage whose sends are counted: how many facts a ledger sends is a matter of operations, not of the fold."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.intake.positions import IntakeMetrics
from pipeline.kernel.stage import Record, Send, Stage


class SentMetrics(IntakeMetrics, Protocol):
    """What is counted of a ledger: what it takes in, and the facts it sends."""

    def sent_facts(self, records: int) -> None:
        """Called with the number of fact records in each slice."""


class CountedStage:
    """The stage it is given, counting."""

    def __init__(self, stage: Stage, metrics: SentMetrics) -> None:
        self._stage = stage
        self._metrics = metrics

    def restore(self) -> Iterator[None] | None:
        return self._stage.restore()

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        for sends in self._stage.fold(records):
            self._metrics.sent_facts(sum(1 for send in sends if send.topic == "facts"))
            yield sends
