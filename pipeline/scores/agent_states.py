"""Live states: how many reps' phones are set to what now, and since when."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.scores.named import ByStage

MOST_STATES = 50
"""So many are named, those of most reps: reasons are words that somebody types."""
REST = "…"
"""What all further ones add up to: no state has such a name."""


def agent_states(standing: ByStage) -> dict[str, Any]:
    """How many reps there are whose phone is not off, and by state, or `break:<reason>`, how many and since when.

    `standing` are the measures that stand, by family and state. `since_ms` is when a rep came to be in the state; of
    several reps it lies in the middle of when each did.
    """
    reps = {state: count for state, count in standing.get(m.AGENTS, {}).items() if count > 0}
    since_ms = standing.get(m.AGENTS_SINCE_MS, {})
    names = sorted(reps, key=lambda name: (-reps[name], name))
    states = {name: _state(since_ms, reps, [name]) for name in sorted(names[:MOST_STATES])}
    if rest := names[MOST_STATES:]:
        states[REST] = _state(since_ms, reps, rest)
    return {"value": sum(reps.values()), "states": states}


def _state(since_ms: Mapping[str, int], reps: Mapping[str, int], names: list[str]) -> dict[str, int]:
    count = sum(reps[name] for name in names)
    return {"value": count, "since_ms": sum(since_ms.get(name, 0) for name in names) // count}
