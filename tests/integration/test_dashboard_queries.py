"""Every query that is shipped, against a real Prometheus that scrapes the running app."""

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from deploy.grafana.build import DASHBOARDS
from pipeline.audit.report import Covered, Report
from pipeline.audit.schedule import Results
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from pipeline.notifying.notify_metrics import NotifyMetrics
from pipeline.topics.log_bounds import end_offsets
from pipeline.topics.table import full_name
from pipeline.web.access import BoardMetrics
from tests.harness.busy_floor import Appended, more_calls, organisation, records
from tests.harness.dashboards import dashboard, expressions, marks, with_values
from tests.harness.noon import noon_zone
from tests.harness.promql import selections
from tests.harness.promql_values import OtherSeriesError, evaluate
from tests.harness.quiet_board import QuietBoard
from tests.harness.redis_series import redis_series
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until
from tests.servers.prometheus import Prometheus, promtool
from tests.servers.redis import RedisServer

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMESPACE = "floor"
DAY_SECONDS = 86_400
Labels = dict[str, set[str]]
AUDITED = Report(numbers={"redis": 1}, covered=[Covered("calls", date(2026, 11, 1), all_there_is=True)])
"""The result of an audit as `salespulse audit --watch` shows it."""

IN_DAYS = re.compile(r"(# \w+ )?\w+_days\b")
"""Lines of such series."""

every_dashboard = pytest.mark.parametrize("name", sorted(DASHBOARDS))


class Running(NamedTuple):
    """The app, as seen from outside: a scrape, the labels of each series it shows, a Prometheus that scrapes it."""

    scrape: str
    shown: Labels
    prometheus: Prometheus
    redis_url: str


