"""The rows of the KPI table that tell what pays: the win rate by what deals took."""

from pipeline.kinds.deal_effort import CLOSED_BY_SPEED, CLOSED_BY_TOUCHES, SPEEDS, TOUCHES, WON_BY_SPEED, WON_BY_TOUCHES
from pipeline.scores.kpi import PRACTICE, Kpi


def _by_touches(band: str) -> Kpi:
    words = "10 touches or more" if band == "10_or_more" else f"{band.replace('_', ' to ')} touches"
    return Kpi(
        46, f"win_rate_{band}_touches", "win_rate_touches", "ratio", "ratio", "closed", "up",
        f"Share of the deals closed after {words} that were won: calls, emails, meetings and visits on the deal, by"
        " either side, up to its close", PRACTICE, (WON_BY_TOUCHES[band],), (CLOSED_BY_TOUCHES[band],), where="days",
    )  # fmt: skip


_WITHIN = {
    "5min": "within 5 minutes",
    "60min": "within an hour, and not 5 minutes",
    "1day": "within 24 hours, and not one",
    "later": "later than that, or never",
}


def _by_speed(band: str) -> Kpi:
    return Kpi(
        46, f"win_rate_tried_{band}", "win_rate_speed", "ratio", "ratio", "closed", "up",
        f"Share of the closed deals that were won, of those that came of a lead (deal_id of the lead) that a person of"
        f" ours first tried {_WITHIN[band]}, from when it came in", PRACTICE, (WON_BY_SPEED[band],),
        (CLOSED_BY_SPEED[band],), where="days",
    )  # fmt: skip


EFFORT_KPIS = (*(_by_touches(band) for _, band in TOUCHES), *(_by_speed(band) for _, band in SPEEDS))
"""In the order of the table."""
