"""Stalled deals: time alone makes them, working day by working day, in the scope's own days."""

from typing import Any

import pytest

from pipeline.organisation.working_time import WEEKDAYS
from pipeline.scores.board import BoardPolicy
from pipeline.scores.readings import Choice
from tests.unit.boards.logs import FactsLog, at, day, fold, scoreboard, values
from tests.unit.boards.standing_deals import on_days

NOON = at("2026-11-23 12:00")
TODAY = day("2026-11-23")
NOW = ("team:north", "now")


def _standing(*days: int) -> dict[str, int]:
    """A deal of 500 for each of these days before today, the last of them without an amount."""
    return on_days("untouched", *(TODAY - each for each in days))


def _taken(stage: Any, kpi: str = "stalled_deals") -> dict[tuple[str, str], Any]:
    return values(stage.board.take(slow=False), kpi)


def test_what_nobody_touched_for_ten_working_days_is_stalled() -> None:
    """Since the Sunday of a fortnight ago ten have begun, since the Monday nine; not what has a meeting ahead."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, _standing(-3, 13, 14, 20)))
    fold(stage, log.records)
    figure = next(each for each in stage.board.current() if (each.scope, each.window) == NOW)

    assert figure.kpis["stalled_deals"] == {"value": 2}
    assert figure.kpis["stalled_pipeline"] == {"value": 500, "n": 1, "without_amount": 1, "unconverted": 0}


def test_midnight_makes_a_deal_stalled_without_any_event() -> None:
    """In the team's zone: it is shown with the first record after that which carries the clock."""
    log, stage = FactsLog(), scoreboard()
    log.organise("team:north", {"time_zones": [[None, "Europe/Berlin"]]})
    log.add(NOON, ("north", "7", None, None, _standing(13, 30)))
    fold(stage, log.records)
    assert _taken(stage)[NOW] == 1

    fold(stage, [log.add(at("2026-11-23 23:59", "Europe/Berlin"))])
    assert NOW not in _taken(stage)
    fold(stage, [log.add(at("2026-11-24 00:00", "Europe/Berlin"))])
    assert _taken(stage)[NOW] == 2


def test_a_touch_takes_a_deal_out() -> None:
    """It stands under another day from then on."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, _standing(20, 30)))
    log.add(NOON, ("north", "7", None, None, {f"untouched:{TODAY - 20}": -1, f"untouched:{TODAY}": 1}))
    fold(stage, log.records)

    assert _taken(stage)[NOW] == 1


@pytest.mark.parametrize(("days", "stalled"), [(3, 3), (9, 2), (10, 1), (21, 1), (22, 0)])
def test_after_how_many_days_is_a_setting(days: int, stalled: int) -> None:
    """In working days, Monday to Friday. Figures carry it in their definition; what is scraped says the same."""
    log, stage = FactsLog(), scoreboard(policy=BoardPolicy(stalled_days=days))
    log.add(NOON, ("north", "7", None, None, _standing(5, 13, 30)))
    fold(stage, log.records)
    choice = Choice(["stalled_deals"], ["now"], reps=False)
    scope = next(scope for scope in stage.board.shown(reps=False) if scope.name == "team:north")

    assert _taken(stage)[NOW] == stalled
    assert [value for *_, value in choice.of(stage.board, scope)] == [stalled]
    same = stage.board.definition_version == scoreboard().board.definition_version
    assert same == (days == BoardPolicy().stalled_days)


def test_working_days_are_those_of_the_team_and_the_company_fills_in() -> None:
    """Told otherwise they count at once, for the reps of the team too: of its hours, without its holidays."""
    log, stage = FactsLog(), scoreboard(policy=BoardPolicy(stalled_days=3))
    log.add(NOON, ("north", "7", None, None, _standing(2, 3, 5)))
    fold(stage, log.records)
    assert _taken(stage)[NOW] == 1  # Wednesday: Thursday, Friday, and today.

    every_day: dict[str, Any] = {day: [["09:00", "17:00"]] for day in WEEKDAYS}
    fold(stage, [log.organise("company:company", {"time_zone": "UTC", "calendar": every_day})])
    taken = _taken(stage)
    assert (taken[NOW], taken["rep:7@north", "now"]) == (2, 2)  # Friday: Saturday, Sunday, and today.

    fold(stage, [log.organise("team:north", {"calendar": {**every_day, "friday": [], "saturday": []}})])
    assert _taken(stage)[NOW] == 1

    fold(stage, [log.organise("team:north", {"calendar": {**every_day, "holidays": "JP"}})])
    assert _taken(stage)[NOW] == 1  # 23 November is Labor Thanksgiving Day.


def test_the_oldest_lead_that_waits_ages_at_midnight() -> None:
    """In local days, 0 on its own; with the next one once it is tried, and null where none waits."""
    log, stage = FactsLog(), scoreboard()
    waiting = {"leads_waiting": 2, f"leads_waiting_since:{TODAY}": 1, f"leads_waiting_since:{TODAY - 4}": 1}
    log.add(NOON, ("north", "7", None, None, waiting))
    fold(stage, log.records)
    assert _taken(stage, "leads_waiting_oldest")[NOW] == 4

    fold(stage, [log.add(at("2026-11-24 00:00"))])
    assert _taken(stage, "leads_waiting_oldest")[NOW] == 5
    tried = {"leads_waiting": -1, f"leads_waiting_since:{TODAY - 4}": -1}
    fold(stage, [log.add(at("2026-11-24 00:01"), ("north", "7", None, None, tried))])
    assert _taken(stage, "leads_waiting_oldest")[NOW] == 1
    tried = {"leads_waiting": -1, f"leads_waiting_since:{TODAY}": -1}
    fold(stage, [log.add(at("2026-11-24 00:02"), ("north", "7", None, None, tried))])
    assert _taken(stage, "leads_waiting_oldest")[NOW] is None
    choice = Choice(["leads_waiting_oldest"], ["now"], reps=False)
    scope = next(scope for scope in stage.board.shown(reps=False) if scope.name == "team:north")
    assert list(choice.of(stage.board, scope)) == []
