"""One measured run of the whole job: our own worker, as it is shipped, on one core."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import redis

from benchmarks.events import Arrival
from benchmarks.expected import expected
from benchmarks.load import send
from benchmarks.measure import Outcome, measure, sending
from benchmarks.readback import KpiTopicReader, Parsed, Place
from benchmarks.servers import Servers, pin
from pipeline.engine.topic_check import create_topics
from pipeline.engine.topics import full_name
from pipeline.lag import Lag
from pipeline.settings import PREFIX, Settings, load_settings
from pipeline.sinks.redis_keys import Keys
from tests.servers.process import ServerProcess, free_port, wait_until

NAMESPACE = "bench"
KPI_TOPICS = ("kpis.scoreboard", "kpis.rollup")
FAMILIES = ("calls", "emails", "meetings", "deals", "pipeline")
MEASURES: dict[str, tuple[str, int]] = {
    "calls": ("calls", 1),
    "dials": ("dials", 1),
    "connected_calls": ("connected", 1),
    "talk_time": ("talk_ms", 1000),
    "emails": ("emails", 1),
    "emails_bulk": ("emails_bulk", 1),
    "meetings_set": ("meetings_set", 1),
    "meetings_held": ("meetings_held", 1),
    "deals_created": ("deals_created", 1),
    "won": ("won", 1),
    "lost": ("lost", 1),
    "bookings": ("won_minor", 1),
    "open_deals": ("open_deals", 1),
    "open_pipeline": ("open_minor", 1),
}
"""Which published KPI must equal which recomputed measure, and times what."""
Watch = Callable[[int], AbstractContextManager[object]]
"""What to do to the worker's process while it is measured, such as profiling it."""


def run(
    servers: Servers,
    organisation: list[Arrival],
    arrivals: list[Arrival],
    limit_seconds: float,
    watch: Watch = nullcontext,
) -> Outcome:
    """Load the events into the waiting worker and time it until all its figures are published and right.

    Compared are the local days, and what is open now, of teams, of reps in teams and of the company; all else is
    published just the same.
    """
    wanted = {place: figures for place, figures in expected(organisation, arrivals).items() if _compared(place)}
    health_port = free_port()
    settings = load_settings(
        {}, namespace=NAMESPACE, brokers=servers.brokers, redis_url=servers.redis_url, health_port=health_port
    )
    create_topics(settings)
    command = [sys.executable, "-m", "pipeline.cli", "worker"]
    job = ServerProcess(command, servers.directory / "worker.log", _environment(settings))
    topics = [full_name(NAMESPACE, topic) for topic in KPI_TOPICS]

    def ready() -> bool:
        pin(job, servers.job_core)
        return _answers(f"http://127.0.0.1:{health_port}/readyz")

    try:
        job.start(ready)
        send(servers.brokers, NAMESPACE, organisation)
        _until_settled(settings)
        with (
            redis.Redis.from_url(servers.redis_url) as client,
            KpiTopicReader(servers.brokers, topics, _parse) as reader,
            watch(job.process.pid if job.process else 0),
        ):
            return measure(
                job,
                load=sending(servers.brokers, NAMESPACE, arrivals),
                events=len(arrivals),
                wanted=wanted,
                read_redis=lambda places: _read_redis(client, places),
                reader=reader,
                limit_seconds=limit_seconds,
            )
    finally:
        job.stop()


def _compared(place: Place) -> bool:
    return place[1] == "now" or place[1].startswith("day:")


def _environment(settings: Settings) -> dict[str, str]:
    return {
        f"{PREFIX}NAMESPACE": settings.namespace,
        f"{PREFIX}BROKERS": settings.brokers,
        f"{PREFIX}REDIS_URL": settings.redis_url.get_secret_value(),
        f"{PREFIX}HEALTH_PORT": str(settings.health_port),
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _until_settled(settings: Settings) -> None:
    """Wait until the organisation has reached every partition: twice nothing is left, as the first may miss copies."""
    with Lag(settings) as lag:
        for _ in range(2):
            wait_until(lambda: lag.events() == 0, "the organisation to be taken in", 60, 0.5)


def _read_redis(client: redis.Redis, places: list[Place]) -> list[dict[str, int]]:
    keys = Keys(NAMESPACE)
    pipeline = client.pipeline(transaction=False)
    for scope, window in places:
        pipeline.hmget(keys.kpi(_home(scope), scope), [f"{window}:{family}" for family in FAMILIES])
    return [
        {name: n for value in values if value is not None for name, n in _measures(json.loads(value)["kpis"]).items()}
        for values in pipeline.execute()
    ]


def _home(scope: str) -> str:
    return f"team:{scope.partition('@')[2]}" if "@" in scope else scope


def _parse(_: bytes, value: bytes | None) -> Parsed:
    record = json.loads(value or b"{}")
    if "kpis" in record:
        place = record["scope"], record["window"]["id"]
        if _compared(place) and (place[0].startswith("team:") or "@" in place[0] or place[0] == "company"):
            yield place, _measures(record["kpis"])


def _measures(kpis: dict[str, dict[str, float | None]]) -> dict[str, int]:
    found = {}
    for kpi, (measure_name, times) in MEASURES.items():
        value = kpis.get(kpi, {}).get("value")
        if value is not None:
            found[measure_name] = round(value * times)
    return found
