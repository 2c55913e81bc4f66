"""The CRM agent keeps the objects of the CRM, from accounts to cost, and sends what changes in their contributions."""

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

TOPIC = "crm.events"
SENDS = (
    Flow(FACTS, "facts"),
    Flow(LINKS, "crm.events"),
    Flow(LINKS, "telephony.events"),
    Flow(FORWARDED, "crm.events"),
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
    """Reads `crm.events`; sends facts to the scoreboards, and links to other objects."""

    def ledger(partition: int, store: Store) -> Ledger:
        return Ledger("crm", TOPIC, partition, partitions, store, policy, proofs, metrics)

    return StageSpec(
        "crm",
        TOPIC,
        "state.crm",
        ledger,
        SENDS,
        ticks=True,
        check=breaker,
        fingerprint=fingerprint.holding(CHANGES["crm"]),
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand over what arrives on the topic, round by round."""

    @engine.agent(spec)
    async def crm(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            engine.fold(round_)
