"""One measured run of the whole job: our own worker, as it is shipped, on one core."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.events import Arrival
from benchmarks.expected import Figures
from benchmarks.measure import Outcome, sending
from benchmarks.published import compared
from benchmarks.servers import Servers

Watch = Callable[[int], AbstractContextManager[object]]
"""What to do to the worker's process while it is measured, such as profiling it."""


def run(
    servers: Servers,
    organisation: list[Arrival],
    arrivals: list[Arrival],
    wanted: Figures,
    limit_seconds: float,
    watch: Watch = nullcontext,
) -> Outcome:
    """Load the events into the waiting worker and time it until all its figures are published and right.

    Compared are the local days, and what is open now, of teams, of reps in teams and of the company; all else is
    published just the same.
    """
    with Deployment(servers) as deployment:
        deployment.settle(organisation)
        process = deployment.workers[0].process
        with watch(process.pid if process else 0):
            load = sending(servers.brokers, NAMESPACE, arrivals)
            return deployment.measure(load, len(arrivals), compared(wanted), limit_seconds)
