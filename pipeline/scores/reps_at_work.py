"""The reps at work, beside the measures of a window: what is divided by them is told for each."""

from pipeline.organisation.proration import WHOLE
from pipeline.scores.cold_panes import Measures
from pipeline.scores.home import Home, LocalCalendar
from pipeline.scores.rep_kpis import REP_DAYS
from pipeline.scores.windows import Window


def per_rep(amount: int, reps_bp: int) -> float | None:
    """An amount for each rep, or for each day of one; None where nobody was at work."""
    return amount * WHOLE / reps_bp if reps_bp > 0 else None


def with_rep_days(measures: Measures, home: Home, calendar: LocalCalendar, window: Window) -> Measures:
    """The measures of a window of days, and the days at work of all reps in it, up to today."""
    days = calendar.rep_days(home.name, window.first_day, min(window.last_day, home.today))
    return {**measures, REP_DAYS: days} if days else measures


def with_reps(standing: Measures, home: Home, calendar: LocalCalendar) -> Measures:
    """What stands, and the reps who are at work today."""
    reps = calendar.reps_on(home.name, home.today)
    return {**standing, REP_DAYS: reps} if reps else standing
