"""How long figures stand still when append times pass a 12-hour boundary, and the whole organisation is sent again.

Once the workers are ready their clock is moved (libfaketime) so that the boundary comes soon, and the source topics
take a record's time from whoever sends it: their ticks and our events are on one clock.
"""

import time
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.events import Floor, arrivals, organisation, team_id
from benchmarks.expected import expected
from benchmarks.load import Feed, Live
from benchmarks.measure import VoidError
from benchmarks.onlooker import Onlooker
from benchmarks.processes import core_seconds
from benchmarks.servers import Servers, servers
from benchmarks.sizes import Sizes
from benchmarks.stillness import Span, next_boundary_ms, stillness_of_all, times_baseline
from benchmarks.words import say
from pipeline.ledger.roster import RosterPolicy
from pipeline.topics.table import SOURCES, full_name
from schemas.control import BLOCK, KIND_HEADER
from tests.servers.faketime import faked_by, library, stamped

WORKERS = 4
TEAMS = 20
EVENTS_PER_SECOND = 200
HEEDED_SECONDS = 3
"""By then every worker has the other clock."""
WARM_UP_SECONDS = 20
BASELINE_SECONDS = 40
AFTER_SECONDS = 40
"""After the boundary: the ticks that pass it come within five, and what follows is over by then."""
LEAD_SECONDS = WARM_UP_SECONDS + BASELINE_SECONDS
SOON_SECONDS = 1_800
"""No worker is to take so long to be ready: a boundary that comes sooner is left to pass by itself."""
BUSY_SECONDS = 60
"""No worker is to be missed: half of it one may stand still, on a machine that is busy."""
COPIED_TO = ("facts", "parts")
"""Logs of the pipeline's own that get the copies too; their append times are the broker's."""


def organisation_copy(sizes: Sizes, reps: int) -> dict[str, Any]:
    """Four workers on four partitions at a steady load; at the end all figures must be right."""
    if library() is None:
        raise FileNotFoundError("libfaketime is not there (Debian package faketime)")
    boundary_ms = next_boundary_ms(_now_ms(), RosterPolicy().resend_ms, SOON_SECONDS * 1000)
    floor = Floor(
        EVENTS_PER_SECOND * (LEAD_SECONDS + AFTER_SECONDS),
        boundary_ms - LEAD_SECONDS * 1000,
        sizes.seed,
        reps=reps,
        teams=TEAMS,
        events_per_second=EVENTS_PER_SECOND,
    )
    people, coming = organisation(floor), arrivals(floor)
    teams = [team_id(team) for team in range(TEAMS)]
    with (
        servers(one_core=False) as started,
        _on_a_clock_of_its_own(started) as deployment,
    ):
        deployment.settle(people)
        ahead_seconds = (boundary_ms - _now_ms()) // 1000 - LEAD_SECONDS - HEEDED_SECONDS
        _move_clocks(deployment, ahead_seconds)
        feed = Feed(started.brokers, NAMESPACE, ahead_seconds * 1000)
        with (
            Onlooker(started.redis_url, NAMESPACE, teams) as onlooker,
            Live(feed, coming, EVENTS_PER_SECOND) as live,
        ):
            boundary = time.monotonic() + boundary_ms / 1000 - ahead_seconds - time.time()
            baseline = Span(boundary - BASELINE_SECONDS, boundary)
            passing = Span(boundary, boundary + AFTER_SECONDS)
            onlooker.until(baseline.begin)
            spent = core_seconds(deployment.workers)
            onlooker.until(baseline.end)
            between = core_seconds(deployment.workers)
            onlooker.until(passing.end)
            after = core_seconds(deployment.workers)
        before, found = (stillness_of_all(onlooker.changes, span) for span in (baseline, passing))
        copies = _copies(deployment, boundary_ms - ahead_seconds * 1000)
        checked = deployment.check(expected(people, coming[: live.sent]), sizes.limit_seconds)
    block = {
        "reps": reps,
        "workers": WORKERS,
        "events_per_s": EVENTS_PER_SECOND,
        "core_share_before": round((between - spent) / baseline.seconds, 2),
        "core_share": round((after - between) / passing.seconds, 2),
        "baseline": before,
        "copy": found | times_baseline(found, before),
        **copies,
    }
    say(f"  organisation's copy: {block}")
    return {**block, "figures_checked": checked}


def _on_a_clock_of_its_own(started: Servers) -> Deployment:
    """Workers whose clock can be moved while they run."""
    deployment = Deployment(started, workers=WORKERS, session_timeout_seconds=BUSY_SECONDS)
    _clock(started).write_text("+0")
    for worker in deployment.workers:
        worker.env.update(faked_by(_clock(started)))
    return deployment


def _move_clocks(deployment: Deployment, ahead_seconds: int) -> None:
    """Set the workers' clock ahead; from then on the source topics go by it, and by ours where we send."""
    _clock(deployment.servers).write_text(f"+{ahead_seconds}")
    time.sleep(HEEDED_SECONDS)
    stamped(deployment.servers.brokers, [full_name(NAMESPACE, topic) for topic in SOURCES], "CreateTime")


def _clock(started: Servers) -> Path:
    return started.directory / "clock"


def _copies(deployment: Deployment, since_ms: int) -> dict[str, Any]:
    """How many blocks of the organisation came since then, and within which time; raises VoidError if none did."""
    topics = [full_name(NAMESPACE, topic) for topic in COPIED_TO]
    options = {"bootstrap.servers": deployment.servers.brokers, "group.id": "bench-copies", "log_level": 0}
    consumer = Consumer({**options, "enable.partition.eof": True})
    partitions = [
        TopicPartition(topic, number, OFFSET_BEGINNING)
        for topic in topics
        for number in range(deployment.settings.partitions)
    ]
    consumer.assign(partitions)
    at_ms, ends = [], 0
    try:
        while ends < len(partitions):
            for message in consumer.consume(1000, timeout=1):
                error = message.error()
                if error is not None:
                    _require_end(error)
                    ends += 1
                elif (KIND_HEADER, BLOCK) in (message.headers() or ()) and message.timestamp()[1] >= since_ms:
                    at_ms.append(message.timestamp()[1])
    finally:
        consumer.close()
    if not at_ms:
        raise VoidError("the organisation was not sent again")
    return {"blocks_per_log": len(at_ms) // len(topics), "blocks_seconds": round((max(at_ms) - min(at_ms)) / 1000, 2)}


def _require_end(error: KafkaError) -> None:
    if error.code() != KafkaError._PARTITION_EOF:
        raise RuntimeError(str(error))


def _now_ms() -> int:
    return int(time.time() * 1000)
