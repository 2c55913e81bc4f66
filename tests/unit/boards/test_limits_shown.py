"""The limits of a team's rules as they stand beside its figures. The 23rd is a Monday."""

import json

from pipeline.alerts.team_limits import LIMITING
from pipeline.scores.kpis import BY_NAME
from tests.unit.boards.logs import at
from tests.unit.boards.test_special_days_shown import Floor

NOON = at("2026-11-23 12:00")


def limits(floor: Floor) -> dict[str, float]:
    """As they are now."""
    text = floor.board.beside("team:north").limits
    return json.loads(text) if text else {}


def test_a_limit_is_told_at_once_in_the_unit_of_its_kpi_and_taken_back() -> None:
    """A share of 80 %, two leads, its own before those of all; none of a rule that is off, nor of another team."""
    floor = Floor()
    floor.organise("alert_rule:a", rule="service_level", limit_percent=80)
    assert (floor.board.take_regrouped(), limits(floor)) == (["team:north"], {"service_level_20s": 0.8})

    floor.organise("alert_rule:b", rule="waiting_leads", team_id="north", limit_count=2)
    floor.organise("alert_rule:c", rule="service_level", team_id="north", limit_percent=70)
    floor.organise("alert_rule:d", rule="waiting_leads", team_id="south", limit_count=3)
    assert limits(floor) == {"leads_waiting": 2, "service_level_20s": 0.7}

    floor.organise("alert_rule:c", rule="service_level", team_id="north", enabled=False)
    assert limits(floor) == {"leads_waiting": 2}
    floor.organise("alert_rule:b")
    assert floor.board.beside("team:north").limits == ""


def test_a_limit_is_told_of_a_kpi_in_the_same_unit() -> None:
    """How long somebody waits is held against seconds, and how many wait is no such figure."""
    assert {kpi: BY_NAME[kpi].unit for kpi in LIMITING} == {kpi: rule.unit for kpi, rule in LIMITING.items()}
    assert not any(rule.kind == "longest_wait" for rule in LIMITING.values())


def test_a_limit_that_begins_later_is_told_within_a_quarter_of_an_hour() -> None:
    """From ten past one on: the quarter after that tells it, unasked."""
    floor = Floor()
    floor.organise("alert_rule:a", rule="abandoned_calls", limit_percent=5, valid_from=NOON + 70 * 60_000)
    assert (floor.board.take_regrouped(), limits(floor)) == ([], {})

    floor.go_on_to(NOON + 75 * 60_000)
    assert (floor.board.take_regrouped(), limits(floor)) == (["team:north"], {"abandon_rate": 0.05})
