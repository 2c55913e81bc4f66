"""The scoreboard: facts in, figures of teams and reps out."""

import pytest

from tests.unit.stages.logs import FactsLog, at, cell, day, fold, reread, scoreboard, values

MONDAY = at("2026-11-23 10:00")


@pytest.fixture
def log() -> FactsLog:
    """An empty facts log."""
    return FactsLog()


def test_a_call_counts_in_every_current_window_of_team_and_rep(log: FactsLog) -> None:
    """A call just now is in each rolling and calendar window of its team and of its rep."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])

    figures = [*board.board.take(slow=False), *board.board.take(slow=True)]

    windows = ["5m", "15m", "1h", "8h", "24h", "day:2026-11-23", "week:2026-W48", "month:2026-11"]
    windows += ["quarter:2026-Q4", "year:2026", "90d"]
    assert values(figures) == {(s, w): 1 for s in ("team:north", "rep:7@north") for w in windows}


def test_what_was_taken_is_taken_once(log: FactsLog) -> None:
    """Figures that did not change again are not taken again."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])
    board.board.take(slow=False)
    board.board.take(slow=True)

    assert board.board.take(slow=False) == board.board.take(slow=True) == []


def test_rolling_windows_decay_without_events(log: FactsLog) -> None:
    """A rolling window holds its full minutes and the running one, and falls to 0 by the clock alone.

    minute   600 ... 605   606
    call       x
    5m       [---------]          605 still holds it
                [---------]       606 does not
    """
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])
    board.board.take(slow=False)

    fold(board, [log.add(MONDAY + 5 * 60_000)])
    assert values(board.board.take(slow=False)) == {}
    fold(board, [log.add(MONDAY + 6 * 60_000)])
    assert values(board.board.take(slow=False)) == {("team:north", "5m"): 0, ("rep:7@north", "5m"): 0}


def test_a_retraction_takes_back(log: FactsLog) -> None:
    """A negative cell takes back what was counted, in every window."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1, dials=1))])
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=-1, dials=-1))])

    assert set(values(board.board.current()).values()) == {0}


def test_a_change_in_the_past_publishes_the_windows_that_are_over(log: FactsLog) -> None:
    """An event of last year changes that year's windows, which are restated long after their end."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", at("2025-05-06 12:00"), calls=1))])

    figures = [f for f in board.board.take(slow=True) if f.scope == "team:north" and not f.current]

    assert {f.window: (f.kpis["calls"]["value"], f.state) for f in figures} == {
        "day:2025-05-06": (1, "restated"),
        "week:2025-W19": (1, "restated"),
        "month:2025-05": (1, "restated"),
        "quarter:2025-Q2": (1, "restated"),
        "year:2025": (1, "restated"),
    }


def test_the_new_day_begins_with_zeros(log: FactsLog) -> None:
    """At local midnight the new day is published as 0 and yesterday is no longer current."""
    log.organise("company:company", {"time_zone": "Europe/Berlin"})
    evening = at("2026-11-23 23:30", "Europe/Berlin")
    log.add(evening, cell("north", "7", evening, "Europe/Berlin", calls=1))
    board = scoreboard()
    fold(board, log.records)
    board.board.take(slow=False)
    board.board.take(slow=True)

    fold(board, [log.add(at("2026-11-24 00:00", "Europe/Berlin"))])

    assert values(board.board.take(slow=False))["team:north", "day:2026-11-24"] == 0
    slow = {f.window: f for f in board.board.take(slow=True) if f.scope == "team:north"}
    assert (slow["day:2026-11-23"].current, slow["day:2026-11-23"].state) == (False, "provisional")
    assert slow["week:2026-W48"].kpis["calls"]["value"] == 1


def test_a_window_is_published_again_when_it_becomes_final(log: FactsLog) -> None:
    """24 hours after its end a day is final, and says so without any event."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1)), log.add(at("2026-11-24 00:00"))])
    board.board.take(slow=True)

    fold(board, [log.add(at("2026-11-25 00:00"))])

    monday = [f for f in board.board.take(slow=True) if f.window == "day:2026-11-23"]
    assert [(f.scope, f.state) for f in monday] == [("rep:7@north", "final"), ("team:north", "final")]


def test_what_is_re_sent_is_dropped(log: FactsLog) -> None:
    """An entry at or before the last position applied from its origin changes nothing."""
    first = log.add(MONDAY, cell("north", "7", MONDAY, calls=1))
    assert first.value is not None
    log.append(first.value)
    board = scoreboard()

    fold(board, log.records)

    assert values(board.board.current())["team:north", "day:2026-11-23"] == 1


def test_a_restored_board_shows_the_same(log: FactsLog) -> None:
    """What another worker reads from the state gives the same current figures."""
    log.add(MONDAY, cell("north", "7", MONDAY, calls=1), cell("north", "", MONDAY, offered=1, abandoned=1))
    log.add(
        MONDAY,
        ("north", "8", None, None, {"open_deals": 2}),
        ("company", "", day("2026-11-20"), None, {"cost_minor": 5}),
    )
    board = scoreboard()
    fold(board, log.records)

    again = scoreboard(reread(board.store))

    assert list(again.board.current()) == list(board.board.current())


def test_the_companys_own_cost_belongs_to_no_team(log: FactsLog) -> None:
    """Cost of the whole company is a part for the company and a figure of no team."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, ("company", "", day("2026-11-20"), None, {"cost_minor": 500}))])

    assert list(board.board.current()) == []
    assert len(board.take_parts()) == 1
