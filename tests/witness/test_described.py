"""A program that knows only schemas and headers shows the figures of the pencil, each with its unit."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka.structs import RecordMetadata

from pipeline.engine.kafka.outlet import Records, Sent
from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.scores.kpis import KPIS
from pipeline.sinks.kpi_topic import KpiTopic
from pipeline.sinks.sink import Batch, Bookmark, Owner
from tests.findings.floor import TODAY, Floor
from tests.harness.schema_reader import NOT_COMPUTED, SchemaReader, Shown
from tests.unit.ledger.world import DAY, event, organisation
from tests.witness.story import NOW, REP, told
from tests.witness.test_witness import ROWS, TEAM, WINDOW_OF, WINDOWS, whose

FOLDER = Path(__file__).parents[2] / "schemas" / "json"
OWNER = Owner("scoreboard", 0, 1, 1)
WRITTEN = {
    "count": (1, "", 0), "ratio": (100, " %", 0.0051), "seconds": (1, " s", 0.051), "days": (1, " d", 0.00006),
    "minor": (0.01, " EUR", 0.0051), "minor_per_day": (0.01, " EUR a day", 0.0051),
    "points": (1, "", 0.0051), "deviations": (1, "", 0.0051),
}  # fmt: skip
"""By unit: how the reader writes what the page says, in the currency of the page, and to how much."""
TOLD_IN = {"stage_progress": "count", "stage_progress_value": "minor", "stage_conversion_value": "minor"}
"""Shares of which the page tells the numerator."""


def reader() -> SchemaReader:
    """One that has the committed schemas."""
    return SchemaReader([json.loads(path.read_text()) for path in sorted(FOLDER.iterdir())])


async def written(floor: Floor) -> Records:
    """The records of a floor, as they go to Kafka: all figures, and a cut."""
    sent: list[Any] = []

    async def send_all(_topic: str, _partition: int, records: Records) -> list[Sent]:
        sent.extend(records)
        ack: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ack.set_result(RecordMetadata("kpis", 0, None, 0, -1, -1, -1))
        return [Sent(ack, len(records))]

    figures = floor.taken()
    sink = KpiTopic(send_all, lambda: None, str)  # type: ignore[arg-type, return-value]
    cut = {**(floor.board.cut() or {}), "version": figures[0].version}
    await sink.write(OWNER, Bookmark(), Batch(1, NOW, complete=True, slow=True, figures=figures, cut=cut))
    return sent


@pytest.fixture(scope="module")
def shown() -> Shown:
    """What the reader shows of the floor at the end of the story."""
    floor = Floor(now_ms=NOW)
    floor.world.play(told())
    floor.feed().at(NOW)
    return reader().show(asyncio.run(written(floor)))


@pytest.mark.parametrize("kpi", [pytest.param(kpi, id=kpi.name) for kpi in KPIS])
def test_it_shows_the_figure_of_the_pencil(shown: Shown, kpi: Kpi) -> None:
    """The number in its unit, of stages and goals each; no KPI without a row, none that it does not know."""
    place = whose(kpi), WINDOW_OF.get(kpi.name) or WINDOWS[kpi.where]
    factor, unit, rounded = WRITTEN[TOLD_IN.get(kpi.name, kpi.unit)]
    if kpi.formula == "mean":  # The page has four digits of it.
        rounded = max(rounded, 0.00006)
    near = 0.01 if kpi.formula in QUANTILES or kpi.name.endswith("_median") else 0
    for path, said in _paths(kpi).items():
        text = shown[*place, path]
        if said == "none":
            assert text == NOT_COMPUTED
            continue
        assert text.endswith(unit)
        number = float(text.removesuffix(unit).replace(",", ""))
        assert number == pytest.approx(float(said) * factor, rel=near, abs=rounded)


def _paths(kpi: Kpi) -> dict[str, str]:
    """Where the reader shows the numbers of the page's row."""
    row = ROWS[kpi.name]
    if kpi.formula == "timeline":
        return {f"{kpi.name}.value": str(len(row.split(", ")))}
    if kpi.formula not in ("stages", "goals", "states", "categories") or " " not in row:
        return {f"{kpi.name}.value": row}
    each = [part.split() for part in row.split(", ")]
    if kpi.formula == "goals":
        return {f"{kpi.name}.goals.{goal}.value": said for goal, said in each}
    if kpi.name == "stage_conversion":
        each = [[stage, str(int(said) / _entered(stage))] for stage, said in each]
    told = "numerator" if kpi.name in TOLD_IN else "value"
    return {f"{kpi.name}.{kpi.formula}.{stage}.{told}": said for stage, said in each}


