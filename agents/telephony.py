"""The telephony agent keeps calls and what reps' phones are set to, and sends what changes in what they contribute."""

from collections.abc import AsyncIterator

from pipeline.engine.engine import Engine
from pipeline.engine.faust.turn import Round
from pipeline.intake.intake_metrics import IntakeMetrics
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.flows import DEAD_LETTERS, FACTS, FORWARDED, LINKS, Flow
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage_spec import Check, StageSpec
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from schemas.events import CHANGES

TOPIC = "telephony.events"
SENDS = (
    Flow(FACTS, "facts"),
    Flow(LINKS, "crm.events"),
    Flow(FORWARDED, "telephony.events"),
    Flow(DEAD_LETTERS, "dead-letters"),
)


def stage(
    policy: LedgerPolicy,
    partitions: int,
    proofs: Proofs,
    fingerprint: Fingerprint,
    metrics: IntakeMetrics,
    breaker: Check,
) -> StageSpec:
    """Reads `telephony.events`; sends facts to the scoreboards, and links (touches) to leads and deals."""

    def ledger(partition: int, store: Store) -> Ledger:
        return Ledger("telephony", TOPIC, partition, partitions, store, policy, proofs, metrics)

    return StageSpec(
        "telephony",
        TOPIC,
        "state.telephony",
        ledger,
        SENDS,
        ticks=True,
        check=breaker,
        fingerprint=fingerprint.holding(CHANGES["telephony"]),
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand over what arrives on the topic, round by round."""

    @engine.agent(spec)
    async def telephony(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            engine.fold(round_)
