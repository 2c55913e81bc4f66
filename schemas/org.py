"""The organisation: company, teams, reps and who is where, goals, contests, rates, processes, policies, rules."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from schemas.alerts import SETTINGS as RULE_SETTINGS
from schemas.alerts import Kind as AlertKind
from schemas.holiday_places import is_place
from schemas.types import Change, Currency, Id, Instant, LocalDate, Month, ShareBp, Slug, WireModel
from schemas.zones import zone_info

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""Local wall-clock time `09:00`; `24:00` ends a day."""

TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
"""IANA name; one that the pinned tzdata does not know is refused."""


def _known_zone(name: str) -> str:
    zone_info(name)
    return name


KnownTimeZone = Annotated[TimeZone, AfterValidator(_known_zone)]

LARGEST_RATE = 10**10
"""At a higher one a thousand units in hundredths would be more than any amount may be: a mistake."""


def _usable_rate(rate: str) -> str:
    if not 0 < Decimal(rate) <= LARGEST_RATE:
        raise PydanticCustomError("rate_out_of_range", "an exchange rate is above 0 and at most 10^10")
    return rate


Rate = Annotated[str, StringConstraints(pattern=r"^\d{1,12}(\.\d{1,12})?$"), AfterValidator(_usable_rate)]


def _not_empty(interval: tuple[str, str]) -> tuple[str, str]:
    start, end = interval
    if start in (end, "24:00"):
        raise PydanticCustomError("no_working_time", "begins when it ends")
    return interval


def _known_place(place: str) -> str:
    if not is_place(place):
        raise PydanticCustomError("unknown_place", "no country or subdivision whose holidays are known")
    return place


Interval = Annotated[tuple[ClockTime, ClockTime], AfterValidator(_not_empty)]
"""Local wall-clock times from when until when; one that ends before it begins ends on the next day."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
HolidayPlace = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$"), AfterValidator(_known_place)]
"""An ISO 3166 code; one of which no public holidays are known is refused."""


class WorkingCalendar(WireModel):
    """Working hours of a team: local intervals by weekday, and the public holidays it observes.

    A night shift, `["22:00", "06:00"]`, belongs to the day on which it begins: that day's holiday is its holiday.
    """

    monday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    tuesday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    wednesday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    thursday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    friday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    saturday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    sunday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    holidays: HolidayPlace | None = None
    """Country, or country and subdivision (`DE-BY`), whose public holidays are days off."""


class CompanyChange(Change):
    """The one company of a deployment (subject `company:company`)."""

    time_zone: KnownTimeZone | None = None
    """Defines the days of the company, of unknown teams, and of teams without a time zone."""
    currency: Currency | None = None
    """The currency of all money KPIs."""
    fiscal_year_start: Month | None = None
    """The month in which the fiscal year begins; 1 if absent."""
    calendar: WorkingCalendar | None = None
    """Working hours of teams without their own."""
    week_start: Weekday | None = None
    """The day on which weeks begin, of all teams; `monday` if absent."""
    week_start_from: LocalDate | None = None
    """The local day from which `week_start` holds, in each team's own days; unbounded if absent. Within a week, that
    week ends on the day before and the next begins on that day."""


class TeamChange(Change):
    """A team. Its zone changes from a local midnight on; everything else holds for all time.

    `org.team.deleted` ends it at the time of the event: what was before stays its own, what comes after is nobody's.
    """

    parent_id: Id | None = None
    """The parent team; none for a top-level team."""
    time_zone: KnownTimeZone | None = None
    """Defines the team's local days."""
    time_zone_from: LocalDate | None = None
    """The local day from which `time_zone` holds; unbounded if absent."""
    calendar: WorkingCalendar | None = None
    """The team's working hours."""
    fiscal_year_start: Month | None = None
    """The month in which the team's fiscal year begins; the company's if absent."""
    silence_minutes: int | None = Field(default=None, ge=1, le=10080)
    """Working minutes without activity after which a rep or the team counts as silent."""


class SpecialDayChange(Change):
    """A local day on which a team is closed, or open for some hours only: Christmas Eve until noon, an inventory.

    Of the working hours that begin on that day only what lies within the opening is left; where none begin it says
    nothing. Of several for one day those of the team come before those of all teams, then the greater id decides.
    """

    team_id: Id | None = None
    """The team, without those below it; all teams if absent."""
    day: LocalDate | None = None
    """The local day of each team."""
    open_from: ClockTime | None = None
    """The local time from which the team is open; the beginning of the day if absent. Closed all day if both are."""
    open_until: ClockTime | None = None
    """The local time up to which it is open; the end of its hours if absent. One before `open_from` is of the next
    day."""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.open_until is not None or self.open_from == "24:00":
            _not_empty((self.open_from or "00:00", self.open_until or "24:00"))
        return self


