"""What the engine asks of a stage, and what it gives one: the seam between Faust and the pure folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.kernel.diagnosis import Diagnosis

Headers = tuple[tuple[str, bytes], ...]


class Record(Protocol):
    """One record of a partition's log, as the consumer delivers it (aiokafka's ConsumerRecord fits)."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """Append time in epoch milliseconds (the producer's time on the embedded broker)."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Send:
    """One record that a fold emits. `topic` is a logical name of the topics table, never prefixed."""

    topic: str
    partition: int
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()


class Halt(Diagnosis):
    """Raised by a stage that will not go on until an operator has done something: the process ends with this line."""


class UndeclaredSendError(Diagnosis):
    """Raised where a stage sends to a topic that it has not declared: the graph would no longer be what it says."""

    def __init__(self, stage: str, topic: str) -> None:
        super().__init__(f"stage {stage} sends to {topic}, which it does not declare")


class Stage(Protocol):
    """A pure fold over one partition's log, working on the partition's `Store`.

    It never asks a clock, draws a random number or reads anything but its store and the records it is given.
    """

    def restore(self) -> Iterator[None] | None:
        """Called once after the store was read from the state log: rebuild whatever is derived from it.

        A restore that takes longer than a moment is a generator: the engine gives the event loop its turn at each
        yield.
        """

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Apply the records, in order; yield what is to be sent, in slices.

        The pump sends each slice as it comes and gives the event loop its turn between slices. When the iterator is
        exhausted, every change in the store belongs to the delta of this batch, which is written once all sends are
        acknowledged. Bad data never raises: it is sent to the dead-letter topic. What raises ends the process.
        """
