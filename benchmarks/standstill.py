"""How long figures stand still, seen from outside: while workers are restarted, and when the organisation is copied."""

from typing import Any

from benchmarks.organisation_copy import organisation_copy
from benchmarks.rolling_restart import rolling_restart
from benchmarks.sizes import Sizes

REPS = (500, 5_000)


def run(sizes: Sizes) -> dict[str, Any]:
    """Each on servers of its own, with the figures before as its baseline."""
    return {
        "rolling_restart": {
            name: rolling_restart(sizes, named=named) for name, named in (("unnamed", False), ("named", True))
        },
        "organisation_copy": {
            f"{reps} reps": organisation_copy(sizes, reps) for reps in REPS if reps <= sizes.most_reps
        },
    }
