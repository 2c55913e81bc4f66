"""The limits that a team's figures are held against, as the rules of its alerts say now: they stand beside these."""

from collections.abc import Mapping

import msgspec

from pipeline.alerts.rule import TeamRule
from pipeline.alerts.rules import TEAM_RULES
from pipeline.organisation.alert_settings import AlertSettings

LIMITING: Mapping[str, TeamRule] = {rule.limits: rule for rule in TEAM_RULES if rule.limits is not None}
"""By KPI: the rule that has a limit of it."""
_encode = msgspec.json.Encoder(order="sorted").encode


def team_limits(settings: AlertSettings, team: str, at_ms: int) -> str:
    """JSON `{kpi: limit}` of the rules that are on and have one, each in the KPI's unit; empty where there is none."""
    found: dict[str, float] = {}
    for kpi, rule in LIMITING.items():
        assert rule.needs is not None
        limit = settings.of(rule.kind, team, rule.needs, at_ms)
        if limit is not None and settings.of(rule.kind, team, "enabled", at_ms) is not False:
            found[kpi] = limit / 100 if rule.unit == "ratio" else limit
    return _encode(found).decode() if found else ""
