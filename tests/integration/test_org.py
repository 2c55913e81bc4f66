"""The org commands: on the embedded broker what they say, on a real Kafka what becomes of the figures."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.cli import app
from pipeline.config.settings import Settings, load_settings
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer
from pipeline.sinks.past_form import PastWindow, read_legends, unpack
from pipeline.sinks.redis_keys import Keys
from pipeline.topics.check import create_topics
from tests.harness.audited import PATIENCE
from tests.harness.proofs import CONTROL_KEYS
from tests.harness.worker import WorkerProcess
from tests.integration.test_import import records
from tests.servers.process import free_port, wait_until
from tests.unit.ledger.world import event

SECONDS = 60
FILE = """
company: {time_zone: UTC, currency: EUR}
teams:
  north: {time_zone: Europe/Amsterdam}
  south: {parent_id: north}
reps:
  ada: {country: NO}
memberships:
- {rep_id: ada, team_id: north}
"""
Run = Callable[..., Result]


def environment(settings: Settings) -> dict[str, str]:
    """What a command or a worker of a deployment has in its environment."""
    return {
        "SALESPULSE_BROKERS": settings.brokers,
        "SALESPULSE_KAFKA_API_VERSION": settings.kafka_api_version or "",
        "SALESPULSE_NAMESPACE": settings.namespace,
        "SALESPULSE_REDIS_URL": settings.redis_url.get_secret_value(),
        "SALESPULSE_CONTROL_KEYS": CONTROL_KEYS,
        "SALESPULSE_PARTITIONS": str(settings.partitions),
    }


def command(settings: Settings, folder: Path) -> Run:
    """Runs `org` with arguments; a text is the file that it reads."""

    def run(*arguments: str, file: str = "", answer: str = "") -> Result:
        (folder / "org.yaml").write_text(file)
        given = [str(folder / "org.yaml") if each == "FILE" else each for each in arguments]
        env = {name: value for name, value in environment(settings).items() if value}
        return CliRunner().invoke(app, ["org", *given], input=answer, env=env)

    return run


class TestCommands:
    """What the commands print, send, and end with."""

    @pytest.fixture
    def run(self, embedded_settings: Settings, tmp_path: Path) -> Run:
        """In a namespace of its own."""
        return command(embedded_settings, tmp_path)

    def test_a_file_is_shown_asked_for_and_sent_once(self, run: Run, embedded_settings: Settings) -> None:
        """Only a yes sends it; the second time there is nothing, and the export is the same organisation."""
        before = run("diff", "FILE", file=FILE)
        refused = run("apply", "FILE", file=FILE, answer="n\n")
        unanswered = run("apply", "FILE", file=FILE)
        nothing = records(embedded_settings, "org.changes")
        sent = run("apply", "FILE", file=FILE, answer="y\n")
        events = records(embedded_settings, "org.changes")
        again = run("apply", "FILE", file=FILE)
        exported = run("export")
        same = run("diff", "-", "--end-others", answer=exported.stdout)

        assert (before.exit_code, refused.exit_code, unanswered.exit_code) == (1, 1, 1)
        assert "+ team north  time_zone: Europe/Amsterdam" in before.stdout
        assert refused.stderr.endswith("nothing was sent\n")
        assert "no terminal to confirm; use --yes" in unanswered.stderr
        assert nothing == []
        assert (sent.exit_code, sent.stdout.splitlines()[-1]) == (0, "5 events sent")
        assert len({event["id"] for _, _, event in events}) == 5
        assert {event["source"] for _, _, event in events} == {"administration"}
        assert (again.exit_code, again.stdout) == (0, "")
        assert again.stderr == "the organisation is what the file says: nothing to send\n"
        assert (same.exit_code, same.stdout) == (0, "")
        assert records(embedded_settings, "org.changes") == events

    def test_others_are_named_and_end_when_told_to(self, run: Run) -> None:
        """They are left by default; of a kind without a section even then."""
        run("apply", "FILE", "--yes", file=FILE)
        fewer = "teams: {north: {time_zone: Europe/Amsterdam}}\nmemberships: []\n"
        left = run("apply", "FILE", "--yes", file=fewer)
        ended = json.loads(run("apply", "FILE", "--yes", "--end-others", "--json", file=fewer).stdout)
        again = run("diff", "FILE", "--end-others", file=fewer)

        assert "not in the file, left as they are (--end-others ends them): 3: " in left.stdout
        assert [(step["object"].partition(":")[0], step["what"]) for step in ended["steps"]] == [
            ("membership", "ended"), ("team", "ended"),
        ]  # fmt: skip
        assert (ended["sent"], ended["not_in_file"]) == (2, ["rep:ada"])
        assert again.exit_code == 0

    def test_what_held_is_shown_as_a_tree(self, run: Run) -> None:
        """Teams, zones and reps; nothing before there was anything to show."""
        empty = run("show")
        run("apply", "FILE", "--yes", file=FILE)
        shown = run("show", "--at", "2026-01-01")
        wrong = run("show", "--at", "yesterday")

        assert (empty.exit_code, empty.stderr) == (1, "no teams or reps at that time\n")
        assert shown.stdout.splitlines() == [
            "company  UTC, EUR, fiscal year from month 1, weeks from monday",
            "  north  Europe/Amsterdam; no working hours",
            "    · ada, NO",
            "    south  UTC (the company's); no working hours",
        ]
        assert wrong.exit_code == 2
        assert json.loads(run("show", "--json").stdout)["teams"][0]["teams"][0]["id"] == "south"

    def test_a_wrong_file_is_told_line_by_line(self, run: Run) -> None:
        """All its faults, and nothing is sent; exit code 2."""
        wrong = run("apply", "FILE", "--yes", file="teams:\n  north: {zone: UTC}\nreps:\n  ada: {active: maybe}\n")

        assert wrong.exit_code == 2
        first, second, last = wrong.stderr.splitlines()
        assert first.endswith("org.yaml, line 2: teams.north.zone: no such field; likely time_zone")
        assert second.endswith('org.yaml, line 4: reps.ada.active: allowed is true or false, given: "maybe"')
        assert last == "nothing was sent"

    def test_whom_nobody_knows_is_listed(self, run: Run, embedded_settings: Settings) -> None:
        """With counts and since when; known ones are not."""
        run("apply", "FILE", "--yes", file=FILE)
        none = run("unmapped")
        at_ms = clock.now_ms() - 60_000
        with EventProducer(embedded_settings) as producer:
            for number, rep in enumerate(("ada", "bob", "bob")):
                started = at_ms + number
                producer.send(Outgoing(event("call", str(number), at_ms, rep_id=rep, started_at=started)))
        found = run("unmapped", "--json")

        assert (none.exit_code, none.stderr) == (0, "every rep, team and stage in the events is declared\n")
        assert found.exit_code == 1
        (row,) = json.loads(found.stdout)
        assert (row["kind"], row["id"], row["events"], row["examples"]) == ("rep", "bob", 2, ["call:1", "call:2"])


def past(settings: Settings, team: str, window: str) -> PastWindow | None:
    """A window of a team that is over, as it is in Redis; None where there is none."""
    ours, scope = Keys(settings.namespace), f"team:{team}"
    with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        held: Any = redis
        legends = read_legends({name.decode(): text for name, text in held.hgetall(ours.legend).items()})
        for key in held.scan_iter(match=ours.pattern("past"), count=1000):
            parsed = ours.parse(key.decode())
            if parsed is not None and parsed.rest == (scope,) and (text := held.hget(key, window)):
                return unpack(text.decode(), scope, legends)
    return None


def calls(settings: Settings, team: str, window: str) -> Any:
    """How many calls a team had in a window that is over."""
    found = past(settings, team, window)
    return None if found is None else found.kpis.get("calls", {}).get("value", 0)


@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_figures_follow_a_file_that_is_applied(kafka_settings: Settings, tmp_path: Path) -> None:
    """A backdated move takes the calls of its days along, and these windows say so; the audit finds nothing."""
    create_topics(kafka_settings)
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")},
        **{name: value for name, value in environment(kafka_settings).items() if value},
        "SALESPULSE_FINALITY_HOURS": "0",
    }
    run = command(kafka_settings, tmp_path)
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    early, late = (today - timedelta(days=number) for number in (6, 3))
    moved = (today - timedelta(days=4)).date()
    windows = [f"day:{each.date()}" for each in (early, late)]
    base = "company: {time_zone: UTC}\nteams: {north: {}, south: {}}\nmemberships:\n"
    with WorkerProcess(env, tmp_path / "worker.log", free_port()) as worker, EventProducer(kafka_settings) as producer:
        worker.until_ready()
        first = run("apply", "FILE", "--yes", file=f"{base}- {{rep_id: ada, team_id: north}}\n")
        for number, at in enumerate((early, late, late)):
            started = round(at.timestamp() * 1000) + number
            said = event("call", str(number), started, rep_id="ada", direction="outbound", started_at=started)
            producer.send(Outgoing(said))
        producer.flush()
        wait_until(lambda: calls(kafka_settings, "north", windows[1]) == 2, "two calls of north", SECONDS, 0.5)
        file = (
            f"{base}- {{rep_id: ada, team_id: north, valid_to: {moved}}}\n"
            f"- {{rep_id: ada, team_id: south, valid_from: {moved}}}\n"
        )
        second = run("apply", "FILE", "--yes", file=file)
        wait_until(lambda: calls(kafka_settings, "south", windows[1]) == 2, "two calls of south", SECONDS, 0.5)
        wait_until(lambda: not calls(kafka_settings, "north", windows[1]), "none of north", SECONDS, 0.5)
        told = records(kafka_settings, "org.changes")
        third = run("apply", "FILE", "--yes", file=file)
        report = Audit(load_settings(env)).run(PATIENCE)

    assert first.exit_code == second.exit_code == third.exit_code == 0
    assert f"restated from {moved} on: everything of teams north, south; rep ada" in second.stdout
    assert calls(kafka_settings, "north", windows[0]) == 1
    north = past(kafka_settings, "north", windows[1])
    assert north is not None
    assert north.state == "restated"
    assert third.stdout == ""
    assert records(kafka_settings, "org.changes") == told
    assert report.differences == []
