"""The rollup agent adds up parts for larger scopes (a rep over all teams, a group, the company), and publishes them."""

from collections.abc import AsyncIterator

from pipeline.boards.rollup import Rollup
from pipeline.engine.engine import Engine
from pipeline.engine.faust.turn import Round
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.flows import FIGURES, RECOGNITION, Flow
from pipeline.kernel.stage_spec import Companions, StageSpec
from pipeline.kernel.store import Store
from pipeline.scores.board import BoardPolicy
from pipeline.scores.measure_numbers import MEASURES

SENDS = (Flow(FIGURES, "kpis.rollup"), Flow(RECOGNITION, "recognition"))


def stage(policy: BoardPolicy, partitions: int, fingerprint: Fingerprint, publisher: Companions) -> StageSpec:
    """Reads `parts`; its publisher sends figures and contests to the sinks."""

    def rollup(partition: int, store: Store) -> Rollup:
        return Rollup(partition, store, partitions, policy)

    return StageSpec(
        "rollup", "parts", "state.rollup", rollup, SENDS, publisher, fingerprint=fingerprint.holding({MEASURES})
    )


def register(engine: Engine, spec: StageSpec) -> None:
    """Let Faust hand over what arrives on the topic, round by round."""

    @engine.agent(spec)
    async def rollup(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            engine.fold(round_)
