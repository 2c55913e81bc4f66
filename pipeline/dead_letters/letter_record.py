"""A record of the dead-letter topic."""

from collections.abc import Sequence
from typing import Protocol


class LetterRecord(Protocol):
    """A record of the dead-letter topic (kafka-python's ConsumerRecord fits)."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...
