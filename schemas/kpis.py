"""KPI records: what stands on the compacted KPI topics, one for each scope and window (JSON)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.types import WireModel
from schemas.windows import NOW, ROLLING, TRAILING

WindowKind = Literal["rolling", "now", "day", "week", "month", "quarter", "year", "90d"]
FORM = 2
"""The form of the record: it goes up where somebody who reads the former one errs. Then all is published again."""


def _in(unit: str) -> Any:
    """The field is in this unit: one of those that the schema says in words."""
    return Field(json_schema_extra={"unit": unit})


def _of(what: Literal["kpi", "goal"]) -> Any:
    """The unit is that of the KPI, of a part of a quotient by its `units`; or that of the KPI that the goal is of."""
    return Field(json_schema_extra={"unitOf": what})


Count = Annotated[int | None, _in("count")]
OfKpi = Annotated[float | None, _of("kpi")]
OfGoal = Annotated[float | None, _of("goal")]
WholeOfGoal = Annotated[int | None, _of("goal")]
Share = Annotated[float | None, _in("ratio")]
Days = Annotated[float | None, _in("days")]
InstantMs = Annotated[int, _in("epoch_ms")]

_NAMED = ", ".join(f"`{window}`" for window in (*(window for window, _ in ROLLING), NOW, TRAILING))
_DATED = (
    "`day:2026-11-23`, `week:2026-W48`, `month:2026-11`,\n`quarter:2026-Q4`, `year:2026`; quarters and years are "
    "fiscal, named by the year in which the fiscal year begins. Weeks begin on the company's first day of the week: a "
    "week that is\nnot a whole one from Monday to Sunday is named by its first day, `week:2026-11-29`."
)


class Window(WireModel):
    """The window that a record is about."""

    id: str = Field(description=f"{_NAMED}, {_DATED}")
    kind: WindowKind
    """Kind of window; all rolling windows share one kind."""
    start_ms: InstantMs
    """Its first instant, epoch milliseconds UTC."""
    end_ms: InstantMs
    """The first instant after it."""


class StageValue(WireModel):
    """A KPI of one stage of a sales process."""

    value: OfKpi
    """Null if it cannot be computed: there is no denominator."""
    numerator: OfKpi = None
    """Deals that reached a further stage, or their amount; of a mean the sum, in the unit of the value."""
    denominator: Annotated[int | None, _of("kpi")] = None
    """Deals that entered the stage, or left it, or their amount; of a mean those that left it."""
    n: Count = None
    """Sample size: number of deals."""
    lost: Count = None
    """Deals that were lost without reaching a further stage; of those that left a stage, those that were lost in it."""
    pending: Count = None
    """Deals whose outcome is not known yet."""
    lost_minor: Annotated[int | None, _in("minor")] = None
    """Where it is about amounts: what the deals are worth that were lost without reaching a further stage."""
    pending_minor: Annotated[int | None, _in("minor")] = None
    """Where it is about amounts: what the deals are worth whose outcome is not known yet."""
    without_amount: Count = None
    """Where it is about amounts: deals left out because nobody said what they are worth."""
    unconverted: Count = None
    """Where it is about amounts: deals left out for lack of a usable exchange rate."""
    conversion: Share = None
    """Of where prospects stall: the share of `n` deals that went on, of those that left in the last 28 days."""
    conversion_median: Share = None
    """What is usual: the median over the 180 spans of 28 days that ended before today."""
    conversion_deviation: Share = None
    """The median absolute deviation from that."""
    days: Days = None
    """Of where prospects stall: the mean time of the last visits of the same deals."""
    days_median: Days = None
    """What is usual."""
    days_deviation: Days = None
    """The median absolute deviation from that."""
    amount_minor: Annotated[int | None, _in("minor")] = None
    """Amount of the deals, in minor units of the record's currency."""
    overflow: bool | None = None
    """True where the amount, or the sum behind a mean, leaves 64 bits: it is null then, and comes back once it fits."""


