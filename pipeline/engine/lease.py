"""A lease: what this worker holds of one partition while it owns it."""

import asyncio
from dataclasses import dataclass, field

from pipeline.engine.stage import Stage
from pipeline.engine.store import Store


@dataclass(slots=True)
class Lease:
    """One owned partition of one stage, from its claim until it is revoked.

    `generation` is the append time (ms) of the state log's first claim ever, `epoch` the offset of the claim in force.
    `computed` is the last source offset folded, `durable` the last one whose delta is acknowledged. Whoever publishes
    takes figures and `computed` together, without an await between, and sends them once `durable` has reached it.
    """

    topic: str
    partition: int
    generation: int
    epoch: int
    store: Store
    stage: Stage
    computed: int = -1
    durable: int = -1
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_durable(self, position: int) -> None:
        """Return once the delta that covers `position` is acknowledged."""
        async with self.progress:
            await self.progress.wait_for(lambda: self.durable >= position)
