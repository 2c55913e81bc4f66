"""The pipeline, the audit and the pencil agree on one day."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpis import KPIS
from pipeline.scores.stall import NO_STALL
from pipeline.sinks.memory import MemorySink
from pipeline.views.industry import industry_figure
from pipeline.views.readings import WindowReading
from tests.findings.floor import TODAY, Floor
from tests.harness.industry import industry_differences, industry_fields
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.unit.audit.logs_of import audited
from tests.unit.audit.test_definition import differences, publish
from tests.unit.publishing.test_publisher import Desk
from tests.witness.story import NOW, REP, STORY, told

PAGE = (Path(__file__).parent / "README.md").read_text()
TEAM, BERLIN = "team:north", ZoneInfo("Europe/Berlin")
WINDOWS = {
    "calendar": TODAY,
    "now": "now",
    "90d": "90d",
    "period": TODAY,
    "days": TODAY,
    "today": TODAY,
    "always": TODAY,
}
WINDOW_OF = {
    "negative_cycles": "month:2025-11",
    "phones_left_on": "month:2025-11",
    "goal_attainment": "month:2025-11",
    "goal_pace": "month:2025-11",
    "pipeline_coverage": "quarter:2025-Q4",
    "bookings_per_rep_day": "quarter:2025-Q4",
    "conversion_rate": "quarter:2025-Q4",
    "bookings_adjustments": "year:2025",
}
"""The KPIs that are shown of another window than all of their sort."""
ROWS = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \| [^|]+ \|$", PAGE, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def floor() -> Floor:
    """The floor at the end of the story."""
    floor = Floor(now_ms=NOW)
    floor.world.play(told())
    return floor.feed().at(NOW)


def whose(kpi: Kpi) -> str:
    """The scope whose figure the page tells."""
    return TEAM if kpi.formula != "timeline" else f"rep:{REP}@north"


def test_each_event_has_its_number() -> None:
    """What is played is what the page tells."""
    assert [int(number) for number in re.findall(r"^\| (\d+) \| ", PAGE, flags=re.MULTILINE)] == list(STORY)


def test_every_kpi_was_worked_out_by_hand() -> None:
    """A KPI that nobody worked out is not one to show."""
    assert [kpi.name for kpi in KPIS] == list(ROWS)


@pytest.mark.parametrize("kpi", [pytest.param(kpi, id=kpi.name) for kpi in KPIS])
def test_the_pipeline_comes_to_the_same_figure(floor: Floor, kpi: Any) -> None:
    """Shown with the digits of the page; a KPI of stages by stage."""
    shown = floor.figures()[whose(kpi), WINDOW_OF.get(kpi.name) or WINDOWS[kpi.where], kpi.name]
    if kpi.unit == "days" and kpi.formula == "stages":
        days = {stage: held["value"] for stage, held in shown["stages"].items()}
        median = kpi.name.endswith("median")
        assert days == pytest.approx(_times(kpi.name), rel=0.01 if median else 0, abs=0 if median else 0.00005)
    elif "goals" in shown:
        assert {goal: round(held["value"], 4) for goal, held in shown["goals"].items()} == _times(kpi.name)
    elif kpi.formula == "timeline":
        assert _on_the_page(shown["stretches"]) == ROWS[kpi.name]
    elif kpi.formula == "stall":
        assert (shown, ROWS[kpi.name]) == (NO_STALL, "none")
    elif kpi.formula == "categories":
        assert {category: held["value"] for category, held in shown["categories"].items()} == _times(kpi.name)
    elif kpi.formula == "states":
        assert {state: held["value"] for state, held in shown["states"].items()} == _times(kpi.name)
    elif kpi.formula == "stages":
        assert _stages(kpi.name, shown) == ", ".join(sorted(ROWS[kpi.name].split(", ")))
    elif kpi.formula in QUANTILES:
        assert shown["value"] == pytest.approx(float(ROWS[kpi.name]), rel=0.01)
    elif ROWS[kpi.name] == "none":
        assert shown["value"] is None
    else:
        assert round(shown["value"], 4) == float(ROWS[kpi.name])


def _on_the_page(stretches: list[dict[str, Any]]) -> str:
    """Each state with when it began, which is when the one before was over."""
    assert [each["to_ms"] for each in stretches] == [*(each["from_ms"] for each in stretches[1:]), None]
    began = ((each["state"], datetime.fromtimestamp(each["from_ms"] / 1000, BERLIN)) for each in stretches)
    return ", ".join(f"{state} {at:%H:%M:%S}".removesuffix(":00") for state, at in began)


def test_of_the_reps_target_as_much_is_due_as_the_page_says() -> None:
    """Absence and a half day lower it, and the time that has passed is the rep's own."""
    floor = Floor(now_ms=NOW)
    floor.world.play(told())
    figures = floor.feed().at(NOW).figures()
    (reached,), (pace,) = (
        figures[f"rep:{REP}", "month:2025-11", kpi]["goals"].values() for kpi in ("goal_attainment", "goal_pace")
    )

    told_by_hand = [
        float(each) for each in re.findall(r"\*\*([\d.]+)\*\*", PAGE.partition("## What is due of the rep")[2])
    ]
    assert [round(reached["value"], 4), round(pace["value"], 4)] == told_by_hand
    assert {name: reached[name] for name in ("numerator", "denominator", "full_target", "gap", "days_left")} == {
        "numerator": 10, "denominator": 31, "full_target": 40, "gap": 21, "days_left": 16,
    }  # fmt: skip


