"""docs/kpis.md: every KPI as the table defines it, for those who are measured by it and those who read it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pipeline.kinds.deal_days import CLOSING
from pipeline.scores import kpi_words
from pipeline.scores.by_day import BY_DAY
from pipeline.scores.goals import GOALS
from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpis import KPIS, SECTIONS
from pipeline.scores.timeline import TIMELINE
from pipeline.scores.units import UNITS
from pipeline.views import comparison_words
from pipeline.views.comparison_words import COMPARISONS

GOAL_FORMULAS = {
    "goal_attainment": "by KPI: sum of its measure / target, gap = target - sum",
    "goal_pace": "by KPI: sum of its measure / (target x share), projection = sum / share; the share of working"
    " time that has passed, or that the curve has by then, where the projection leans on a usual period",
    "pipeline_coverage": "open qualified pipeline / (target of bookings - bookings), of the current quarter",
}
"""What is done with each target, and the measures of the KPI that it is for."""
BETTER = {"up": "more is better", "down": "less is better", "neither": "neither more nor less is better"}
WHERE = {
    "period": "all windows but `now`",
    "days": "windows of whole days, from `day` to `90d`",
    "calendar": "windows of the calendar, from `day` to `year`",
    "quarter": "`quarter` only",
    "today": "`day` only, while it lasts",
    "now": "`now` only",
    "90d": "`90d` only",
    "always": "all windows",
}


ELSEWHERE = {
    29: "Whoever has far less than this, or less than the team, or nothing for too long, opens an alert:"
    " [SalespulseBelowUsual](operations.md#salespulsebelowusual),"
    " [SalespulseBelowPeers](operations.md#salespulsebelowpeers),"
    " [SalespulseRepSilent](operations.md#salespulserepsilent).",
}
"""By section: what is told of its subject on other pages."""


def page() -> Iterator[str]:
    """The lines of the page behind its introduction."""
    comparisons = {number: each.title for number, each in COMPARISONS.items()}
    for number, title in sorted({**SECTIONS, **comparisons}.items()):
        yield f"## {number}. {title}"
        if number in COMPARISONS:
            yield from comparison_words.lines(COMPARISONS[number])
        if number in ELSEWHERE:
            yield ELSEWHERE[number]
            yield ""
        if number in kpi_words.ELSEWHERE:
            yield f"Elsewhere: {kpi_words.ELSEWHERE[number]}"
            yield ""
        for kpi in KPIS:
            if kpi.number == number:
                yield f"**`{kpi.name}`** {kpi.description}."
                yield from (f"- {line}" for line in lines(kpi))
                yield ""


def lines(kpi: Kpi) -> Iterator[str]:
    """What a reader needs beside the description: formula, population, time basis, unit, windows, whose, source."""
    yield f"Formula: {formula(kpi)}"
    yield f"Population: {kpi_words.POPULATION[kpi.name]}"
    yield f"Time basis: {kpi.basis}"
    yield f"Unit: {UNITS[kpi.unit]}; {BETTER[kpi.better]}"
    yield f"Windows: {WHERE[kpi.where]}; of {_whom(kpi)}"
    yield f"Family: `{kpi.family}`; version {kpi.version}; source: {kpi.source}"


def _whom(kpi: Kpi) -> str:
    if kpi.formula == TIMELINE:
        return "reps within a team"
    return "reps and all larger scopes" if kpi.reps else "teams and larger scopes"


def formula(kpi: Kpi) -> str:
    """In measures (`pipeline/measures.py`)."""
    if kpi.name in OWN_FORMULAS:
        return OWN_FORMULAS[kpi.name]
    if kpi.formula in QUANTILES:
        words = {"median": "median", "p90": "90th percentile"}[kpi.formula]
        return f"{words} of `{kpi.numerator[0].rstrip('~')}`{_divided(kpi)}, to 1 %"
    if kpi.formula == "goals":
        return f"{GOAL_FORMULAS[kpi.name]}; `{GOALS}` are targets, of {_sum(kpi.denominator)}"
    if kpi.formula in ("stages", "stall", "states"):
        by = "state and reason" if kpi.formula == "states" else "process and stage"
        return f"by {by}: " + STAGES.get(kpi.name, _sum)([name.rstrip(":") for name in kpi.numerator])
    above = _sum(kpi.numerator)
    if len(kpi.numerator) > 1 and (kpi.divisor != 1 or kpi.denominator):
        above = f"({above})"
    if not kpi.denominator:
        return _of_days(kpi, above.replace(":", "")) if kpi.numerator[0] in BY_DAY else f"sum of {above}{_divided(kpi)}"
    below = _sum(kpi.denominator)
    if kpi.left_out:
        below += " less " + " less ".join(f"`{name}`" for name in kpi.left_out)
    return f"{above}{_divided(kpi)} / ({below})"


OWN_FORMULAS: Mapping[str, str] = {
    "activity_score": (
        "sum of weight x count, each count up to its cap, over reps / (target x reps); `score` are weights and targets"
    ),
    "cac_by_category": "by category: `cost_category_minor` / (`new_customers`)",
    "bookings_per_rep_day": "(`won_minor` + `won_split_minor`) / days at work of all reps (`rep_days_bp` / 10,000)",
    "open_pipeline_per_rep": "(`open_minor` + `open_split_minor`) / reps at work today (`rep_days_bp` / 10,000)",
    "callers_waiting": "sum of `callers_waiting` of the last hour, by second; since_ms = the earliest of these seconds",
    "phone_timeline": (
        "number of `phone_stretch` of today + `phone_stretches_beyond` + `agents`; of each from when until when"
    ),
    "pipeline_velocity": ("`open_qualified` x win rate x mean deal size / mean sales cycle, the last three of 90 days"),
    "activities_usual": (
        "median of `activities` before the local time of now, of the weekday's last days; band of two spreads around it"
    ),
    "activities_usual_hour": (
        "median of `activities` in the present local hour, of the weekday's last days; band of two spreads around it"
    ),
}


def _of_days(kpi: Kpi, above: str) -> str:
    """Of what stands by local day."""
    if kpi.formula == "age":
        return f"local days from the earliest of {above} to today"
    if kpi.numerator[0] in CLOSING:
        return f"sum of {above} of all local days before today"
    return f"sum of {above} of all local days since which 10 working days have begun"


def _mean_time(names: Sequence[str]) -> str:
    return f"({_sum(names[:2])}) / 86,400,000 / number of {_sum(names[2:])}"


def _median_time(names: Sequence[str]) -> str:
    return f"median of {_sum(names)} / 1,440, to 1 %"


def _count_of(names: Sequence[str]) -> str:
    return f"number of {_sum(names)}"


def _stall(names: Sequence[str]) -> str:
    onward, deals = f"conversion = `{names[0]}` / deals", f"deals = number of {_sum(names[3:])}"
    days = f"days = ({_sum(names[1:3])}) / 86,400,000 / deals"
    return f"the larger of (median - conversion) / deviation and (days - median) / deviation; {onward}, {days}, {deals}"


def _progress(names: Sequence[str]) -> str:
    return f"`{names[0]}` / number of {_sum(names[2:])}, lost = `{names[1]}`"


def _states(names: Sequence[str]) -> str:
    return f"`{names[0]}`, and since when: `{names[1]}` / `{names[0]}`"


def _progress_value(names: Sequence[str]) -> str:
    return f"`{names[0]}` / `{names[1]}`, without_amount = `{names[2]}`, unconverted = `{names[3]}`"


def _conversion_value(names: Sequence[str]) -> str:
    beside = f"lost_minor = `{names[2]}`, without_amount = `{names[4]}`, unconverted = `{names[5]}`"
    return f"`{names[0]}` / `{names[1]}`, {beside}, n = `{names[3]}` less both"


STAGES: Mapping[str, Callable[[Sequence[str]], str]] = {
    "stage_exits": _count_of,
    "stage_progress": _progress,
    "stage_progress_value": _progress_value,
    "stage_conversion_value": _conversion_value,
    "stage_stall": _stall,
    "agent_states": _states,
    "stage_time": _mean_time,
    "stage_time_median": _median_time,
    "stage_time_total": _mean_time,
    "stage_time_total_median": _median_time,
}
"""Those by stage or state that are no sums."""


def _sum(names: Iterable[str]) -> str:
    return " + ".join(f"`{name}`" for name in names)


def _divided(kpi: Kpi) -> str:
    return f" / {kpi.divisor:,}" if kpi.divisor != 1 else ""
