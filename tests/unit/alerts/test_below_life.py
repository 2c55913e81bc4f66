"""Alerts of who is far below the usual, or below the team, from facts alone. The 23rd is a Monday."""

import pytest

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from tests.unit.alerts.test_alert_evaluator import told
from tests.unit.boards.logs import FactsLog, at, cell, day, fold, reread, scoreboard

NINE = at("2026-11-23 09:00")
NEVER = AlertPolicy(silence_minutes=10_000)
"""Nobody is silent: only what is asked about here opens."""
USUAL = "below_usual:rep:7@north"


class Floor:
    """Reps of team north, who work on weekdays from nine to five; a feed is heard every minute."""

    def __init__(self, *reps: str) -> None:
        self.log = FactsLog()
        self.log.employ("north", *reps)
        self.log.add(NINE - HOUR_MS)
        self.board = scoreboard(alerts=NEVER)
        fold(self.board, self.log.records)

    def done(self, now_ms: int, rep: str, count: int, when_ms: int) -> None:
        """A rep did so much, which is told now."""
        fold(self.board, [self.log.add(now_ms, cell("north", rep, when_ms, activities=count))])

    def say(self, subject: str, record: dict[str, object]) -> None:
        """The organisation tells something."""
        fold(self.board, [self.log.organise(subject, record)])

    def endings(self, now_ms: int) -> dict[str, str | None]:
        """A minute passes in which nothing happens. Why each alert was resolved with it."""
        fold(self.board, [self.log.add(now_ms, cell("north", "", now_ms, calls=1), feeds={"dialer": now_ms})])
        return {alert.id: alert.ending for alert in self.board.take_alerts() if not alert.is_open}

    def until(self, end_ms: int, **each: int) -> list[tuple[str, bool]]:
        """Minutes pass; each rep does so much in every quarter of an hour. The alerts that changed."""
        found = []
        for now_ms in range(self.board.board.now_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS, end_ms + 1, MINUTE_MS):
            busy = each.items() if now_ms % (15 * MINUTE_MS) == MINUTE_MS else ()
            cells = [cell("north", rep.removeprefix("r"), now_ms, activities=count) for rep, count in busy]
            # The feed is alive by somebody whom nobody watches.
            cells.append(cell("north", "", now_ms, calls=1))
            fold(self.board, [self.log.add(now_ms, *cells, feeds={"dialer": now_ms})])
            found += told(self.board)
        return found


@pytest.fixture
def floor() -> Floor:
    """Rep 7 did 12 in each hour of the four Mondays before; rep 8 is new."""
    found = Floor("7", "8")
    for week in range(1, 5):
        for quarter in range(32):
            found.done(NINE - HOUR_MS, "7", 3, NINE - 7 * week * DAY_MS + quarter * 15 * MINUTE_MS)
    return found


def test_an_hour_far_below_the_usual_is_told_after_two_quarter_hours(floor: Floor) -> None:
    """At 11:00 rep 7 stops: three since 10:15 are no news, none at 12:00 are; at 12:15 it was so twice."""
    assert floor.until(at("2026-11-23 11:00"), r7=3) == []
    assert floor.until(at("2026-11-23 12:14")) == []

    assert floor.until(at("2026-11-23 12:15")) == [(USUAL, True), ("below_usual:team:north", True)]
    alert = floor.board.open_alerts()[0]
    assert (alert.since_ms, alert.seen, alert.expected) == (at("2026-11-23 11:15"), 0, 12)


def test_a_restart_repeats_nothing_and_an_hour_as_usual_closes_it(floor: Floor) -> None:
    """Of the hour until 14:30 rep 7 has 6, one in twenty by chance: so that is over, and was told once."""
    floor.until(at("2026-11-23 13:15"))
    floor.board = scoreboard(reread(floor.board.store), alerts=NEVER)

    assert floor.until(at("2026-11-23 13:30")) == []
    closed = floor.until(at("2026-11-23 14:31"), r7=2)
    assert (USUAL, False) in closed
    assert floor.board.open_alerts() == []


def test_the_first_hour_of_a_day_is_not_compared(floor: Floor) -> None:
    """The hour before 09:45 began on Friday; that until 10:00 is the first, 10:15 the second."""
    assert floor.until(at("2026-11-23 10:14")) == []
    assert (USUAL, True) in floor.until(at("2026-11-23 10:15"))


