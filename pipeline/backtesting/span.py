"""Whether the facts that are kept reach a span, with all that a rule looks back on. Pure."""

from collections.abc import Iterable

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.backtesting.facts_logs import Reach
from pipeline.config.settings import PREFIX, SetupError
from pipeline.organisation.days import DAY_MS
from pipeline.scores.activity_hours import KEPT_DAYS
from schemas.events import iso

WHOLE = frozenset({"waiting_leads", "deals_stalled", "stages_unknown", "goal_at_risk"})
"""Rules of what stands open, or of a period: it may have begun at any time, so they need all facts there ever were."""


def looks_back_days(rule: str, policy: AlertPolicy) -> int:
    """How many days before an instant may decide what a rule says then.

    A feed is known by twice `feed_known_days` days of work, and as many may be free.
    """
    feeds = 4 * policy.feed_known_days + 2
    return KEPT_DAYS + 1 if rule == "below_usual" else feeds


def require_reached(rule: str, from_ms: int, reaches: Iterable[Reach], policy: AlertPolicy) -> None:
    """SetupError where facts that decide about the span are gone. Facts that begin with the deployment always do."""
    trimmed = [reach for reach in reaches if not reach.whole]
    if not trimmed:
        return
    if rule in WHOLE:
        raise SetupError(f"{rule} depends on all facts there ever were, and the first ones are gone: {_longer()}")
    needed_ms = from_ms - looks_back_days(rule, policy) * DAY_MS
    first_ms = max((reach.first_ms for reach in trimmed if reach.first_ms is not None), default=None)
    if first_ms is None or first_ms > needed_ms:
        begin = "there are none" if first_ms is None else f"those that are kept begin at {iso(first_ms)}"
        raise SetupError(f"{rule} from {iso(from_ms)} on depends on facts since {iso(needed_ms)}; {begin}: {_longer()}")


def _longer() -> str:
    return f"{PREFIX}TRANSIT_RETENTION_DAYS says how long facts are kept from now on"
