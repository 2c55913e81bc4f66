"""The import command on the embedded broker: what lies in the topics afterwards."""

import json
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.kernel.partitioner import partition_of
from pipeline.topics.log_bounds import end_offsets
from pipeline.topics.table import full_name
from schemas.control import KIND_HEADER
from schemas.events import MODELS

MAPS = Path(__file__).parents[2] / "deploy" / "import" / "crm-opportunities"
TEAMS = "sales_agent,manager,regional_office\nRep 1,Team A,East\nRep 2,Team A,East\nRep 3,Team B,West\n"
DEALS = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    "D1,Rep 1,Thing One,Acct 1,Won,2017-01-02,2017-03-31,1054\n"
    "D2,Rep 2,Thing One,,Lost,2017-01-03,2017-04-01,0\n"
    "D3,Rep 3,Thing Two,Acct 2,Engaging,2017-02-01,,\n"
    "D4,Rep 3,Thing Two,,Prospecting,,,\n"
)


def import_file(settings: Settings, path: Path, field_map: str, *more: str, code: int = 0) -> dict[str, Any]:
    """Run the command, which ends with a code; its JSON."""
    environment = {
        "SALESPULSE_BROKERS": settings.brokers,
        "SALESPULSE_KAFKA_API_VERSION": settings.kafka_api_version,
        "SALESPULSE_NAMESPACE": settings.namespace,
        "SALESPULSE_CLOSED_DEAL_RETENTION_DAYS": "36500",
        "SALESPULSE_DAY_PANE_DAYS": "36500",
    }
    arguments = ["import", str(path), "--map", str(MAPS / field_map), "--backlog", "0", "--json", *more]
    result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exit_code == code, result.output
    done: dict[str, Any] = json.loads(result.stdout)
    return done


def records(settings: Settings, topic: str) -> list[tuple[int, str, dict[str, Any]]]:
    """What others than the pipeline appended to a topic: partition, key, event."""
    consumer = KafkaConsumer(**kafka_python_options(settings), enable_auto_commit=False)
    name = full_name(settings.namespace, topic)
    partitions = [TopicPartition(name, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = end_offsets(consumer, partitions)
    found = []
    while any(consumer.position(each) < ends[each] for each in partitions):
        for batch in consumer.poll(timeout_ms=500).values():
            found += [
                (record.partition, record.key.decode(), json.loads(record.value))
                for record in batch
                if KIND_HEADER not in dict(record.headers)
            ]
    consumer.close()
    return found


def test_an_export_becomes_events_of_its_objects(embedded_settings: Settings, tmp_path: Path) -> None:
    """Deals, teams and reps arrive as valid events under their keys, on the partitions the pipeline expects."""
    (tmp_path / "sales_teams.csv").write_text(TEAMS)
    (tmp_path / "deals.csv").write_text(DEALS)
    teams = import_file(embedded_settings, tmp_path / "sales_teams.csv", "teams.toml")
    deals = import_file(embedded_settings, tmp_path / "deals.csv", "deals.toml")
    crm, org = records(embedded_settings, "crm.events"), records(embedded_settings, "org.changes")

    assert (deals["rows"], deals["objects"], deals["sent"]) == (4, 4, {"crm.deal.changed": 6})
    assert (deals["refused"], deals["causes"], deals["findings"]) == (0, [], [])
    assert teams["sent"]["org.team.changed"] == 4
    assert len(crm) == 6
    assert {key for _, key, _ in org} >= {
        "team:east",
        "team:team-a",
        "rep:rep-3",
        "membership:rep-1",
        "process:default",
    }
    for partition, key, event in [*crm, *org]:
        assert partition == partition_of(key, 4)
        assert key == event["subject"]
        MODELS[event["type"]].model_validate_json(json.dumps(event))
    won = next(event for _, _, event in crm if event["data"].get("stage_id") == "won")
    assert (won["time"], won["data"]["amount_minor"]) == ("2017-03-31T16:00:00.000Z", 105_400)


def test_shuffled_and_duplicated_it_is_the_same_set_of_events(embedded_settings: Settings, tmp_path: Path) -> None:
    """Whatever the order and however often, the events and their ids are the same, but for when they were taken in."""
    (tmp_path / "sales_teams.csv").write_text(TEAMS)
    (tmp_path / "deals.csv").write_text(DEALS)
    import_file(embedded_settings, tmp_path / "sales_teams.csv", "teams.toml")
    import_file(embedded_settings, tmp_path / "deals.csv", "deals.toml")
    once = _without_time_of_import(embedded_settings)
    done = import_file(embedded_settings, tmp_path / "deals.csv", "deals.toml", "--shuffle", "7", "--duplicates", "0.5")
    twice = [event for _, _, event in records(embedded_settings, "crm.events")]

    assert done["sent"] == {"crm.deal.changed": 9}
    assert len(twice) == 15
    assert _without_time_of_import(embedded_settings) == once


def _without_time_of_import(settings: Settings) -> dict[str, dict[str, Any]]:
    events = (event for _, _, event in records(settings, "crm.events"))
    return {event["id"]: {name: said for name, said in event.items() if name != "ingested"} for event in events}


def test_what_nobody_declares_is_told(embedded_settings: Settings, tmp_path: Path) -> None:
    """Deals before the organisation are sent, and the command ends with 1: their wins count for nobody yet."""
    (tmp_path / "sales_teams.csv").write_text(TEAMS)
    (tmp_path / "deals.csv").write_text(DEALS)
    done = import_file(embedded_settings, tmp_path / "deals.csv", "deals.toml", code=1)

    assert done["sent"] == {"crm.deal.changed": 6}
    assert [(each["name"], each["count"]) for each in done["findings"]] == [
        ("undeclared_reps", 3),
        ("undeclared_stages", 4),
    ]


def test_all_is_sent_or_nothing(embedded_settings: Settings, tmp_path: Path) -> None:
    """One row of four cannot be read: the topic stays empty, until somebody asks for the rest."""
    (tmp_path / "sales_teams.csv").write_text(TEAMS)
    (tmp_path / "deals.csv").write_text(DEALS.replace("2017-03-31", "soon"))
    import_file(embedded_settings, tmp_path / "sales_teams.csv", "teams.toml")
    refused = import_file(embedded_settings, tmp_path / "deals.csv", "deals.toml", code=1)
    nothing = records(embedded_settings, "crm.events")
    import_file(embedded_settings, tmp_path / "deals.csv", "deals.toml", "--partial", code=1)

    assert (refused["sent"], refused["refused"], nothing) == ({}, 1, [])
    assert len(records(embedded_settings, "crm.events")) == 5