def test_who_stands_where_and_what_was_achieved_is_what_the_page_says(floor: Floor) -> None:
    """Places with their values, best weeks and milestones; and the audit works all of it out too."""
    boards = RecognisingBoards(floor.world).read()
    shown = {
        (each.id, place["scope"]): f"place {place['place']}, {place['value']:.0f}"
        for each in boards.contests()
        for place in each.record["standings"]
    }
    for achieved in boards.achievements():
        told = achieved.record
        shown[achieved.id.partition("|")[0], told["scope"]] = f"{told['value']} in {told['window']}"

    page = re.findall(r"^\| ([\w:]+) \| (rep:[\w-]+) \| ([^|]+?) \|", PAGE, flags=re.MULTILINE)
    assert shown == {(what, whose): figure for what, whose, figure in page}
    with audited(floor.world) as database:
        found, contests, achievements = recognition_differences(database, floor.world, boards)
    assert (found, contests, achievements) == ([], 2 * 5 + 3 * (1 + 2), 3 * 3)


def test_what_stands_of_an_industry_is_what_the_page_says(floor: Floor) -> None:
    """Beside the day and not beside the month; and the audit expects the same."""
    boards = RecognisingBoards(floor.world).read()
    told = json.loads(boards.home.beside("company").industry)
    day = WindowReading(TODAY, "provisional", 0, {})
    found = industry_figure(told, "dials", "day", day)
    assert found is not None
    quartiles = f"{found.median:g} ({found.lower_quartile:g} to {found.upper_quartile:g})"
    assert re.findall(r"^\| industry:dials \| company \| ([^|]+?) \|", PAGE, flags=re.MULTILINE) == [quartiles]
    assert industry_figure(told, "dials", "month", WindowReading("month:2025-11", "", 0, {})) is None
    with audited(floor.world) as database:
        recognition_differences(database, floor.world, boards)
        assert industry_differences(database, industry_fields(boards)) == []


def _stages(name: str, shown: dict[str, Any]) -> str:
    counted = "numerator" if name.startswith(("stage_conversion", "stage_progress")) else "value"
    return ", ".join(sorted(f"{stage} {held[counted]}" for stage, held in shown["stages"].items()))


def _times(name: str) -> dict[str, float]:
    return {stage: float(days) for stage, days in (each.split() for each in ROWS[name].split(", "))}


async def test_the_audit_comes_to_the_same_figures(floor: Floor) -> None:
    """Of all that is published of this floor, every KPI of the page is among the numbers that it compared."""
    sink = MemorySink(fast=False)
    async with Desk(sink) as desk:
        await publish(floor.world, desk, sink)

    found, numbers = differences(floor.world, sink, "SELECT 1")

    assert found == []
    assert numbers > 1000
    published = {kpi for figure in sink.homes[TEAM].figures.values() for kpi in figure["kpis"]}
    assert published == set(ROWS)
