"""Real exports in, golden values out: through the command line, a worker, Kafka, Redis, the KPI topic and a scrape."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from pipeline import measures as m
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.scores.velocity import velocity
from pipeline.topics.check import create_topics
from pipeline.topics.table import full_name
from tests.golden import expected
from tests.harness.figures import Figures, in_redis, on_topic
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until

MAPS = Path(__file__).parents[2] / "deploy" / "import"
SKETCH_ERROR = 0.0101
SETTLE_SECONDS = 1200.0
"""What takes longer hangs: publishing ten years of figures takes a slow machine minutes."""
LOOK_SECONDS = 5.0
"""A look reads ten years of figures: more often, it takes the time of the worker."""
GLANCE_SECONDS = 0.5
"""A glance reads those of the company."""
SMALL_BACKLOG = 1000
"""With so few records ahead of the workers, an import is under way for long enough to be seen."""
YEAR, QUARTERS = "year:2017", tuple(f"quarter:2017-Q{n}" for n in (1, 2, 3, 4))
TWO_TEAMS = ("Cara Losch", "Dustin Brinkmann")
"""Of two regions, with a third of the deals."""
SampleData = Callable[[str], Path]


@dataclass
class Deployment:
    """One deployment under test: how to run commands and workers in it, and where it publishes."""

    settings: Settings
    env: dict[str, str]
    folder: Path

    def salespulse(self, *arguments: str | Path) -> "subprocess.Popen[bytes]":
        """A command of the product, started."""
        return subprocess.Popen([sys.executable, "-m", "pipeline.cli", *map(str, arguments)], env=self.env)

    def run(self, *arguments: str | Path) -> None:
        """A command of the product, run to its end; it must succeed."""
        assert self.salespulse(*arguments).wait(SETTLE_SECONDS) == 0

    def worker(self, name: str) -> WorkerProcess:
        """Another worker; one that comes back under its name finds its partitions waiting."""
        env = self.env if self.settings.embedded else {**self.env, "SALESPULSE_WORKER_ID": name}
        return WorkerProcess(env, self.folder / f"{name}.log", free_port())

    def import_teams(self, data: Path) -> None:
        """Teams, reps, sales process and accounts."""
        maps = MAPS / "crm-opportunities"
        self.run("import", data / "sales_teams.csv", "--map", maps / "teams.toml")
        self.run("import", data / "accounts.csv", "--map", maps / "accounts.toml")

    def import_deals(self, data: Path, backlog: int = 2000) -> "subprocess.Popen[bytes]":
        """The deals, shuffled and every fifth event twice; started."""
        return self.salespulse(
            "import", data / "sales_pipeline.csv", "--map", MAPS / "crm-opportunities" / "deals.toml",
            "--shuffle", "17", "--duplicates", "0.2", "--backlog", str(backlog),
        )  # fmt: skip

    def redis(self, only: str | None = None) -> Figures:
        """What Redis holds, or what it holds of one scope."""
        client = Redis.from_url(self.settings.redis_url.get_secret_value())
        try:
            return in_redis(client, self.settings.namespace, only)
        finally:
            client.close()

    def topics(self) -> Figures:
        """What the KPI topics hold."""
        options = kafka_python_options(self.settings)
        names = [full_name(self.settings.namespace, f"kpis.{stage}") for stage in ("scoreboard", "rollup")]
        first, second = (on_topic(name, self.settings.partitions, options) for name in names)
        return first | second


def _deployment(settings: Settings, folder: Path) -> Deployment:
    """As the settings say, with memory that reaches back to the exports."""
    reaching = dict.fromkeys(("activity_retention_days", "closed_deal_retention_days", "day_pane_days"), 36_500)
    published = dict.fromkeys(("publish_reps", "publish_members", "publish_reps_families"), "all")
    settings = settings.model_copy(update={**reaching, **published, "currency": "USD"})
    given = settings.model_dump(exclude_defaults=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")}
    for name, value in given.items():
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        env[f"SALESPULSE_{name.upper()}"] = str(plain).lower() if isinstance(plain, bool) else str(plain)
    if not settings.embedded:
        create_topics(settings)
    return Deployment(settings, env, folder)


@pytest.fixture(params=["embedded_settings", pytest.param("kafka_settings", marks=pytest.mark.kafka)])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Deployment:
    """A deployment on the embedded broker, and one on a real Kafka."""
    return _deployment(request.getfixturevalue(request.param), tmp_path)


@pytest.fixture(params=["two teams", pytest.param("whole", marks=pytest.mark.faults)])
def killed_data(request: pytest.FixtureRequest, sample_data: SampleData, tmp_path: Path) -> Path:
    """The export in whose import workers are killed: the deals of two teams, and under faults all of them."""
    whole = sample_data("crm_opportunities")
    return whole if request.param == "whole" else _deals_of(TWO_TEAMS, whole, tmp_path / "export")


def _deals_of(managers: tuple[str, ...], whole: Path, folder: Path) -> Path:
    """The same export with the deals of some teams only."""
    shutil.copytree(whole, folder)
    with (whole / "sales_teams.csv").open(newline="") as file:
        agents = {row["sales_agent"] for row in csv.DictReader(file) if row["manager"] in managers}
    with (whole / "sales_pipeline.csv").open(newline="") as file, (folder / "sales_pipeline.csv").open("w") as out:
        rows = csv.DictReader(file)
        kept = csv.DictWriter(out, rows.fieldnames or ())
        kept.writeheader()
        kept.writerows(row for row in rows if row["sales_agent"] in agents)
    return folder


@pytest.fixture
def embedded_deployment(embedded_settings: Settings, tmp_path: Path) -> Deployment:
    """A deployment on the embedded broker."""
    return _deployment(embedded_settings, tmp_path)


@pytest.fixture
def kafka_deployment(kafka_settings: Settings, tmp_path: Path) -> Deployment:
    """A deployment on a real Kafka."""
    return _deployment(kafka_settings, tmp_path)


def _wrong_deals(found: Figures, golden: expected.Opportunities) -> list[str]:
    """What differs from the golden values, over all scopes and calendar windows of 2016 to 2018."""
    wrong: list[str] = []

    def compare(scope: str, window: str, kpi: str, want: float, field: str = "value", share: float = 0.0) -> None:
        is_ = found.get((scope, window), {}).get(kpi, {}).get(field)
        if is_ is None and want == 0:
            return
        if is_ is None or abs(is_ - want) > share * abs(want) + 1e-9 * abs(want):
            wrong.append(f"{scope} {window} {kpi}.{field}: {is_}, golden {want}")

    for (scope, window), deals in golden.periods.items():
        for kpi, want in (("won", deals.won), ("lost", deals.lost), ("deals_created", deals.created)):
            compare(scope, window, kpi, want)
        compare(scope, window, "bookings", deals.amount_minor)
        if deals.win_rate is not None:
            compare(scope, window, "win_rate", deals.win_rate)
        if deals.won:
            compare(scope, window, "avg_deal_size", deals.amount_minor / deals.won)
            compare(scope, window, "sales_cycle", deals.cycle_days, "numerator")
    for scope, still in golden.open.items():
        compare(scope, "now", "open_deals", still.deals)
        compare(scope, "now", "open_qualified", still.qualified)
    for window, customers in golden.new_customers.items():
        compare("company", window, "new_customers", customers)
    year = golden.periods["company", YEAR]
    compare("company", YEAR, "sales_cycle_median", year.median_cycle, share=SKETCH_ERROR)
    invented = (place for place in sorted(found) if _invented(*place, found, golden))
    return wrong + [f"{scope} {window}: not in the files" for scope, window in invented]


def _invented(scope: str, window: str, found: Figures, golden: expected.Opportunities) -> bool:
    """Whether a figure of a past calendar window says something of which the files know nothing."""
    if window.partition(":")[0] not in ("day", "week", "month", "quarter", "year") or (scope, window) in golden.periods:
        return False
    return any(found[scope, window].get(kpi, {}).get("value") for kpi in ("won", "lost", "deals_created", "bookings"))


def _until_golden_in_redis(deployment: Deployment, golden: expected.Opportunities) -> Figures:
    """The same of Redis; everything is read once the company's figures are there."""
    year = golden.periods["company", YEAR]

    def there() -> bool:
        found = deployment.redis("company").get(("company", YEAR), {})
        return (_value(found, "won"), _value(found, "lost")) == (year.won, year.lost)

    with suppress(AssertionError):
        wait_until(there, "the company's figures equal the golden values", SETTLE_SECONDS, GLANCE_SECONDS)
    return _until_golden(deployment.redis, golden)


