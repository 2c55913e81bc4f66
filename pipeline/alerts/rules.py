"""All rules of alerts, one file each. A new rule is a file of its own and one entry here."""

from collections.abc import Mapping

from pipeline.alerts.feed_silent import FEED_SILENT
from pipeline.alerts.rule import Rule, TeamRule
from pipeline.alerts.silent_rep import SILENT_REP
from pipeline.alerts.silent_team import SILENT_TEAM

RULES: tuple[Rule, ...] = (SILENT_REP, SILENT_TEAM, FEED_SILENT)
BY_KIND: Mapping[str, Rule] = {rule.kind: rule for rule in RULES}
TEAM_RULES: tuple[TeamRule, ...] = tuple(rule for rule in RULES if isinstance(rule, TeamRule))
"""Those asked of each team, in this order."""
