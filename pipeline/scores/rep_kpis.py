"""The rows of the KPI table that tell what is booked and open for each rep at work."""

from pipeline import measures as m
from pipeline.scores.kpi import PRACTICE, Amounts, Kpi

REPS_AT_WORK = "reps_at_work"
"""The family of these KPIs."""
REP_DAYS = "rep_days_bp"
"""Under this name stand the reps at work where a figure is read, in basis points of one: no object counts them."""

REP_KPIS = (
    Kpi(
        47, "bookings_per_rep_day", REPS_AT_WORK, "per_rep", "minor", "local day; closed", "up",
        "Bookings for each day that a rep was at work: the working days of the teams up to today, times the reps who"
        " belong to them and are not absent all day. A rep in ramp counts as the ramp says (org.proration.changed), one"
        " whom teams share as the shares say, a half day as a whole one. Nobody counts who is told inactive without a"
        " last day (left_on)", PRACTICE, (m.WON_MINOR, m.WON_SPLIT_MINOR), (REP_DAYS,), where="days", reps=False,
        amounts=(Amounts(m.WON, m.WON_WITHOUT_AMOUNT, m.WON_UNCONVERTED),),
    ),
    Kpi(
        47, "open_pipeline_per_rep", REPS_AT_WORK, "per_rep", "minor", "now", "up",
        "Open pipeline for each rep who is at work today, counted in the same way; a day on which the team does not"
        " work takes nobody away", PRACTICE, (m.OPEN_MINOR, m.OPEN_SPLIT_MINOR), (REP_DAYS,), where="now", reps=False,
        amounts=(Amounts(m.OPEN_DEALS, m.OPEN_WITHOUT_AMOUNT, m.OPEN_UNCONVERTED),),
    ),
)  # fmt: skip
"""In the order of the table."""
