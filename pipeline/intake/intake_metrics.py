"""What the folds of the source logs count as they go."""

from typing import Protocol


class IntakeMetrics(Protocol):
    """What is counted of records taken in; it never affects a result."""

    def saw_event(self, source: str, event_type: str, count: int = 1, /) -> None:
        """Called for the events accepted in a batch."""

    def saw_old(self, source: str, count: int, /) -> None:
        """Called for those of them that say nothing of now: they happened too long before they came."""

    def refused(self, reason: str, /) -> None:
        """Called for each dead letter; `late` is one reason."""

    def saw_duplicate(self) -> None:
        """Called for each accepted event that changed nothing: heard before, or older than all it says."""

    def saw_tombstone(self) -> None:
        """Called for each record that has a key and no value."""

    def forwarded(self) -> None:
        """Called for each record that was on the wrong partition for its key."""


class Unmetered:
    """Counts nothing."""

    def saw_event(self, source: str, event_type: str, count: int = 1, /) -> None: ...
    def saw_old(self, source: str, count: int, /) -> None: ...
    def refused(self, reason: str, /) -> None: ...
    def saw_duplicate(self) -> None: ...
    def saw_tombstone(self) -> None: ...
    def forwarded(self) -> None: ...
