"""A backtest reads the facts of a deployment, on either broker, and answers by them."""

import json
from pathlib import Path

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.organisation.days import MINUTE_MS
from pipeline.topics.check import create_topics
from pipeline.topics.table import full_name
from tests.unit.boards.logs import FactsLog, at, cell

NINE = at("2026-11-23 09:00")
SPAN = ("--from", "2026-11-23T00:00:00Z", "--to", "2026-11-24T00:00:00Z")


@pytest.fixture(params=["embedded_settings", pytest.param("kafka_settings", marks=pytest.mark.kafka)])
def settings(request: pytest.FixtureRequest) -> Settings:
    """A deployment whose facts tell of rep 7 of two, who is silent from 9:10 on."""
    made: Settings = request.getfixturevalue(request.param)
    create_topics(made)
    log = FactsLog()
    log.employ("north", "7", "8")
    for minute in range(100):
        now_ms = NINE + minute * MINUTE_MS
        cells = [cell("north", rep, now_ms, activities=1) for rep in (("7", "8") if minute < 10 else ("8",))]
        log.add(now_ms, *cells, feeds={"dialer": now_ms})
    log.add(at("2026-11-24 00:00"))
    producer = KafkaProducer(**kafka_python_options(made))
    for record in log.records:
        name = full_name(made.namespace, "facts")
        producer.send(name, record.value, headers=list(record.headers), partition=0)
    producer.close()
    return made


def test_the_command_says_what_opened_and_what_would_have(settings: Settings, tmp_path: Path) -> None:
    """As it is, an hour after ten past nine; a sweep, earlier. The day of rep 8 is missed, and not the next one."""
    marked = tmp_path / "days.csv"
    marked.write_text("scope,day\nrep:7@north,2026-11-23\nrep:8@north,2026-11-23\nrep:8@north,2026-11-24\n")
    place = ("--brokers", settings.brokers, "--namespace", settings.namespace, "--json")
    version = settings.kafka_api_version
    runner = CliRunner(env={"SALESPULSE_KAFKA_API_VERSION": version} if version else {})

    asked = runner.invoke(app, ["alerts", "backtest", "silent_rep", *SPAN, *place])
    assert asked.exit_code == 0, asked.output
    (as_it_was,) = json.loads(asked.stdout)
    assert [alert["opened_ms"] for alert in as_it_was["alerts"]] == [at("2026-11-23 10:10")]
    assert "precision" not in as_it_was

    sweep = ("--sweep", "minutes=20,30", "--marked", str(marked))
    swept = json.loads(runner.invoke(app, ["alerts", "backtest", "silent_rep", *SPAN, *sweep, *place]).stdout)
    assert [each["settings"] for each in swept] == [{"limit_minutes": 20}, {"limit_minutes": 30}]
    opened = [alert["opened_ms"] for each in swept for alert in each["alerts"]]
    assert opened == [at("2026-11-23 09:30"), at("2026-11-23 09:40")]
    assert (swept[0]["precision"], swept[0]["recall"]) == (1.0, 0.5)
    assert swept[0]["missed"] == [{"scope": "rep:8@north", "day": "2026-11-23"}]


def test_a_span_beyond_the_facts_is_refused(settings: Settings) -> None:
    """A day later nothing may be said: the facts end at midnight."""
    place = ("--brokers", settings.brokers, "--namespace", settings.namespace, "--json")
    version = settings.kafka_api_version
    runner = CliRunner(env={"SALESPULSE_KAFKA_API_VERSION": version} if version else {})
    span = ("--from", "2026-11-23T00:00:00Z", "--to", "2026-11-24T00:00:01Z")

    asked = runner.invoke(app, ["alerts", "backtest", "silent_rep", *span, *place])
    assert asked.exit_code != 0
    assert "the facts end at 2026-11-24T00:00:00" in asked.output
