"""Contenders one after the other, again and again, each on servers of its own: the runs of each by name."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from benchmarks import peer, whole_job
from benchmarks.expected import Figures
from benchmarks.measure import Outcome, VoidError
from benchmarks.peer import Peer, counters
from benchmarks.repeated import repeated
from benchmarks.scene import Scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.words import say

WHOLE_JOB = "whole_job"
MOST_VOID = 3
"""Runs of a peer in a row that may be void."""


class Entry(NamedTuple):
    """A peer with the events it is given, and which figures of theirs it must give."""

    peer: Peer
    scene: Scene
    figures: Callable[[Figures], Figures] = counters


def contest(ours: Scene, others: Sequence[Entry], sizes: Sizes) -> dict[str, Any]:
    """The block of each, and how many times as fast as each of the others the whole job is."""
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    void: Counter[str] = Counter()
    for _ in range(sizes.repetitions):
        for entry in others:
            outcome, lost = right_run(entry, sizes.peer_limit_seconds)
            outcomes[entry.peer.name].append(outcome)
            void[entry.peer.name] += lost
        outcomes[WHOLE_JOB].append(run_whole(ours, sizes.limit_seconds))
    block = {name: repeated(found) | {"void_runs": void[name]} for name, found in outcomes.items()}
    rate = block[WHOLE_JOB]["events_per_s"]["median"]
    ratios = {name: round(rate / block[name]["events_per_s"]["median"], 2) for name in block if name != WHOLE_JOB}
    return {**block, "ratios": ratios, "mean_event_bytes": ours.mean_event_bytes, "partitions": peer.PARTITIONS}


def run_whole(given: Scene, limit_seconds: float) -> Outcome:
    """Our own worker, once."""
    with servers() as started:
        outcome = whole_job.run(started, given, limit_seconds)
    return _told(WHOLE_JOB, outcome)


def run_peer(entry: Entry, limit_seconds: float) -> Outcome:
    """Another program, once."""
    with servers() as started:
        outcome = peer.run(entry.peer, started, entry.scene, entry.figures, limit_seconds)
    return _told(entry.peer.name, outcome)


def right_run(entry: Entry, limit_seconds: float) -> tuple[Outcome, int]:
    """A run of another program whose figures are right, and how many were not before it; VoidError when none is."""
    for lost in range(MOST_VOID):
        try:
            return run_peer(entry, limit_seconds), lost
        except VoidError as error:
            say(f"  {entry.peer.name}: a void run: {str(error).splitlines()[0]}")
    raise VoidError(f"{entry.peer.name} gave wrong figures {MOST_VOID} times")


def _told(name: str, outcome: Outcome) -> Outcome:
    say(f"  {name}: {outcome.events_per_s:.0f} events/s, {outcome.core_microseconds_per_event:.0f} µs/event")
    return outcome
