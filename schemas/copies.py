"""What a copy of an organisation record holds: the merged record, instants in ms, dates as ordinals."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec

from schemas.goals import CURVE_STEPS, LONGEST_SETTLEMENT_HOURS, MOST_BASIS_POINTS, MOST_POINTS, ScoreKpi
from schemas.ids import KEPT_PATTERN
from schemas.org import CHANGES
from schemas.sales_rules import MOST_OF_ANYTHING, AdministrativeKind
from schemas.teams import AbsenceKind, Weekday
from schemas.types import FIRST_DAY, LAST_DAY, LIMIT_MS
from schemas.zones import zone_info

Name = Annotated[str, msgspec.Meta(pattern=rf"^(?:{KEPT_PATTERN})\Z")]
InstantMs = Annotated[int, msgspec.Meta(ge=0, lt=LIMIT_MS)]
Day = Annotated[int, msgspec.Meta(ge=FIRST_DAY.toordinal(), le=LAST_DAY.toordinal())]
Zone = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}\Z")]
Clock = Annotated[str, msgspec.Meta(pattern=r"^(?:([01]\d|2[0-3]):[0-5]\d|24:00)\Z")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
Cap = Annotated[int, msgspec.Meta(ge=1, le=MOST_OF_ANYTHING)]
BasisPoints = Annotated[int, msgspec.Meta(ge=0, le=MOST_BASIS_POINTS)]
Steps = msgspec.Meta(min_length=CURVE_STEPS, max_length=CURVE_STEPS)
IndustryValue = Annotated[str, msgspec.Meta(pattern=r"^\d{1,12}(\.\d{1,12})?\Z")]
Rate = Annotated[str, msgspec.Meta(pattern=r"^\d{1,12}(\.\d{1,12})?\Z")]


class Company(TypedDict, total=False):
    """What of the company shapes contributions and windows. Weeks are given as the zones of a team are."""

    time_zone: Zone | None
    currency: Currency | None
    week_starts: list[tuple[Day | None, Weekday]]


class Team(TypedDict, total=False):
    """What of a team shapes contributions. Zones are given with the first local day from which they hold."""

    parent_id: Name | None
    time_zones: list[tuple[Day | None, Zone]]
    ended_at: InstantMs | None


class SpecialDay(TypedDict, total=False):
    """That a team is closed on a day, or open for some hours only."""

    team_id: Name | None
    day: Day | None
    open_from: Clock | None
    open_until: Clock | None


class Membership(TypedDict, total=False):
    """That a rep belongs to a team."""

    rep_id: Name | None
    team_id: Name | None
    valid_from: InstantMs | None
    valid_to: InstantMs | None


class Identity(TypedDict, total=False):
    """That an id means a rep."""

    external_id: Name | None
    rep_id: Name | None
    valid_from: InstantMs | None
    valid_to: InstantMs | None


class Rep(TypedDict, total=False):
    """Since when and until when a rep is at work."""

    hired_on: Day | None
    left_on: Day | None


class Absence(TypedDict, total=False):
    """That a rep is away."""

    rep_id: Name | None
    kind: AbsenceKind | None
    first_day: Day | None
    last_day: Day | None
    from_noon: bool | None
    until_noon: bool | None
    starts_at: InstantMs | None
    ends_at: InstantMs | None


class Target(TypedDict, total=False):
    """A goal of a team or rep for one period."""

    team_id: Name | None
    rep_id: Name | None
    kpi: str | None
    period: str | None
    period_start: Day | None
    value: Annotated[int, msgspec.Meta(ge=0)] | None


class Proration(TypedDict, total=False):
    """How much of a target somebody has who was not there all the time."""

    team_id: Name | None
    effective_on: Day | None
    prorate_employment: bool | None
    prorate_absence: bool | None
    ramp: list[Annotated[int, msgspec.Meta(ge=0, le=10_000)]] | None


class ScoreWeight(TypedDict):
    """What one of an activity is worth."""

    kpi: ScoreKpi
    points: Annotated[int, msgspec.Meta(ge=1, le=MOST_POINTS)]
    at_most: NotRequired[Annotated[int, msgspec.Meta(ge=0, le=MOST_POINTS)] | None]


class Score(TypedDict, total=False):
    """How activities are weighed."""

    team_id: Name | None
    period: str | None
    effective_on: Day | None
    target: Annotated[int, msgspec.Meta(ge=1)] | None
    weights: list[ScoreWeight] | None


class Curve(TypedDict, total=False):
    """What share of a period's total a team usually has at which share of its working time."""

    team_id: Name | None
    kpi: str | None
    period: str | None
    learnt_on: Day | None
    typical: Annotated[int, msgspec.Meta(ge=1)] | None
    shares: Annotated[list[BasisPoints], Steps] | None
    low: Annotated[list[BasisPoints], Steps] | None
    high: Annotated[list[BasisPoints], Steps] | None


