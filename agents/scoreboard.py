"""The scoreboard agent adds up facts for each team and each rep within it, and publishes what changed."""

from collections.abc import AsyncIterator

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.boards.scoreboard import Scoreboard
from pipeline.engine.engine import Engine
from pipeline.engine.faust.turn import Round
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.flows import ALERTS, FIGURES, PARTS, RECOGNITION, Flow
from pipeline.kernel.stage_spec import Companions, StageSpec
from pipeline.kernel.store import Store
from pipeline.scores.board import BoardPolicy
from pipeline.scores.measure_numbers import MEASURES

SENDS = (
    Flow(PARTS, "parts"),
    Flow(FIGURES, "kpis.scoreboard"),
    Flow(ALERTS, "alerts"),
    Flow(RECOGNITION, "recognition"),
)


def stage(
    policy: BoardPolicy, alerts: AlertPolicy, partitions: int, fingerprint: Fingerprint, publisher: Companions
) -> StageSpec:
    """Reads `facts`; its publisher sends figures and alerts to the sinks, and parts to the rollups."""

    def scoreboard(partition: int, store: Store) -> Scoreboard:
        return Scoreboard(partition, store, partitions, policy, alerts=alerts)

    return StageSpec(
        "scoreboard",
        "facts",
        "state.scoreboard",
        scoreboard,
        SENDS,
        publisher,
        fingerprint=fingerprint.holding({MEASURES}),
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand over what arrives on the topic, round by round."""

    @engine.agent(spec)
    async def scoreboard(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            engine.fold(round_)
