"""One turn of the worker: what has arrived for it, handed out together and folded in the order of the stages."""

import asyncio
from collections.abc import Mapping, Sequence

from faust.types import TP

from pipeline.engine.faust.chunk import Chunk

Chunks = Mapping[TP, Chunk]


class Round:
    """What one Faust message carries: the part of a turn that is one topic's, a chunk of each partition with any.

    The message bears the topic and partition of the first of them, which is no more than its carrier: positions come
    from the state, and what is durable is told for each partition.
    """

    def __init__(self, turn: "Turn", chunks: Chunks) -> None:
        self._turn = turn
        self.chunks = chunks

    @property
    def carrier(self) -> TP:
        """The partition in whose name Faust delivers it."""
        return next(iter(self.chunks))

    @property
    def left_seconds(self) -> float:
        """For how long its fold may take the event loop for itself."""
        return self._turn.left_seconds

    def folded(self, seconds: float) -> None:
        """Called when whatever there was time for is folded, and how long that took."""
        self._turn.one_folded(seconds)


class Turn:
    """The rounds of all topics. The next turn is taken when this one is over.

    `records` is how many it hands out.
    """

    def __init__(self, topics: Sequence[Chunks] = (), seconds: float = 0.0) -> None:
        """`topics` are in the order of the stages; all folding of the turn is to take so long at most."""
        self.records = sum(len(chunk.records) for chunks in topics for chunk in chunks.values())
        self.left_seconds = seconds
        self.folded_seconds = 0.0
        self._topics = topics
        self._left = len(topics)
        self._over = asyncio.Event()

    def hand_out(self) -> list[Round]:
        """The rounds, once. Each knows its turn, so the turn keeps none of them: folded records are free at once.

        As a cycle they would lie there until the collector has looked at everything, which it hardly ever does.
        """
        topics, self._topics = self._topics, ()
        return [Round(self, chunks) for chunks in topics]

    def one_folded(self, seconds: float) -> None:
        """Another round is folded, which took so long."""
        self.left_seconds -= seconds
        self.folded_seconds += seconds
        self._left -= 1
        if self._left <= 0:
            self._over.set()

    def end(self) -> None:
        """Called when the assignment changes: Faust drops rounds then, and nobody is to wait for them."""
        self._left = 0
        self._over.set()

    async def over(self, limit_seconds: float) -> None:
        """Return once all is folded, or after so long."""
        if self._left > 0:
            try:
                await asyncio.wait_for(self._over.wait(), limit_seconds)
            except TimeoutError:
                return
