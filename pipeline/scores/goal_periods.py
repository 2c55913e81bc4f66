"""The goals of a home in one of its windows, with the working time that is left to reach them."""

from pipeline.organisation.working_time import WorkingWeek, is_working_day
from pipeline.scores.goals import NO_PERIOD, GoalPeriod
from pipeline.scores.home import Home
from pipeline.scores.windows import Window


def past_period(home: Home, window: Window) -> GoalPeriod:
    """The goals of a window that is over: no time is left."""
    targets = home.goals.get((window.kind, window.first_day))
    return GoalPeriod(targets) if targets else NO_PERIOD


def current_period(home: Home, number: int) -> GoalPeriod:
    """The goals of a current window of days, by its place among them."""
    window = home.current[number]
    targets = home.goals.get((window.kind, window.first_day))
    if not targets:
        return NO_PERIOD
    return GoalPeriod(targets, home.hours and _days_left(home.hours, home.today, window.last_day))


def _days_left(hours: WorkingWeek, today: int, last_day: int) -> int:
    return sum(is_working_day(hours, day) for day in range(today, last_day + 1))
