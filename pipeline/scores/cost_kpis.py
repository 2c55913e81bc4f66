"""The rows of the KPI table that tell what a new customer costs."""

from pipeline import measures as m
from pipeline.scores.kpi import Kpi


def _later(days: int, measure: str) -> Kpi:
    return Kpi(
        25, f"cac_{days}d", "cac_lagged", "mean", "minor", f"local day, {days} days later; first win", "down",
        f"Cost per new customer where what is spent wins customers {days} days later: the cost of the whole window,"
        f" moved on by {days} local days, over the customers won in it",
        "TechTarget, groew", (measure,), (m.NEW_CUSTOMERS,), where="days", reps=False,
    )  # fmt: skip


COST_KPIS = (
    Kpi(
        25, "cac", "cost", "mean", "minor", "local day; first win", "down",
        "Cost per new customer, over whole days: all that was spent on sales and marketing, of every category, over the"
        " accounts won for the first time. Further wins of an account are no new customer", "TechTarget",
        (m.COST_MINOR,), (m.NEW_CUSTOMERS,), where="days", reps=False, version=2,
    ),
    _later(30, m.COST_30D_MINOR),
    _later(60, m.COST_60D_MINOR),
    _later(90, m.COST_90D_MINOR),
    Kpi(
        25, "cac_by_category", "cost_categories", "categories", "minor", "local day; first win", "down",
        "Cost by what it was spent on, as its books name it, and for each new customer; `unassigned` is what has no"
        " category. The 50 categories of most cost, and all others as one", "TechTarget, groew",
        (m.COST_CATEGORY_MINOR,), (m.NEW_CUSTOMERS,), where="days", reps=False,
    ),
)  # fmt: skip
"""In the order of the table."""
