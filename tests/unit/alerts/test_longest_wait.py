"""Callers who wait: told once the first of them was beyond the limit at the ends of two minutes, until it is back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas import facts
from tests.unit.alerts.test_limit import MINUTE, NINE, Queue, only

RULE: dict[str, Any] = {"rule": "longest_wait", "limit_seconds": 120}
RING = 3840


class Callers(Queue):
    """The same team, of whose callers it is known who waits."""

    def called(self, *at_ms: int, gone: int | None = None) -> "Callers":
        """These called at instants and wait, and one who called at another is answered, all told in one minute."""
        changes = [*((when, 1) for when in at_ms), *([(gone, -1)] if gone is not None else [])]
        today = NINE // 86_400_000 + 719_163
        cells: list[facts.Cell] = [
            ("north", "", today, when // MINUTE, {f"callers_waiting:{when // 1000 % RING}": number})
            for when, number in changes
        ]
        self.log.add(NINE + self.minute * MINUTE, *cells)
        return self


def test_a_caller_is_told_who_was_beyond_the_limit_for_two_minutes() -> None:
    """Called at 9:05:10: at 9:08 that is 170 s and was 110 s, at 9:09 it is 230 s and was 170 s."""
    queue = Callers(**RULE)
    queue.go_on(5)
    queue.called(NINE + 5 * MINUTE + 10_000, NINE + 5 * MINUTE + 40_000).go_on(4)
    assert queue.told() == []

    queue.go_on(1)
    assert queue.told() == [("longest_wait", "open")]
    alert = only(queue.board)
    assert (alert.seen, alert.expected, alert.unit, alert.kpi, alert.window) == (
        230, 120, "seconds", "callers_waiting", "now",
    )  # fmt: skip
    assert alert.since_ms == NINE + 5 * MINUTE + 10_000


def test_it_is_back_once_the_first_who_waits_is_a_fifth_below_the_limit() -> None:
    """The caller of 9:08:10 has waited 110 s at 9:10, which is not yet back; the third one 96 s at 9:11."""
    queue = Callers(**RULE)
    queue.go_on(5)
    queue.called(NINE + 5 * MINUTE).go_on(5)
    assert queue.told() == [("longest_wait", "open")]

    queue.called(NINE + 8 * MINUTE + 10_000, gone=NINE + 5 * MINUTE).go_on(1)
    assert queue.told() == []
    queue.called(NINE + 9 * MINUTE + 24_000, gone=NINE + 8 * MINUTE + 10_000).go_on(1)
    assert queue.told() == [("longest_wait", "resolved")]


def test_a_call_whose_end_is_lost_is_over_after_an_hour() -> None:
    """No event says so."""
    queue = Callers(**RULE)
    queue.go_on(1)
    queue.called(NINE + MINUTE).go_on(60)
    assert queue.told() == [("longest_wait", "open")]
    assert queue.go_on(2).told() == [("longest_wait", "resolved")]


def test_nobody_is_told_before_work_or_without_a_limit() -> None:
    """Who called before nine is told at 9:02: both minutes have to be working time."""
    early = Callers(**RULE)
    early.called(NINE - 10 * MINUTE).go_on(2)
    assert early.told() == []
    assert early.go_on(1).told() == [("longest_wait", "open")]

    free = Callers()
    free.called(NINE - 10 * MINUTE).go_on(9)
    assert free.told() == []


@given(st.lists(st.integers(0, 1500), max_size=4), st.integers(0, 1500))
def test_any_queue_is_told_exactly_where_its_first_caller_is_beyond_the_limit_twice(
    waits: list[int], limit: int
) -> None:
    """By the seconds for which each has waited at 9:30."""
    queue = Callers(rule="longest_wait", limit_seconds=limit)
    queue.minute = 28
    queue.go_on(1)
    queue.called(*(NINE + 30 * MINUTE - waited * 1000 for waited in waits)).go_on(2)

    beyond = max(waits, default=0) - 60 > limit
    assert queue.told() == ([("longest_wait", "open")] if beyond else [])