def test_what_was_wrong_yesterday_is_over(floor: Floor) -> None:
    """Of Tuesdays nothing is usual; the first minute of work ends the alert of Monday."""
    floor.until(at("2026-11-23 17:00"))
    assert {alert.id for alert in floor.board.open_alerts()} >= {USUAL}

    assert floor.until(at("2026-11-24 08:59")) == []
    assert (USUAL, False) in floor.until(at("2026-11-24 09:01"))


def test_history_that_is_told_late_changes_what_is_usual(floor: Floor) -> None:
    """Three of the four Mondays are taken back: nothing is usual any more, so nothing opens."""
    for week in (1, 2):
        for quarter in range(32):
            floor.done(NINE - HOUR_MS, "7", -3, NINE - 7 * week * DAY_MS + quarter * 15 * MINUTE_MS)

    assert floor.until(at("2026-11-23 13:00")) == []


def test_whoever_is_far_below_the_team_is_told_of_after_an_hour() -> None:
    """Six reps: five have 12 in an hour, one has one. At 10:00 that is below a tenth; at a fifth it is over."""
    floor = Floor(*"123456")
    everybody = {f"r{rep}": 3 for rep in "12345"}
    floor.until(NINE)
    assert floor.until(at("2026-11-23 09:59"), **everybody) == []
    floor.done(at("2026-11-23 09:59"), "6", 1, at("2026-11-23 09:40"))

    assert floor.until(at("2026-11-23 10:00")) == [("below_peers:rep:6@north", True)]
    alert = floor.board.open_alerts()[0]
    assert (alert.since_ms, alert.seen, alert.expected) == (at("2026-11-23 00:00"), 1, 12)

    floor.done(at("2026-11-23 10:00"), "6", 1, at("2026-11-23 10:00"))
    assert floor.until(at("2026-11-23 10:01")) == []
    floor.done(at("2026-11-23 10:01"), "6", 1, at("2026-11-23 10:01"))
    assert floor.until(at("2026-11-23 10:02")) == [("below_peers:rep:6@north", False)]


def test_how_far_below_is_said_from_an_instant_on() -> None:
    """Rep 6 has four of the others' 12 in an hour, a third: from 10:10 on that is below what the team says."""
    floor = Floor(*"123456")
    floor.say("alert_rule:all", {"rule": "below_peers", "least_count": 6})
    floor.say(
        "alert_rule:north",
        {"rule": "below_peers", "team_id": "north", "limit_percent": 40, "valid_from": at("2026-11-23 10:10")},
    )
    everybody = {f"r{rep}": 3 for rep in "12345"}
    floor.until(NINE)
    assert floor.until(at("2026-11-23 10:30"), **everybody, r6=1) == []

    floor.say("alert_rule:all", {"rule": "below_peers", "least_count": 5})
    assert floor.until(at("2026-11-23 10:31"), **everybody, r6=1) == [("below_peers:rep:6@north", True)]
    floor.say("alert_rule:north", {"rule": "below_peers", "team_id": "north", "limit_percent": 15})
    assert floor.until(at("2026-11-23 10:32"), **everybody, r6=1) == [("below_peers:rep:6@north", False)]


def test_how_rare_an_hour_is_is_said_by_the_team(floor: Floor) -> None:
    """Rep 7 does five of twelve an hour: one in fifty is as low by chance, and no news before the team says so."""
    for quarter, count in enumerate((2, 1, 1, 1, 2, 1, 1, 1)):
        floor.until(NINE + quarter * 15 * MINUTE_MS, r8=3)
        floor.done(NINE + quarter * 15 * MINUTE_MS, "7", count, NINE + quarter * 15 * MINUTE_MS)
    assert floor.until(at("2026-11-23 10:50"), r8=3) == []

    floor.say("alert_rule:a", {"rule": "below_usual", "limit_basis_points": 250})
    assert (USUAL, True) in floor.until(at("2026-11-23 10:51"), r8=3)
    floor.say("alert_rule:a", {"rule": "below_usual", "limit_basis_points": 20})
    assert (USUAL, False) in floor.until(at("2026-11-23 10:52"), r8=3)


