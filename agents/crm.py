"""The CRM agent keeps accounts, leads, deals, meetings and emails, and sends what changes in what they contribute."""

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
    """Reads `crm.events`; sends facts to the scoreboards, and links to other objects."""

    def ledger(partition: int, store: Store) -> CountedStage:
        return CountedStage(Ledger("crm", "crm.events", partition, partitions, store, policy, metrics), metrics)

    return StageSpec(
        "crm", "crm.events", "state.crm", ledger, ticks=True, fingerprint=fingerprint.holding(CHANGES["crm"])
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand what arrives on the topic to the pump."""

    @engine.agent(spec)
    async def crm(events: AsyncIterator[Event]) -> None:
        async for event in events:
            engine.accept(event)
