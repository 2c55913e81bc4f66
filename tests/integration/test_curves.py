"""The curves command on the embedded broker: what it reads, and the record that it sends."""

import json
from datetime import date, timedelta
from typing import Any

from kafka import KafkaProducer
from typer.testing import CliRunner

from pipeline.administering.topic import told_in
from pipeline.cli import app
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.organisation.curves import Curve
from pipeline.sending.event import Outgoing
from pipeline.topics.table import full_name
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import event

TODAY = date.today()  # noqa: DTZ011 (the command asks the clock)
DAYS = 400
"""So a year of months is over, wholly known."""


def test_a_curve_is_learnt_from_the_topics_and_told(embedded_settings: Settings) -> None:
    """One deal a day of a team with a monthly target: half of the deals come in half of the time."""
    _tell(embedded_settings)
    environment = {
        "SALESPULSE_NAMESPACE": embedded_settings.namespace,
        "SALESPULSE_BROKERS": embedded_settings.brokers,
        "SALESPULSE_KAFKA_API_VERSION": str(embedded_settings.kafka_api_version),
    }

    result = CliRunner().invoke(app, ["curves", "learn", "--by", "ops", "--yes"], env=environment)

    assert result.exit_code == 0, result.output
    told = [record for key, record in told_in(embedded_settings).records() if key.startswith("curve:")]
    assert [(each["team_id"], each["kpi"], each["period"], each["actor"]) for each in told] == [
        ("north", "won", "month", "ops")
    ]  # fmt: skip
    curve = Curve.read(told[0])
    assert curve is not None
    assert 4_500 <= curve.shares[10] <= 5_300


def _tell(settings: Settings) -> None:
    producer = KafkaProducer(**kafka_python_options(settings))
    month = TODAY.replace(day=1).isoformat()
    target: dict[str, Any] = {"team_id": "north", "kpi": "won", "period": "month", "period_start": month, "value": 30}
    organisation = [
        event("company", "company", 1000, time_zone="UTC", currency="EUR"),
        event("team", "north", 1000, time_zone="UTC", calendar=WEEK),
        event("target", "t", 1000, **target),
    ]
    for each in map(Outgoing, organisation):
        producer.send(full_name(settings.namespace, "org.changes"), each.value, each.key)
    for ago in range(1, DAYS):
        window = f"day:{TODAY - timedelta(ago)}"
        record = {"scope": "team:north", "window": {"id": window, "kind": "day"}, "version": [1, ago]}
        value = json.dumps({**record, "kpis": {"won": {"value": 1}}}).encode()
        topic = full_name(settings.namespace, "kpis.scoreboard")
        producer.send(topic, value, f"team:north|{window}".encode())
    producer.flush()
    producer.close()