def test_the_next_day_of_work_ends_it() -> None:
    """Everybody begins with none: the first minute of work says so, as it does of who is below the usual."""
    floor = Floor(*"123456")
    everybody = {f"r{rep}": 3 for rep in "12345"}
    floor.until(at("2026-11-23 17:00"), **everybody)
    assert [alert.id for alert in floor.board.open_alerts()] == ["below_peers:rep:6@north"]

    assert floor.until(at("2026-11-24 08:59")) == []
    assert ("below_peers:rep:6@north", False) in floor.until(at("2026-11-24 09:01"))


def test_nobody_is_compared_with_who_is_in_ramp() -> None:
    """Rep 6, hired a month ago less a day, does nothing and is no news; nor are the five others enough for rep 5.

    The next day is the last one of the ramp's no more: then both are far below the median of six, from 10:00 on.
    """
    floor = Floor(*"123456")
    floor.say("rep:6", {"active": True, "hired_on": day("2026-10-24")})
    floor.say("proration:new", {"ramp": [5000]})
    everybody = {f"r{rep}": 3 for rep in "1234"}
    floor.until(NINE)
    assert floor.until(at("2026-11-23 17:00"), **everybody) == []

    floor.until(at("2026-11-24 09:00"))
    assert floor.until(at("2026-11-24 10:01"), **everybody) == [
        ("below_peers:rep:5@north", True), ("below_peers:rep:6@north", True),
    ]  # fmt: skip


def test_the_median_is_that_of_the_others() -> None:
    """Of seven with rep 7 in ramp, who does most: rep 6 has one of their 12 in the first hour."""
    floor = Floor(*"1234567")
    floor.say("rep:7", {"active": True, "hired_on": day("2026-11-02")})
    floor.say("proration:new", {"ramp": [10_000, 5000], "team_id": "south"})
    floor.say("proration:north", {"ramp": [5000], "team_id": "north"})
    floor.until(NINE)
    assert floor.until(at("2026-11-23 10:00"), **{f"r{rep}": 3 for rep in "12345"}, r7=50) == [
        ("below_peers:rep:6@north", True)
    ]
    assert floor.board.open_alerts()[0].expected == 12


def test_a_ramp_that_is_told_ends_what_is_open() -> None:
    """The rep did not leave; the rule asks no more."""
    floor = Floor(*"123456")
    floor.until(at("2026-11-23 10:00"), **{f"r{rep}": 3 for rep in "12345"})
    floor.say("rep:6", {"active": True, "hired_on": day("2026-11-02")})
    assert floor.until(at("2026-11-23 10:01")) == []

    floor.say("proration:new", {"ramp": [5000]})
    assert floor.endings(at("2026-11-23 10:02")) == {"below_peers:rep:6@north": "unwatched"}


def test_who_joins_the_team_anew_today_is_not_said_to_have_left() -> None:
    """The membership of rep 6 turns out to have begun at ten: of whom is not there all day nothing is compared."""
    floor = Floor(*"123456")
    floor.until(at("2026-11-23 10:00"), **{f"r{rep}": 3 for rep in "12345"})
    record = {"rep_id": "6", "team_id": "north", "valid_from": at("2026-11-23 10:00")}
    floor.say("membership:6", record)

    assert floor.endings(at("2026-11-23 10:01")) == {"below_peers:rep:6@north": "unwatched"}


@pytest.mark.parametrize("absent", [(), ("8", "9")], ids=["all there", "two of three absent"])
def test_less_is_usual_of_a_team_of_which_some_are_absent(absent: tuple[str, ...]) -> None:
    """Each of three did 12 an hour. Twelve of the one who is there are a third of 36, which is what a third does."""
    floor = Floor("7", "8", "9")
    for week in range(1, 5):
        for quarter in range(32):
            for rep in ("7", "8", "9"):
                floor.done(NINE - HOUR_MS, rep, 3, NINE - 7 * week * DAY_MS + quarter * 15 * MINUTE_MS)
    today = day("2026-11-23")
    for rep in absent:
        record = {"rep_id": rep, "kind": "vacation", "first_day": today, "last_day": today}
        floor.say(f"absence:{rep}", record)

    opened = [id_ for id_, is_open in floor.until(at("2026-11-23 11:30"), r7=3) if is_open]
    assert ("below_usual:team:north" in opened) == (not absent)
