"""The organisation agent merges changes of teams, reps and rules, and copies them to every log that needs them."""

from collections.abc import AsyncIterator

from pipeline.engine.engine import Engine
from pipeline.engine.faust.turn import Round
from pipeline.intake.intake_metrics import IntakeMetrics
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.flows import COPIES, DEAD_LETTERS, FORWARDED, Flow
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage_spec import Check, StageSpec
from pipeline.kernel.store import Store
from pipeline.ledger.roster import READERS, Roster, RosterPolicy
from schemas.events import CHANGES

TOPIC = "org.changes"
SENDS = (
    *(Flow(COPIES, topic) for topic in READERS),
    Flow(FORWARDED, "org.changes"),
    Flow(DEAD_LETTERS, "dead-letters"),
)


def stage(
    policy: RosterPolicy,
    partitions: int,
    proofs: Proofs,
    fingerprint: Fingerprint,
    metrics: IntakeMetrics,
    breaker: Check,
) -> StageSpec:
    """Reads `org.changes`; sends organisation copies."""

    def roster(partition: int, store: Store) -> Roster:
        return Roster(partition, partitions, store, policy, proofs, metrics)

    return StageSpec(
        "org",
        TOPIC,
        "state.org",
        roster,
        SENDS,
        ticks=True,
        check=breaker,
        fingerprint=fingerprint.holding(CHANGES["org"]),
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand over what arrives on the topic, round by round."""

    @engine.agent(spec)
    async def org(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            engine.fold(round_)
