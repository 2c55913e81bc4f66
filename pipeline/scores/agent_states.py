"""Live states: how many reps' phones are set to what now, and since when."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m

MOST_STATES = 50
"""So many are named, those of most reps: reasons are words that somebody types."""
REST = "…"
"""What all further ones add up to: no state has such a name."""


def agent_states(standing: Mapping[str, int]) -> dict[str, Any]:
    """How many reps there are whose phone is not off, and by state, or `break:<reason>`, how many and since when.

    `since_ms` is when a rep came to be in the state; of several reps it lies in the middle of when each did.
    """
    reps = {name[len(m.AGENTS) :]: count for name, count in standing.items() if name.startswith(m.AGENTS) and count > 0}
    names = sorted(reps, key=lambda name: (-reps[name], name))
    states = {name: _state(standing, reps, [name]) for name in sorted(names[:MOST_STATES])}
    if rest := names[MOST_STATES:]:
        states[REST] = _state(standing, reps, rest)
    return {"value": sum(reps.values()), "states": states}


def _state(standing: Mapping[str, int], reps: Mapping[str, int], names: list[str]) -> dict[str, int]:
    count = sum(reps[name] for name in names)
    since_ms = sum(standing.get(f"{m.AGENTS_SINCE_MS}{name}", 0) for name in names)
    return {"value": count, "since_ms": since_ms // count}
