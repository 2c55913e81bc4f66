"""Answers of the board's API, for the description of it: what is asked of figures, and who vouches for them (JSON)."""

from typing import Annotated, Any, Literal

from pydantic import RootModel, WithJsonSchema

from schemas.alerts import Alert
from schemas.kpis import KpiValue
from schemas.recognition import AchievementKind, ContestPlace, ContestState
from schemas.types import WireModel

COMPONENTS = "#/components/schemas/{model}"
"""Where it has the models."""

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339, UTC."""


class Kpis(RootModel[dict[str, KpiValue]]):
    """KPIs by name; the description has each of them."""


class Freshness(WireModel):
    """Who vouches for figures, and up to when."""

    state: str
    """`live`, or why they are not: `filling`, `behind`, `unheld`, `empty`, `no_worker`, `no_redis`."""
    live: bool
    """Whether somebody vouches for them now."""
    since: Moment | None
    """Since when they have stood still, where that is known."""
    why: str
    """The same for people; empty while they are live."""
    up_to: Moment | None
    """Up to when every event is in them."""
    age_seconds: float | None
    """How long ago that was, by Redis' clock."""


class WindowName(WireModel):
    """A window."""

    id: str
    """`1h`, `day:2026-11-23`."""
    start: Moment | None
    """Its first instant, where it begins at a midnight."""


class Money(WireModel):
    """What all money of a scope is in: minor units of a currency."""

    currency: str
    """ISO 4217 code."""
    currency_digits: int
    """How many decimal digits its minor unit has: an amount is its number of minor units / 10 to that."""


class FunnelStage(WireModel):
    """A stage of a sales process."""

    process: str
    """The id of the process."""
    stage: str
    """The id of the stage."""
    open: int
    """Deals that are open in it now."""
    entered: int
    """Deals that entered it in the window."""


class ScopeNow(Money):
    """A scope in one window, and what stands open now."""

    as_of: Moment | None
    """Stream time of its latest figure."""
    window: WindowName | None
    """The window that is current for the scope; null where it has none of that kind."""
    kpis: Kpis
    """All but those of stages."""
    funnel: list[FunnelStage]
    """The stages of all processes, in their order."""
    absent: list[str] | None = None
    """The reps of a team who are absent; absent itself where nobody is."""
    ramping: list[str] | None = None
    """The reps of a team who are in ramp, and in no ranks; absent where nobody is."""
    special_day: str | None = None
    """Of a team on a special day, in words: `closed today`, `half day until 13:00`; absent on all other days."""
    limits: dict[str, float] | None = None
    """Of a team: what rules of alerts hold its KPIs against, by KPI in its unit; absent where there are none."""
    beyond: list[str] | None = None
    """Which of these KPIs are beyond their limit in the window, in words; absent where there are no limits."""
    stall: str
    """Where prospects stall, in words; empty where they do not."""
    splits: str
    """What splits of deals give or take in the window, in words; empty where they do not."""
    freshness: Freshness
    """Of the scope's home."""


class Figures(WireModel):
    """All scopes in one current window."""

    freshness: Freshness
    """Of all figures together."""
    as_of: Moment | None
    """Stream time of the latest figure."""
    window: str
    """The window that was asked for."""
    scopes: dict[str, ScopeNow]
    """By scope; those of reps within a team are left out."""


class UsualDay(WireModel):
    """What is usual of a whole day of a weekday, with the band around it."""

    value: float | None
    """The median of the last eight days of the weekday, of those on which work was done and that have a value; null of
    fewer than four."""
    low: float | None
    """Where the band begins."""
    high: float | None
    """Where it ends."""
    n: int
    """Of how many days it is."""


class WindowFigures(WindowName):
    """A window of a scope."""

    state: Literal["provisional", "final", "restated"]
    """As in KPI records."""
    as_of: Moment | None
    """Stream time of the figure."""
    kpis: Kpis
    """What there is, or was asked for."""
    usual_whole_day: dict[str, UsualDay] | None = None
    """Of a day, over or not: what is usual of a whole one, by KPI. Null of all other windows, and of the days of a time
    where no KPI is named; absent where all current windows are asked for."""


class _Scope(Money):
    scope: str
    """`team:north`, `rep:7`, `company`."""
    home: str
    """The team, of a rep within it; otherwise the scope itself."""
    freshness: Freshness
    """Of that home."""


class ScopeFigures(_Scope):
    """A scope in all windows that are current."""

    windows: dict[str, WindowFigures]
    """By kind: `1h`, `day`, `now`."""


class History(_Scope):
    """The windows of a scope that were asked for, past ones too."""

    windows: list[WindowFigures]
    """In their order."""


