"""Alerts of silent reps, teams and feeds, from facts alone."""

import pytest

from pipeline.alerts.alert_book import AlertBook
from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.rule import Reason
from pipeline.alerts.silent_rep import SILENT_REP
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.state_keys import ALERT
from pipeline.kernel.store import Store
from pipeline.organisation.working_time import calendar_version
from tests.unit.boards.logs import FactsLog, at, cell, fold, reread, scoreboard

NINE = at("2026-11-23 09:00")
MINUTE = 60_000
AT_ONCE = AlertPolicy(feed_known_days=0)
"""A feed is expected from its first word on."""


@pytest.fixture
def log() -> FactsLog:
    """A facts log that begins with a team of two reps who work on weekdays from nine to five."""
    log = FactsLog()
    log.employ("north", "7", "8")
    return log


def live(log: FactsLog, start_ms: int, minutes: int, *reps: str, source: str = "dialer") -> None:
    """Minutes in which the feed is alive and each of the reps has an activity."""
    for minute in range(minutes):
        now_ms = start_ms + minute * MINUTE
        cells = [cell("north", rep, now_ms, activities=1, calls=1) for rep in reps]
        log.add(now_ms, *cells, feeds={source: now_ms})


def nothing(_: str) -> None:
    """What people said of any alert."""


def told(board: Scoreboard) -> list[tuple[str, bool]]:
    """The alerts taken, and whether they are open."""
    return [(alert.id, alert.resolved_ms is None) for alert in board.take_alerts()]


def test_a_silent_rep_is_told_once_and_resolved_when_activity_returns(log: FactsLog) -> None:
    """An hour of working time without activity opens an alert; the next activity resolves it."""
    board = scoreboard()
    live(log, NINE, 10, "7", "8")
    live(log, NINE + 10 * MINUTE, 59, "8")
    fold(board, log.records)
    assert told(board) == []

    live(log, NINE + 69 * MINUTE, 5, "8")
    fold(board, log.records[-5:])
    assert told(board) == [("silent_rep:rep:7@north", True)]
    (alert,) = board.open_alerts()
    assert (alert.since_ms, alert.seen, alert.expected, alert.unit) == (NINE + 10 * MINUTE, 60, 60, "working_minutes")
    assert (alert.state, alert.rule_version, alert.kpi, alert.window) == ("open", 1, None, None)

    live(log, NINE + 74 * MINUTE, 1, "7", "8")
    fold(board, log.records[-1:])
    assert told(board) == [("silent_rep:rep:7@north", False)]
    assert board.open_alerts() == []


def test_nobody_is_silent_after_work(log: FactsLog) -> None:
    """Only working minutes count: after an evening and a night the next morning begins where the day ended."""
    board = scoreboard()
    live(log, at("2026-11-23 16:30"), 25, "7", "8")
    live(log, at("2026-11-24 09:00"), 55)
    fold(board, log.records)
    assert told(board) == []

    live(log, at("2026-11-24 09:55"), 1)
    fold(board, log.records[-1:])

    assert [alert for alert, _ in told(board)] == [
        "silent_rep:rep:7@north", "silent_rep:rep:8@north", "silent_team:team:north",
    ]  # fmt: skip


def test_a_silent_feed_is_told_instead_of_its_reps(log: FactsLog) -> None:
    """When the feed itself is silent there is one alert, of the feed; its reps' time starts anew when it is back."""
    board = scoreboard(alerts=AT_ONCE)
    live(log, NINE, 10, "7", "8")
    for minute in range(10, 180):
        log.add(NINE + minute * MINUTE)
    fold(board, log.records)
    assert told(board) == [("feed_silent:feed:dialer", True)]

    live(log, NINE + 180 * MINUTE, 59)
    fold(board, log.records[-59:])
    assert told(board) == [("feed_silent:feed:dialer", False)]


def test_a_feed_that_was_given_up_is_forgotten(log: FactsLog) -> None:
    """Five working days later, a weekend not counted, nobody expects it: its alert is resolved, the rest goes on."""
    board = scoreboard(alerts=AT_ONCE)
    live(log, NINE, 1, "7", source="export")
    live(log, NINE + MINUTE, 30, "7", "8")
    fold(board, log.records)
    assert told(board) == [("feed_silent:feed:export", True)]

    for day in ("24", "25", "26", "27", "30"):
        live(log, at(f"2026-11-{day} 09:00"), 5, "7", "8")
    fold(board, log.records[-25:])
    assert told(board) == []

    live(log, at("2026-12-01 09:00"), 5, "7", "8")
    fold(board, log.records[-5:])

    assert told(board) == [("feed_silent:feed:export", False)]
    assert board.feeds().keys() == {"dialer"}


def test_whoever_joined_lately_is_given_time(log: FactsLog) -> None:
    """Who joins in the middle of the day is not silent for the hours before."""
    board = scoreboard()
    log.organise("rep:9", {"active": True})
    joins = {"rep_id": "9", "team_id": "north", "valid_from": NINE + 120 * MINUTE}
    log.organise("membership:9", joins)
    live(log, NINE, 179, "7", "8")
    fold(board, log.records)
    assert told(board) == []

    live(log, NINE + 179 * MINUTE, 2, "7", "8")
    fold(board, log.records[-2:])

    assert told(board) == [("silent_rep:rep:9@north", True)]


