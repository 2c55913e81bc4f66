"""Alerts: what is wrong on the sales floor, from when it opened until it was resolved (JSON on a compacted topic)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.types import WireModel

Kind = Literal[
    "silent_rep", "silent_reps", "silent_team", "feed_silent", "below_usual", "below_peers", "service_level",
    "abandoned_calls", "longest_wait", "waiting_leads", "leads_overdue", "deals_stalled", "stages_unknown",
    "reps_unknown", "teams_unknown", "sudden_zero", "win_rate_dropped", "conversion_dropped", "prospects_stall",
    "goal_at_risk",
]  # fmt: skip
SETTINGS: Mapping[Kind, tuple[str, ...]] = {
    "silent_rep": ("limit_minutes",),
    "silent_reps": ("least_count",),
    "silent_team": ("limit_minutes",),
    "feed_silent": ("limit_minutes",),
    "below_usual": ("limit_basis_points",),
    "below_peers": ("limit_percent", "least_count"),
    "service_level": ("limit_percent", "least_count"),
    "abandoned_calls": ("limit_percent", "least_count"),
    "longest_wait": ("limit_seconds",),
    "waiting_leads": ("limit_count",),
    "leads_overdue": ("limit_days",),
    "deals_stalled": ("limit_count",),
    "stages_unknown": ("limit_count",),
    "reps_unknown": ("limit_count",),
    "teams_unknown": ("limit_count",),
    "sudden_zero": (),
    "win_rate_dropped": (),
    "conversion_dropped": (),
    "prospects_stall": (),
    "goal_at_risk": ("limit_percent",),
}
"""By rule: the settings that it has, beside whether it is on."""
NARROWER: Mapping[tuple[Kind, str], tuple[int, int]] = {
    ("below_peers", "limit_percent"): (1, 50),
    ("below_peers", "least_count"): (2, 199),
}
"""By rule and setting: the least and the largest value, where the rule takes fewer than others with that setting."""
State = Literal["open", "acknowledged", "muted", "resolved"]
Ending = Literal["activity", "recovered", "absent", "left", "unwatched", "unexpected", "period_over", "rule_off"]
"""Why an alert was resolved: there was a sign of life, or the figure is within its limit again; whom it is about is
absent (or all of the team are), or left the team; the rule watches it no more (the team has no working hours, the rep
is in ramp or joined today, or the team has too few or too many reps to ask), or no team expects the feed; the period of
the goal is over; the rule was switched off."""
Unit = Literal[
    "working_minutes", "working_days", "seconds", "ratio", "count", "activities", "occurrences", "deviations",
]  # fmt: skip


class Alert(WireModel):
    """One alert, as it stands. The key of the record is `id`."""

    id: str
    """`<kind>:<scope>`: reused for every recurrence, so read the latest record."""
    kind: Kind
    """Which rule opened it."""
    rule_version: int
    """The version of that rule: it goes up where its definition changes."""
    scope: str
    """What it is about: `team:north`, `rep:7@north`, `feed:dialer`."""
    home: str
    """The home it belongs to: the team, or the feed itself."""
    state: State
    """`muted` while a mute holds, `acknowledged` once somebody said so of this opening, `open` else; or `resolved`."""
    opened_ms: int
    """Epoch milliseconds UTC, by the log's clock."""
    resolved_ms: int | None
    """When it was resolved; null while it is not."""
    ending: Ending | None
    """Why it was resolved; null while it is not."""
    since_ms: int
    """Since when it is so: the last activity, the last sign of the feed, or the beginning of the intervals or the
    period that were looked at, or when the caller called or the oldest lead came in who has waited longest; when it was
    seen, where it is about what stands open. Of several reps, that of the first."""
    seen: float
    """What was seen when it opened, in `unit`."""
    expected: float
    """The limit that this is beyond, in `unit`."""
    unit: Unit
    """What `seen` and `expected` are: working minutes without a sign of life, working days, seconds, a share or
    number of the KPI, a number of reps, activities (`expected` is what is usual, or the median of the team), how
    often something came that usually does, or median absolute deviations."""
    kpi: str | None
    """The KPI that was looked at; null where it is none."""
    window: str | None
    """The window of that KPI; null where there is no KPI. `28d` are the 28 days before today."""
    stage: str | None = None
    """The stage that it is about, as `<process>:<stage>`; null where it is about none."""
    acknowledged_by: str | None
    """Who acknowledged this opening; null where nobody did."""
    muted_by: str | None
    """Who muted it; null while it is not muted."""
    muted_until_ms: int | None
    """Until when it is muted; null while it is not."""
    calendar_version: str
    """By which public holidays the working minutes were counted when it opened: `holidays 0.61`."""
    version: Annotated[list[int], Field(min_length=2, max_length=2)]
    """`[generation, offset in the facts partition]` of the last change, its cut: the higher one holds."""

    @property
    def is_open(self) -> bool:
        """Whether it has not been resolved."""
        return self.resolved_ms is None

    def record(self) -> dict[str, Any]:
        """The alert as it is published: plain JSON types."""
        return self.model_dump()