def _value(kpis: Mapping[str, Any], kpi: str) -> Any:
    return kpis.get(kpi, {}).get("value")


def _until_golden(read: Callable[[], Figures], golden: expected.Opportunities) -> Figures:
    """The figures once they equal the golden values; the differences where they do not in time."""
    last: list[Any] = [{}, []]

    def equal() -> bool:
        last[0] = read()
        last[1] = _wrong_deals(last[0], golden)
        return not last[1]

    try:
        wait_until(equal, "figures equal the golden values", SETTLE_SECONDS, LOOK_SECONDS)
    except Exception as late:
        raise AssertionError("\n".join([f"{len(last[1])} differences", *last[1][:40]])) from late
    found: Figures = last[0]
    return found


def _check_velocity(found: Figures) -> None:
    """All of 2017 as the period gives the documented velocity, of the qualified and of all open deals."""
    year, now = found["company", YEAR], found["company", "now"]
    period = {
        m.WON: year["won"]["value"],
        m.LOST: year["lost"]["value"],
        m.WON_MINOR: year["bookings"]["value"],
        m.WON_CYCLES: year["sales_cycle"]["denominator"],
        m.WON_CYCLE_DAYS: year["sales_cycle"]["numerator"],
    }
    for kpi, golden in (("open_qualified", 45_750.76), ("open_deals", 60_146.85)):
        value = velocity(period, {m.OPEN_QUALIFIED: now[kpi]["value"]})["value"]
        assert value / 100 == pytest.approx(golden, abs=0.005)


