"""The organisation agent merges changes of teams, reps and rules, and copies them to every log that needs them."""

from collections.abc import AsyncIterator

from pipeline.engine.engine import Engine
from pipeline.engine.partition.pump import Event
from pipeline.intake.positions import IntakeMetrics
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store
from pipeline.ledger.roster import Roster, RosterPolicy
from schemas.events import CHANGES


def stage(policy: RosterPolicy, partitions: int, fingerprint: Fingerprint, metrics: IntakeMetrics) -> StageSpec:
    """Reads `org.changes`; sends organisation copies."""

    def roster(partition: int, store: Store) -> Roster:
        return Roster(partition, partitions, store, policy, metrics)

    return StageSpec(
        "org", "org.changes", "state.org", roster, ticks=True, fingerprint=fingerprint.holding(CHANGES["org"])
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand what arrives on the topic to the pump."""

    @engine.agent(spec)
    async def org(events: AsyncIterator[Event]) -> None:
        async for event in events:
            engine.accept(event)
