"""The goals of a home in one of its windows, with the working time that is left to reach them."""

from collections.abc import Iterator

from pipeline.organisation.days import MINUTE_MS, midnight_ms
from pipeline.organisation.working_time import WorkingWeek, is_working_day, worked_ms, zone_on
from pipeline.scores.goals import NO_PERIOD, GoalPeriod
from pipeline.scores.home import Home, LocalCalendar
from pipeline.scores.prorated import Presence
from pipeline.scores.windows import Window


def past_period(home: Home, window: Window) -> GoalPeriod:
    """The goals of a window that is over: no time is left."""
    targets = home.goals.get((window.kind, window.first_day))
    return _as_due(home, window, GoalPeriod(targets)) if targets else NO_PERIOD


def current_period(home: Home, calendar: LocalCalendar, number: int, minute: int) -> GoalPeriod:
    """The goals of a current window of days, by its place among them, in a running minute."""
    window = home.current[number]
    targets = home.goals.get((window.kind, window.first_day))
    if not targets:
        return NO_PERIOD
    below = home.goals_below(calendar, window)
    curves = {kpi: curve for (kpi, kind), curve in home.curves.items() if kind == window.kind}
    if (hours := home.hours) is None:
        return _as_due(home, window, GoalPeriod(targets, current=True, below=below, curves=curves))
    if (found := home.prorated.get((window.kind, window.first_day))) is not None:
        return _as_due(home, window, _while_present(home, number, minute, hours, found.presence))
    (start_ms, end_ms), today_ms, now_ms = home.spans[number], home.spans[0][0], minute * MINUTE_MS
    # The days before today are the same all day long, and the same for all who have these hours.
    past_ms = worked_ms(hours, home.zone_rules, start_ms, today_ms)
    today_so_far_ms = worked_ms(hours, home.zone_rules, today_ms, max(now_ms, today_ms))
    work_ms = worked_ms(hours, home.zone_rules, start_ms, end_ms)
    left = _days_left(hours, home.today, window.last_day)
    return GoalPeriod(
        targets, left, past_ms + today_so_far_ms, work_ms, current=True, below=below, curves=curves
    )  # fmt: skip


def _while_present(home: Home, number: int, minute: int, hours: WorkingWeek, presence: Presence) -> GoalPeriod:
    """A current window of a rep who is not there all the time: days and time are those in which something is due."""
    window = home.current[number]
    (start_ms, end_ms), today_ms, now_ms = home.spans[number], home.spans[0][0], minute * MINUTE_MS
    passed = presence.due(start_ms, today_ms) + presence.due(today_ms, max(now_ms, today_ms))
    left = sum(
        is_working_day(hours, day) and presence.any_due(_midnight_ms(home, day), _midnight_ms(home, day + 1))
        for day in range(home.today, window.last_day + 1)
    )
    targets = home.goals[window.kind, window.first_day]
    return GoalPeriod(targets, left, passed, presence.due(start_ms, end_ms), current=True)


def _as_due(home: Home, window: Window, period: GoalPeriod) -> GoalPeriod:
    """The period with the targets that are due, beside those that were set."""
    found = home.prorated.get((window.kind, window.first_day))
    return period if found is None else period._replace(targets=found.targets, full=period.targets)


def _midnight_ms(home: Home, day: int) -> int:
    return midnight_ms(zone_on(home.zone_rules, day), day)


def running(home: Home, before: int, minute: int) -> Iterator[int]:
    """The current windows with goals of which working time passed from one minute to another, by their places."""
    if home.hours and worked_ms(home.hours, home.zone_rules, before * MINUTE_MS, minute * MINUTE_MS):
        yield from (number for number, each in enumerate(home.current) if (each.kind, each.first_day) in home.goals)


def _days_left(hours: WorkingWeek, today: int, last_day: int) -> int:
    return sum(is_working_day(hours, day) for day in range(today, last_day + 1))
