"""The sample export held against a deployment that missed some of it: seeded losses are found exactly, then mended."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config.settings import Settings

MAPS = Path(__file__).parents[2] / "deploy" / "import" / "crm-opportunities"
Rows = list[dict[str, str]]


class Losses(NamedTuple):
    """What the deployment was told, what the source has today, and which deals of it are wrong, and how."""

    told: Rows
    today: Rows
    missed: list[str]
    changed: dict[str, list[str]]
    deleted: list[str]


def losses(rows: Rows, random: Random) -> Losses:
    """1 % of the rows never arrived, 0.5 % were altered and 0.5 % deleted since, without an event."""
    chosen = random.sample(range(len(rows)), len(rows) // 50)
    missed, altered, deleted = (
        chosen[: len(rows) // 100],
        chosen[len(rows) // 100 : -(len(rows) // 200)],
        chosen[-(len(rows) // 200) :],
    )
    today = [dict(row) for row in rows]
    changed: dict[str, list[str]] = {}
    for number in altered:
        row = today[number]
        if row["deal_stage"] in ("Won", "Lost"):
            row["close_value"], field = str(int(row["close_value"]) + 7), "amount_minor"
        else:
            row["product"], field = "MG Advanced" if row["product"] != "MG Advanced" else "GTK 500", "product"
        changed[f"deal:{row['opportunity_id']}"] = [field]
    return Losses(
        [row for number, row in enumerate(rows) if number not in missed],
        [row for number, row in enumerate(today) if number not in deleted],
        sorted(f"deal:{rows[number]['opportunity_id']}" for number in missed),
        changed,
        sorted(f"deal:{rows[number]['opportunity_id']}" for number in deleted),
    )


def write(path: Path, rows: Rows) -> Path:
    """An export with these rows."""
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def test_seeded_losses_of_the_sample_export_are_found(
    embedded_settings: Settings, sample_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """Each deal that was missed, changed or deleted and no other; once corrected, nothing is found."""
    data = tmp_path / "export"
    shutil.copytree(sample_data("crm_opportunities"), data)
    with (data / "sales_pipeline.csv").open(newline="") as file:
        lost = losses(list(csv.DictReader(file)), Random(11))
    told, today = write(data / "told.csv", lost.told), write(data / "today.csv", lost.today)
    environment = {
        "SALESPULSE_BROKERS": embedded_settings.brokers,
        "SALESPULSE_KAFKA_API_VERSION": embedded_settings.kafka_api_version,
        "SALESPULSE_NAMESPACE": embedded_settings.namespace,
        "SALESPULSE_REDIS_URL": embedded_settings.redis_url.get_secret_value(),
        "SALESPULSE_CURRENCY": "USD",
        **dict.fromkeys(("SALESPULSE_CLOSED_DEAL_RETENTION_DAYS", "SALESPULSE_DAY_PANE_DAYS"), "36500"),
    }

    def run(verb: str, export: Path, field_map: str, *more: str) -> Any:
        arguments = [verb, str(export), "--map", str(MAPS / field_map), "--backlog", "0", "--json", *more]
        result = CliRunner().invoke(app, arguments, env=environment)
        assert result.stdout, result.output
        return {**json.loads(result.stdout), "code": result.exit_code}

    assert run("import", data / "sales_teams.csv", "teams.toml")["code"] == 0
    run("import", told, "deals.toml")
    found = run("reconcile", today, "deals.toml")
    applied = run("reconcile", today, "deals.toml", "--apply")
    again = run("reconcile", today, "deals.toml")

    assert (found["missed"], found["deleted"], found["forgotten"]) == (lost.missed, lost.deleted, [])
    assert {name: [each["field"] for each in fields] for name, fields in found["changed"].items()} == lost.changed
    assert min(len(lost.missed), len(lost.changed), len(lost.deleted)) >= 44
    assert sum(applied["sent"].values()) >= len(lost.missed) + len(lost.changed) + len(lost.deleted)
    assert (again["missed"], again["changed"], again["deleted"], again["code"]) == ([], {}, [], 0)