class DayOfSeries(WireModel):
    """A day of a KPI, beside the days that people compare it with."""

    day: str
    """The local day."""
    state: Literal["provisional", "final", "restated"] | None
    """As in KPI records; null of a day that is not kept."""
    whole: bool
    """Whether it is over: the day that is not is compared with none."""
    kpi: KpiValue | None
    """As it is told; null where it is not."""
    day_before: float | None
    """Its value on the day before."""
    worked_before: float | None
    """Its value on the last day before with any activity."""
    week_before: float | None
    """Its value a week before."""
    target: float | None
    """What is due on the day of the target that the day itself has; null without one."""
    usual_whole_day: UsualDay | None
    """What is usual of a whole day, whether this one is over or not; null where the KPI has no usual."""


class PooledValue(WireModel):
    """A KPI over several days: a sum, or the quotient of sums."""

    value: float | None
    """Null where nothing is divided by, or a day cannot be computed."""
    numerator: float | None = None
    """Of a quotient: what is divided."""
    denominator: float | None = None
    """What it is divided by."""


class Series(_Scope):
    """A KPI of a scope day by day, without gaps."""

    kpi: str
    """The KPI."""
    unit: str
    """Of its values."""
    days: list[DayOfSeries]
    """In their order."""
    together: PooledValue | None
    """Over all of them; null where a day is not kept, or days of the KPI do not add up."""


class Stretch(WireModel):
    """The days of a period that are compared."""

    window: str
    """The period: `month:2026-11`."""
    first_day: str
    """Its first local day."""
    last_day: str
    """The last one of those compared."""
    days: int
    """How many there are."""


class ComparedKpi(WireModel):
    """A KPI of the current period beside the one before."""

    kpi: str
    """The KPI."""
    unit: str
    """Of its values."""
    current: PooledValue | None
    """Over the days of the current period that are over; null where none has it."""
    before: PooledValue | None
    """Over those of the period before, up to the same point."""
    change: float | None
    """The first less the second."""


class SamePoint(_Scope):
    """The current period of a scope beside the one before, up to the same point."""

    current: Stretch
    """The current period, up to the end of yesterday."""
    before: Stretch
    """The one before, up to as many worked days; as many local days where nobody has worked yet."""
    worked_days: int
    """How many days of the current period had any activity."""
    kpis: list[ComparedKpi]
    """Those that any of the days has."""


class OpenAlert(Alert):
    """An alert that is open."""

    summary: str
    """What it says, in words."""
    display_name: str
    """What people call whom it is about: the display name, where there is a directory."""


class Names(RootModel[dict[str, str]]):
    """Display names by scope, `rep:7` and `team:north`; none where nobody keeps a directory."""


class Contest(Money):
    """A contest, and who stands where in it."""

    id: str
    """`contest:<name>`."""
    kind: Literal["contest"]
    """What it is."""
    title: str
    """What people call it."""
    state: ContestState
    """How far it is."""
    summary: str
    """The same in words."""
    kpi: str
    """The KPI that decides it."""
    unit: str
    """The unit of the values."""
    among: str
    """Who competes: `reps` or `teams`."""
    first_day: str
    """The first local day that counts."""
    last_day: str
    """The last local day that counts."""
    start: Moment | None
    """When the first day begins, where that is first."""
    end: Moment | None
    """When the last day is over, everywhere."""
    final: Moment | None
    """When the result is called final."""
    least_sample: int
    """Of how many a share or mean has to be for a place."""
    entrants: int
    """How many take part."""
    standings: list[ContestPlace]
    """Of these the first 100, in their order."""
    version: list[int]
    """Of the last change."""


class Achieved(Money):
    """A best day, week or month, a milestone, or a streak."""

    id: str
    """The same for as long as it can be achieved."""
    kind: AchievementKind
    """What it is."""
    summary: str
    """What was achieved, in words."""
    scope: str
    """Who achieved it."""
    kpi: str
    """The KPI."""
    unit: str
    """The unit of the value."""
    value: int
    """What was done in the best period; the count that was reached; or the days of the streak."""
    window: str
    """The best period, the day on which the count was reached, or the last day of the streak."""
    first_day: str
    """The first local day of that."""
    version: list[int]
    """Of the last change."""


class ShownWindow(WireModel):
    """A window that is published."""

    name: str
    """As it is asked for."""
    title: str
    """For people."""
    reps: bool
    """Whether reps are published in it too."""


class HeldPartition(WireModel):
    """A partition, and the worker that holds it."""

    stage: str
    """The stage."""
    partition: int
    """Its number."""
    heard_seconds_ago: float
    """How long ago its worker was heard."""
    up_to: Moment | None
    """Up to when every event is in what follows from it."""


class Partitions(Freshness):
    """Who vouches, partition by partition."""

    partitions: list[HeldPartition]
    """Those that are held."""


