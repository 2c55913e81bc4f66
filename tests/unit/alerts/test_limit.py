"""Rules that hold a figure against a limit: of a share in two intervals, of what stands open as it stands."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.boards.scoreboard import Scoreboard
from schemas import facts
from schemas.alerts import Alert
from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard

NINE = at("2026-11-23 09:00")
MINUTE = 60_000


class Queue:
    """Team north, of rep 7 who is always active, and what its queue and its pipeline hold."""

    def __init__(self, **rule: Any) -> None:
        self.log, self.board = FactsLog(), scoreboard()
        self.log.employ("north", "7")
        if rule:
            self.log.organise("alert_rule:a", rule)
        self._folded = 0
        self.minute = 0

    def go_on(self, minutes: int, **measures: int) -> "Queue":
        """So many minutes, each with these measures."""
        for _ in range(minutes):
            now_ms = NINE + self.minute * MINUTE
            team, rep, day, minute, done = cell("north", "7", now_ms, activities=1)
            self.log.add(now_ms, (team, rep, day, minute, {**done, **measures}), feeds={"dialer": now_ms})
            self.minute += 1
        return self

    def stand(self, **measures: int) -> "Queue":
        """So much more stands open."""
        now_ms = NINE + self.minute * MINUTE
        standing: facts.Cell = ("north", "7", None, None, {name.replace("__", ":"): n for name, n in measures.items()})
        self.log.add(now_ms, standing, feeds={"dialer": now_ms})
        self.minute += 1
        return self

    def told(self) -> list[tuple[str, str]]:
        """The alerts taken, and how each stands."""
        fold(self.board, self.log.records[self._folded :])
        self._folded = len(self.log.records)
        return [(alert.kind, alert.state) for alert in self.board.take_alerts()]


def only(board: Scoreboard) -> Alert:
    """The one alert that is open."""
    (alert,) = board.open_alerts()
    return alert


SERVICE: dict[str, Any] = {"rule": "service_level", "limit_percent": 80}
WELL, BADLY = {"offered": 1, "answered_in_20s": 1}, {"offered": 1}


def test_a_low_service_level_is_told_after_two_intervals() -> None:
    """In the 19 minutes since 9:30 the former interval has four bad calls, 73.3 %, and the last one 3 of 15 in time."""
    queue = Queue(**SERVICE).go_on(30, **WELL).go_on(12, **BADLY).go_on(3, **WELL).go_on(4, **BADLY)
    assert queue.told() == []

    queue.go_on(1)
    assert queue.told() == [("service_level", "open")]
    alert = only(queue.board)
    assert (alert.seen, alert.expected, alert.unit, alert.kpi, alert.window) == (
        0.2, 0.8, "ratio", "service_level_20s", "15m",
    )  # fmt: skip
    assert alert.since_ms == NINE + 19 * MINUTE


def test_a_share_closes_only_once_it_is_back_by_some_way() -> None:
    """12 of 15 are 80 % and 13 are 86.7 %: the first is within the limit and not yet back."""
    queue = Queue(**SERVICE).go_on(31, **BADLY)
    assert queue.told() == [("service_level", "open")]

    assert queue.go_on(12, **WELL).go_on(1, **WELL).told() == []
    assert queue.go_on(1).told() == [("service_level", "resolved")]


def test_no_share_is_told_of_few_calls_before_work_or_without_a_limit() -> None:
    """Four calls in an interval are too few; the first half hour of work is not over; nobody set a limit."""
    few = Queue(**SERVICE)
    for _ in range(8):
        few.go_on(1, **BADLY).go_on(3)
    assert few.told() == []
    enough = Queue(**SERVICE, least_count=3)
    for _ in range(8):
        enough.go_on(1, **BADLY).go_on(3)
    assert enough.told() == [("service_level", "open")]

    assert Queue(**SERVICE).go_on(30, **BADLY).told() == []
    assert Queue(**SERVICE).go_on(31, **BADLY).told() == [("service_level", "open")]
    assert Queue().go_on(90, **BADLY).told() == []


def test_too_many_callers_give_up() -> None:
    """The limit itself is allowed: 3 of 15 are 20 %."""
    abandoned: dict[str, Any] = {"rule": "abandoned_calls", "limit_percent": 20}
    at_limit, above = Queue(**abandoned), Queue(**abandoned)
    for _ in range(3):
        at_limit.go_on(3, offered=1, abandoned=1).go_on(12, offered=1)
        above.go_on(4, offered=1, abandoned=1).go_on(11, offered=1)

    assert at_limit.told() == []
    assert above.told() == [("abandoned_calls", "open")]
    assert only(above.board).seen == 4 / 15


def test_what_stands_open_is_told_beyond_its_limit_and_closes_a_fifth_below() -> None:
    """Ten leads may wait: the eleventh opens, ten and nine keep it open, the eighth closes."""
    queue = Queue(rule="waiting_leads", limit_count=10).go_on(1).stand(leads_waiting=10).go_on(2)
    assert queue.told() == []

    queue.stand(leads_waiting=1).go_on(1)
    assert queue.told() == [("waiting_leads", "open")]
    alert = only(queue.board)
    assert (alert.seen, alert.expected, alert.kpi, alert.window) == (11, 10, "leads_waiting", "now")

    assert queue.stand(leads_waiting=-2).go_on(1).told() == []
    assert queue.stand(leads_waiting=-1).go_on(1).told() == [("waiting_leads", "resolved")]


def test_midnight_alone_makes_deals_stalled() -> None:
    """Nobody was in touch for 14 days with the second of two deals once the 23rd has come."""
    stalled = Queue(rule="deals_stalled", limit_count=1)
    touched = [at(f"2026-11-{day:02} 00:00") // 86_400_000 + 719_163 for day in (8, 10)]
    stalled.go_on(1).stand(**{f"untouched__{day}": 1 for day in touched}).go_on(2)
    assert stalled.told() == []

    stalled.minute += 24 * 60
    assert stalled.go_on(3).told() == [("deals_stalled", "open")]


def test_a_stage_that_nobody_declares_is_told_at_once_where_none_is_allowed() -> None:
    """And is resolved once the last such deal is read; a rule without its limit any more is off."""
    queue = Queue(rule="stages_unknown", limit_count=0).go_on(1).stand(unknown_stages=1).go_on(1)
    assert queue.told() == [("stages_unknown", "open")]
    assert queue.stand(unknown_stages=-1).go_on(1).told() == [("stages_unknown", "resolved")]

    queue.stand(unknown_stages=1).go_on(1)
    assert queue.told() == [("stages_unknown", "open")]
    queue.log.organise("alert_rule:a", {"rule": "stages_unknown"})
    queue.go_on(1)
    fold(queue.board, queue.log.records[-2:])
    (gone,) = queue.board.take_alerts()
    assert (gone.state, gone.ending) == ("resolved", "rule_off")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=30, max_size=30), st.integers(0, 100))
def test_any_half_hour_is_told_exactly_where_both_intervals_are_beyond_the_limit(
    calls: list[tuple[int, int]], limit: int
) -> None:
    """Worked out in fractions, of five calls at least in each."""
    queue = Queue(rule="abandoned_calls", limit_percent=limit)
    for gave_up, answered in calls:
        queue.go_on(1, **{name: n for name, n in (("offered", gave_up + answered), ("abandoned", gave_up)) if n})
    queue.go_on(1)

    halves = [[sum(side) for side in zip(*half, strict=True)] for half in (calls[:15], calls[15:])]
    beyond = all(sum(half) >= 5 and Fraction(half[0], sum(half)) > Fraction(limit, 100) for half in halves)
    assert queue.told() == ([("abandoned_calls", "open")] if beyond else [])
