"""The telephony agent keeps calls and what reps' phones are set to, and sends what changes in what they contribute."""

from collections.abc import AsyncIterator

from pipeline.counted import CountedStage, SentMetrics
from pipeline.engine.engine import Engine
from pipeline.engine.partition.pump import Event
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.retention import LedgerPolicy
from schemas.events import CHANGES


def stage(policy: LedgerPolicy, partitions: int, fingerprint: Fingerprint, metrics: SentMetrics) -> StageSpec:
    """Reads `telephony.events`; sends facts to the scoreboards, and links (touches) to leads and deals."""
    topic = "telephony.events"

    def ledger(partition: int, store: Store) -> CountedStage:
        return CountedStage(Ledger("telephony", topic, partition, partitions, store, policy, metrics), metrics)

    return StageSpec(
        "telephony", topic, "state.telephony", ledger, ticks=True, fingerprint=fingerprint.holding(CHANGES["telephony"])
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand what arrives on the topic to the pump."""

    @engine.agent(spec)
    async def telephony(events: AsyncIterator[Event]) -> None:
        async for event in events:
            engine.accept(event)
