"""The rows of the KPI table that tell what pays: the win rate by what deals took."""

from pipeline.kinds.deal_effort import CLOSED_BY_TOUCHES, TOUCHES, WON_BY_TOUCHES
from pipeline.scores.kpi import PRACTICE, Kpi


def _by_touches(band: str) -> Kpi:
    words = "10 touches or more" if band == "10_or_more" else f"{band.replace('_', ' to ')} touches"
    return Kpi(
        46, f"win_rate_{band}_touches", "win_rate_touches", "ratio", "ratio", "closed", "up",
        f"Share of the deals closed after {words} that were won: calls, emails, meetings and visits on the deal, by"
        " either side, up to its close", PRACTICE, (WON_BY_TOUCHES[band],), (CLOSED_BY_TOUCHES[band],), where="days",
    )  # fmt: skip


EFFORT_KPIS = tuple(_by_touches(band) for _, band in TOUCHES)
"""In the order of the table."""
