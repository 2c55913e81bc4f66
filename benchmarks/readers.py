"""Ingestion beside 32 loops that scrape the worker and 500 streams of the board, and without them, in turn."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.events import Arrival
from benchmarks.load import send
from benchmarks.processes import core_seconds
from benchmarks.repeated import spread
from benchmarks.scene import scene
from benchmarks.servers import Servers, servers
from benchmarks.sizes import Sizes
from benchmarks.words import say
from pipeline.topics.lag import Lag
from tests.servers.process import ServerProcess, free_port, wait_until

SCRAPERS, STREAMS = 32, 500
EVENTS_PER_SECOND = 8_000
"""So many a worker takes in, about: how large a round is."""
LOOK_SECONDS = 0.25
WARM_UP = 1


def run(sizes: Sizes) -> dict[str, Any]:
    """Rounds of the same number of events, half of them beside the readers; at the end all figures must be right."""
    load = round(os.getloadavg()[0], 1)
    of_round, rounds = EVENTS_PER_SECOND * sizes.live_seconds, WARM_UP + 2 * sizes.repetitions
    given = scene(of_round * rounds, seed=sizes.seed)
    with servers() as started, Deployment(started) as deployment, _board(started) as board:
        deployment.settle(given.organisation)
        taken = []
        for number in range(rounds):
            arrivals = given.arrivals[number * of_round : (number + 1) * of_round]
            with _readers(deployment, board, wanted=number >= WARM_UP and _is_beside(number - WARM_UP)) as ended:
                round_ = _round(deployment, board, arrivals, sizes.limit_seconds)
            taken.append(round_ | ended())
            say(f"  {taken[-1]}")
        checked = deployment.check(given.wanted, sizes.limit_seconds)
    about = {"load_average_1m": load, "events_of_a_round": of_round, "figures_checked": checked}
    return _summed(taken[WARM_UP:]) | about


def _is_beside(number: int) -> bool:
    """In the order 0110 1001: events cost more as a floor fills, which then falls on both alike."""
    return number.bit_count() % 2 == 1


def _summed(taken: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"scrapers": SCRAPERS, "streams": STREAMS, "rounds": list(taken)}
    for name, beside in (("without", False), ("beside", True)):
        of_it = [each for each in taken if ("scrapes_per_s" in each) == beside]
        found[name] = {
            key: spread([each[key] for each in of_it], 2)
            for key in ("events_per_s", "core_microseconds_per_event", "worker_core_share", "board_core_share")
        }
    for key in ("scrapes_per_s", "events_of_a_stream_per_s"):
        found[key] = spread([each[key] for each in taken if key in each], 2)
    medians = [found[name]["events_per_s"]["median"] for name in ("beside", "without")]
    costs = [found[name]["core_microseconds_per_event"]["median"] for name in ("without", "beside")]
    found["ratios"] = {
        "events_per_s": round(medians[0] / medians[1], 2),
        "events_per_core_second": round(costs[0] / costs[1], 2),
    }
    return found


def _round(
    deployment: Deployment, board: ServerProcess, arrivals: Sequence[Arrival], limit_seconds: float
) -> dict[str, Any]:
    """From the first event sent until the worker has acknowledged the last; it does so every few seconds."""
    with Lag(deployment.settings) as lag:
        worker, of_board, began = core_seconds(deployment.workers), core_seconds([board]), time.monotonic()
        send(deployment.servers.brokers, NAMESPACE, arrivals)
        wait_until(lambda: lag.events() == 0, "all events to be taken in", limit_seconds, LOOK_SECONDS)
        seconds, used = time.monotonic() - began, core_seconds(deployment.workers) - worker
    return {
        "events_per_s": round(len(arrivals) / seconds, 1),
        "core_microseconds_per_event": round(used / len(arrivals) * 1e6, 2),
        "worker_core_share": round(used / seconds, 2),
        "board_core_share": round((core_seconds([board]) - of_board) / seconds, 2),
        "seconds": round(seconds, 1),
    }


@contextmanager
def _board(started: Servers) -> Iterator[ServerProcess]:
    port = free_port()
    options = ["--port", str(port), "--redis-url", started.redis_url, "--namespace", NAMESPACE]
    command = [sys.executable, "-m", "pipeline.cli", "board", *options]
    board = ServerProcess(command, started.directory / "board.log", {"BOARD": f"127.0.0.1:{port}"})
    board.start(lambda: _answers(f"http://127.0.0.1:{port}/healthz"))
    try:
        yield board
    finally:
        board.stop()


@contextmanager
def _readers(deployment: Deployment, board: ServerProcess, *, wanted: bool) -> Iterator[Callable[[], dict[str, Any]]]:
    """All readers, if they are wanted; what is given tells afterwards what they read."""
    read: dict[str, Any] = {}
    if not wanted:
        yield lambda: read
        return
    addresses = [f"127.0.0.1:{deployment.ports[0]}/metrics", f"{board.env['BOARD']}/events?window=day"]
    command = [sys.executable, "-m", "benchmarks.reader_load", *addresses, str(SCRAPERS), str(STREAMS)]
    began = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        time.sleep(3)
        yield lambda: read
        said, _ = process.communicate()
    seconds, told = time.monotonic() - began, json.loads(said)
    assert told["lost"] == 0, told
    read["scrapes_per_s"] = round(told["scrapes_200"] / seconds, 1)
    read["scrape_seconds"] = spread(told["scrape_seconds"], 2)
    read["events_of_a_stream_per_s"] = round(told["stream_events"] / STREAMS / seconds, 2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False
