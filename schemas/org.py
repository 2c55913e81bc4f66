"""The organisation: what an event of `org.changes` says, by kind of object."""

from schemas.alert_rules import AlertChange, AlertRuleChange
from schemas.goals import (
    BenchmarkChange,
    ContestChange,
    CurveChange,
    ProrationChange,
    RecognitionChange,
    ScoreChange,
    TargetChange,
)
from schemas.sales_rules import PolicyChange, ProcessChange, RateChange
from schemas.teams import (
    AbsenceChange,
    CompanyChange,
    IdentityChange,
    MembershipChange,
    RepChange,
    SpecialDayChange,
    TeamChange,
)
from schemas.types import Change

CHANGES: dict[str, type[Change]] = {
    "company": CompanyChange,
    "team": TeamChange,
    "special_day": SpecialDayChange,
    "rep": RepChange,
    "membership": MembershipChange,
    "identity": IdentityChange,
    "absence": AbsenceChange,
    "target": TargetChange,
    "proration": ProrationChange,
    "score": ScoreChange,
    "curve": CurveChange,
    "contest": ContestChange,
    "recognition": RecognitionChange,
    "benchmark": BenchmarkChange,
    "rate": RateChange,
    "process": ProcessChange,
    "policy": PolicyChange,
    "alert_rule": AlertRuleChange,
    "alert": AlertChange,
}
"""By kind of object, what an event says of it."""