def _entered(stage: str) -> int:
    """By the row of `stage_entries`."""
    return int(dict(part.split() for part in ROWS["stage_entries"].split(", "))[stage])


def test_parts_and_goals_have_units_too(shown: Shown) -> None:
    """Of a share its counts, of a mean its sum, of money what it leaves out, of a goal the unit of its KPI."""
    assert shown[TEAM, TODAY, "win_rate_value.denominator"].endswith(" EUR")
    assert shown[TEAM, TODAY, "avg_talk_time.numerator"].endswith(" s")
    assert shown[TEAM, TODAY, "avg_talk_time.denominator"].isdigit()
    assert shown[TEAM, TODAY, "bookings.without_amount"].isdigit()
    assert shown[TEAM, "now", "stage_open.stages.default:offer.amount_minor"].endswith(" EUR")
    assert shown[TEAM, "90d", "pipeline_velocity.terms.avg_deal_size"].endswith(" EUR")
    lunch = f"rep:{REP}@north", TODAY, "phone_timeline.stretches.4"
    assert [shown[*lunch[:2], f"{lunch[2]}.{name}"] for name in ("state", "from_ms", "to_ms")] == [
        "break:lunch", "2025-11-03T11:00:00+00:00", "2025-11-03T12:00:00+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "bookings", "none"),
    [("EUR", "12,345.67 EUR", "0.00 EUR"), ("JPY", "1,234,567 JPY", "0 JPY"), ("KWD", "1,234.567 KWD", "0.000 KWD")],
)
async def test_money_null_zero_and_absent_are_told_apart(currency: str, bookings: str, none: str) -> None:
    """One deal won today for 1,234,567 minor units, and a call of yesterday; nobody ever heard of a lead."""
    company = event("company", "company", NOW - 2 * DAY, time_zone="Europe/Berlin", currency=currency)
    floor = Floor([*organisation(), company], now_ms=NOW)
    deal: dict[str, Any] = {
        "owner_id": "rep-01",
        "created_at": NOW - 1000,
        "amount_minor": 1_234_567,
        "currency": currency,
    }
    call: dict[str, Any] = {
        "rep_id": "rep-01",
        "direction": "outbound",
        "outcome": "no_answer",
        "started_at": NOW - DAY,
    }
    floor.at(NOW, event("deal", "d1", NOW, stage_id="won", **deal), event("call", "c1", NOW - DAY, **call))
    read = reader()
    shown = read.show(await written(floor))

    assert shown[TEAM, TODAY, "bookings.value"] == bookings
    assert shown[TEAM, TODAY, "bookings.n"] == "1"
    assert shown[TEAM, TODAY, "win_rate.value"] == "100.00 %"
    assert shown[TEAM, "day:2025-11-02", "bookings.value"] == none
    assert shown[TEAM, TODAY, "dials.value"] == "0"
    assert shown[TEAM, TODAY, "connect_rate.value"] == NOT_COMPUTED
    assert shown[TEAM, "day:2025-11-02", "connect_rate.value"] == "0.00 %"
    assert (TEAM, TODAY, "leads_created.value") not in shown
    assert (TEAM, TODAY, "open_deals.value") not in shown
    assert shown["company", TODAY, "bookings.value"] == bookings
    assert [(each["kind"], each["stage"]) for each in read.others] == [("cut", "scoreboard")]


def test_what_nothing_says_is_what_is_told_where_nothing_happened() -> None:
    """Counts are 0, quotients null: the schema holds it of every KPI, so that a named family can be spelled out."""
    named = kpi_schema()["properties"]["kpis"]["properties"]

    assert named["calls"]["nothing"] == {"value": 0}
    assert named["win_rate"]["nothing"] == {"value": None, "numerator": 0, "denominator": 0, "n": 0}
    assert named["bookings"]["nothing"] == {"value": 0, "n": 0, "without_amount": 0, "unconverted": 0}
    assert named["stage_entries"]["nothing"] == {"value": None, "stages": {}}
