"""The organisation: what is to be reached, and what reps and teams are measured by and against."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.types import Change, Id, LocalDate, WireModel

GoalKpi = Literal[
    "calls", "dials", "emails", "meetings_set", "meetings_held", "activities", "deals_created", "won", "bookings",
    "new_customers",
]  # fmt: skip
"""The KPIs that targets may be set for: counts and sums. Of a share or a mean there is nothing left to do."""
GoalValue = Annotated[int, Field(ge=0, le=10**15)]
DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""By kind of period: how many months it has; the others have days."""


def day_after(period: str, first_day: date) -> date:
    """The first day that no longer lies in a period of that kind that begins on a day."""
    months = MONTHS.get(period)
    if months is None:
        return first_day + timedelta(days=7 if period == "week" else 1)
    years, month = divmod(first_day.month - 1 + months, 12)
    return date(first_day.year + years, month + 1, 1)


class TargetChange(Change):
    """A goal of a team or rep for one period. What was told last holds for the whole of it; a deletion takes it back.

    Of several targets for one KPI and period of one team or rep, that which began last holds (`effective_on`), then
    that with the greater id.
    """

    team_id: Id | None = None
    """The team whose goal it is, if a team's: of all who work in it and below it. `company` is the whole company."""
    rep_id: Id | None = None
    """The rep whose goal it is, if a rep's: over all teams that the rep works in."""
    kpi: GoalKpi | None = None
    """The KPI it is a goal for."""
    period: Literal["day", "week", "month", "quarter", "year"] | None = None
    """The period in which to reach it."""
    period_start: LocalDate | None = None
    """The first local day of the period; of a week, quarter or year as the team's weeks and fiscal year begin. A target
    that begins on another day is one of no period."""
    value: GoalValue | None = None
    """A count, or minor units of the company's currency, in the unit of the KPI. 0 is no target."""
    effective_on: LocalDate | None = None
    """The local day of the period from which on it holds, in place of the target before; from the first day on if
    absent. All of the period is measured by it then, and a period that is over by the last one."""

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.team_id is not None and self.rep_id is not None:
            raise ValueError("allowed is a team_id or a rep_id, not both")
        return self

    @model_validator(mode="after")
    def _begins_its_month(self) -> Self:
        begins = self.period_start
        if self.period in ("month", "quarter", "year") and begins is not None and begins.day != 1:
            raise ValueError(f"allowed as period_start of a {self.period} is the first day of a month")
        return self

    @model_validator(mode="after")
    def _holds_within_its_period(self) -> Self:
        begins, since = self.period_start, self.effective_on
        if self.period is not None and begins is not None and since is not None:
            end = day_after(self.period, begins)
            if not begins <= since < end:
                raise ValueError(f"allowed as effective_on is a day of the period, from {begins} to {end - DAY}")
        return self


BasisPoints = Annotated[int, Field(ge=0, le=10_000)]


class ProrationChange(Change):
    """How much of a target a rep has who was not at work for all of its period. It concerns targets of reps alone.

    What holds on the first day of a period holds for all of it. A team's own word comes before the company's, field by
    field; of several that name a field, the one that began last decides it, then the greater id.
    """

    team_id: Id | None = None
    """The team whose reps it is for; of all teams if absent."""
    effective_on: LocalDate | None = None
    """The first day on which it holds; unbounded if absent."""
    prorate_employment: bool | None = None
    """Whether a rep who is hired or leaves within the period has the part of the target that falls to the time between;
    true by default."""
    prorate_absence: bool | None = None
    """Whether absences lower a target by their part of its working time; false by default."""
    ramp: Annotated[list[BasisPoints], Field(max_length=36)] | None = None
    """How much of a target a new rep has, in basis points by month since `hired_on`: `[2500, 5000]` is a quarter in the
    first month and half in the second. After that, and by default, it is all of it."""


ScoreKpi = Literal[
    "calls", "dials", "connected_calls", "conversations_60s", "emails", "meetings_set", "meetings_held", "activities",
    "leads_worked", "deals_created", "won", "new_customers",
]  # fmt: skip
"""The KPIs that may be weighed: counts of what reps do or come to."""
MOST_POINTS = 10**6


class ScoreWeight(WireModel):
    """What one of an activity is worth."""

    kpi: ScoreKpi
    """The KPI that counts it."""
    points: int = Field(ge=1, le=MOST_POINTS)
    """What each is worth."""
    at_most: int | None = Field(default=None, ge=0, le=MOST_POINTS)
    """How many count in one period, of one rep; all if absent."""


