"""Deals past their close: time alone makes them, in each scope's own days."""

from typing import Any

from pipeline.scores.readings import Choice
from tests.unit.boards.logs import FactsLog, at, day, fold, scoreboard, values
from tests.unit.boards.standing_deals import on_days

NOON = at("2026-11-23 12:00")
TODAY = day("2026-11-23")
NOW = ("team:north", "now")


def _closing(*ahead: int) -> dict[str, int]:
    """A deal of 500 for each of these days after today, the last of them without an amount."""
    return on_days("closing", *(TODAY + each for each in ahead))


def _taken(stage: Any, kpi: str = "past_close_deals") -> dict[tuple[str, str], Any]:
    return values(stage.board.take(slow=False), kpi)


def test_what_was_to_close_before_today_is_past_it() -> None:
    """Not what is to close today; what has no amount is told beside the others."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, _closing(4, 0, -1, -30)))
    fold(stage, log.records)
    figure = next(each for each in stage.board.current() if (each.scope, each.window) == NOW)

    assert figure.kpis["past_close_deals"] == {"value": 2}
    assert figure.kpis["past_close_pipeline"] == {"value": 500, "n": 1, "without_amount": 1, "unconverted": 0}


def test_midnight_makes_a_deal_past_its_close_without_any_event() -> None:
    """In the team's zone, for its reps too; what is scraped says the same."""
    log, stage = FactsLog(), scoreboard()
    log.organise("team:north", {"time_zones": [[None, "Europe/Berlin"]]})
    log.add(NOON, ("north", "7", None, None, _closing(0, 1, -30)))
    fold(stage, log.records)
    assert _taken(stage)[NOW] == 1

    fold(stage, [log.add(at("2026-11-23 23:59", "Europe/Berlin"))])
    assert NOW not in _taken(stage)
    fold(stage, [log.add(at("2026-11-24 00:00", "Europe/Berlin"))])
    taken = _taken(stage)
    assert (taken[NOW], taken["rep:7@north", "now"]) == (2, 2)

    choice = Choice(["past_close_deals"], ["now"], reps=False)
    scope = next(scope for scope in stage.board.shown(reps=False) if scope.name == "team:north")
    assert [value for *_, value in choice.of(stage.board, scope)] == [2]


def test_another_day_takes_a_deal_out() -> None:
    """It stands under that from then on; once all are, the figure is 0."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, {"open_deals": 1, f"closing:{TODAY - 3}": 1}))
    fold(stage, log.records)
    assert _taken(stage)[NOW] == 1

    fold(stage, [log.add(NOON, ("north", "7", None, None, {f"closing:{TODAY - 3}": -1, f"closing:{TODAY}": 1}))])
    assert _taken(stage)[NOW] == 0