def test_a_rep_who_left_is_silent_without_an_alert(log: FactsLog) -> None:
    """An alert is resolved when the rep has left; nobody watches them any more."""
    board = scoreboard()
    live(log, NINE, 5, "7", "8")
    live(log, NINE + 5 * MINUTE, 70, "8")
    fold(board, log.records)
    assert told(board) == [("silent_rep:rep:7@north", True)]

    left = [log.organise("rep:7", {"active": False}), log.add(NINE + 75 * MINUTE, feeds={"dialer": NINE + 75 * MINUTE})]
    fold(board, left)

    assert told(board) == [("silent_rep:rep:7@north", False)]


def test_an_absence_resolves_the_alert_that_is_open(log: FactsLog) -> None:
    """Told at eleven that the rep is sick all day; nobody is missed then, until the rep is back and silent again."""
    board = scoreboard()
    live(log, NINE, 5, "7", "8")
    live(log, NINE + 5 * MINUTE, 70, "8")
    fold(board, log.records)
    assert told(board) == [("silent_rep:rep:7@north", True)]

    today = NINE // 86_400_000 + 719_163
    fold(board, [log.organise("absence:a", {"rep_id": "7", "kind": "sick", "first_day": today, "last_day": today})])
    (alert,) = board.take_alerts()
    assert (alert.id, alert.ending) == ("silent_rep:rep:7@north", "absent")
    assert "7" in board.beside("team:north").ranked
    assert board.take_regrouped() == ["team:north"]
    assert board.beside("team:north").absent == {"7"}

    live(log, NINE + 75 * MINUTE, 400, "8")
    live(log, NINE + 1440 * MINUTE, 60, "8")
    fold(board, log.records[-460:])
    assert told(board) == []
    live(log, NINE + 1500 * MINUTE, 1, "8")
    fold(board, log.records[-1:])
    assert told(board) == [("silent_rep:rep:7@north", True)]
    assert board.open_alerts()[0].since_ms == NINE + 900 * MINUTE


def test_an_absence_that_begins_by_itself_resolves_too(log: FactsLog) -> None:
    """From half past ten on the rep is at the doctor's, as was told in the morning; another worker knows it as well."""
    board = scoreboard()
    log.organise("absence:a", {"rep_id": "7", "starts_at": NINE + 90 * MINUTE, "ends_at": NINE + 150 * MINUTE})
    live(log, NINE, 5, "7", "8")
    live(log, NINE + 5 * MINUTE, 84, "8")
    fold(board, log.records)
    assert told(board) == [("silent_rep:rep:7@north", True)]

    again = scoreboard(reread(board.store))
    live(log, NINE + 90 * MINUTE, 1, "8")
    for each in (board, again):
        fold(each, log.records[-1:])
        assert [(alert.id, alert.ending) for alert in each.take_alerts()] == [("silent_rep:rep:7@north", "absent")]


def test_a_team_is_not_silent_while_all_are_absent(log: FactsLog) -> None:
    """Nor at work. Once one is back in the afternoon the team has its hour from then on."""
    board = scoreboard()
    for rep in "78":
        log.organise(f"absence:{rep}", {"rep_id": rep, "starts_at": NINE, "ends_at": NINE + 240 * MINUTE})
    log.organise("absence:8", {"rep_id": "8", "starts_at": NINE})
    live(log, NINE, 240)
    fold(board, log.records)
    assert told(board) == []
    assert board.working() == {}

    log.add(NINE + 240 * MINUTE, cell("north", "7", NINE - MINUTE, activities=1), feeds={"dialer": NINE + 240 * MINUTE})
    live(log, NINE + 241 * MINUTE, 59)
    fold(board, log.records[-60:])
    assert told(board) == []
    assert board.working() == {"team:north": True}
    live(log, NINE + 300 * MINUTE, 1)
    fold(board, log.records[-1:])
    assert told(board) == [("silent_rep:rep:7@north", True), ("silent_team:team:north", True)]

    fold(board, [log.organise("absence:7", {"rep_id": "7", "starts_at": NINE})])
    resolved = board.take_alerts()
    assert [(alert.kind, alert.ending) for alert in resolved] == [
        ("silent_rep", "absent"), ("silent_team", "absent"),
    ]  # fmt: skip
    assert board.working() == {"team:north": False}


def test_nobody_is_missed_before_being_hired_or_after_leaving(log: FactsLog) -> None:
    """Rep 7 begins tomorrow and rep 8 left yesterday: neither is silent, and ranks show neither."""
    today = NINE // 86_400_000 + 719_163
    log.organise("rep:7", {"active": True, "hired_on": today + 1})
    log.organise("rep:8", {"active": True, "left_on": today - 1})
    board = scoreboard()
    live(log, NINE, 200, "7")
    fold(board, log.records)
    assert told(board) == []
    assert board.beside("team:north").ranked == frozenset()

    live(log, NINE + 1440 * MINUTE, 1, "8")
    fold(board, log.records[-1:])
    assert board.take_regrouped() == ["team:north"]
    assert board.beside("team:north").ranked == {"7"}


