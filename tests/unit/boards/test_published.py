"""What other programs read is what the committed JSON schemas say."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.scores.definition import DEFINITION
from pipeline.scores.figures import NO_TEXTS, record
from schemas.kpis import KpiRecord
from schemas.published import NAMES, json_schema
from tests.harness.figures import spelled_out
from tests.unit.boards.logs import FactsLog, at, day, fold, scoreboard

FOLDER = Path(__file__).parents[3] / "schemas" / "json"
NOW = at("2026-11-23 10:00")


def committed(name: str) -> Any:
    """A committed schema."""
    return json.loads((FOLDER / f"{name}.json").read_text())


@pytest.mark.parametrize("name", sorted({*NAMES} - {"kpi"}))
def test_committed_schemas_are_those_of_the_models(name: str) -> None:
    """A change of a published record shows in the repository; that of KPIs is in `unit/views/test_kpi_page.py`."""
    assert committed(name) == json_schema(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described(name: str) -> None:
    """No field of anything that crosses a wire lacks its meaning, or refers to a model that has one."""
    schema = json_schema(name)
    models = {"": schema, **schema.get("$defs", {})}
    fields = {(of, field): said for of, model in models.items() for field, said in model.get("properties", {}).items()}

    assert [place for place, said in fields.items() if not said.keys() & {"description", "$ref"}] == []


def test_no_other_schema_is_committed() -> None:
    """Each file belongs to a model."""
    assert {path.stem for path in FOLDER.iterdir()} == set(NAMES)


def test_every_figure_is_a_record_of_the_schema() -> None:
    """Figures of all families, with and without values, validate against the schema and the model."""
    log = FactsLog()
    standing = {
        "open_deals": 2,
        "open_qualified": 1,
        "open_stage:default:offer": 2,
        "open_stage_minor:default:offer": 9,
    }
    standing |= {"leads_waiting": 1}
    period = {"calls": 1, "offered": 1, "emails": 1, "meetings_set": 1, "activities": 1, "leads_created": 1, "won": 2}
    period |= {
        "won_minor": 900,
        "deal_size~12": 2,
        "stage_entered:default:offer": 3,
        "stage_converted:default:offer": 1,
        "stage_fell_back:default:offer": 1,
        "stage_once_ms:default:offer": 5_000_000,
        "stage_once:default:offer~90": 1,
    }
    period |= {"cost_minor": 10, "new_customers": 1, "won_cycles": 2, "won_cycle_days": 9, "talk_ms": 1500}
    log.add(NOW, ("north", "7", day("2026-11-23"), NOW // 60_000, period), ("north", "7", None, None, standing))
    board = scoreboard()
    fold(board, log.records)
    figures = list(board.board.current())
    validator = Draft202012Validator(committed("kpi"))

    for figure in figures:
        for nothing in (NO_TEXTS, DEFINITION.texts.nothing(figure.kind, rep=figure.scope.startswith("rep:"))):
            as_read = json.loads(record(figure, nothing))
            validator.validate(as_read)
            KpiRecord.model_validate(as_read)
            assert spelled_out(as_read) == figure.kpis

    assert len(figures) == 24


def test_what_did_not_happen_is_named_and_not_spelled_out() -> None:
    """A window without anything says of which families there is data all the same: absent is something else."""
    log = FactsLog()
    log.add(NOW, ("north", "7", day("2026-11-22"), NOW // 60_000 - 1440, {"calls": 1, "won": 1}))
    board = scoreboard()
    fold(board, log.records)
    today = next(each for each in board.board.current() if (each.scope, each.kind) == ("rep:7@north", "day"))
    as_read = json.loads(record(today, DEFINITION.texts.nothing("day", rep=True)))

    assert (as_read["nothing"], as_read["kpis"]) == (["calls", "deals"], {})
    assert spelled_out(as_read)["win_rate"]["value"] is None