class Definition(WireModel):
    """A KPI, as the schema of KPI records says it."""

    name: str
    """The KPI."""
    family: str
    """What it is published together with."""
    number: int
    """The section of docs/kpis.md."""
    description: str
    """For people."""
    population: str
    """Whose, and which records."""
    unit: str
    """Of the value."""
    units: dict[str, str]
    """Of numerator and denominator, where it is a quotient."""
    windows: list[str]
    """The kinds of windows that have it."""
    reps: bool
    """Whether reps have it."""
    usual_whole_day: bool
    """Whether what is usual of a whole day is told beside it."""
    time_basis: str
    """Which time decides in which window something counts."""
    better: Literal["up", "down", "neither"]
    """Whether more is better, or less."""
    nothing: dict[str, Any]
    """What it says where nothing happened."""
    version: int
    """Of its definition."""


class RankedRep(WireModel):
    """A rep on a board."""

    rep: str
    """The rep's id."""
    place: int | None
    """Equal values share one, and the next is as many further on; null without a value, with too small a sample, and in
    ramp."""
    value: float | None
    """Of the KPI, in its unit."""
    n: int | None = None
    """How large the sample is of a ratio, average or median."""
    ramping: bool | None = None
    """True of a rep in ramp; absent of all others."""


class Ranks(Money):
    """The present reps of a team, or of all teams, in the order of a KPI."""

    home: str
    """`team:north`, `company`."""
    window: str
    """The kind of current window."""
    kpi: str
    """What they are ranked by."""
    ranks: list[RankedRep]
    """Those without a place come last."""


class IndustryFigure(WireModel):
    """An industry's figures of a KPI, as somebody tells them."""

    median: float
    """What half of the reps reach, in the unit of the KPI."""
    lower_quartile: float | None
    """What three quarters of them reach; null where that is not told."""
    upper_quartile: float | None
    """What a quarter of them reach; null where that is not told."""
    source_name: str
    """Whose account it is."""
    source_url: str | None
    """Where that can be read."""
    effective_on: str | None
    """The first day on which it holds; null where it is unbounded."""


class BesideIndustry(IndustryFigure):
    """Reps here beside those elsewhere, by one KPI, in the company's current window."""

    kpi: str
    """The KPI."""
    median_of_reps: float | None
    """What half of the present reps over all teams reach who have a value; null where nobody has one."""
    reps: int
    """How many have one."""
    summary: str
    """Both in words."""


class Benchmark(WireModel):
    """A KPI of a rep beside the peers and the rep's own past."""

    value: float | None
    """In the current window."""
    before: list[float | None]
    """In up to six windows before it, oldest first."""
    peers: int
    """How many other present reps of the team have a value."""
    team_median: float | None
    """Of all of them; null with fewer than five peers."""
    percentile: float | None
    """Of a hundred peers so many are worse, those who are equal counted half; null with fewer than five."""
    industry: IndustryFigure | None
    """What is usual of reps elsewhere; null where the organisation was told of none for this KPI and window."""


class Benchmarks(Money):
    """A rep beside the peers, the team and the windows before."""

    scope: str
    """The rep, within a team or over all of them."""
    window: str
    """The id of the current window."""
    kpis: dict[str, Benchmark]
    """By KPI."""


class BeforeAndAfter(WireModel):
    """A KPI around a session: of a count how many a calendar day, of a quotient that of all days together."""

    before: float | None
    """In the 28 days before."""
    after: float | None
    """In the days since, 28 at most."""


class CoachingSession(WireModel):
    """A day with one-to-ones or coaching sessions."""

    day: str
    """The local day."""
    one_to_ones: int
    """How many one-to-ones there were."""
    coaching_sessions: int
    """How many coaching sessions there were."""
    days_after: int
    """How many days have passed since, 28 at most."""
    kpis: dict[str, BeforeAndAfter]
    """By KPI."""


class Coaching(Money):
    """What the figures of a scope were before and after each of its sessions."""

    scope: str
    """The rep or team."""
    sessions: list[CoachingSession]
    """The latest first."""


class PhoneState(WireModel):
    """A while of a rep's day in which the phone was in one state."""

    team: str
    """The team that the rep belonged to when it began."""
    state: str
    """`available`, `ringing`, `on_call`, `wrap_up`, `break` or `break:<reason>`."""
    start: Moment
    """When it began, or the local day did."""
    end: Moment | None
    """When it was over, or the local day was; null of the state that goes on."""


class Timeline(WireModel):
    """What a rep's phone was set to through the day."""

    scope: str
    """The rep, within a team or over all of them."""
    stretches: list[PhoneState]
    """In the order in which they began."""
    beyond: int
    """How many states are not among them, as too many others ended in the same hour."""


class Refusal(WireModel):
    """Why there is no answer."""

    error: str
    """What is wrong, and what is allowed."""
