"""What remembering costs: memory and log for each object, and how a worker that was killed comes back.

The worker has a name of its own (`worker_id`), so that its place in the group is still its own when it is back; without
one the group gives the place up after the session timeout, and only then to another.
"""

import time
from typing import Any

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.expected import expected
from benchmarks.load import send
from benchmarks.processes import peak_bytes, resident_bytes
from benchmarks.scene import Scene, scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.words import say
from pipeline.topics.lag import Lag
from tests.servers.process import wait_until

AT_ONCE = 10_000
MOST_WAITING = 20_000
EVENTS_AFTER = 500
MIB = 1 << 20


def run(sizes: Sizes) -> dict[str, Any]:
    """Fill a worker with objects, kill it, start it again, and send more: all of it must then be right."""
    given = scene(sizes.objects + EVENTS_AFTER, seed=sizes.seed, update_share=0, duplicate_share=0)
    with servers() as started, Deployment(started, named=True) as deployment:
        worker = deployment.workers[0]
        deployment.settle(given.organisation)
        empty_bytes = resident_bytes(worker)
        objects = _fill(deployment, given, 2 * sizes.budget_seconds)
        deployment.check(given.first(objects).wanted, sizes.limit_seconds)
        full_bytes, log_bytes = resident_bytes(worker), deployment.counted("salespulse_state_log_bytes_total")
        worker.kill()
        began = time.monotonic()
        deployment.start()
        ready_seconds = time.monotonic() - began
        found = {
            "objects": objects,
            "seconds_to_ready": round(ready_seconds, 2),
            "longest_take_over_seconds": round(deployment.most("salespulse_recovery_seconds"), 2),
            "read_mib": round(deployment.counted("salespulse_recovered_bytes_total") / MIB, 1),
            "read_records": int(deployment.counted("salespulse_recovered_records_total")),
            "peak_memory_mib": round(peak_bytes(worker) / MIB),
            "memory_bytes_per_object": round((full_bytes - empty_bytes) / objects),
            "event_mib": round(sum(len(event.value) for event in given.arrivals[:objects]) / MIB, 1),
            "state_log_mib": round(log_bytes / MIB, 1),
        }
        say(f"  {found}")
        more = given.arrivals[objects : objects + EVENTS_AFTER]
        send(started.brokers, NAMESPACE, more)
        wanted = expected(given.organisation, given.arrivals[: objects + len(more)])
        checked = deployment.check(wanted, sizes.limit_seconds)
    return {
        **found,
        "state_log_bytes_per_event_byte": round(found["state_log_mib"] / found["event_mib"], 2),
        "figures_checked": checked,
    }


def _fill(deployment: Deployment, given: Scene, seconds: float) -> int:
    """Send objects as fast as they are taken, until the time is up or there are no more; gives how many."""
    deadline, sent = time.monotonic() + seconds, 0
    most = len(given.arrivals) - EVENTS_AFTER
    with Lag(deployment.settings) as lag:
        while sent < most and time.monotonic() < deadline:
            send(deployment.servers.brokers, NAMESPACE, given.arrivals[sent : min(most, sent + AT_ONCE)])
            sent = min(most, sent + AT_ONCE)
            wait_until(lambda: lag.events() < MOST_WAITING, "events to be taken in", 600, 0.1)
    deployment.until_idle()
    return sent
