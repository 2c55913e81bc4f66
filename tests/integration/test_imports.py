"""Imports taken back, on the embedded broker: the commands, and processes that are killed in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline.audit.audit import Audit
from pipeline.audit.report import Report
from pipeline.cli import app
from pipeline.config.settings import Settings, load_settings
from pipeline.importing.manifest import TOPIC
from pipeline.importing.tellings import telling_of, view
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer
from tests.harness.audited import PATIENCE
from tests.harness.figures import in_redis
from tests.harness.worker import WorkerProcess
from tests.integration.test_import import records
from tests.servers.process import free_port

MAP = """
source = "crm"
zone = "UTC"
[[event]]
type = "crm.deal.changed"
subject = "deal:{id}"
time = { column = "opened" }
sequence = 1
data = { stage_id = "new", created_at = { column = "opened", parse = "instant" } }
[[event]]
type = "crm.deal.changed"
subject = "deal:{id}"
when = [{ column = "closed", filled = true }]
time = { column = "closed" }
sequence = 2
data = { stage_id = "won", amount_minor = { column = "amount", parse = "money" }, currency = "EUR" }
[[event]]
type = "org.process.changed"
subject = "process:default"
time = { constant = 2017-01-01 }
once = true
data = { stages = [{ id = "new" }, { id = "won", kind = "won" }] }
"""
OLD = [("d1", "2026-03-01", "2026-04-05", "10"), ("d2", "2026-03-02", "", ""), ("d3", "2026-03-03", "2026-06-07", "5")]
NEW = [("d1", "2026-01-03", "2026-05-04", "12"), ("d4", "2026-03-04", "", "")]
SETTINGS = {"SALESPULSE_CLOSED_DEAL_RETENTION_DAYS": "36500", "SALESPULSE_DAY_PANE_DAYS": "36500"}


class Deployment:
    """The commands against one namespace of the embedded broker."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        (folder / "map.toml").write_text(MAP)
        self.environment = {
            "SALESPULSE_BROKERS": settings.brokers,
            "SALESPULSE_KAFKA_API_VERSION": settings.kafka_api_version or "",
            "SALESPULSE_NAMESPACE": settings.namespace,
            **SETTINGS,
        }

    def export(self, name: str, rows: Sequence[tuple[str, ...]]) -> list[str]:
        """The arguments that import some rows."""
        text = "\n".join(["id,opened,closed,amount", *map(",".join, rows)])
        (self._folder / f"{name}.csv").write_text(text + "\n")
        return ["import", str(self._folder / f"{name}.csv"), "--map", str(self._folder / "map.toml"), "--backlog", "0"]

    def run(self, *arguments: str) -> Result:
        """A command."""
        return CliRunner().invoke(app, list(arguments), env=self.environment)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What a command prints with --json."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def killed(self, *arguments: str, records_: int) -> None:
        """Run a command in a process of its own, and kill it once manifest and log have so many records more."""
        before = self.count()
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", *arguments], env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while process.poll() is None and self.count() < before + records_:
                pass  # counting takes a while by itself
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def count(self) -> int:
        """How many records there are on the manifest and on the log of the CRM."""
        return len(records(self._settings, TOPIC)) + len(self.events())

    def events(self) -> list[dict[str, Any]]:
        """All events of the CRM."""
        return [event for _, _, event in records(self._settings, "crm.events")]

    def stands(self) -> dict[str, Any]:
        """How each deal stands that is not deleted, by all that was told of it."""
        told: dict[str, list[Any]] = {}
        for event in self.events():
            told.setdefault(event["subject"], []).append(telling_of(event))
        seen = {subject: view("deal", "crm", each) for subject, each in sorted(told.items())}
        return {subject: (each.registers, each.histories) for subject, each in seen.items() if each.life == "live"}


@pytest.fixture
def deployment(embedded_settings: Settings, tmp_path: Path) -> Deployment:
    """A namespace of its own."""
    return Deployment(embedded_settings, tmp_path)


def test_imports_are_listed_shown_and_undone(deployment: Deployment) -> None:
    """The list has state and counts, `show` each object with a digest; undone, only the objects are gone."""
    nothing = deployment.run("imports", "list")
    old = deployment.json(*deployment.export("old", OLD))
    before = deployment.stands()
    new = deployment.json(*deployment.export("new", NEW))
    (second, first) = deployment.json("imports", "list")
    shown = deployment.json("imports", "show", new["run"])
    tried = deployment.json("imports", "undo", new["run"], "--dry-run")
    undone = deployment.json("imports", "undo", new["run"])

    assert (nothing.exit_code, nothing.stderr) == (1, "nothing was imported yet\n")
    assert (first["run"], second["run"], first["state"]) == (old["run"], new["run"], "holds")
    assert (second["rows"], second["objects"], second["events"]) == (2, 3, 4)
    assert [each["object"] for each in shown["told"]] == ["deal:d1", "deal:d4", "process:default"]
    assert all(len(each["hash"]) == 16 for each in shown["told"])
    assert tried["sent"] == undone["sent"]
    assert (undone["deleted"], undone["corrected"]) == (["deal:d4"], ["deal:d1"])
    assert deployment.stands() == before
    assert deployment.json("imports", "undo", new["run"])["events"] == 0
    assert [row["state"] for row in deployment.json("imports", "list")] == ["done", "taken back", "holds"]


