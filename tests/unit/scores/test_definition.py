"""The definition of figures: whatever shapes one is in its version, and no formula changes without a row's version."""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.scores.activity_score import SCORE
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.chosen import Chosen, ChosenWindows
from pipeline.scores.definition import DEFINITION, SHAPES_NO_FIGURE, Definition
from pipeline.scores.goals import GOALS, GoalPeriod
from pipeline.scores.kpi import Amounts, Kpi
from pipeline.scores.kpis import KPIS
from pipeline.scores.marks import KINDS
from pipeline.scores.rep_kpis import REP_DAYS
from tests.harness.measures import OWN, SHARED, amounts

HELD: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("kpi_digests.json").read_text())
"""By KPI and version: a digest of what it says of the measures below. Append only."""
OTHER: dict[str, Any] = {
    "formula": "mean", "unit": "days", "where": "now", "numerator": ("dials",), "denominator": ("won",),
    "amounts": (Amounts("won", "dials", "lost"),),
}  # fmt: skip
MEASURES: list[dict[str, int]] = [amounts(), {}]
GOAL_PERIOD = GoalPeriod({"won": 7, "calls": 1_000_000, "bookings": 10**12}, 3, 40_000, 90_000, current=True)
SPREAD = {name.replace("~12", f"~{bucket}"): bucket for name in amounts() for bucket in (12, 40)}
"""Sketches of several values, for the formulas that read another one than the middle."""


def _other(kpi: Kpi, column: str) -> Any:
    value = getattr(kpi, column)
    if column in OTHER:
        return OTHER[column]
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}_2"


@pytest.mark.parametrize("column", [each.name for each in fields(Kpi)])
def test_every_column_of_the_table_shapes_figures_or_says_why_not(column: str) -> None:
    """Another value is another version, of any row; a new column is in it without being put there."""
    policy, plain = BoardPolicy(), DEFINITION.version(BoardPolicy())
    for number, kpi in enumerate(KPIS):
        row = replace(kpi, **{column: _other(kpi, column)})
        if row != kpi and row.name not in ("calls_2", "activities_2", "meetings_set_2", "won_2", "bookings_2"):
            changed = Definition([*KPIS[:number], row, *KPIS[number + 1 :]])
            assert (changed.version(policy) == plain) == (column in SHAPES_NO_FIGURE)


def test_what_is_left_out_is_there_and_has_a_reason() -> None:
    """A column that is renamed is not left out by chance."""
    assert set(SHAPES_NO_FIGURE) <= {each.name for each in fields(Kpi)}
    assert all(len(reason) > 10 for reason in SHAPES_NO_FIGURE.values())


def test_finality_and_rows_are_in_it() -> None:
    """A longer wait for late events, a row more, rows in another order."""
    plain = DEFINITION.version(BoardPolicy())

    assert DEFINITION.version(BoardPolicy(finality_hours=25)) != plain
    assert DEFINITION.version(BoardPolicy(minute_pane_hours=27)) == plain
    assert Definition([*KPIS, replace(KPIS[0], name="more")]).version(BoardPolicy()) != plain


def test_what_is_published_is_in_it() -> None:
    """Another choice of windows, past windows or families is another definition: all is published again."""
    some = [
        Chosen(),
        Chosen(teams=ChosenWindows.read("day,month+")),
        Chosen(reps=ChosenWindows.read("day,month")),
        Chosen(reps=ChosenWindows.read("day,month+")),
        Chosen(members=ChosenWindows.read("none")),
        Chosen(families=("calls",)),
    ]

    assert len({DEFINITION.version(BoardPolicy(chosen=each)) for each in some}) == len(some)


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_every_measure_of_a_row_is_declared(kpi: Kpi) -> None:
    """In `pipeline/measures.py`, or by the one kind that counts it; of goals and reps the organisation tells."""
    assert {*kpi.numerator, *kpi.denominator} - {GOALS, SCORE, REP_DAYS} <= {*SHARED, *OWN}


def test_a_measure_is_declared_once() -> None:
    """What two kinds count is in `pipeline/measures.py`."""
    assert len({*SHARED, *OWN}) == len(SHARED) + len(OWN)


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_no_formula_changes_unseen(kpi: Kpi) -> None:
    """What a KPI says of fixed measures, in every kind of window that gives it.

    Where this fails its formula changed: raise the row's `version`, and add the digest to the file. Then every window
    is published again.
    """
    assert HELD.get(kpi.name, {}).get(str(kpi.version)) == digest(kpi)


def digest(kpi: Kpi) -> str:
    """Of one KPI alone; what it is ranked by stays in the table."""
    said = []
    for kind in dict.fromkeys(KINDS):
        for held in [*MEASURES, *([SPREAD] if kpi.formula == "p90" else [])]:
            texts = DEFINITION.texts.of(
                held, MEASURES[0], DEFINITION.table.all_families, kind, rep=False, goals=GOAL_PERIOD
            )
            found = json.loads(f"{{{','.join(texts.values())}}}")
            said.append(found.get(kpi.name))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
