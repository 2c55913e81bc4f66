"""Where a worker's time goes in the whole job: shares of the samples of a profile, by part of the program."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from benchmarks import whole_job
from benchmarks.flame import profiled
from benchmarks.scene import scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes

PARTS = {
    "decoding events": (
        "schemas/decoding", "schemas/crm", "schemas/telephony", "schemas/events", "schemas/cloud_events",
        "pipeline/intake",
    ),
    "objects": (
        "pipeline/ledger", "pipeline/objects", "pipeline/kinds", "pipeline/organisation", "agents/crm",
        "agents/telephony", "agents/org",
    ),
    "scores": (
        "pipeline/scores", "pipeline/boards", "pipeline/alerts", "pipeline/recognition", "agents/scoreboard",
        "agents/rollup",
    ),
    "publishing": ("pipeline/publishing", "pipeline/sinks", "redis/", "schemas/kpis", "schemas/published"),
    "facts and parts": ("schemas/facts", "schemas/parts", "schemas/control"),
    "engine and state logs": ("pipeline/engine", "pipeline/kernel"),
    "monitoring": ("pipeline/monitoring", "prometheus_client"),
    "Kafka client": ("aiokafka", "kafka/"),
    "Faust": ("faust", "mode/"),
    "event loop": ("asyncio/",),
}  # fmt: skip
"""Parts by what the file names of their frames begin with."""
OTHER = "interpreter"
WAITS = ("(selectors.py", "sigwait (", "(threading.py")
"""What the innermost frame of a thread looks like that waits; the profiler takes it for work now and then."""


def run(sizes: Sizes) -> dict[str, Any]:
    """One whole job under the profiler; checked, but timed by nobody, since profiling slows it."""
    given = scene(sizes.profile_events, seed=sizes.seed)
    with servers() as started:
        output = started.directory / "profile.txt"
        outcome = whole_job.run(started, given, sizes.limit_seconds, lambda pid: profiled(pid, output, "raw"))
        shares = shares_of(output.read_text().splitlines())
    return {"events": outcome.events, "shares": shares, "figures_checked": outcome.figures_checked}


def shares_of(stacks: Iterable[str]) -> dict[str, float]:
    """Of lines `frame;frame;frame count`, outermost frame first: each counts for the innermost part it is in."""
    counts: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if not any(wait in frames[-1] for wait in WAITS):
            counts[_part(frames)] += int(count)
    total = max(1, counts.total())
    return {part: round(count / total, 3) for part, count in counts.most_common()}


def _part(frames: list[str]) -> str:
    for frame in reversed(frames):
        file = frame.partition("(")[2]
        for part, beginnings in PARTS.items():
            if any(file.startswith(beginning) or f"site-packages/{beginning}" in file for beginning in beginnings):
                return part
    return OTHER
