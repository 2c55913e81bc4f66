"""What a worker shows to Prometheus, on either path: the current values of the partitions it holds."""

from collections.abc import Callable, Mapping

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from pipeline.audit.currencies import digits_of
from pipeline.audit.cut import Cut
from pipeline.audit.picture import Picture, Place, ShownFigure, stage_of

PREFIX = "salespulse_kpi_"
UNITS = ("_ratio", "_seconds", "_days", "_per_day")
"""How the names of series end."""
PARTS = ("_numerator", "_denominator")
"""How they end before that, where they are of what the value is the quotient of."""
GOALS = {
    "salespulse_goal_attainment_ratio": ("goal_attainment", "value"),
    "salespulse_goal_target": ("goal_attainment", "denominator"),
    "salespulse_goal_projection": ("goal_pace", "projection"),
}
"""Series of goals: the KPI that they are of, and what of it is shown."""
USUAL = {
    "salespulse_activities_usual": "value",
    "salespulse_activities_usual_low": "low",
    "salespulse_activities_usual_high": "high",
}
"""Series of what is usual, whose KPI is a label, and what of it is shown."""
CutAt = Callable[[Place, int, int], Cut | None]
"""The cut of a stage's partition at an offset of its input, and its now there; None where it cannot be told."""


def scrape_picture(
    name: str, text: str, namespace: str, partition_of_home: Callable[[str], int], cut_at: CutAt
) -> Picture:
    """Read a scrape. A figure's version is that of its partition's cut: they are shown as one.

    Windows are named by their kind: the current one is meant.
    """
    picture = Picture(name, partial="reps" if name.endswith("/reps") else "teams")
    samples = [
        sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("namespace") == namespace
    ]
    now = {_place(s.labels): round(s.value * 1000) for s in samples if s.name == "salespulse_now_timestamp_seconds"}
    for sample in samples:
        if sample.name == "salespulse_cut_offset":
            place = _place(sample.labels)
            # A partition that knows only the organisation so far has no now, and nothing to show.
            cut = cut_at(place, round(sample.value), now[place]) if place in now else None
            if cut is not None:
                picture.cuts[place] = cut
    found: dict[tuple[str, str, str], dict[str, dict[str, object]]] = {}
    for sample in samples:
        if sample.name.startswith(PREFIX):
            labels = sample.labels
            kpis = found.setdefault((labels["team"], labels["scope"], labels["window"]), {})
            kpi, path = _named(sample.name)
            _put(kpis.setdefault(kpi, {}), path, sample)
    for sample in samples:
        if sample.name in GOALS:
            home, goal, kind = (sample.labels[name] for name in ("team", "kpi", "window"))
            kpi, path = GOALS[sample.name]
            told = found.setdefault((home, home, kind), {}).setdefault(kpi, {}).setdefault("goals", {})
            assert isinstance(told, dict)
            _put(told.setdefault(goal, {}), path, sample)
    for sample in samples:
        if sample.name in USUAL:
            home, kpi = sample.labels["team"], sample.labels["kpi"]
            _put(found.setdefault((home, home, "now"), {}).setdefault(kpi, {}), USUAL[sample.name], sample)
    for (home, scope, kind), kpis in sorted(found.items()):
        cut = picture.cuts.get((stage_of(home), partition_of_home(home)))
        if cut is not None:
            picture.add(ShownFigure(scope, home, kind, cut.version, kpis))
    return picture


def _named(series: str) -> tuple[str, str]:
    """The KPI, and what of it is shown."""
    name = series.removeprefix(PREFIX)
    name = next((name.removesuffix(unit) for unit in UNITS if name.endswith(unit)), name)
    return next(((name.removesuffix(part), part[1:]) for part in PARTS if name.endswith(part)), (name, "value"))


def _place(labels: Mapping[str, str]) -> Place:
    return labels["stage"], int(labels["partition"])


def _part(labels: Mapping[str, str]) -> tuple[str, str] | None:
    """What of a KPI by stage, or by state, a series is of."""
    if "stage" in labels:
        return "stages", f"{labels['process']}:{labels['stage']}"
    if "state" in labels:
        return "states", f"{labels['state']}:{labels['reason']}" if labels["reason"] else labels["state"]
    return None


def _put(kpi: dict[str, object], path: str, sample: Sample) -> None:
    value = sample.value
    if "currency" in sample.labels:
        value *= 10 ** digits_of(sample.labels["currency"])
    part = _part(sample.labels)
    if part is not None:
        parts = kpi.setdefault(part[0], {})
        assert isinstance(parts, dict)
        parts[part[1]] = {"value": value}
    else:
        kpi[path] = value