class RepChange(Change):
    """A rep, by a pseudonymous id: names and addresses stay in the CRM."""

    active: bool | None = None
    """False once the rep has left: history stays, but boards and alerts no longer show the rep."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166 code of where the rep works."""
    hired_on: LocalDate | None = None
    """The first day at work, in the days of the rep's team. Before it nobody misses the rep."""
    left_on: LocalDate | None = None
    """The last day at work: from the next day on boards and alerts no longer show the rep. One before `hired_on` is of
    an earlier time, and says nothing."""
    role: Slug | None = None
    """What the rep does: `sdr`, `account-executive`."""
    role_from: LocalDate | None = None
    """The local day from which `role` holds; unbounded if absent."""


class MembershipChange(Change):
    """Membership of a rep in a team for a period. If two overlap, the one that began later holds, unless it is a share.

    `org.membership.deleted` ends it at the time of the event. One that was told by mistake is taken back by a
    `valid_to` that equals its `valid_from`.
    """

    PERIOD = ("valid_from", "valid_to")

    rep_id: Id | None = None
    """The rep."""
    team_id: Id | None = None
    """The team."""
    valid_from: Instant | None = None
    """Unbounded if absent."""
    valid_to: Instant | None = None
    """First instant at which it no longer holds; indefinite if absent."""
    share_bp: ShareBp | None = None
    """The part of the rep that the team has, in basis points; all of the rep if absent. Memberships with shares hold
    together, in the ratio of their shares, while one of them is the one that began last. What counts is counted for the
    largest share; money of deals goes to each team by its share."""


AbsenceKind = Literal["vacation", "sick", "other"]


class AbsenceChange(Change):
    """That a rep is away: for whole days, half days, or from one instant to another.

    Days are those of the team that asks. Absences of one rep may overlap. One that was told by mistake is deleted.
    """

    PERIOD = ("first_day", "last_day")

    rep_id: Id | None = None
    """The rep."""
    kind: AbsenceKind | None = None
    """Why; `other` if absent."""
    first_day: LocalDate | None = None
    """The first day away."""
    last_day: LocalDate | None = None
    """The last day away; until further notice if absent."""
    from_noon: bool | None = None
    """True if the rep works in the morning of the first day, until 12:00 local time."""
    until_noon: bool | None = None
    """True if the rep works in the afternoon of the last day, from 12:00 local time on."""
    starts_at: Instant | None = None
    """The first instant away, in place of a first day."""
    ends_at: Instant | None = None
    """The first instant back, in place of a last day."""

    @model_validator(mode="after")
    def _by_days_or_instants(self) -> Self:
        if self.starts_at is not None and (self.first_day, self.from_noon) != (None, None):
            raise ValueError("allowed is a first_day or starts_at, not both")
        if self.ends_at is not None and (self.last_day, self.until_noon) != (None, None):
            raise ValueError("allowed is a last_day or ends_at, not both")
        if self.starts_at is not None and self.ends_at is not None and self.ends_at < self.starts_at:
            raise ValueError("allowed as ends_at is starts_at or later")
        return self


GoalKpi = Literal[
    "calls", "dials", "emails", "meetings_set", "meetings_held", "activities", "deals_created", "won", "bookings",
    "new_customers",
]  # fmt: skip
"""The KPIs that targets may be set for: counts and sums. Of a share or a mean there is nothing left to do."""
GoalValue = Annotated[int, Field(ge=0, le=10**15)]


class TargetChange(Change):
    """A goal of a team or rep for one period. What was told last holds for the whole of it; a deletion takes it back.

    Of several targets for one KPI and period of one team or rep, that with the greater id holds.
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
    day, and stays so: reps who change teams take what they do along. One that lacks its KPI, its days or who takes part
    is none.
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
    """Reps who compete, beside the members of `team_ids`; none among teams."""
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


class RateChange(Change):
    """Exchange rate from a day on: units of the company's currency per unit of `currency`."""

    currency: Currency | None = None
    """The currency to convert."""
    effective_on: LocalDate | None = None
    """The first day on which it holds, in the company's time zone."""
    rate: Rate | None = None
    """Decimal number as text, so that it is exact; above 0 and at most 10^10."""


class ProcessStage(WireModel):
    """One stage of a sales process, in its order."""

    id: Slug
    """The stage, unique within its process."""
    kind: Literal["open", "won", "lost"] = "open"
    """Whether deals in it are open, won or lost."""
    qualified: bool = False
    """Whether open deals in it count as qualified pipeline."""
    former_ids: Annotated[list[Slug], Field(max_length=20)] = []
    """What it was called before: it is the same stage ever since, and has its newest id in every window."""


class ProcessChange(Change):
    """A sales process: its stages in order, from an instant on. What a deal was told before is read as it was then.

    The earliest edition holds for all time before it too. A deleted process is read on as it was.
    """

    stages: Annotated[list[ProcessStage], Field(min_length=1, max_length=50)] | None = None
    """All stages in order; won and lost stages end a deal. Null takes the edition of that `valid_from` back."""
    valid_from: Instant | None = None
    """The instant from which these stages hold; the time of the event if absent."""
    implied: bool | None = None
    """False if a stage that a deal skips does not count as entered; true by default. It holds for all time."""


