"""A worker of the counting stages as a process: `python -m tests.harness.counting_worker <json settings>`."""

import json
import logging
import sys
from collections.abc import AsyncIterator

from pipeline.engine.engine import Engine
from pipeline.engine.faust.turn import Round
from pipeline.engine.kafka.engine_settings import LOOK_SECONDS, EngineSettings, WriterPolicy
from pipeline.engine.supervision.shutdown import Shutdown
from pipeline.engine.worker import Worker
from pipeline.kernel.failpoints import Failpoints
from pipeline.kernel.stage_spec import StageSpec
from pipeline.topics.table import full_name
from tests.harness.counting import counting_stages


def engine(options: dict[str, object]) -> Engine:
    """The engine for one process."""
    namespace, partitions = str(options["namespace"]), 4
    settings = EngineSettings(
        brokers=str(options["brokers"]).split(","),
        group=f"{namespace}.worker",
        full_name=lambda name: full_name(namespace, name),
        partitions=partitions,
        embedded=bool(options.get("embedded")),
        worker=str(options.get("worker", "worker")),
        instance_id=str(options["instance"]) if "instance" in options else None,
        session_timeout_seconds=6,
        tick_seconds=float(str(options.get("tick_seconds", 1))),
        look_seconds=float(str(options.get("look_seconds", LOOK_SECONDS))),
        policy=WriterPolicy(part_bytes=4096, shard_pace=40) if options.get("eager") else None,
        self_fence=bool(options.get("self_fence", True)),
        failpoints=Failpoints.parse(str(options.get("failpoints", ""))),
    )
    made = Engine(settings, counting_stages(partitions))
    for spec in made.stages:
        attach(made, spec)
    return made


def attach(made: Engine, spec: StageSpec) -> None:
    """Register the agent of one stage."""

    @made.agent(spec)
    async def agent(rounds: AsyncIterator[Round]) -> None:
        async for round_ in rounds:
            made.fold(round_)


def main() -> None:
    """Run until a signal comes."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(name)s %(levelname)s %(message)s")
    made = engine(json.loads(sys.argv[1]))
    shutdown = Shutdown()
    shutdown.take_signals()
    Worker(made, shutdown=shutdown).run()


if __name__ == "__main__":
    main()
