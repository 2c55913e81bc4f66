"""The page of KPIs and the schema of their records follow from the table, and say of every KPI what it is."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.scores.kpi import Kpi
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.scores.kpi_words import ELSEWHERE, POPULATION
from pipeline.scores.kpis import KPIS, SECTIONS
from pipeline.scores.units import UNITS
from pipeline.views.kpi_page import BETTER, WHERE, formula, lines, page
from schemas.kpis import FORM
from schemas.published import identified

ROOT = Path(__file__).parents[3]


def test_the_page_is_what_the_table_says() -> None:
    """`make generated` writes it anew."""
    text = (ROOT / "docs" / "kpis.md").read_text()

    assert text[text.index("## 1.") :] == "\n".join(page())


def test_the_schema_is_what_the_table_says() -> None:
    """The same, of the committed schema."""
    assert json.loads((ROOT / "schemas" / "json" / "kpi.json").read_text()) == kpi_schema()


def test_the_id_of_a_schema_changes_with_what_a_program_reads() -> None:
    """Another text is the same schema, another unit is another one; the form stands before the digest."""
    schema = {"title": "A", "properties": {"title": {"unit": "count", "description": "B"}}}
    told = {"title": "C", "properties": {"title": {"unit": "count", "description": "D", "population": "E"}}}
    changed = {"title": "A", "properties": {"title": {"unit": "days", "description": "B"}}}
    ids = [identified("kpi", each)["$id"] for each in (schema, told, changed)]

    assert ids[0] == ids[1] != ids[2]
    assert kpi_schema()["$id"].startswith(f"urn:salespulse:schema:kpi:{FORM}.")


def _numbers(field: Mapping[str, Any]) -> bool:
    """Whether a value of the field, of its items or of its entries may be a number."""
    inner = (*field.get("anyOf", ()), *(field[each] for each in ("items", "additionalProperties") if each in field))
    return field.get("type") in ("integer", "number") or any(_numbers(each) for each in inner if each is not False)


def test_every_number_of_a_record_has_a_unit() -> None:
    """In every model: its own unit or whose it is; `version` alone is no quantity, but a position."""
    schema = kpi_schema()
    models = {"KpiRecord": schema, **schema["$defs"]}
    numbers = {
        f"{model}.{name}": field
        for model, described in models.items()
        for name, field in described.get("properties", {}).items()
        if name != "kpis" and _numbers(field)
    }
    without = {name for name, field in numbers.items() if not field.keys() & {"unit", "unitOf"}}

    assert without == {"KpiRecord.version"}
    assert {field["unit"] for field in numbers.values() if "unit" in field} <= schema["units"].keys()
    assert {field["unitOf"] for field in numbers.values() if "unitOf" in field} == {"kpi", "goal"}
    assert numbers["GoalReached.projection_low"]["unitOf"] == numbers["GoalReached.projection"]["unitOf"]


def test_every_kpi_has_a_section_and_every_section_a_kpi() -> None:
    """A number without a title is nobody's."""
    assert {kpi.number for kpi in KPIS} == SECTIONS.keys()


def test_every_number_of_the_catalogue_has_a_section() -> None:
    """What is no KPI says on which page it is; that page has such a heading."""
    text = "\n".join(page())
    numbers = [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]
    links = re.findall(r"\]\((\w+\.md)#([\w-]+)\)", text)

    assert numbers[:41] == list(range(1, 42))
    assert numbers == sorted(numbers)
    assert len(links) == 9
    for name, anchor in links:
        headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / name).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w-]", "", each.lower().replace(" ", "-")) for each in headings}


def test_every_kpi_has_a_population_and_every_population_a_kpi() -> None:
    """Whose records it is of, and which; a row that is gone takes its words along."""
    assert POPULATION.keys() == {kpi.name for kpi in KPIS}


def test_where_others_differ_the_page_and_the_schema_say_so() -> None:
    """Of each KPI that the field defines in several ways; once in its section, and beside each KPI of it."""
    text, named = "\n".join(page()), kpi_schema()["properties"]["kpis"]["properties"]

    assert {5, 6, 7, 9, 10, 12, 14, 17, 18, 20, 22, 27, *range(30, 42)} <= ELSEWHERE.keys() <= SECTIONS.keys()
    assert all(text.count(f"\nElsewhere: {words}\n") == 1 for words in ELSEWHERE.values())
    assert {kpi.name for kpi in KPIS if kpi.number in ELSEWHERE} == {
        name for name, told in named.items() if "elsewhere" in told
    }
    assert named["abandon_rate"]["elsewhere"].startswith("Amazon Connect leaves out callbacks.")


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_a_kpi_says_all_that_a_reader_needs(kpi: Kpi) -> None:
    """The measures of its formula, its unit, its windows: on the page and in the schema."""
    told = "\n".join(lines(kpi))
    named = kpi_schema()["properties"]["kpis"]["properties"][kpi.name]

    assert UNITS[kpi.unit] in told
    assert BETTER[kpi.better] in told
    assert WHERE[kpi.where] in told
    assert POPULATION[kpi.name] in told
    assert named["population"] == POPULATION[kpi.name]
    assert kpi.formula == "velocity" or all(each.rstrip(":~") in formula(kpi) for each in kpi.numerator)
    assert all(f"`{each}`" in formula(kpi) for each in (*kpi.denominator, *kpi.left_out))
    assert named["unit"] == kpi.unit
    assert kpi.description in named["description"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("talk_time", "sum of `talk_ms` / 1,000"),
        ("show_rate", "`meetings_held` / (`meetings_held` + `meetings_missed`)"),
        ("answer_speed", "`answer_wait_ms` / 1,000 / (`answered` less `answered_untimed`)"),
        ("median_deal_size", "median of `deal_size`, to 1 %"),
        ("stage_entries", "by process and stage: `stage_entered` + `stage_closed`"),
    ],
)
def test_formulas_are_read_as_a_person_would(name: str, expected: str) -> None:
    """One of each kind."""
    assert formula(next(kpi for kpi in KPIS if kpi.name == name)) == expected
