"""One measured run of the whole job: our own worker, as it is shipped, on one core."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from benchmarks.deployment import Deployment
from benchmarks.measure import Outcome
from benchmarks.scene import Scene
from benchmarks.servers import Servers

Watch = Callable[[int], AbstractContextManager[object]]
"""What to do to the worker's process while it is measured, such as profiling it."""


def run(servers: Servers, given: Scene, limit_seconds: float, watch: Watch = nullcontext) -> Outcome:
    """Load the events into the waiting worker and time it until all its figures are published and right.

    Compared are the local days, and what is open now, of teams, of reps in teams and of the company; all else is
    published just the same.
    """
    with Deployment(servers) as deployment:
        process = deployment.workers[0].process
        with watch(process.pid if process else 0):
            return deployment.run(given, limit_seconds)
