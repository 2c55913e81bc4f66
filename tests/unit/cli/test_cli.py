"""The command line: what it prints, where, and the codes it ends with."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.scores.kpis import KPIS
from tests.harness.proofs import CONTROL_KEYS

MAP = """
source = "crm-export"
zone = "Europe/Berlin"

[[event]]
type = "crm.deal.changed"
subject = "deal:{id}"
time = { column = "day" }
data = { stage_id = { column = "stage", values = { Won = "won" } } }
"""
NOWHERE = {
    "SALESPULSE_BROKERS": "127.0.0.1:1",
    "SALESPULSE_CONTROL_KEYS": CONTROL_KEYS,
    "SALESPULSE_REDIS_URL": "redis://127.0.0.1:1/0",
    "SALESPULSE_CLOSED_DEAL_RETENTION_DAYS": "36500",
    "SALESPULSE_DAY_PANE_DAYS": "36500",
}
ANSWER = ["append-time", "crm.events", "0", "7", "--pass"]

run = CliRunner()


@pytest.fixture
def export(tmp_path: Path) -> tuple[str, str]:
    """A file of three deals, one of them in an unknown stage, and its map."""
    (tmp_path / "deals.csv").write_text("id,day,stage\nD1,2026-01-05,Won\nD2,2026-01-06,Won\nD3,2026-01-07,Odd\n")
    (tmp_path / "map.toml").write_text(MAP)
    return str(tmp_path / "deals.csv"), str(tmp_path / "map.toml")


def test_kpis_are_printed_as_json_alone() -> None:
    """With --json, standard output is one JSON value: the table of definitions, and what KPIs are compared with."""
    result = run.invoke(app, ["kpis", "--json"])

    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert [row["name"] for row in rows if row["windows"]] == [kpi.name for kpi in KPIS]
    assert {row["number"] for row in rows} == set(range(1, 51))
    assert {row["family"] for row in rows if not row["windows"]} == {
        "ranks", "benchmarks", "coaching", "usual_whole_day",
    }  # fmt: skip
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row.keys() == rows[0].keys() for row in rows)
    assert result.stderr == ""


def test_the_table_of_kpis_cuts_no_word_where_it_is_not_on_a_terminal() -> None:
    """What goes into a file or a pipe has room for everything."""
    result = run.invoke(app, ["kpis"])

    assert "…" not in result.stdout
    for kpi in KPIS:
        assert re.search(rf"^│ {kpi.number} +│ {kpi.name} ", result.stdout, re.MULTILINE)


def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    """One line, exit code 2."""
    result = run.invoke(app, ["nosuch"])

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "allowed: alerts, append-time, audit, benchmarks, board, coaching," in result.stderr


def test_some_kpis_or_families_can_be_asked_for() -> None:
    """A name or a family picks rows; an unknown one is named, and the command ends with 1."""
    known = run.invoke(app, ["kpis", "cac", "emails", "--json"])
    unknown = run.invoke(app, ["kpis", "cac", "luck", "--json"])

    assert {row["family"] for row in json.loads(known.stdout)} == {"cost", "emails"}
    assert unknown.exit_code == 1
    assert [row["name"] for row in json.loads(unknown.stdout)] == ["cac"]
    assert unknown.stderr == "unknown KPI or family: luck\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["simulate", "--speed", "3"], "--speed"),
        (["simulate", "--rate", "fast"], "'--rate'"),
        (["simulate", "--rate", "-1"], "'--rate': Input should be greater than or equal to 0.01"),
        (["simulate", "--for", "soon"], "allowed: a number with s, m, h or d, such as 30s"),
        (["watch", "--window", "decade"], "'5m', '15m', '1h'"),
        (["watch", "--namespace", "A B"], "--namespace: 'A B' is not allowed; allowed: a-z"),
        (["topics", "--create", "--check"], "--create and --check are mutually exclusive"),
        (["demo", "--json"], "--json needs --for, such as --for 30s"),
        (["import", "none.csv"], "'--map'"),
        (["dead-letters", "replay"], "give an ORIGIN, --reason, --topic, --since or --until, or --all"),
        (["dead-letters", "replay", "crm.events/0/1", "--all"], "or --all"),
        (["dead-letters", "replay", "facts/0/1"], "allowed: topic/partition/offset, such as crm.events/2/1234"),
        (["dead-letters", "show", "7"], "'7' is not an origin"),
        (["dead-letters", "list", "--reason", "luck"], "'empty', 'too_large'"),
        (
            ["dead-letters", "list", "--since", "2026-11-23"],
            "such as 2026-11-23T09:00:00Z, or an age such as 30m, 2h, 3d",
        ),
        (["dead-letters", "list", "--sinse", "2h"], "allowed: --brokers"),
        (["append-time", "crm.events", "0", "7"], "give either --pass or --before"),
        (["append-time", "facts", "0", "7", "--pass"], "'crm.events', 'telephony.events'"),
        (["dance"], "dance"),
    ],
)
def test_a_wrong_option_gets_one_line_and_code_2(arguments: list[str], said: str) -> None:
    """The line names what is wrong and says what is allowed; nothing is printed on standard output."""
    result = run.invoke(app, arguments)

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_a_wrong_setting_gets_one_line_and_code_2() -> None:
    """A variable is named as it is set."""
    result = run.invoke(app, ["watch"], env={"SALESPULSE_NAMESPACE": "A B"})

    assert result.exit_code == 2
    assert result.stderr.startswith("salespulse: SALESPULSE_NAMESPACE: 'A B' is not allowed")


@pytest.mark.parametrize("arguments", [["watch", "--json"], ["board", "--port", "0"]])
def test_no_redis_is_an_error_of_its_setting(arguments: list[str]) -> None:
    """Where no Redis responds, the setting is named."""
    result = run.invoke(app, arguments, env=NOWHERE)

    assert result.exit_code == 2
    assert result.stderr.startswith("salespulse: SALESPULSE_REDIS_URL: no Redis responds")


@pytest.mark.parametrize("arguments", [["simulate"], ["topics", "--json"], ["dead-letters", "list"], ANSWER])
def test_no_kafka_is_an_error_of_its_setting(arguments: list[str]) -> None:
    """Where nothing listens, the setting is named."""
    result = run.invoke(app, arguments, env=NOWHERE)

    assert result.exit_code == 2
    assert result.stderr == "salespulse: SALESPULSE_BROKERS: cannot connect to 127.0.0.1:1\n"


def test_a_broker_whose_name_is_unknown_is_told_from_one_that_is_down() -> None:
    """A failure of DNS is said as one, with the names that it is about."""
    env = {**NOWHERE, "SALESPULSE_BROKERS": "nowhere.invalid:9092,127.0.0.1:1"}
    result = run.invoke(app, ["topics", "--json"], env=env)

    assert result.exit_code == 2
    line = "salespulse: SALESPULSE_BROKERS: the host name nowhere.invalid cannot be resolved (DNS)\n"
    assert result.stderr == line


def test_a_dry_run_says_what_is_in_an_export(export: tuple[str, str]) -> None:
    """Everything is read and checked without a broker; one refused row and nothing would be sent, exit code 1."""
    file, field_map = export
    result = run.invoke(app, ["import", file, "--map", field_map, "--dry-run"], env=NOWHERE)

    assert result.exit_code == 1
    assert result.stdout == "3 rows, 2 objects\nfrom 2026-01-05T22:59:59.999Z to 2026-01-06T22:59:59.999Z\n"
    assert "row 4: stage: 'Odd' is not one of Won" in result.stderr
    assert "nothing would be sent" in result.stderr


def test_what_is_clear_would_be_sent_where_somebody_says_so(export: tuple[str, str]) -> None:
    """With --partial the rest is sent; the exit code is still 1, and the summary is for scripts."""
    file, field_map = export
    command = ["import", file, "--map", field_map, "--dry-run", "--partial", "--json", "--show", "1"]
    result = run.invoke(app, command, env=NOWHERE)
    done = json.loads(result.stdout)

    assert result.exit_code == 1
    assert (done["rows"], done["sent"], done["refused"]) == (3, {"crm.deal.changed": 2}, 1)
    assert [(cause["rows"], cause["texts"], cause["column"]) for cause in done["causes"]] == [(["4"], ["Odd"], "stage")]
    assert [(shown["row"], shown["texts"]["id"], len(shown["events"])) for shown in done["shown"]] == [("2", "D1", 1)]


def test_an_import_in_which_everything_is_right_ends_with_0(export: tuple[str, str]) -> None:
    """Two deals, both won."""
    file, field_map = export
    Path(file).write_text("id,day,stage\nD1,2026-01-05,Won\nD2,2026-01-06,Won\n")
    result = run.invoke(app, ["import", file, "--map", field_map, "--dry-run"], env=NOWHERE)

    assert result.exit_code == 0
    assert result.stdout.endswith("2 crm.deal.changed would be sent\n")


def test_an_import_reads_standard_input(export: tuple[str, str]) -> None:
    """It is read once, and checked like a file."""
    rows = "id,day,stage\nD1,2026-01-05,Won\n"
    result = run.invoke(app, ["import", "-", "--map", export[1], "--dry-run"], env=NOWHERE, input=rows)

    assert result.exit_code == 0
    assert result.stdout.startswith("1 rows, 1 objects\n")


def test_a_map_for_another_file_is_refused_before_anything_is_sent(export: tuple[str, str], tmp_path: Path) -> None:
    """A missing column is named with those that are there."""
    (tmp_path / "other.csv").write_text("id,date\n")
    result = run.invoke(app, ["import", str(tmp_path / "other.csv"), "--map", export[1]], env=NOWHERE)

    assert result.exit_code == 2
    assert "other.csv has no column 'day'; it has: id, date" in result.stderr


def test_help_is_there_without_anything_else() -> None:
    """Every command explains itself with no setting at all."""
    for command in (
        "demo",
        "worker",
        "topics",
        "import",
        "simulate",
        "watch",
        "board",
        "kpis",
        "dead-letters",
        "append-time",
    ):
        assert run.invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        (["silent:rep:7@north", "--by", "lead-1", "--until", "2h"], "allowed is a rule and a scope"),
        (["silent_rep:rep:7@north", "--by", "lead-1", "--until", "2020-01-01T00:00:00Z"], "a time to come"),
        (["silent_rep:rep:7@north", "--by", "lead-1", "--until", "soon"], "not a duration"),
        (["silent_rep:rep:7@north", "--by", "lead 1", "--until", "2h"], "muted_by"),
    ],
)
def test_a_mute_that_means_nothing_is_refused(options: list[str], allowed: str) -> None:
    """Before anything is sent, in a line that says what is allowed."""
    found = run.invoke(app, ["alerts", "mute", *options], env=NOWHERE)

    assert found.exit_code == 2
    assert allowed in " ".join(found.output.replace("│", " ").split())
