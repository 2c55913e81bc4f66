"""What a team did in the 28 days before today, beside the 152 before: deals won, deals that went on from a stage."""

from typing import Any

import pytest

from schemas import facts
from tests.unit.alerts.test_limit import MINUTE, NINE, Queue, only
from tests.unit.boards.logs import day, scoreboard

TODAY = day("2026-11-23")
RECENT = TODAY - 1
BEFORE = TODAY - 29
STAGE = "default:offer"


def floor(*done: tuple[int, dict[str, int]], **rule: Any) -> Queue:
    """Team north, and what its rep did on some days."""
    found = Queue(**rule)
    cells: list[facts.Cell] = [
        ("north", "7", when, None, {name: count for name, count in measures.items() if count})
        for when, measures in done
    ]
    found.log.add(NINE - MINUTE, *cells, feeds={"dialer": NINE - MINUTE})
    return found


def closed(when: int, won: int, lost: int) -> tuple[int, dict[str, int]]:
    """Deals that were closed on a day."""
    return when, {"won": won, "lost": lost}


def left(when: int, deals: int, onward: int, stage: str = STAGE) -> tuple[int, dict[str, int]]:
    """Deals that left a stage on a day."""
    return when, {f"stage_once:{stage}~0": deals, f"stage_left_on:{stage}": onward}


def test_a_win_rate_that_fell_is_told_within_an_hour_of_work() -> None:
    """40 of 100 before. By Fisher's test so few as 1 of 25 has a chance of 0.0002, so few as 2 one of 0.0014."""
    queue = floor(closed(BEFORE, 40, 60), closed(RECENT, 1, 24)).go_on(62)
    assert queue.told() == [("win_rate_dropped", "open")]
    alert = only(queue.board)
    assert (alert.seen, alert.expected, alert.unit, alert.kpi, alert.window, alert.stage) == (
        1 / 25, 0.4, "ratio", "win_rate", "28d", None,
    )  # fmt: skip
    assert alert.since_ms == NINE - 9 * 60 * MINUTE - 28 * 24 * 60 * MINUTE

    assert floor(closed(BEFORE, 40, 60), closed(RECENT, 2, 23)).go_on(62).told() == []


@pytest.mark.parametrize(
    ("before", "recent"),
    [
        (closed(BEFORE, 40, 60), closed(RECENT, 0, 19)),
        (closed(BEFORE, 40, 19), closed(RECENT, 0, 25)),
        (closed(BEFORE - 152, 40, 60), closed(RECENT, 0, 25)),
        (closed(BEFORE, 40, 60), closed(TODAY, 0, 25)),
    ],
    ids=["19 of late", "59 before", "half a year ago", "today"],
)
def test_nothing_is_said_of_samples_that_are_too_small(
    before: tuple[int, dict[str, int]], recent: tuple[int, dict[str, int]]
) -> None:
    """Twenty of late and sixty before are needed, of the 180 days before today."""
    assert floor(before, recent).go_on(62).told() == []


def test_the_bounds_of_both_spans_are_those_days() -> None:
    """The first day of either still counts."""
    assert floor(closed(TODAY - 180, 40, 60), closed(TODAY - 28, 0, 25)).go_on(62).told() == [
        ("win_rate_dropped", "open")
    ]


def test_it_is_over_once_chance_explains_it_and_a_switch_turns_it_off() -> None:
    """Deals that were told late make it 5 of 29, which has a chance of more than 0.01."""
    queue = floor(closed(BEFORE, 40, 60), closed(RECENT, 1, 24)).go_on(62)
    assert queue.told() == [("win_rate_dropped", "open")]
    late: facts.Cell = ("north", "7", RECENT, None, {"won": 4})
    queue.log.add(NINE + 62 * MINUTE, late, feeds={"dialer": NINE + 62 * MINUTE})
    assert queue.go_on(62).told() == [("win_rate_dropped", "resolved")]

    off = {"rule": "win_rate_dropped", "enabled": False}
    assert floor(closed(BEFORE, 40, 60), closed(RECENT, 1, 24), **off).go_on(62).told() == []


def test_the_stage_is_named_from_which_fewer_go_on() -> None:
    """From offer 4 % instead of 40 %; what nobody declares is no stage; the other stage fell less."""
    queue = floor(
        left(BEFORE, 100, 40), left(RECENT, 25, 1),
        left(BEFORE, 100, 40, "default:unassigned"), left(RECENT, 25, 0, "default:unassigned"),
        left(BEFORE, 100, 40, "default:new"), left(RECENT, 100, 24, "default:new"),
    ).go_on(62)  # fmt: skip

    assert queue.told() == [("conversion_dropped", "open")]
    alert = only(queue.board)
    assert (alert.stage, alert.seen, alert.expected, alert.kpi) == (STAGE, 0.04, 0.4, "stage_progress")


def steady(onward: int) -> list[tuple[int, dict[str, int]]]:
    """Ten deals a day, of which four, five and six go on by turns; of late so many."""
    days = range(TODAY - 207, TODAY)
    return [left(each, 10, onward if each >= TODAY - 28 else 4 + each % 3) for each in days]


def test_a_stall_is_told_five_deviations_away_and_is_over_below_three() -> None:
    """Of late 40 % went on instead of half, where the deviations are of a few points at most; half is no stall."""
    far = floor(*steady(4)).go_on(62)
    assert ("prospects_stall", "open") in far.told()
    alert = next(each for each in far.board.open_alerts() if each.kind == "prospects_stall")
    assert (alert.stage, alert.unit, alert.kpi, alert.window) == (STAGE, "deviations", "stage_stall", "now")
    assert alert.seen >= 5 == alert.expected

    assert floor(*steady(5)).go_on(62).told() == []


def test_a_restart_tells_nobody_twice() -> None:
    """The alert, and the stage that it is about, are part of the state."""
    queue = floor(left(BEFORE, 100, 40), left(RECENT, 25, 1)).go_on(62)
    assert queue.told() == [("conversion_dropped", "open")]
    queue.board = scoreboard(queue.board.store)
    assert queue.go_on(62).told() == []
    assert only(queue.board).stage == STAGE
