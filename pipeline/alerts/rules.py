"""All rules of alerts, one file each. A new rule is a file of its own and one entry here."""

from collections.abc import Mapping

from pipeline.alerts.abandoned_calls import ABANDONED_CALLS
from pipeline.alerts.below_peers import BELOW_PEERS
from pipeline.alerts.below_usual import BELOW_USUAL
from pipeline.alerts.conversion_dropped import CONVERSION_DROPPED
from pipeline.alerts.deals_stalled import DEALS_STALLED
from pipeline.alerts.feed_silent import FEED_SILENT
from pipeline.alerts.goal_at_risk import GOAL_AT_RISK
from pipeline.alerts.leads_overdue import LEADS_OVERDUE
from pipeline.alerts.longest_wait import LONGEST_WAIT
from pipeline.alerts.prospects_stall import PROSPECTS_STALL
from pipeline.alerts.reps_unknown import REPS_UNKNOWN
from pipeline.alerts.rule import Rule, TeamRule
from pipeline.alerts.service_level import SERVICE_LEVEL
from pipeline.alerts.silent_rep import SILENT_REP
from pipeline.alerts.silent_reps import SILENT_REPS
from pipeline.alerts.silent_team import SILENT_TEAM
from pipeline.alerts.stages_unknown import STAGES_UNKNOWN
from pipeline.alerts.sudden_zero import SUDDEN_ZERO
from pipeline.alerts.teams_unknown import TEAMS_UNKNOWN
from pipeline.alerts.waiting_leads import WAITING_LEADS
from pipeline.alerts.win_rate_dropped import WIN_RATE_DROPPED

RULES: tuple[Rule, ...] = (
    SILENT_REP,
    SILENT_REPS,
    SILENT_TEAM,
    BELOW_USUAL,
    BELOW_PEERS,
    FEED_SILENT,
    SERVICE_LEVEL,
    ABANDONED_CALLS,
    LONGEST_WAIT,
    WAITING_LEADS,
    LEADS_OVERDUE,
    DEALS_STALLED,
    STAGES_UNKNOWN,
    REPS_UNKNOWN,
    TEAMS_UNKNOWN,
    SUDDEN_ZERO,
    WIN_RATE_DROPPED,
    CONVERSION_DROPPED,
    PROSPECTS_STALL,
    GOAL_AT_RISK,
)
BY_KIND: Mapping[str, Rule] = {rule.kind: rule for rule in RULES}
TEAM_RULES: tuple[TeamRule, ...] = tuple(rule for rule in RULES if isinstance(rule, TeamRule))
"""Those asked of each team, in this order: one that gathers what another finds comes after it."""