@pytest.fixture(scope="module")
def running(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A worker on a busy floor, and a Prometheus that has scraped it and knows what was a day and a week before."""
    directory = tmp_path_factory.mktemp("floor")
    with embedded_broker() as brokers, limited(redis_server):
        env = {
            "SALESPULSE_EMBEDDED": "true",
            "SALESPULSE_NAMESPACE": NAMESPACE,
            "SALESPULSE_BROKERS": brokers,
            "SALESPULSE_KAFKA_API_VERSION": API_VERSION,
            "SALESPULSE_REDIS_URL": redis_server.url,
            "SALESPULSE_FEED_KNOWN_DAYS": "0",
        }
        produce(env, lambda now_ms: organisation(now_ms, noon_zone(now_ms)))
        with WorkerProcess(env, directory / "worker.log", free_port()) as worker:
            worker.until_ready()
            wait_until(lambda: is_known(env), "the organisation to be known to every partition")
            produce(env, records)
            asked = [
                query
                for name in DASHBOARDS
                for query in queries(name)
                if not re.search("salespulse_(audit|board)_", query)
            ]
            wait_until(lambda: not missing(shown_in(worker.scrape()), asked), "the app to show it all", 120, 1)
            audited, audit_port = CollectorRegistry(), free_port()
            Results(NAMESPACE, audited, port=audit_port).note(AUDITED, time.time_ns() // 1_000_000, 1.0)
            NotifyMetrics(NAMESPACE, audited)
            BoardMetrics(QuietBoard(NAMESPACE), audited)
            scrape = worker.scrape()
            shown = {**shown_in(scrape), **shown_in(generate_latest(audited).decode())}
            before(scrape, directory)
            prometheus = Prometheus(directory, configuration(directory, worker.health_port, audit_port))
            prometheus.start()
            try:
                prometheus.until_scraped("salespulse", targets=2)
                produce(env, more_calls)
                yield Running(scrape, shown, prometheus, redis_server.url)
            finally:
                prometheus.stop()


@contextmanager
def limited(server: RedisServer) -> Iterator[None]:
    """Meanwhile this Redis has a limit, so that it is told how much of its memory is used."""
    with Redis.from_url(server.url) as client:
        client.config_set("maxmemory", "1gb")
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)


@pytest.mark.slow
def test_the_scrape_of_a_worker_is_as_prometheus_wants_it(running: Running) -> None:
    """Promtool finds nothing to say of it; it knows no unit of whole days, which those figures have."""
    lines = running.scrape.splitlines(keepends=True)

    promtool("check", "metrics", told="".join(line for line in lines if not IN_DAYS.match(line)))


@pytest.mark.slow
@every_dashboard
def test_metrics_and_labels_of_dashboards_are_shown_by_the_app(running: Running, name: str) -> None:
    """A query names no metric, and no label of it, that a scrape of the running app lacks."""
    marked = [with_values(expression, namespace=NAMESPACE) for expression in marks(dashboard(name))]
    assert missing(running.shown, [*queries(name), *marked]) == set()


@pytest.mark.slow
def test_metrics_and_labels_of_rules_are_shown_by_the_app(running: Running) -> None:
    """The same for recording rules and alerts, those on metrics of the audit and of the notifier among them."""
    assert missing(running.shown, [rule["expr"] for rule in rules()]) == set()


@pytest.mark.slow
@every_dashboard
def test_every_query_of_a_dashboard_finds_something(running: Running, name: str) -> None:
    """No query comes back empty from a Prometheus that scrapes a busy floor."""

    def empty() -> list[str]:
        return [query for query in queries(name) if not any(map(a_number, running.prometheus.query(query)))]

    wait_until(lambda: not empty(), f"an answer to {empty()}", 40, 1)


@pytest.mark.slow
@every_dashboard
def test_panels_show_what_redis_has(running: Running, name: str) -> None:
    """Each query of figures and alerts comes to what the same expression comes to over the figures in Redis.

    Both are asked until they agree: a minute may turn between the two, and a scrape is a second old.
    """
    asked = [query for query in queries(name) if is_in_redis(query)]
    with Redis.from_url(running.redis_url, decode_responses=True) as client:

        def unequal() -> list[str]:
            samples = redis_series(client, NAMESPACE)
            return [query for query in asked if not agree(running.prometheus.query(query), evaluate(query, samples))]

        wait_until(lambda: not unequal(), f"Redis and Prometheus to agree on {unequal()}", 60, 1)
    assert name in ("pipeline", "data-quality") or len(asked) >= 5


@pytest.mark.slow
@every_dashboard
def test_every_variable_of_a_dashboard_has_values(running: Running, name: str) -> None:
    """What a variable offers is there: its series exist and have the label."""
    for variable in dashboard(name)["templating"]["list"]:
        if variable["type"] == "datasource":
            continue
        found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
        assert found
        series = running.prometheus.query(with_values(found[1], namespace=NAMESPACE))

        assert series
        assert all(one["metric"].get(found[2]) for one in series)


@pytest.mark.slow
def test_recording_rules_find_something(running: Running) -> None:
    """What is recorded straight from the scrape has samples."""
    direct = [rule["expr"] for rule in rules() if "record" in rule and ":" not in re.sub(r'"[^"]*"', "", rule["expr"])]

    def empty() -> list[str]:
        return [query for query in direct if not running.prometheus.query(query)]

    assert direct
    wait_until(lambda: not empty(), f"an answer to {empty()}", 40, 1)


def is_in_redis(query: str) -> bool:
    """Whether all that a query asks for is in Redis too."""
    try:
        evaluate(query, {})
    except OtherSeriesError:
        return False
    return True


def agree(shown: Iterable[Mapping[str, Any]], expected: Mapping[frozenset[tuple[str, str]], float]) -> bool:
    """Whether Prometheus answers with these series, and these values but for what floats lose."""
    found = {frozenset(one["metric"].items()): float(one["value"][1]) for one in shown}
    return found.keys() == expected.keys() and all(
        math.isclose(value, expected[series], rel_tol=1e-9, abs_tol=1e-9) for series, value in found.items()
    )


def a_number(series: Mapping[str, Any]) -> bool:
    """Whether a series has a value that says something."""
    return not math.isnan(float(series["value"][1]))


def is_known(env: Mapping[str, str]) -> bool:
    """Whether the copies of the organisation are in every partition of the source topics, before what is sent next."""
    settings = load_settings(env)
    consumer = KafkaConsumer(**kafka_python_options(settings))
    places = [
        TopicPartition(full_name(NAMESPACE, topic), n)
        for topic in ("crm.events", "telephony.events")
        for n in range(settings.partitions)
    ]
    ends = end_offsets(consumer, places)
    consumer.close()
    return bool(min(ends.values()) >= len(list(organisation(0))))


def produce(env: Mapping[str, str], given: Callable[[int], Iterator[Appended]]) -> None:
    """Put a part of the busy floor into the source topics, each record with the time it was appended at."""
    settings = load_settings(env)
    producer = KafkaProducer(**kafka_python_options(settings), acks="all")
    now_ms = time.time_ns() // 1_000_000
    for record in given(now_ms):
        topic = full_name(NAMESPACE, record.topic)
        producer.send(topic, key=record.key, value=record.value, timestamp_ms=record.append_ms)
    producer.flush(30)
    producer.close()


def shown_in(scrape: str) -> Labels:
    """The labels of every series in a scrape, by the name of its samples."""
    labels: Labels = defaultdict(set)
    for family in text_string_to_metric_families(scrape):
        for sample in family.samples:
            labels[sample.name] |= set(sample.labels)
    return labels


def queries(name: str) -> list[str]:
    """The queries of a dashboard, as Grafana would send them."""
    return [with_values(expression, namespace=NAMESPACE) for expression in expressions(dashboard(name))]


def missing(shown: Labels, asked: Iterable[str]) -> set[tuple[str, str]]:
    """What queries ask for and a scrape lacks, as metric and label."""
    return {
        (selection.name, label)
        for query in asked
        for selection in selections(query)
        if selection.name.startswith("salespulse_") and ":" not in selection.name
        for label in (selection.labels if selection.name in shown else ("",))
        if label not in shown.get(selection.name, ())
    }


def rules() -> list[dict[str, Any]]:
    """Every recording rule and alert."""
    files = sorted((DEPLOY / "prometheus" / "rules").glob("*.yaml"))
    return [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def before(scrape: str, directory: Path) -> None:
    """Write blocks of Prometheus' storage that have the figures of this scrape a day and a week ago."""
    now = int(time.time())
    for days, series in ((1, "salespulse_kpi_bookings"), (7, "salespulse_kpi_activities")):
        lines = [line for line in scrape.splitlines() if line.startswith(f"{series}{{")]
        times = range(now - days * DAY_SECONDS - 300, now - days * DAY_SECONDS + 900, 60)
        text = "\n".join(f"{line} {at}" for line in lines for at in times)
        (directory / f"{series}.txt").write_text(f"{text}\n# EOF\n")
        promtool("tsdb", "create-blocks-from", "openmetrics", directory / f"{series}.txt", directory / "tsdb")


def configuration(directory: Path, *ports: int) -> Path:
    """The shipped configuration, with this one worker and audit in place of those of the compose file."""
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    job = next(job for job in config["scrape_configs"] if job["job_name"] == "salespulse")
    del job["dns_sd_configs"]
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    config |= {"scrape_configs": [job], "rule_files": [str(DEPLOY / "prometheus" / "rules" / "*.yaml")]}
    del config["alerting"]
    file = directory / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    return file