class ScoreChange(Change):
    """How activities are weighed for the activity score of reps and their team, in one kind of period.

    What holds on the first day of a period holds for all of it. A team's own comes before that of all teams; of several
    that which began last, then the greater id. One without period, target or weights says nothing.
    """

    team_id: Id | None = None
    """The team whose reps it is for; of all teams if absent."""
    period: Literal["day", "week", "month"] | None = None
    """The kind of period in which activities are counted, capped and held against the target."""
    effective_on: LocalDate | None = None
    """The first day on which it holds; unbounded if absent."""
    target: int | None = Field(default=None, ge=1, le=10**9)
    """How many points of a rep are a score of 100 %."""
    weights: Annotated[list[ScoreWeight], Field(min_length=1, max_length=12)] | None = None
    """What is counted, each KPI once."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [each.kpi for each in self.weights or ()]
        if len(names) != len(set(names)):
            raise ValueError("allowed as weights are different KPIs, each once")
        return self


CURVE_STEPS = 19
"""A curve is told after each twentieth of a period's working time, but for the last: then all is reached."""
MOST_BASIS_POINTS = 10**7
Factor = Annotated[int, Field(ge=0, le=MOST_BASIS_POINTS)]
Shares = Annotated[list[BasisPoints], Field(min_length=CURVE_STEPS, max_length=CURVE_STEPS)]
Factors = Annotated[list[Factor], Field(min_length=CURVE_STEPS, max_length=CURVE_STEPS)]


ContestKpi = Literal[
    "calls", "dials", "connected_calls", "connect_rate", "conversation_rate_60s", "talk_time", "emails", "meetings_set",
    "meetings_held", "show_rate", "activities", "deals_created", "won", "win_rate", "bookings", "avg_deal_size",
    "new_customers", "customer_satisfaction",
]  # fmt: skip
"""The KPIs by which a contest may be decided: of each more is better."""
LONGEST_CONTEST_DAYS = 366
LONGEST_SETTLEMENT_HOURS = 35 * 24
"""Activities are remembered for so long by default."""


class ContestChange(Change):
    """A contest: who has most of a KPI in the local days from one to another, whenever that is told.

    Days are those of the team for which something counts. Who takes part is decided by the first moment of the first
    day, and stays so: reps who change teams take what they do along. Members of teams who are in ramp on that day, by
    `ramp` of `org.proration.changed`, do not. One that lacks its KPI, its days or who takes part is none.
    """

    PERIOD = ("first_day", "last_day")

    title: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,100}$")] | None = None
    """What people call it; it is shown as it is."""
    kpi: ContestKpi | None = None
    """The KPI that decides it."""
    among: Literal["reps", "teams"] | None = None
    """Who competes; `reps` if absent."""
    team_ids: Annotated[list[Id], Field(max_length=100)] | None = None
    """The teams that compete; among reps, the teams whose members do."""
    rep_ids: Annotated[list[Id], Field(max_length=200)] | None = None
    """Reps who compete, beside the members of `team_ids`, in ramp or not; none among teams."""
    first_day: LocalDate | None = None
    """The first local day that counts."""
    last_day: LocalDate | None = None
    """The last local day that counts, 366 days at most with the first."""
    least_sample: int | None = Field(default=None, ge=1, le=10**6)
    """Of how many a share or mean has to be for a place; 5 if absent."""
    settlement_hours: int | None = Field(default=None, ge=0, le=LONGEST_SETTLEMENT_HOURS)
    """How long after its end what comes late, or is corrected, still counts before the result is called final; 48 if
    absent."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.among == "teams" and self.rep_ids:
            raise ValueError("allowed are rep_ids among reps only")
        first, last = self.first_day, self.last_day
        if first is not None and last is not None and (last - first).days >= LONGEST_CONTEST_DAYS:
            raise ValueError(f"allowed are {LONGEST_CONTEST_DAYS} days from first_day to last_day")
        return self


class RecognitionChange(Change):
    """What is told of reps, or of teams, when they achieve it by a KPI. What was told last holds for all days.

    Of several for one KPI of reps, or of teams, that with the greater id holds. A deletion takes back what was told.
    """

    whose: Literal["reps", "teams"] | None = None
    """Whose achievements: reps' over all teams, or teams'; `reps` if absent."""
    kpi: GoalKpi | None = None
    """The KPI that is counted."""
    best: Annotated[list[Literal["day", "week", "month"]], Field(max_length=3)] | None = None
    """The periods of which the best is told; none if absent."""
    milestones: Annotated[list[Annotated[int, Field(ge=1, le=10**15)]], Field(max_length=20)] | None = None
    """The counts, or minor units of the company's currency, that are milestones: `[1, 100, 1000]`."""
    streaks: Annotated[list[Annotated[int, Field(ge=1, le=10**15)]], Field(max_length=5)] | None = None
    """How much is done at least on each working day of a streak: `[20]`; no streaks if absent."""