class StateValue(WireModel):
    """How many reps' phones are in one state."""

    value: Annotated[int, _in("count")]
    """Reps."""
    since_ms: InstantMs
    """When a rep came to be in it, epoch milliseconds; of several reps it lies in the middle of when each did."""


class PhoneStretch(WireModel):
    """A while of a rep's day in which the phone was in one state."""

    state: str
    """`available`, `ringing`, `on_call`, `wrap_up`, `break` or `break:<reason>`."""
    from_ms: InstantMs
    """When it began, or the local day did, epoch milliseconds."""
    to_ms: Annotated[int | None, _in("epoch_ms")]
    """When it was over, or the local day was; null of the state that goes on."""


class CategoryValue(WireModel):
    """What was spent on one category, and for each new customer."""

    value: OfKpi
    """For each new customer; null where there is none."""
    numerator: OfKpi = None
    """What was spent."""
    denominator: OfKpi = None
    """New customers."""
    overflow: bool | None = None
    """True where a sum behind it leaves 64 bits: what does not fit is null then, and comes back once it fits."""


class GoalReached(WireModel):
    """A KPI of one target of the window."""

    value: OfKpi
    """Null if it cannot be computed."""
    numerator: WholeOfGoal = None
    """What was reached: the value of the KPI that the target is set for."""
    denominator: WholeOfGoal = None
    """The target."""
    full_target: WholeOfGoal = None
    """The target as it was set, where a rep was not there all the time: what is due of it is the denominator then."""
    gap: WholeOfGoal = None
    """Target less what was reached; below 0 beyond the target."""
    gap_per_day: OfGoal = None
    """The gap by working days left, 0 once the target is reached; null of a window that is over, and where nobody says
    when work is done."""
    days_left: Annotated[int | None, _in("days")] = None
    """Working days left, today among them."""
    below: WholeOfGoal = None
    """While the period runs, of a team, a group or the company: what the targets of those directly below add up to, for
    this KPI and period. They are the team's members by the end of the period, the group's teams, or all teams that have
    none above them. Null where nobody below has one."""
    below_n: Count = None
    """How many of those directly below have a target."""
    below_difference: WholeOfGoal = None
    """By how much the targets below add up to more than the target itself."""
    due: OfGoal = None
    """The part of the target that is due by now: by the curve, else by the share of working time that has passed."""
    projection: OfGoal = None
    """What is reached at the end of the period if it goes on like this; null before 15 % of its working time."""
    projection_low: OfGoal = None
    """What is reached at least, in nine periods of ten; null without a curve, and where there is no projection."""
    projection_high: OfGoal = None
    """What is reached at most, in nine periods of ten: eight totals of ten lie between the two."""
    curve: str | None = None
    """The day on which the curve was learnt by which this goes, `2026-11-23`; null if it goes by working time."""
    overflow: bool | None = None
    """True where what was reached leaves 64 bits: it is null then, and comes back once it fits."""


class VelocityTerms(WireModel):
    """What pipeline velocity was computed from, by the names of KPIs."""

    open_qualified: Annotated[int, _in("count")]
    """Deals."""
    win_rate: Annotated[float | None, _in("ratio")]
    """0 to 1."""
    avg_deal_size: Annotated[float | None, _in("minor")]
    """Amount of a deal."""
    sales_cycle: Annotated[float | None, _in("days")]
    """Local days."""


