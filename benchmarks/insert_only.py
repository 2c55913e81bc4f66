"""The simpler job, calls per minute for each rep and team: Bytewax and Kafka Streams beside our whole job."""

from typing import Any

from benchmarks.bytewax_job import BYTEWAX
from benchmarks.contest import Entry, contest
from benchmarks.events import CALLS_ONLY
from benchmarks.expected import Figures
from benchmarks.kafka_streams.job import MINUTES
from benchmarks.peer import counters
from benchmarks.scene import scene
from benchmarks.sizes import Sizes


def run(sizes: Sizes) -> dict[str, Any]:
    """Every event is a new call; nothing is updated and nothing comes twice, which these jobs could not count right."""
    calls = scene(sizes.peer_events, seed=sizes.seed, update_share=0, duplicate_share=0, weights=CALLS_ONLY)
    return contest(calls, [Entry(p, calls, _calls_per_minute) for p in (BYTEWAX, MINUTES)], sizes)


def _calls_per_minute(figures: Figures) -> Figures:
    return {
        place: {"calls": measures["calls"]}
        for place, measures in counters(figures).items()
        if place[1].startswith("minute:") and measures.get("calls")
    }
