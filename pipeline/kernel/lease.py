"""A lease: what this worker holds of one partition while it owns it."""

import asyncio
from dataclasses import dataclass, field

from pipeline.kernel.stage import Stage
from pipeline.kernel.store import Store


class LeaseOverError(Exception):
    """Raised to whoever waits for a fold of a lease that is over: it was left, and nobody will go on with it."""


@dataclass(slots=True, eq=False)
class Lease:
    """One owned partition of one stage, from its claim until it is revoked.

    `topic` is the logical name of the source topic, `generation` the append time (ms) of the state log's first claim
    ever, `epoch` the offset of the claim in force. `computed` is the last source offset folded, `durable` the last
    one whose delta is acknowledged.

    Whoever publishes runs in the same loop, between the slices of a fold too: it takes figures only while the lease
    is `settled`, takes them and `computed` together without an await between, and sends them once `durable` has
    reached it.
    """

    topic: str
    partition: int
    generation: int
    epoch: int
    store: Store
    stage: Stage
    computed: int = -1
    durable: int = -1
    folding: bool = False
    over: bool = False
    _waiting: "list[asyncio.Future[None]]" = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether the store holds exactly the state after `computed`: no batch is half folded."""
        return not self.folding

    async def until_durable(self, position: int) -> None:
        """Return once the delta that covers `position` is acknowledged."""
        while self.durable < position:
            await self.advanced()

    async def until_settled(self) -> None:
        """Return once no fold is under way; still true at the caller's next step, until its next await.

        Raises LeaseOverError where the lease ended in the middle of one.
        """
        while self.folding:
            if self.over:
                raise LeaseOverError
            await self.advanced()

    async def advanced(self, limit_seconds: float | None = None) -> None:
        """Return at the next `advance`, or after so long."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting.append(waiter)
        timer = None if limit_seconds is None else loop.call_later(limit_seconds, _wake, waiter)
        try:
            await waiter
        finally:
            if timer is not None:
                timer.cancel()
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def end(self) -> None:
        """Called once, when nothing folds or publishes any more: whoever else waits for a fold that was left hears."""
        self.over = True
        self.advance()

    def advance(self) -> None:
        """Called by the pump after `computed`, `durable` or `folding` changed: wakes whoever waits for it."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            _wake(waiter)


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
