"""The audit beside a worker: it agrees with everything that is shown, and finds whatever was tampered with."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from redis import Redis

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.records import DOMAINS
from pipeline.audit.report import Report
from pipeline.config.settings import load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from pipeline.sinks.redis_keys import Keys
from tests.harness.audited import PATIENCE, Deployment
from tests.harness.busy_floor import Appended
from tests.harness.eventful_floor import append, happenings
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import DAY, event

SEED, EVENTS = 7, 400
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
Found = set[tuple[str, str, str, str]]


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Deployment]:
    """A worker has taken in the eventful floor; it was audited, scraped, and has ended."""
    folder = tmp_path_factory.mktemp("audit")
    with ExitStack() as stack:
        given = {
            "EMBEDDED": "true", "NAMESPACE": "audited", "BROKERS": stack.enter_context(embedded_broker()),
            "KAFKA_API_VERSION": API_VERSION, "REDIS_URL": redis_server.url, "PROMETHEUS_REPS": "true",
        }  # fmt: skip
        env = {f"SALESPULSE_{name}": value for name, value in given.items()}
        settings = load_settings(env)
        append(settings, happenings(clock.now_ms(), SEED, EVENTS), astray=Random(SEED))
        scrape = folder / "scrape.txt"
        with WorkerProcess(env, folder / "worker.log", free_port()) as worker:
            worker.until_ready()
            report = Audit(settings, [f"http://127.0.0.1:{worker.health_port}/metrics"]).run(PATIENCE)
            scrape.write_text(worker.scrape())
        redis = stack.enter_context(Redis.from_url(redis_server.url, decode_responses=True))
        yield Deployment(settings, env, redis, scrape.as_uri(), report)


def found(report: Report) -> Found:
    """What differs, without the values."""
    return {(each.where.partition(":")[0], each.scope, each.window, each.kpi) for each in report.differences}


def test_everything_shown_is_what_the_logs_say(at_rest: Deployment) -> None:
    """Whatever happened: no number differs in Redis, on the KPI topics or in the scrape, and there are many."""
    report = at_rest.report

    assert report.differences == []
    assert report.quiet
    assert report.notes == []
    assert report.numbers["redis"] > 50_000
    # What changes while one of them is read, as a minute turns, is compared in the other only.
    fewer, more = sorted(report.numbers[place] for place in ("redis", "kpi topics"))
    assert fewer > 0.99 * more
    assert report.numbers["ranks in redis"] > 100
    figures = {"redis", "kpi topics", "copies and links"}
    assert min(report.numbers[name] for name in figures) > 1000


def test_what_redis_has_yet_to_get_is_waited_for(at_rest: Deployment) -> None:
    """Where Redis is behind the topics, or has nothing of a partition, the deployment is not at rest."""
    keys = [Keys(at_rest.settings.namespace).cut("scoreboard", n) for n in range(at_rest.settings.partitions)]
    held = {key: text for key in keys if (text := at_rest.redis.get(key)) is not None}
    whole = at_rest.at_rest(60)
    at_rest.redis.mset({key: json.dumps({**json.loads(text), "offset": 0}) for key, text in held.items()})
    behind = at_rest.at_rest(1)
    at_rest.redis.delete(*held)
    empty = at_rest.at_rest(1)
    at_rest.redis.mset(held)

    assert held
    assert (whole, behind, empty) == (True, False, False)


def test_a_tampered_scrape_is_found(at_rest: Deployment, tmp_path: Path) -> None:
    """A sample with another value, and one that is missing."""
    lines = Path(at_rest.scrape.removeprefix("file://")).read_text().splitlines()
    changed = next(n for n, line in enumerate(lines) if line.startswith("salespulse_kpi_calls{") and '"year"' in line)
    gone = next(n for n, line in enumerate(lines) if line.startswith("salespulse_kpi_won{") and not line.endswith(" 0"))
    lines[changed] += "1"
    del lines[gone]
    tampered = tmp_path / "scrape.txt"
    tampered.write_text("\n".join(lines) + "\n")

    report = Audit(at_rest.settings, [tampered.as_uri()]).run(PATIENCE)

    assert {(where, kpi) for where, _, _, kpi in found(report)} == {("file", "calls"), ("file", "won")}
    assert len(report.differences) == 2


def test_an_event_that_the_pipeline_passed_over_is_found(at_rest: Deployment) -> None:
    """A call in the log, said to be worked off and yet in no state: its team, its rep and everything above lack it."""
    now_ms = clock.now_ms()
    # On a day that is over in every zone: where today is tomorrow already, larger scopes do not count it yet.
    given = event("call", "passed-over", now_ms, rep_id="r8", direction="outbound", started_at=now_ms - 2 * DAY)
    append(at_rest.settings, [Appended("telephony.events", b"call:passed-over", json.dumps(given).encode(), now_ms)])

    report = Audit(at_rest.settings).run(lambda _audit, logs: logs.ends(DOMAINS))

    assert report.quiet
    scopes = {each.scope for each in report.differences if each.kpi == "calls" and each.where == "redis"}
    assert scopes == {"team:west", "rep:r8@west", "rep:r8", "company"}