def test_a_replaced_import_stands_as_the_second_alone(
    deployment: Deployment, embedded_settings: Settings, tmp_path: Path
) -> None:
    """Deals that only the first told are deleted, the others as the second tells them."""
    deployment.json(*deployment.export("old", OLD))
    done = deployment.json(*deployment.export("new", NEW), "--replace", "source")
    (tmp_path / "alone").mkdir()
    alone = Deployment(
        embedded_settings.model_copy(update={"namespace": f"{embedded_settings.namespace}-alone"}), tmp_path / "alone"
    )
    alone.json(*alone.export("new", NEW))

    assert (done["settled"]["deleted"], done["settled"]["corrected"]) == (["deal:d2", "deal:d3"], ["deal:d1"])
    assert deployment.stands() == alone.stands()
    wrong = deployment.run(*deployment.export("new", NEW), "--replace", "nosuch")
    assert (wrong.exit_code, wrong.stderr.splitlines()[-1][:46]) == (
        2,
        "salespulse: --replace: there is no import nosu",
    )


def test_what_another_source_told_is_left(deployment: Deployment, embedded_settings: Settings) -> None:
    """It is named, the command ends with 1; with --force it is taken back too."""
    done = deployment.json(*deployment.export("old", OLD))
    event = deployment.events()[0] | {"source": "webhook", "id": "w1", "subject": "deal:d1"}
    with EventProducer(embedded_settings) as producer:
        producer.send(Outgoing({name: said for name, said in event.items() if name != "ingested"}))
    left = deployment.run("imports", "undo", done["run"])

    assert left.exit_code == 1
    assert "told by others too, and left as they are: 1 (deal:d1 by webhook)" in left.stderr
    assert deployment.json("imports", "undo", done["run"], "--force")["deleted"] == ["deal:d1"]


@pytest.mark.parametrize("after", [1, 4, 8])
def test_an_undoing_that_is_killed_is_done_when_run_again(deployment: Deployment, after: int) -> None:
    """Wherever it was killed, once more ends it the same."""
    rows = [(f"d{number}", "2026-03-01", "2026-04-05", str(number)) for number in range(300)]
    first = [(name, opened, closed, "7") for name, opened, closed, _ in rows[:200]]
    deployment.json(*deployment.export("first", first))
    before = deployment.stands()
    done = deployment.json(*deployment.export("rows", rows))
    deployment.killed("imports", "undo", done["run"], "--backlog", "0", records_=after)
    deployment.json("imports", "undo", done["run"])

    assert deployment.stands() == before
    assert deployment.json("imports", "list")[0]["state"] == "done"


@pytest.mark.parametrize("after", [1, 300])
def test_a_replacing_that_is_killed_is_done_when_run_again(deployment: Deployment, after: int) -> None:
    """The same run goes on; what stands is what the second export tells."""
    rows = [(f"d{number}", "2026-03-01", "2026-04-05", str(number)) for number in range(300)]
    deployment.json(*deployment.export("first", rows))
    export = deployment.export("second", [(name, "2026-03-02", "2026-04-05", "8") for name, *_ in rows[100:]])
    deployment.killed(*export, "--replace", "source", records_=after)
    deployment.json(*export, "--replace", "source")
    stands = deployment.stands()

    assert sorted(stands) == sorted(f"deal:{name}" for name, *_ in rows[100:])
    assert {amount for _, told in stands.values() for _, amount in told["amount_minor"]} == {800}
    assert [row["state"] for row in deployment.json("imports", "list")][-1] == "taken back"


def audited(deployment: Deployment) -> Report:
    """What an audit finds once everything is taken in."""
    return Audit(load_settings(deployment.environment)).run(PATIENCE)


@pytest.mark.timeout(300)
def test_figures_beside_what_is_taken_back_are_what_the_logs_say(
    deployment: Deployment, embedded_settings: Settings, tmp_path: Path
) -> None:
    """A worker folds while imports are replaced and undone, killed in the middle each time; the audit finds nothing."""
    deployment.environment |= {
        "SALESPULSE_EMBEDDED": "true",
        "SALESPULSE_REDIS_URL": embedded_settings.redis_url.get_secret_value(),
    }
    rows = [(f"d{number}", f"2026-03-{number % 28 + 1:02d}", "2026-04-05", str(number)) for number in range(300)]
    second = deployment.export("second", [(name, opened, "2026-05-06", "8") for name, opened, *_ in rows[100:]])
    with WorkerProcess(deployment.environment, tmp_path / "worker.log", free_port()) as worker:
        worker.until_ready()
        first = deployment.json(*deployment.export("first", rows))
        deployment.killed(*second, "--replace", "source", "--backlog", "20", records_=250)
        replaced = deployment.json(*second, "--replace", "source")
        between = audited(deployment)
        deployment.killed("imports", "undo", replaced["run"], "--backlog", "20", records_=150)
        deployment.json("imports", "undo", replaced["run"])
        last = audited(deployment)
    with Redis.from_url(embedded_settings.redis_url.get_secret_value()) as redis:
        won = in_redis(redis, embedded_settings.namespace, "company")["company", "month:2026-04"]["won"]["value"]
    states = {row["run"]: row["state"] for row in deployment.json("imports", "list")}

    assert (between.differences, last.differences) == ([], [])
    assert min(between.numbers["redis"], last.numbers["redis"]) > 1000
    assert states[first["run"]] == "holds"
    assert won == len(rows)
