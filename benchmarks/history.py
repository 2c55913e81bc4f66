"""`python -m benchmarks.history`: what a long history takes: memory of panes, of Redis, and time to fill a lost Redis.

The scoreboard of teams whose reps have so many days, the rollup of the same, and a real Redis, without a broker.
Everything that is published by default, or of everything, is marked, taken and written once, as it is when a sink has
lost it. As a point of `make bench`, what is published by default.
"""

import argparse
import asyncio
import gc
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

from benchmarks.one_partition import EVERYTHING, PUBLISHED
from benchmarks.restoring import STAGES, Stage, recovered_stage, state
from benchmarks.sizes import Sizes
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.definition import DEFINITION
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.sink import Batch, Bookmark, Owner
from tests.servers.redis import RedisServer

REPS, TEAMS, DAYS = 500, 25, 800
"""The sizes that deployments are planned by."""
SCOPES_AT_ONCE = 20
SUMS = dict.fromkeys(name for kpi in DEFINITION.table.rows if kpi.formula == "count" for name in kpi.numerator)
MEASURES = dict.fromkeys(list(SUMS)[:17], 3)
"""As many of a day as a rep of a floor has."""


def rss_bytes() -> int:
    """What the process takes now."""
    gc.collect()
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


class Filled(NamedTuple):
    """Figures, processor seconds in all and until the last current one, and bytes of Redis."""

    figures: int
    core_seconds: float
    current_core_seconds: float
    redis_bytes: int


def run(sizes: Sizes) -> dict[str, Any]:  # noqa: ARG001 (the sizes are the plan's)
    """What Redis takes, and what it costs to fill it once it is lost: of each stage, and of both together."""
    stages = {}
    for stage in STAGES:
        panes_bytes, found = measured(stage, REPS, TEAMS, DAYS, PUBLISHED)
        stages[stage.stage] = {"panes_bytes": panes_bytes, **found._asdict()}
    names = ("figures", "redis_bytes", "core_seconds", "current_core_seconds")
    together = {name: sum(each[name] for each in stages.values()) for name in names}
    return {"reps": REPS, "teams": TEAMS, "days": DAYS, "stages": stages, **together}


async def filled(stage: Scoreboard | Rollup, url: str) -> Filled:
    """Write all of a stage."""
    client = connect(url)
    stage.board.generation = 1
    for home in stage.board.homes():
        stage.board.recall(stage.board.home(home), MEASURES)
    sink, owner = RedisSink(client, "history", 86_400, stage.board.definition_version), Owner(stage.stage, 0, 1, 1)
    bookmark = (await sink.survey(owner, Bookmark(), stage.board.published_scopes())).bookmark
    before = await _used(client)
    began, figures, current_seconds = time.process_time(), 0, 0.0
    for _ in stage.board.marking.since(None):
        pass
    while stage.board.changed:
        taken = stage.board.take(slow=True, limit=SCOPES_AT_ONCE)
        homes = {figure.home for figure in taken}
        batch = Batch(
            0, stage.board.now_ms, complete=False, slow=True, figures=taken,
            current={home: stage.board.current_ids(home) for home in homes},
            beside={home: stage.beside(home) for home in homes}, open_alerts=None,
        )  # fmt: skip
        figures += len(batch.figures)
        bookmark = await sink.write(owner, bookmark, batch)
        if any(figure.current for figure in batch.figures):
            current_seconds = time.process_time() - began
    seconds = time.process_time() - began
    used = await _used(client) - before
    await client.aclose()
    return Filled(figures, round(seconds, 2), round(current_seconds, 2), used)


async def _used(client: Any) -> int:
    return int((await cast("Any", client).info("memory"))["used_memory"])


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--reps", type=int, default=50)
    parser.add_argument("--days", type=int, default=800)
    asked = parser.parse_args()
    for title, policy in {"by default": PUBLISHED, "everything": EVERYTHING}.items():
        for stage in (Scoreboard, Rollup):
            say(f"{title}, {stage.stage}", stage, asked.reps, asked.days, policy)


def measured(of: Stage, reps: int, teams: int, days: int, policy: BoardPolicy) -> tuple[int, Filled]:
    """Bytes of the panes of a stage, and what it takes to write all that follows from them."""
    log = state(of, reps, teams, days, MEASURES)
    before = rss_bytes()
    stage = recovered_stage(of, log, policy)
    panes_bytes = rss_bytes() - before
    with TemporaryDirectory(prefix="history-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            return panes_bytes, asyncio.run(filled(stage, server.url))
        finally:
            server.stop()


def say(title: str, of: Stage, reps: int, days: int, policy: BoardPolicy) -> None:
    """Measure one stage and print."""
    panes_bytes, found = measured(of, reps, 1, days, policy)
    print(f"{title}: {reps} reps x {days} days, {panes_bytes / reps / 1e6:.2f} MB of panes a rep")
    print(
        f"  Redis: {found.redis_bytes / (reps + 1) / 1e6:.3f} MB a scope; {found.figures:,} figures in "
        f"{found.core_seconds:.1f} s of a core, all current ones after {found.current_core_seconds:.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
