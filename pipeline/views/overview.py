"""What the terminal and scripts show of the live figures: company, teams, reps, funnel, alerts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.views.readings import Reading
from pipeline.views.wording import rfc3339, split_words


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One stage of the funnel: open deals in it now, and entries in a window."""

    process: str
    id: str
    open_deals: int
    entered: int


@dataclass(frozen=True, slots=True)
class Goal:
    """The target of a KPI in a window: what is reached, as a share too, and that against what is due by now.

    `ends` is the projection, from `low` to `high` where a `curve` was learnt, on the day that it names. `below` is what
    the targets directly below add up to.
    """

    kpi: str
    reached: float | None
    target: float
    share: float | None
    pace: float | None
    ends: float | None = None
    low: float | None = None
    high: float | None = None
    curve: str | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True)
class PhoneState:
    """How many reps' phones are in a state now, or away for a reason, and since when; of several in the middle."""

    name: str
    reps: int
    since_ms: int


def company(figures: Mapping[str, Reading]) -> Reading | None:
    """The whole company, where the rollup has published it."""
    return figures.get(COMPANY)


def teams(figures: Mapping[str, Reading]) -> list[Reading]:
    """Teams with members of their own, then what belongs to no team, where there is any, then teams of teams."""
    return sorted(
        (reading for reading in figures.values() if reading.scope.startswith(("team:", "group:")) and _shown(reading)),
        key=lambda reading: (reading.scope.startswith("group:"), reading.scope == f"team:{UNASSIGNED}", reading.scope),
    )


def reps(figures: Mapping[str, Reading], kind: str, kpi: str) -> list[Reading]:
    """Reps over all their teams, the highest value of a KPI first, ties by name; those without a value last."""
    overall = [reading for scope, reading in figures.items() if scope.startswith("rep:") and "@" not in scope]
    found = [reading for reading in overall if _shown(reading)]

    def place(reading: Reading) -> tuple[bool, float, str]:
        value = reading.value(kind, kpi)
        return value is None, -(value or 0), reading.scope

    return sorted(found, key=place)


def absent(figures: Mapping[str, Reading]) -> set[str]:
    """The reps who are absent from any of their teams, each by the scope over all teams."""
    return {f"rep:{rep}" for reading in figures.values() for rep in reading.absent}


def ramping(figures: Mapping[str, Reading]) -> set[str]:
    """The reps who are in ramp in any of their teams, each by the scope over all teams."""
    return {f"rep:{rep}" for reading in figures.values() for rep in reading.ramping}


def funnel(reading: Reading | None, kind: str) -> list[FunnelStage]:
    """The stages of a scope's funnel, by process, in its order; those that it does not declare come last, by name."""
    if reading is None:
        return []
    now, period = _stages(reading, "now", "stage_open"), _stages(reading, kind, "stage_entries")
    year = _stages(reading, "year", "stage_entries")
    places = _places(reading)
    names = sorted({*now, *period, *year}, key=lambda name: (name.partition(":")[0], places.get(name, inf), name))
    return [FunnelStage(*_split(name), _count(now, name), _count(period, name)) for name in names]


def stalled_stage(reading: Reading | None) -> dict[str, dict[str, Any]]:
    """The stage of a scope at which prospects stall, with its figures, by `<process>:<stage>`; mostly none."""
    return {} if reading is None else _stages(reading, "now", "stage_stall")


def splits(reading: Reading, kind: str) -> str:
    """In words: what splits move into a scope or out of it, of its bookings in a window and of its open pipeline."""
    return split_words(
        reading.value(kind, "bookings_split"), reading.value("now", "open_pipeline_split"), reading.currency
    )


def goals(reading: Reading | None, kind: str) -> list[Goal]:
    """The goals of a scope in its current window of a kind, by KPI."""
    window = reading.windows.get(kind) if reading is not None else None
    kpis = window.kpis if window is not None else {}
    told, paces = (kpis.get(name, {}).get("goals", {}) for name in ("goal_attainment", "goal_pace"))
    return [_goal(kpi, goal, paces.get(kpi, {})) for kpi, goal in sorted(told.items())]


def _goal(kpi: str, told: Mapping[str, Any], paced: Mapping[str, Any]) -> Goal:
    return Goal(
        kpi,
        told["numerator"],
        told["denominator"],
        told["value"],
        paced.get("value"),
        paced.get("projection"),
        paced.get("projection_low"),
        paced.get("projection_high"),
        paced.get("curve"),
        told.get("below"),
    )


def phones(reading: Reading | None) -> list[PhoneState]:
    """What the phones of a scope's reps are set to now, by state."""
    window = reading.windows.get("now") if reading is not None else None
    told = window.kpis.get("agent_states", {}).get("states", {}) if window is not None else {}
    return [PhoneState(name, state["value"], state["since_ms"]) for name, state in sorted(told.items())]


def as_json(figures: Iterable[Reading], as_of_ms: int) -> dict[str, Any]:
    """All current figures for a script: `{"as_of": …, "kpis": {scope: {window: {kpi: {"value": …}}}}}`."""
    kpis = {
        reading.scope: {kind: window.kpis for kind, window in reading.windows.items()}
        for reading in sorted(figures, key=lambda reading: reading.scope)
    }
    return {"as_of": rfc3339(as_of_ms), "kpis": kpis}


def _shown(reading: Reading) -> bool:
    """Whether people want to see it: what is unassigned only where there is something."""
    if not reading.scope.endswith(f":{UNASSIGNED}"):
        return True
    return any(kpi.get("value") for window in reading.windows.values() for kpi in window.kpis.values())


def _places(reading: Reading) -> dict[str, float]:
    window = reading.windows.get("now")
    places = window.kpis.get("stage_open", {}).get("places", {}) if window else {}
    return places if isinstance(places, dict) else {}


def _stages(reading: Reading, kind: str, kpi: str) -> dict[str, dict[str, Any]]:
    window = reading.windows.get(kind)
    stages = window.kpis.get(kpi, {}).get("stages", {}) if window else {}
    return stages if isinstance(stages, dict) else {}


def _count(stages: Mapping[str, Mapping[str, Any]], name: str) -> int:
    return int(stages.get(name, {}).get("value") or 0)


def _split(name: str) -> tuple[str, str]:
    process, _, stage = name.partition(":")
    return process, stage