MOST_OF_ANYTHING = 20_000
"""The largest cap: up to there it is measured what an object of so many links or changes costs."""
Cap = Annotated[int, Field(ge=1, le=MOST_OF_ANYTHING)]


AdministrativeKind = Literal["note", "task"]


class PolicyChange(Change):
    """What holds for the objects of the company from an instant on; by the time of each event, whenever it comes.

    Of several policies that name a field, the one that began last decides it, then the greater id. Where none does,
    the default holds.
    """

    valid_from: Instant | None = None
    """Unbounded if absent."""
    most_links: Cap | None = None
    """Of how many touches, wins, merges and logged calls one object is told at most; 10,000 by default."""
    most_changes: Cap | None = None
    """How many changes of stage, owner, split, amount, currency and expected close a deal takes; 10,000 by default."""
    most_closings: Cap | None = None
    """How many more a full deal takes that close it; 10,000 by default."""
    nobody: Annotated[list[Id], Field(max_length=1000)] | None = None
    """Ids that stand for no lead, deal or account, in small or capital letters; `-`, `0`, `n/a`, `n.a.`, `na`, `nil`,
    `none`, `null`, `undefined` and `unknown` by default."""
    counted_activities: Annotated[list[AdministrativeKind], Field(max_length=2)] | None = None
    """Which of notes and tasks count as activities of their rep, as calls and visits do; none by default."""


class AlertRuleChange(Change):
    """How a rule of alerts holds for a team, or for all teams, from an instant on.

    Of several that name a setting, those of the team come before those of all teams; of these that which began last
    decides, then the greater id. Where none does, the default of the rule holds.
    """

    rule: AlertKind | None = None
    """The rule, by the kind of its alerts."""
    team_id: Id | None = None
    """The team, without those below it; all teams if absent."""
    valid_from: Instant | None = None
    """Unbounded if absent."""
    enabled: bool | None = None
    """False switches the rule off: what is open is resolved, and nothing opens. On by default, but a rule of a KPI has
    to be told its limit."""
    limit_minutes: int | None = Field(default=None, ge=1, le=10080)
    """Working minutes that the rule lets pass. Of `silent_rep`, `silent_team` and `feed_silent`."""
    limit_percent: int | None = Field(default=None, ge=0, le=100)
    """The limit of a share. Of `service_level`, and of `goal_at_risk`, where it is of the pace: these may not be below
    it. Of `abandoned_calls`, which may not be above."""
    least_count: int | None = Field(default=None, ge=1, le=10**6)
    """Of how many calls in a quarter of an hour a share of calls says something; or how many reps, half of
    the team at least, are told as one, of `silent_reps`. 5 by default."""
    limit_count: int | None = Field(default=None, ge=0, le=10**6)
    """How many may stand open, of `waiting_leads`, `deals_stalled` and `stages_unknown`; or how many activities there
    may be in an hour, of `reps_unknown` and `teams_unknown`, which go by what holds for all teams."""
    limit_days: int | None = Field(default=None, ge=0, le=365)
    """Working days that a lead may wait for a first try, the day on which it came in not among them. Of
    `leads_overdue`."""
    limit_seconds: int | None = Field(default=None, ge=0, le=3000)
    """For how long a caller may wait. Of `longest_wait`."""

    @model_validator(mode="after")
    def _of_the_rule(self) -> Self:
        settings = {name for names in RULE_SETTINGS.values() for name in names}
        given = sorted(name for name in settings if getattr(self, name) is not None)
        allowed = settings if self.rule is None else RULE_SETTINGS[self.rule]
        for name in given:
            if name not in allowed:
                raise ValueError(f"{name} is no setting of {self.rule}: allowed is {' or '.join(allowed)}")
        return self


class AlertChange(Change):
    """What somebody did about an alert (subject `alert:` and the alert's id): acknowledged one opening of it, muted it.

    An acknowledgement is of one opening: once the alert was resolved and opens again, nobody has acknowledged that. A
    mute is of the alert, however often it opens meanwhile.
    """

    PERIOD = ("muted_from", "muted_until")

    acknowledged_by: Slug | None = None
    """Who acknowledged it, by a pseudonymous name."""
    opened_at: Instant | None = None
    """When the alert opened that was acknowledged, as its record says."""
    muted_by: Slug | None = None
    """Who muted it, or ended the mute, by a pseudonymous name."""
    muted_from: Instant | None = None
    """Unbounded if absent."""
    muted_until: Instant | None = None
    """First instant at which it is muted no more; not muted at all if absent."""

    @model_validator(mode="after")
    def _by_somebody(self) -> Self:
        for by, said in (("acknowledged_by", self.opened_at), ("muted_by", self.muted_until)):
            if said is not None and getattr(self, by) is None:
                raise ValueError(f"{by} is missing: allowed is who did it")
        return self


CHANGES: dict[str, type[Change]] = {
    "company": CompanyChange,
    "team": TeamChange,
    "special_day": SpecialDayChange,
    "rep": RepChange,
    "membership": MembershipChange,
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
