"""Where prospects stall, on a board: midnight and what is told of earlier days move it, events of today do not."""

from typing import Any

from pipeline.scores.stall import LOOKED_AT_DAYS
from schemas import facts
from tests.unit.boards.logs import FactsLog, at, day, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")
TODAY = day("2026-11-23")
NOW = ("team:north", "now")
STAGE = "default:offer"


def _left(when: int, deals: int, onward: int) -> facts.Cell:
    measures = {f"stage_once:{STAGE}~0": deals, f"stage_left_on:{STAGE}": onward}
    return ("north", "7", when, None, {name: amount for name, amount in measures.items() if amount})


def _floor() -> tuple[FactsLog, Any]:
    """Five of ten went on each day; of those of the last 28 days before today two."""
    log, stage = FactsLog(), scoreboard()
    days = range(TODAY - LOOKED_AT_DAYS, TODAY)
    log.add(NOON, *(_left(each, 10, 2 if each >= TODAY - 28 else 5) for each in days))
    fold(stage, log.records)
    return log, stage


def _told(stage: Any) -> dict[str, Any] | None:
    """What is taken of the team's stall, with slow figures; None where none is."""
    assert not any("stage_stall" in each.fresh for each in stage.board.take(slow=False))
    figures = [each for each in stage.board.take(slow=True) if (each.scope, each.window) == NOW]
    return next((each.kpis["stage_stall"] for each in figures if "stage_stall" in each.fresh), None)


def test_the_stage_is_named_for_the_team_and_for_no_rep() -> None:
    """With the figures of the last 28 days, and what is usual."""
    _, stage = _floor()
    told = {each.scope: each.kpis for each in stage.board.current() if each.window == "now"}

    assert told["team:north"]["stage_stall"]["stages"][STAGE]["conversion"] == 0.2
    assert "stage_stall" not in told["rep:7@north"]


def test_events_of_today_leave_it_alone() -> None:
    """They come in at midnight; so a day's events cost nothing for it."""
    log, stage = _floor()
    _told(stage)
    fold(stage, [log.add(NOON, _left(TODAY, 400, 0))])
    assert _told(stage) is None

    fold(stage, [log.add(at("2026-11-24 00:00"))])
    told = _told(stage)
    assert told is not None
    assert told["stages"][STAGE]["n"] == 270 + 400


def test_what_comes_late_changes_it_at_once() -> None:
    """From the first day on that has a part in it; in the state too, as a restart reads it."""
    log, stage = _floor()
    _told(stage)
    fold(stage, [log.add(NOON, _left(TODAY - LOOKED_AT_DAYS - 1, 5, 5))])
    assert _told(stage) is None
    fold(stage, [log.add(NOON, _left(TODAY - 1, 0, 8))])
    told = _told(stage)
    assert told is not None
    assert told["stages"][STAGE]["conversion"] == (27 * 2 + 10) / 280

    again = scoreboard(store=reread(stage.store))
    for _ in again.restore():
        pass
    assert next(
        each.kpis["stage_stall"] for each in again.board.current() if (each.scope, each.window) == NOW
    ) == told  # fmt: skip