def test_a_team_without_a_calendar_is_not_watched(log: FactsLog) -> None:
    """Without working hours nobody can be silent in them."""
    log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    board = scoreboard()
    live(log, NINE, 1, "7", "8")
    live(log, NINE + MINUTE, 200)
    fold(board, log.records)

    assert told(board) == []


def test_alerts_survive_a_restart(log: FactsLog) -> None:
    """Another worker knows the open alerts, and can take again what changed after a position."""
    board = scoreboard()
    live(log, NINE, 5, "7", "8")
    live(log, NINE + 5 * MINUTE, 70, "8")
    fold(board, log.records)

    again = scoreboard(reread(board.store))

    assert again.open_alerts() == board.open_alerts() != []
    assert told(again) == []
    list(again.board.marking.since(0))
    assert told(again) == [("silent_rep:rep:7@north", True)]


def test_an_alert_says_by_which_calendar_it_opened(log: FactsLog) -> None:
    """Another release of the holidays shapes what opens from then on; what is open keeps what it was counted with."""
    board = scoreboard()
    live(log, NINE, 10, "7", "8")
    live(log, NINE + 10 * MINUTE, 70, "8")
    fold(board, log.records)
    assert [alert.calendar_version for alert in board.open_alerts()] == [calendar_version()]

    store = Store()
    told_of = Reason(0, 60, 60)
    AlertBook(store, "holidays 1", nothing).open(SILENT_REP, "rep:7@north", "team:north", NINE, told_of, 1)
    later = AlertBook(store, "holidays 2", nothing)
    later.restore(store.items(ALERT))
    later.open(SILENT_REP, "rep:8@north", "team:north", NINE, told_of, 2)
    later.resolve("silent_rep:rep:7@north", NINE + MINUTE, 3, "activity")
    list(later.marking_since(None))
    assert [alert.calendar_version for alert in later.take(1)] == ["holidays 1", "holidays 2"]


def test_a_rule_is_tuned_for_a_team_from_an_instant_on(log: FactsLog) -> None:
    """Reps of the team may be silent for ninety minutes from ten o'clock on; the team still for an hour."""
    told_rule = {"rule": "silent_rep", "team_id": "north", "limit_minutes": 90, "valid_from": NINE + 60 * MINUTE}
    log.organise("alert_rule:north", told_rule)
    board = scoreboard()
    live(log, NINE, 10, "7", "8")
    live(log, NINE + 10 * MINUTE, 89)
    fold(board, log.records)
    assert told(board) == [("silent_team:team:north", True)]

    live(log, NINE + 99 * MINUTE, 3)
    fold(board, log.records[-3:])
    assert told(board) == [("silent_rep:rep:7@north", True), ("silent_rep:rep:8@north", True)]


def test_a_rule_that_is_switched_off_resolves_what_is_open_and_opens_nothing(log: FactsLog) -> None:
    """For the time for which it is off; once it is on again silence counts as if it had been all along."""
    board = scoreboard()
    live(log, NINE, 10, "7", "8")
    live(log, NINE + 10 * MINUTE, 65, "8")
    fold(board, log.records)
    assert told(board) == [("silent_rep:rep:7@north", True)]

    off = [log.organise("alert_rule:all", {"rule": "silent_rep", "enabled": False})]
    live(log, NINE + 75 * MINUTE, 20, "8")
    fold(board, [*off, *log.records[-20:]])
    assert told(board) == [("silent_rep:rep:7@north", False)]

    on = [log.organise("alert_rule:all", None)]
    live(log, NINE + 95 * MINUTE, 2, "8")
    fold(board, [*on, *log.records[-2:]])
    assert told(board) == [("silent_rep:rep:7@north", True)]


def test_a_feed_whose_rule_is_off_hides_its_reps_without_an_alert(log: FactsLog) -> None:
    """Nobody is told of the feed, and its reps are still not taken for silent; switched on, it is told."""
    log.organise("alert_rule:feeds", {"rule": "feed_silent", "enabled": False})
    board = scoreboard(alerts=AT_ONCE)
    live(log, NINE, 10, "7", "8")
    for minute in range(10, 180):
        log.add(NINE + minute * MINUTE)
    fold(board, log.records)
    assert told(board) == []

    on = [log.organise("alert_rule:feeds", {"rule": "feed_silent", "enabled": True}), log.add(NINE + 180 * MINUTE)]
    fold(board, on)
    assert told(board) == [("feed_silent:feed:dialer", True)]

    off = [log.organise("alert_rule:feeds", {"rule": "feed_silent", "enabled": False}), log.add(NINE + 181 * MINUTE)]
    fold(board, off)
    assert told(board) == [("feed_silent:feed:dialer", False)]
