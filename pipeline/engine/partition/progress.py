"""How the batches of one partition get on, as the readiness probe asks. Pure: times are seconds of any steady clock."""

from collections import deque


class Progress:
    """Knows when the batches that are not durable yet began, and when the last one got durable.

    A batch of a backlog may take its time while others go before it: only one that is waited for and does not come is
    a sign that something is stuck.
    """

    def __init__(self) -> None:
        self._begun: deque[float] = deque()
        self._ended = 0.0

    def begin(self, now: float) -> None:
        """A batch is folded from now on."""
        self._begun.append(now)

    def end(self, now: float) -> None:
        """The oldest batch is durable and acknowledged."""
        self._begun.popleft()
        self._ended = now

    def stuck_seconds(self, now: float) -> float:
        """For how long nothing has got durable although something should: 0 when nothing is under way."""
        return now - max(self._begun[0], self._ended) if self._begun else 0.0
