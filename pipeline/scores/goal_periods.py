"""The goals of a home in one of its windows, with the working time that is left to reach them."""

from collections.abc import Iterator

from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.working_time import WorkingWeek, is_working_day, worked_ms
from pipeline.scores.goals import NO_PERIOD, GoalPeriod
from pipeline.scores.home import Home
from pipeline.scores.windows import Window


def past_period(home: Home, window: Window) -> GoalPeriod:
    """The goals of a window that is over: no time is left."""
    targets = home.goals.get((window.kind, window.first_day))
    return GoalPeriod(targets) if targets else NO_PERIOD


def current_period(home: Home, number: int, minute: int) -> GoalPeriod:
    """The goals of a current window of days, by its place among them, in a running minute."""
    window = home.current[number]
    targets = home.goals.get((window.kind, window.first_day))
    if not targets:
        return NO_PERIOD
    if (hours := home.hours) is None:
        return GoalPeriod(targets, current=True)
    (start_ms, end_ms), today_ms, now_ms = home.spans[number], home.spans[0][0], minute * MINUTE_MS
    # The days before today are the same all day long, and the same for all who have these hours.
    past_ms = worked_ms(hours, home.zone_rules, start_ms, today_ms)
    today_so_far_ms = worked_ms(hours, home.zone_rules, today_ms, max(now_ms, today_ms))
    work_ms = worked_ms(hours, home.zone_rules, start_ms, end_ms)
    left = _days_left(hours, home.today, window.last_day)
    return GoalPeriod(targets, left, past_ms + today_so_far_ms, work_ms, current=True)


def running(home: Home, before: int, minute: int) -> Iterator[int]:
    """The current windows with goals of which working time passed from one minute to another, by their places."""
    if home.hours and worked_ms(home.hours, home.zone_rules, before * MINUTE_MS, minute * MINUTE_MS):
        yield from (number for number, each in enumerate(home.current) if (each.kind, each.first_day) in home.goals)


def _days_left(hours: WorkingWeek, today: int, last_day: int) -> int:
    return sum(is_working_day(hours, day) for day in range(today, last_day + 1))