def _check_scrape(text: str, golden: expected.Opportunities) -> None:
    """The current windows in Prometheus: every team's and the company's open deals."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "salespulse_kpi_open_deals" and sample.labels["window"] == "now":
                found[sample.labels["scope"]] = sample.value
    wanted = {scope: still.deals for scope, still in golden.open.items() if scope.partition(":")[0] != "rep"}
    assert {scope: found.get(scope) for scope in wanted} == wanted


def test_imported_deals_give_the_golden_values(embedded_deployment: Deployment, sample_data: SampleData) -> None:
    """Shuffled, with duplicates: Redis, KPI topics and the scrape equal the golden values, team by team."""
    data = sample_data("crm_opportunities")
    golden = expected.opportunities(data)
    with embedded_deployment.worker("worker") as worker:
        worker.until_ready()
        embedded_deployment.import_teams(data)
        assert embedded_deployment.import_deals(data).wait(SETTLE_SECONDS) == 0
        _check(embedded_deployment, worker, golden)


def _check(deployment: Deployment, worker: WorkerProcess, golden: expected.Opportunities) -> None:
    """Wait until Redis and the KPI topics are as the golden values say; so must velocity and the scrape be then."""
    found = _until_golden_in_redis(deployment, golden)
    _check_velocity(found)
    _until_golden(deployment.topics, golden)
    _check_scrape(worker.scrape(), golden)


def test_imported_calls_give_the_golden_values(deployment: Deployment, sample_data: SampleData) -> None:
    """Inbound calls: answered, abandoned, waits and talk time of each agent and of all equal the golden values."""
    data = sample_data("call_center")
    golden = expected.calls(data)
    with deployment.worker("worker") as worker:
        worker.until_ready()
        deployment.run(
            "import", data / "call_center.csv", "--map", MAPS / "call-center" / "calls.toml",
            "--shuffle", "5", "--duplicates", "0.2",
        )  # fmt: skip
        for read in (deployment.redis, deployment.topics):
            wait_until(lambda read=read: not _wrong_calls(read(), golden), "the calls' figures", SETTLE_SECONDS, 1.0)  # type: ignore[misc]


def _wrong_calls(found: Figures, golden: dict[str, expected.Calls]) -> list[str]:
    """What differs, summed over the years that the calls lie in."""
    wrong: list[str] = []
    for agent, want in golden.items():
        scopes = [f"rep:{agent}@call-center", f"rep:{agent}"] if agent else ["team:call-center", "company"]
        for scope in scopes:
            years = [kpis for (of, window), kpis in found.items() if of == scope and window.startswith("year:")]

            def total(kpi: str, field: str = "value", years: list[Any] = years) -> float:
                return sum(kpis.get(kpi, {}).get(field) or 0 for kpis in years)

            is_ = (
                total("calls"), total("dials"), total("answered"), total("abandoned"), round(total("talk_time")),
                round(total("answer_speed", "numerator")), total("service_level_20s", "numerator"),
            )  # fmt: skip
            as_it_should_be = (
                want.calls, 0, want.answered, want.calls - want.answered, want.talk_seconds,
                want.wait_seconds, want.answered_in_20s,
            )  # fmt: skip
            if is_ != as_it_should_be:
                wrong.append(f"{scope}: {is_}, golden {as_it_should_be}")
    return wrong


@pytest.mark.kafka
def test_a_worker_killed_in_the_import_changes_nothing(kafka_deployment: Deployment, killed_data: Path) -> None:
    """`kill -9` in the middle of the import, then another start: the same golden values as without that."""
    golden = expected.opportunities(killed_data)
    with kafka_deployment.worker("worker") as worker:
        worker.until_ready()
        kafka_deployment.import_teams(killed_data)
        importing = kafka_deployment.import_deals(killed_data, SMALL_BACKLOG)
        _until_part_of(kafka_deployment, golden)
        worker.kill()
        worker.start()
        assert importing.wait(SETTLE_SECONDS) == 0
        _until_golden_in_redis(kafka_deployment, golden)
        _until_golden(kafka_deployment.topics, golden)
        _check_scrape(worker.scrape(), golden)


@pytest.mark.kafka
def test_one_of_two_workers_killed_changes_nothing(kafka_deployment: Deployment, killed_data: Path) -> None:
    """Two workers, one killed in the middle of the import for good: the same golden values."""
    golden = expected.opportunities(killed_data)
    with kafka_deployment.worker("one") as one, kafka_deployment.worker("two") as two:
        one.until_ready()
        two.until_ready()
        kafka_deployment.import_teams(killed_data)
        importing = kafka_deployment.import_deals(killed_data, SMALL_BACKLOG)
        _until_part_of(kafka_deployment, golden)
        one.kill()
        assert importing.wait(SETTLE_SECONDS) == 0
        _until_golden_in_redis(kafka_deployment, golden)
        _until_golden(kafka_deployment.topics, golden)


def _until_part_of(deployment: Deployment, golden: expected.Opportunities) -> None:
    """Wait until some of the import is in the figures."""
    all_won = golden.periods["company", YEAR].won

    def some() -> bool:
        won: int = _value(deployment.redis("company").get(("company", YEAR), {}), "won") or 0
        return 0 < won < all_won

    wait_until(some, "the import is under way", SETTLE_SECONDS, GLANCE_SECONDS)
