"""How long figures stand still while workers are restarted one after the other, without names and with them."""

import time
from typing import Any

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.events import Floor, arrivals, organisation, team_id
from benchmarks.expected import expected
from benchmarks.load import Feed, Live
from benchmarks.onlooker import Onlooker
from benchmarks.processes import core_seconds
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.stillness import Span, stillness_of_all, times_baseline
from benchmarks.words import say

WORKERS = 2
TEAMS = 20
EVENTS_PER_SECOND = 200
WARM_UP_SECONDS = 10
BASELINE_SECONDS = 40
AFTER_SECONDS = 20
"""After the last worker is ready: what it still has to do then counts too."""
MOST_SECONDS = 400
"""Of load: no restart takes longer."""


def rolling_restart(sizes: Sizes, *, named: bool) -> dict[str, Any]:
    """Two workers on four partitions, 500 reps in 20 teams, at a steady load; at the end all figures must be right."""
    floor = Floor(
        EVENTS_PER_SECOND * MOST_SECONDS,
        int(time.time() * 1000),
        sizes.seed,
        teams=TEAMS,
        events_per_second=EVENTS_PER_SECOND,
    )
    people, coming = organisation(floor), arrivals(floor)
    teams = [team_id(team) for team in range(TEAMS)]
    with (
        servers(one_core=False) as started,
        Deployment(started, workers=WORKERS, named=named) as deployment,
    ):
        deployment.settle(people)
        with (
            Onlooker(started.redis_url, NAMESPACE, teams) as onlooker,
            Live(Feed(started.brokers, NAMESPACE), coming, EVENTS_PER_SECOND) as live,
        ):
            begun = time.monotonic() + WARM_UP_SECONDS
            baseline = Span(begun, begun + BASELINE_SECONDS)
            onlooker.until(baseline.begin)
            spent = core_seconds(deployment.workers)
            onlooker.until(baseline.end)
            share = (core_seconds(deployment.workers) - spent) / baseline.seconds
            restarts = [_restart(deployment, number) for number in range(WORKERS)]
            whole = Span(baseline.end, time.monotonic())
            onlooker.until(whole.end + AFTER_SECONDS)
        found = {"core_share_before": round(share, 2), **_found(onlooker, baseline, restarts, whole)}
        checked = deployment.check(expected(people, coming[: live.sent]), sizes.limit_seconds)
    say(f"  rolling restart, {'named' if named else 'unnamed'}: {found}")
    return {**found, "figures_checked": checked}


def _restart(deployment: Deployment, number: int) -> tuple[float, float, float]:
    """One worker: when it was told to end, when it had ended, and when it was ready again."""
    told = time.monotonic()
    code = deployment.workers[number].stop()
    ended = time.monotonic()
    if code != 0:
        raise AssertionError(f"a worker ended with {code}: {deployment.workers[number].tail()}")
    deployment.start(number)
    return told, ended, time.monotonic()


def _found(
    onlooker: Onlooker, baseline: Span, restarts: list[tuple[float, float, float]], whole: Span
) -> dict[str, Any]:
    before = stillness_of_all(onlooker.changes, baseline)
    during = stillness_of_all(onlooker.changes, Span(whole.begin, whole.end + AFTER_SECONDS))
    return {
        "workers": WORKERS,
        "events_per_s": EVENTS_PER_SECOND,
        "baseline": before,
        "restarts": during | times_baseline(during, before),
        "whole_seconds": round(whole.seconds, 1),
        "each": [
            {"seconds_to_end": round(ended - told, 1), "seconds_to_ready": round(ready - ended, 1)}
            for told, ended, ready in restarts
        ],
    }
