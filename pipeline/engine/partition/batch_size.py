"""How many records a batch takes, so that it is durable soon however long each of them takes. Pure."""

SECONDS = 2.0
"""What a batch is to take. A record is folded in 50 µs or so, one of the organisation up to a thousand times that."""
LEAST, FIRST = 20, 500
"""Records of the smallest batch, and of the first one: nobody knows yet how long it takes."""


class BatchSize:
    """Follows how long batches take.

    What a worker has folded and not made durable is lost when it crashes or gives a partition back. Where that is
    little, it gets on however often that happens.
    """

    def __init__(self, most: int) -> None:
        """`most` is the largest batch."""
        self._most = most
        self.records = min(FIRST, most)

    def took(self, records: int, seconds: float) -> None:
        """A batch of so many records was folded in so long."""
        if seconds > SECONDS:
            self.records = min(max(int(records * SECONDS / seconds), LEAST), self._most)
        elif records >= self.records:
            self.records = min(2 * self.records, self._most)