class Contest(TypedDict, total=False):
    """Who has most of a KPI in some days."""

    title: str | None
    kpi: str | None
    among: Literal["reps", "teams"] | None
    team_ids: list[Name] | None
    rep_ids: list[Name] | None
    first_day: Day | None
    last_day: Day | None
    least_sample: Annotated[int, msgspec.Meta(ge=1)] | None
    settlement_hours: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_SETTLEMENT_HOURS)] | None


class Recognition(TypedDict, total=False):
    """What is told of reps or teams when they achieve it."""

    whose: Literal["reps", "teams"] | None
    kpi: str | None
    best: list[Literal["day", "week", "month"]] | None
    milestones: list[Annotated[int, msgspec.Meta(ge=1)]] | None
    streaks: list[Annotated[int, msgspec.Meta(ge=1)]] | None


class Benchmark(TypedDict, total=False):
    """An industry's figures for one KPI, and their source."""

    team_id: Name | None
    kpi: str | None
    period: str | None
    effective_on: Day | None
    median: IndustryValue | None
    lower_quartile: IndustryValue | None
    upper_quartile: IndustryValue | None
    source_name: str | None
    source_url: str | None


class ExchangeRate(TypedDict, total=False):
    """What a currency is worth from a day on."""

    currency: Currency | None
    effective_on: Day | None
    rate: Rate | None


class ProcessStage(TypedDict):
    """One stage of a process."""

    id: Name
    kind: NotRequired[Literal["open", "won", "lost"]]
    qualified: NotRequired[bool]
    former_ids: NotRequired[list[Name]]


class Process(TypedDict, total=False):
    """A sales process: its stages, each time with the instant from which they hold, in order of these."""

    editions: list[tuple[InstantMs, list[ProcessStage]]]
    implied: bool | None


class Policy(TypedDict, total=False):
    """What holds for all objects from an instant on."""

    valid_from: InstantMs | None
    most_links: Cap | None
    most_changes: Cap | None
    most_closings: Cap | None
    nobody: list[Name] | None
    counted_activities: list[AdministrativeKind] | None


class AlertRule(TypedDict, total=False):
    """How a rule of alerts holds from an instant on."""

    rule: str | None
    team_id: Name | None
    valid_from: InstantMs | None
    enabled: bool | None
    limit_minutes: Annotated[int, msgspec.Meta(ge=1)] | None
    limit_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] | None
    limit_basis_points: Annotated[int, msgspec.Meta(ge=1)] | None
    least_count: Annotated[int, msgspec.Meta(ge=1)] | None
    limit_count: Annotated[int, msgspec.Meta(ge=0)] | None
    limit_days: Annotated[int, msgspec.Meta(ge=0)] | None
    limit_seconds: Annotated[int, msgspec.Meta(ge=0)] | None


class AlertNote(TypedDict, total=False):
    """What people did about an alert."""

    acknowledged_by: str | None
    opened_at: InstantMs | None
    muted_by: str | None
    muted_from: InstantMs | None
    muted_until: InstantMs | None


RECORDS: dict[str, Any] = {
    "company": Company,
    "team": Team,
    "special_day": SpecialDay,
    "rep": Rep,
    "membership": Membership,
    "identity": Identity,
    "absence": Absence,
    "target": Target,
    "proration": Proration,
    "score": Score,
    "curve": Curve,
    "contest": Contest,
    "recognition": Recognition,
    "benchmark": Benchmark,
    "rate": ExchangeRate,
    "process": Process,
    "policy": Policy,
    "alert_rule": AlertRule,
    "alert": AlertNote,
}
"""By kind of object; of all others nothing is asked that a wrong value could break."""


def check(subject: str, payload: dict[str, Any] | None) -> None:
    """ValueError when a payload cannot be the record of its subject. Fields that are not known here may be there."""
    kind, _, name = subject.partition(":")
    if kind not in CHANGES:
        raise ValueError("not a record of the organisation")
    try:
        msgspec.convert(name, Name)
        if payload is None or kind not in RECORDS:
            return
        record = msgspec.convert(payload, RECORDS[kind])
    except msgspec.ValidationError as error:
        raise ValueError(f"not a record of a {kind}") from error
    zones = [zone for _, zone in record.get("time_zones", ())]
    for zone in (*zones, record.get("time_zone")):
        if zone is not None:
            zone_info(zone)