BenchmarkKpi = Literal[
    "calls", "dials", "connected_calls", "connect_rate", "conversations_60s", "conversation_rate_60s", "talk_time",
    "emails", "meetings_set", "meetings_held", "show_rate", "activities", "speed_to_lead_median", "leads_tried_5m",
    "leads_contacted_60m", "deals_created", "won", "win_rate", "sales_cycle_median", "dials_per_meeting",
    "meetings_per_win", "activities_per_win", "customer_satisfaction",
]  # fmt: skip
"""The KPIs of reps of which an industry's figures may be told. None of money: others sell other things."""
IndustryValue = Annotated[str, StringConstraints(pattern=r"^\d{1,12}(\.\d{1,12})?$")]


class BenchmarkChange(Change):
    """What is usual of reps elsewhere, by somebody's account: an industry's figures for one KPI, and their source.

    It stands beside the figures of reps and changes none. In a window that holds which began last by the window's first
    day; a team's own comes before the company's, then the greater id. Without KPI, period, median or name of the source
    it says nothing.
    """

    team_id: Id | None = None
    """The team beside whose reps it stands; reps of all teams if absent."""
    kpi: BenchmarkKpi | None = None
    """The KPI, as it is defined here."""
    period: Literal["day", "week", "month", "quarter", "year"] | None = None
    """The kind of window that the figures are of."""
    effective_on: LocalDate | None = None
    """The first day on which it holds; unbounded if absent."""
    median: IndustryValue | None = None
    """What half of the reps reach: a decimal number as text, in the unit of the KPI; a share is `0.25`."""
    lower_quartile: IndustryValue | None = None
    """What three quarters of the reps reach; not known if absent."""
    upper_quartile: IndustryValue | None = None
    """What a quarter of the reps reach; not known if absent."""
    source_name: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,200}$")] | None = None
    """Whose account it is: report and year. It is shown as it is."""
    source_url: Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")] | None = None
    """Where that can be read."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        told = [Decimal(each) for each in (self.lower_quartile, self.median, self.upper_quartile) if each is not None]
        if told != sorted(told):
            raise ValueError("allowed are quartiles between which the median lies")
        return self


class CurveChange(Change):
    """How a team usually comes to a period's total, learnt from periods that are over: `salespulse curves learn`.

    The pace of the team's goals goes by it from then on. Of several curves for one KPI and kind of period of a team,
    that with the greater id holds; one that leaves out any of what it takes says nothing.
    """

    team_id: Id | None = None
    """Whose it is: that of all who work in the team and below it. `company` is the whole company."""
    kpi: GoalKpi | None = None
    """The KPI whose total it is."""
    period: Literal["week", "month", "quarter", "year"] | None = None
    """The kind of period."""
    learnt_on: LocalDate | None = None
    """The day on which it was learnt, which the pace names."""
    actor: Id | None = None
    """Who had it learnt and sent."""
    periods: int | None = Field(default=None, ge=1, le=10_000)
    """From how many periods it was learnt."""
    typical: int | None = Field(default=None, ge=1, le=10**15)
    """The total of a usual period, in the unit of the KPI."""
    shares: Shares | None = None
    """What share of the total is usually reached after 5, 10, … 95 % of the working time, in basis points; none is less
    than the one before."""
    low: Factors | None = None
    """After 5, 10, … 95 %: what one total in ten was less than, in basis points of its projection."""
    high: Factors | None = None
    """After 5, 10, … 95 %: what one total in ten was more than, in basis points of its projection."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.shares is not None and self.shares != sorted(self.shares):
            raise ValueError("allowed as shares are numbers of which none is less than the one before")
        return self
