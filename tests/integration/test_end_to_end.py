"""The whole path on the embedded broker: events in, figures out of Redis, the KPI topics and the scrape."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from pipeline import clock
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer
from pipeline.sinks.past_form import NoLegendError
from pipeline.sinks.redis_keys import Keys
from pipeline.topics.table import full_name
from schemas.events import iso
from tests.harness.figures import Kpis, in_redis, on_topic
from tests.harness.noon import noon_zone
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer

MINUTE_MS = 60_000
DAY_MS = 86_400_000
SECONDS = 45


@dataclass
class Floor:
    """A deployment with two teams and three reps, in which a test lets things happen."""

    settings: Settings
    redis: Redis
    folder: Path
    events: int = 0

    @property
    def env(self) -> dict[str, str]:
        """The settings as a worker's environment."""
        given = {
            "EMBEDDED": "true",
            "NAMESPACE": self.settings.namespace,
            "BROKERS": self.settings.brokers,
            "KAFKA_API_VERSION": str(self.settings.kafka_api_version),
            "REDIS_URL": self.settings.redis_url.get_secret_value(),
            "SLOW_PUBLISH_INTERVAL_MS": "200",
        }
        return {f"SALESPULSE_{name}": value for name, value in given.items()}

    def worker(self, name: str = "worker") -> WorkerProcess:
        """A worker of this deployment."""
        return WorkerProcess(self.env, self.folder / f"{name}.log", free_port())

    def happen(self, *events: tuple[str, str, dict[str, Any]], at_ms: int | None = None) -> None:
        """Produce events given as type, subject and data, and wait until the broker has them."""
        with EventProducer(self.settings) as producer:
            for kind, subject, data in events:
                self.events += 1
                event = {
                    "specversion": "1.0",
                    "id": f"e{self.events}",
                    "source": "test",
                    "type": kind,
                    "subject": subject,
                    "time": iso(clock.now_ms() if at_ms is None else at_ms),
                    "data": data,
                }
                producer.send(Outgoing(event))

    def produce_raw(self, topic: str, key: bytes, value: bytes) -> None:
        """Produce any bytes."""
        producer = KafkaProducer(**kafka_python_options(self.settings))
        producer.send(full_name(self.settings.namespace, topic), key=key, value=value).get(timeout=20)
        producer.close()

    def organise(self) -> None:
        """Two teams, three reps, a sales process; no team's day begins before the company's, and none turns soon."""
        noon, before_noon = (noon_zone(clock.now_ms(), hours) for hours in (0, 1))
        stages = [{"id": "open"}, {"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
        members = [("rep-01", "north"), ("rep-02", "north"), ("rep-03", "south")]
        self.happen(
            ("org.company.changed", "company:company", {"time_zone": noon}),
            ("org.process.changed", "process:default", {"stages": stages}),
            ("org.team.changed", "team:north", {"time_zone": noon}),
            ("org.team.changed", "team:south", {"time_zone": before_noon}),
            *(("org.rep.changed", f"rep:{rep}", {"active": True}) for rep, _ in members),
            *(
                ("org.membership.changed", f"membership:{rep}", {"rep_id": rep, "team_id": team})
                for rep, team in members
            ),
        )

    def calls(self, rep: str, numbers: range, outcome: str = "answered") -> None:
        """Outbound calls of a rep, a minute ago, each of 30 seconds."""
        began_ms = clock.now_ms() - MINUTE_MS
        call = {
            "rep_id": rep,
            "direction": "outbound",
            "state": "ended",
            "outcome": outcome,
            "started_at": iso(began_ms),
            "answered_at": iso(began_ms + 5000) if outcome == "answered" else None,
            "ended_at": iso(began_ms + 35_000),
        }
        self.happen(*(("telephony.call.changed", f"call:{rep}-{number}", call) for number in numbers))

    def deals(self, rep: str, numbers: range, stage: str, amount_minor: int) -> None:
        """Deals of a rep, created two days ago and in a stage now."""
        created_ms = clock.now_ms() - 2 * DAY_MS
        deal = {"owner_id": rep, "amount_minor": amount_minor, "currency": "EUR", "created_at": iso(created_ms)}
        subjects = [f"deal:{rep}-{number}" for number in numbers]
        self.happen(*(("crm.deal.changed", each, {**deal, "stage_id": "open"}) for each in subjects), at_ms=created_ms)
        if stage != "open":
            self.happen(*(("crm.deal.changed", each, {"stage_id": stage}) for each in subjects))

    def current(self, scope: str, kind: str) -> Kpis:
        """What Redis says of a scope's current window of a kind; nothing while past ones lack their legend.

        That comes when a worker sees that Redis was emptied; readers look again, as they do here.
        """
        home = f"team:{scope.partition('@')[2]}" if "@" in scope else scope
        held = self.redis.hget(Keys(self.settings.namespace).kpi(home, scope), "_current")
        window = json.loads(held).get(kind) if isinstance(held, bytes) else None
        try:
            return in_redis(self.redis, self.settings.namespace).get((scope, window), {}) if window else {}
        except NoLegendError:
            return {}

    def value(self, scope: str, kind: str, kpi: str) -> Any:
        """One value in Redis; None where there is none."""
        return self.current(scope, kind).get(kpi, {}).get("value")

    def until(self, scope: str, kind: str, **values: float) -> None:
        """Return once the KPIs in Redis have these values."""

        def agree() -> bool:
            found = self.current(scope, kind)
            return all(found.get(kpi, {}).get("value") == value for kpi, value in values.items())

        wait_until(agree, f"{scope} {kind} to have {values}, it has {self.current(scope, kind)}", SECONDS)

    def on_topics(self) -> dict[tuple[str, str], Kpis]:
        """What the KPI topics say."""
        options = kafka_python_options(self.settings)
        names = [full_name(self.settings.namespace, f"kpis.{stage}") for stage in ("scoreboard", "rollup")]
        first, second = (on_topic(name, self.settings.partitions, options) for name in names)
        return first | second


@pytest.fixture
def floor(embedded_settings: Settings, tmp_path: Path) -> Iterator[Floor]:
    """A floor on the embedded broker and the shared Redis."""
    client = Redis.from_url(embedded_settings.redis_url.get_secret_value())
    yield Floor(embedded_settings, client, tmp_path)
    client.close()


def test_events_become_figures_everywhere(floor: Floor) -> None:
    """Calls and deals show in Redis, on the KPI topics and in the scrape: by rep, by team and for the company."""
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        floor.calls("rep-01", range(4))
        floor.calls("rep-02", range(1), "no_answer")
        floor.calls("rep-03", range(2))
        floor.deals("rep-01", range(2), "won", 150_000)
        floor.deals("rep-03", range(1), "open", 70_000)

        floor.until("rep:rep-01@north", "day", calls=4, dials=4, connect_rate=1.0)
        floor.until("team:north", "1h", calls=5, connect_rate=0.8, talk_time=120.0)
        floor.until("team:north", "day", won=2, bookings=300_000)
        floor.until("team:south", "now", open_deals=1, open_pipeline=70_000)
        floor.until("rep:rep-01", "1h", calls=4)
        floor.until("company", "1h", calls=7)
        floor.until("company", "90d", won=2, bookings=300_000, sales_cycle=2.0)

        _ranks_are(floor, {"rep-01": 4.0, "rep-02": 1.0})
        wait_until(lambda: floor.on_topics().get(("company", "1h"), {}).get("calls") == {"value": 7}, "topics", SECONDS)
        _scrape_shows(worker.scrape())
        assert worker.stop() == 0


def _ranks_are(floor: Floor, wanted: dict[str, float]) -> None:
    key = Keys(floor.settings.namespace).rank("team:north", "calls", "day")
    assert {rep: floor.redis.zscore(key, rep) for rep in wanted} == wanted
    assert floor.redis.zcard(key) == len(wanted)


def _scrape_shows(text: str) -> None:
    families = {family.name: family for family in text_string_to_metric_families(text)}

    def samples(name: str, **labels: str) -> list[float]:
        return [s.value for s in families[name].samples if labels.items() <= s.labels.items()]

    assert samples("salespulse_kpi_calls", scope="team:north", window="1h") == [5.0]
    assert samples("salespulse_kpi_bookings", scope="company", window="day", currency="EUR") == [3000.0]
    assert samples("salespulse_kpi_connect_rate_ratio", scope="team:north", window="1h") == [0.8]
    assert samples("salespulse_kpi_stage_open", scope="team:south", stage="open") == [1.0]
    assert not samples("salespulse_kpi_calls", scope="rep:rep-01@north")
    assert samples("salespulse_partitions_held", topic="facts") == [4.0]
    assert samples("salespulse_cut_offset", stage="scoreboard")
    assert len(lags := samples("salespulse_consumer_lag_records", topic="facts")) == 4
    assert max(lags) < 100
    for told in ("turn_records", "turn_seconds", "redis_call_seconds", "publication_lag_seconds"):
        assert sum(each.value for each in families[f"salespulse_{told}"].samples if each.name.endswith("_count")) > 0


def test_a_killed_worker_leaves_nothing_stale_and_counts_nothing_twice(floor: Floor) -> None:
    """After kill -9 and events meanwhile, the next worker's figures are those of every event once."""
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        floor.calls("rep-01", range(30))
        floor.until("company", "1h", calls=30)
        floor.calls("rep-01", range(30, 60))
        worker.kill()
        floor.calls("rep-01", range(50, 80))
        worker.start()
        worker.until_ready()
        floor.until("team:north", "1h", calls=80)
        floor.until("company", "1h", calls=80)


def test_bad_records_stop_nothing_and_take_no_neighbour_along(floor: Floor) -> None:
    """Whatever is refused is counted by its reason; the events beside it are counted as ever."""
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        for value in (b"{", b"\xff\xfe", b'{"specversion": NaN}', b"[" * 20_000, b"x" * 300_000):
            floor.produce_raw("telephony.events", b"call:bad", value)
        floor.calls("rep-01", range(3))
        floor.until("team:north", "1h", calls=3)
        # They lie on another partition than the calls, which may be folded first.
        wait_until(lambda: _refused(worker) == 5, "five records to be refused", SECONDS)


def _refused(worker: WorkerProcess) -> float:
    return sum(each.value for each in worker.samples() if each.name == "salespulse_dead_letters_total")


def test_an_owner_that_nobody_knows_stops_no_figure(floor: Floor) -> None:
    """One key that names a later owner: the worker says so, and writes again once its log shows that there is none."""
    keys = Keys(floor.settings.namespace)
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        floor.calls("rep-01", range(3))
        floor.until("company", "1h", calls=3)
        for key in (keys.owner("company"), keys.owner("team:north"), keys.cut_owner("scoreboard", 0)):
            floor.redis.hset(key, "generation", 9_007_199_254_740_992_000)
        floor.calls("rep-01", range(3, 7))
        floor.until("team:north", "1h", calls=7)
        floor.until("company", "1h", calls=7)

        with urllib.request.urlopen(f"http://127.0.0.1:{worker.health_port}/readyz", timeout=10) as answer:
            told = json.loads(answer.read())["warnings"]
        assert [line for line in told if "never claimed" in line and keys.owner("company") in line]
        wait_until(lambda: sum(_unknown(worker)) >= 2, "the metric", SECONDS)


def _unknown(worker: WorkerProcess) -> Iterator[float]:
    return (each.value for each in worker.samples() if each.name == "salespulse_unknown_owners_total")


def test_redis_may_be_away_and_come_back_empty(
    embedded_settings: Settings, own_redis: RedisServer, tmp_path: Path
) -> None:
    """While Redis is down, events are worked on; when it is back, it has every figure within seconds."""
    settings = embedded_settings.model_copy(update={"redis_url": type(embedded_settings.redis_url)(own_redis.url)})
    client = Redis.from_url(own_redis.url)
    floor = Floor(settings, client, tmp_path)
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        floor.calls("rep-01", range(3))
        floor.until("company", "1h", calls=3)
        own_redis.kill()
        floor.calls("rep-03", range(5))
        wait_until(lambda: floor.on_topics().get(("company", "1h"), {}).get("calls") == {"value": 8}, "topics", SECONDS)
        own_redis.start()
        floor.until("team:north", "1h", calls=3)
        floor.until("company", "1h", calls=8)
        assert worker.stop() == 0
    client.close()


def test_a_flushed_redis_is_filled_again(embedded_settings: Settings, own_redis: RedisServer, tmp_path: Path) -> None:
    """A Redis that lost everything, unnoticed, has every figure again after the next look at it."""
    settings = embedded_settings.model_copy(update={"redis_url": type(embedded_settings.redis_url)(own_redis.url)})
    client = Redis.from_url(own_redis.url)
    floor = Floor(settings, client, tmp_path)
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        floor.calls("rep-01", range(3))
        floor.until("company", "1h", calls=3)
        client.flushall()
        floor.until("team:north", "1h", calls=3)
        floor.until("rep:rep-01@north", "month", calls=3)
        floor.until("company", "1h", calls=3)
    client.close()


def test_a_redis_that_hangs_does_not_keep_a_worker_from_ending(
    embedded_settings: Settings, own_redis: RedisServer, tmp_path: Path
) -> None:
    """SIGTERM while Redis is frozen: the worker says that it does not answer, and ends in time with 0."""
    settings = embedded_settings.model_copy(update={"redis_url": type(embedded_settings.redis_url)(own_redis.url)})
    client = Redis.from_url(own_redis.url)
    floor = Floor(settings, client, tmp_path)
    floor.organise()
    with floor.worker() as worker:
        worker.until_ready()
        floor.calls("rep-01", range(3))
        floor.until("company", "1h", calls=3)
        own_redis.pause()
        floor.calls("rep-01", range(3, 6))
        wait_until(lambda: "Redis does not respond" in worker.missing(), "readiness to say so", SECONDS)
        assert worker.stop(15) == 0
    own_redis.resume()
    client.close()


def test_a_worker_without_its_port_says_so_and_ends_with_2(floor: Floor, tmp_path: Path) -> None:
    """A port that is taken is a set-up mistake: one line that names the setting, exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        worker = WorkerProcess(floor.env, tmp_path / "port.log", taken.getsockname()[1])
        worker.start()
        wait_until(lambda: worker.ended is not None, "the worker to end", SECONDS)

        assert worker.ended == 2
        assert "SALESPULSE_HEALTH_PORT: cannot listen" in worker.tail()