class KpiValue(WireModel):
    """One KPI. Its unit stands beside its name in the schema; money is in minor units of the record's currency."""

    value: OfKpi
    """Null if it cannot be computed. A KPI without any data yet is absent, and its family not in `nothing`."""
    numerator: OfKpi = None
    """What is divided, of a ratio or mean."""
    denominator: OfKpi = None
    """What it is divided by."""
    n: Count = None
    """Sample size of a ratio, mean or median; where the KPI is about amounts of deals, how many of them it is over;
    of what is usual, how many days it is of."""
    without_amount: Count = None
    """Where the KPI is about amounts of deals: deals left out because nobody said what they are worth."""
    unconverted: Count = None
    """Where the KPI is about amounts of deals: deals left out for lack of a usable exchange rate."""
    since_ms: Annotated[int | None, _in("epoch_ms")] = None
    """Of callers who wait: when the one called who has waited longest, epoch milliseconds; null where none waits."""
    stages: dict[str, StageValue] | None = None
    """Values by `<process>:<stage>`, for funnel KPIs: the 200 stages with most deals, and `…:other` for the rest."""
    places: Annotated[dict[str, int] | None, _in("place")] = None
    """For the open deals of stages: in which order deals go through the stages of a process, from 0 on."""
    states: dict[str, StateValue] | None = None
    """Values by state, or `break:<reason>`, for live states: the 50 of most reps, and `…` for the rest."""
    categories: dict[str, CategoryValue] | None = None
    """Values by category, for cost: the 50 of most cost, and `…` for the rest."""
    stretches: list[PhoneStretch] | None = None
    """For the timeline of a rep's day: the states in the order in which they began. Between them the phone was off, or
    nobody says."""
    beyond: Count = None
    """For the timeline of a rep's day: how many states are not among them, as 120 others ended in the same hour."""
    goals: dict[str, GoalReached] | None = None
    """Values by the KPI that a target is set for, for goal KPIs. A target of 0 is none."""
    attained: bool | None = None
    """For the coverage of a target only: whether it is reached, so that nothing is left to be covered."""
    elapsed: Annotated[float | None, _in("ratio")] = None
    """For the pace of goals: the share of the window's working time that has passed. Null of a window that is over, or
    in which nobody works."""
    low: OfKpi = None
    """For what is usual only: where its band begins."""
    high: OfKpi = None
    """For what is usual only: where its band ends."""
    terms: VelocityTerms | None = None
    """For pipeline velocity only."""
    overflow: bool | None = None
    """True where a sum behind it leaves 64 bits: value and that sum are null then, and come back once it fits."""


class KpiRecord(WireModel):
    """All KPIs of one scope in one window, absolute.

    Of two records with one key the higher version holds; of equal versions, the later record.
    The key is `<scope>|<window id>`; a record without value (tombstone) means: window closed or scope gone.
    """

    kind: Literal["figure"]
    """What the record is: a figure, and no cut (schemas/json/cut.json)."""
    scope: str
    """`team:north`, `rep:7@north`, and from the rollup `rep:7`, `group:emea`, `company`."""
    home: str
    """The home of the scope: the team, for a rep within it; otherwise the scope itself."""
    window: Window
    """The window."""
    state: Literal["provisional", "final", "restated"]
    """Final once the window has been over for the finality period; restated if it changed after that and somebody may
    have seen another figure. A window of a scope that is new has that period from its first data."""
    activities_fixed: bool = False
    """Whether the window begins earlier than activities are remembered: those of before no longer move with a rep or
    team, while deals and leads do."""
    current: bool
    """Whether the window contains the current stream time."""
    as_of_ms: InstantMs
    """How fresh it is: stream time at the version's position, by the log's clock. A figure that does not change keeps
    it; up to when all figures of the partition hold, its last cut says (`now_ms`)."""
    version: Annotated[list[int], Field(min_length=2, max_length=2)]
    """`[generation, offset]`; the generation is the epoch ms at which the state began, the offset a position in it."""
    currency: str
    """ISO 4217 code of all money in the record."""
    currency_digits: Annotated[int, _in("count")]
    """How many decimal digits the currency's minor unit has: an amount is its number of minor units / 10 to that."""
    definition: str
    """Which definition the KPIs follow: another one where the KPI table, the windows or finality were changed."""
    attendance: Literal["present", "absent", "not_hired", "left"] | None = None
    """Of a rep, in the current windows of days: whether the rep is at work today or for a part of it, in the days of
    the home; absent for the whole of it, to come, or gone. Why is not told."""
    nothing: list[str] = Field(default_factory=list)
    """Families of KPIs of which nothing happened in the window: their KPIs are there, and not spelled out. Counts are
    0, all else has no denominator: its value is null."""
    kpis: dict[str, KpiValue]
    """All others, by name. A KPI of a family that is neither here nor in `nothing` has no data yet, or is not
    published of such a scope."""
