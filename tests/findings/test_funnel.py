"""Stages, processes and merges of deals."""

from typing import Any

import pytest

from pipeline.views.overview import funnel
from pipeline.views.readings import Reading, WindowReading
from tests.findings.floor import NOW, TODAY, Floor, deal
from tests.unit.ledger.world import DAY, HOUR, event


def stages(floor: Floor, kpi: str) -> dict[str, Any]:
    """What a KPI of the funnel says of each stage today."""
    return floor.figures()["team:north", TODAY, kpi]["stages"]  # type: ignore[no-any-return]


def six_closed() -> Floor:
    """Five deals won, one lost, all within a day."""
    won = [deal(f"d{n}", NOW, "won", amount_minor=100_00) for n in range(5)]
    return Floor().at(NOW, *won, deal("l", NOW, "lost"))


def test_two_deals_merged_into_each_other_are_one() -> None:
    """A into b, and later b into a: a is left."""
    merged = [
        event("deal", "a", NOW - 2, verb="merged", into="b"),
        event("deal", "b", NOW - 1, verb="merged", into="a"),
    ]

    assert (
        Floor().at(NOW, deal("a", NOW - 3, "new"), deal("b", NOW - 3, "new"), *merged).value("now", "open_deals") == 1
    )


def test_a_renamed_stage_reopens_nothing() -> None:
    """Three wins stay three wins of 300 EUR when `won` gets another id."""
    floor = Floor().at(NOW, *(deal(f"d{n}", NOW, "won", amount_minor=100_00) for n in range(3)))
    renamed = [{"id": "new"}, {"id": "closed-won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
    floor.at(NOW + HOUR, event("process", "default", NOW + HOUR, stages=renamed))

    assert floor.value(TODAY, "won") == 3
    assert floor.value(TODAY, "bookings") == 300_00
    assert not floor.value("now", "open_deals")


def test_a_deal_that_changes_its_process_keeps_its_history() -> None:
    """It entered `new` of the one and then `start` of the other, and nothing else."""
    floor = Floor().at(NOW, deal("d", NOW - 3, "new", process_id="default"))
    other = event("process", "p2", 1000, stages=[{"id": "start"}, {"id": "won", "kind": "won"}])
    floor.at(NOW + HOUR, other, event("deal", "d", NOW + HOUR, process_id="p2", stage_id="start"))
    entered = {name: said["value"] for name, said in stages(floor, "stage_entries").items()}

    assert entered == {"default:new": 1, "p2:start": 1}


def test_closing_stages_have_no_conversion() -> None:
    """Nothing comes after won or lost."""
    assert stages(six_closed(), "stage_conversion").keys() & {"default:won", "default:lost"} == set()


def test_entries_have_no_total_over_stages() -> None:
    """Six deals are in no sense the 21 entries that they made."""
    assert six_closed().figures()["team:north", TODAY, "stage_entries"].get("value") is None


@pytest.mark.parametrize("entered_this_year", [True, False])
def test_the_funnel_is_in_the_order_of_its_process(entered_this_year: bool) -> None:
    """new, qualified, offer; whatever the counts are, and on the first day of a fiscal year too."""
    began = [deal(f"d{n}", NOW - HOUR, "new", created_at=NOW - DAY) for n in range(6)]
    lost = [event("deal", f"d{n}", NOW, stage_id="lost") for n in range(5)]
    figures = Floor().at(NOW, *began, *lost, event("deal", "d5", NOW, stage_id="offer")).figures()
    shown = {"now": "now", "day": TODAY} | ({"year": "year:2025"} if entered_this_year else {})
    windows = {
        kind: WindowReading(
            window, "", 0, {k: v for (s, w, k), v in figures.items() if (s, w) == ("team:north", window)}
        )
        for kind, window in shown.items()
    }
    order = [stage.id for stage in funnel(Reading("team:north", "team:north", "EUR", windows), "day")]

    assert [stage for stage in order if stage not in ("won", "lost")] == ["new", "qualified", "offer"]
