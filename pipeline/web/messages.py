"""What the page and the API get: figures of one window, prepared as JSON. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.scores.chosen import Chosen
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.scores.kpi_words import POPULATION
from pipeline.scores.kpis import KPIS
from pipeline.scores.units import parts_of
from pipeline.views import achievements, freshness, industry, same_point, series
from pipeline.views import contests as viewed
from pipeline.views.alert_wording import alert_words
from pipeline.views.beyond import beyond
from pipeline.views.freshness import Evidence, Verdict
from pipeline.views.overview import funnel, splits, stalled_stage
from pipeline.views.past import as_json, money
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.same_point import SamePoint
from pipeline.views.usual_day import UsualDays, has_usual_day
from pipeline.views.wording import display_name, opening, rfc3339, stall
from schemas.windows import CURRENT, title


def figures_message(
    figures: Mapping[str, Reading], scopes: Iterable[str], window: str, as_of_ms: int
) -> dict[str, Any]:
    """The figures of some scopes in one window and now. A scope that is gone is None."""
    return {
        "as_of": rfc3339(as_of_ms),
        "window": window,
        "scopes": {
            scope: _scope(figures[scope], window) if scope in figures else None
            for scope in sorted(scopes)
            if "@" not in scope
        },
    }


def judged_message(figures: Mapping[str, Reading], window: str, as_of_ms: int, evidence: Evidence) -> dict[str, Any]:
    """All figures of one window and now, each with who vouches for it: for those who ask once."""
    message = figures_message(figures, figures, window, as_of_ms)
    for scope, told in message["scopes"].items():
        told["freshness"] = freshness.as_json(freshness.of_home(evidence, figures[scope].home))
    return {"freshness": freshness.as_json(freshness.overall(evidence)), **message}


def scope_message(reading: Reading, evidence: Evidence) -> dict[str, Any]:
    """Everything current of one scope, and who vouches for it."""
    windows = {
        kind: {**_window(window), "state": window.state, "as_of": rfc3339(window.as_of_ms), "kpis": window.kpis}
        for kind, window in reading.windows.items()
    }
    vouched = freshness.as_json(freshness.of_home(evidence, reading.home))
    head = {"scope": reading.scope, "home": reading.home, **money(reading.currency), "freshness": vouched}
    return {**head, "windows": windows}


def history_message(
    reading: Reading, kpis: Sequence[str], usual: UsualDays, evidence: Evidence
) -> dict[str, Any]:  # fmt: skip
    """Windows of one scope by what was asked, past ones too, what is usual of days, and who vouches for the scope."""
    vouched = freshness.as_json(freshness.of_home(evidence, reading.home))
    return {**as_json(reading, kpis, usual), "freshness": vouched}


def series_message(
    reading: Reading, rows: Sequence[Mapping[str, Any]], kpi: Kpi, evidence: Evidence
) -> dict[str, Any]:  # fmt: skip
    """A KPI of one scope day by day, and who vouches for the scope."""
    vouched = freshness.as_json(freshness.of_home(evidence, reading.home))
    return {**series.as_json(reading, rows, kpi), "freshness": vouched}


def same_point_message(
    reading: Reading, found: SamePoint, kpis: Sequence[Kpi], evidence: Evidence
) -> dict[str, Any]:  # fmt: skip
    """The current period of a scope beside the one before, and who vouches for the scope."""
    vouched = freshness.as_json(freshness.of_home(evidence, reading.home))
    return {**same_point.as_json(reading, found, kpis), "freshness": vouched}


def freshness_message(verdict: Verdict, stale: Iterable[str]) -> dict[str, Any]:
    """Who vouches for all figures together, and which of those on the page nobody vouches for."""
    return {**freshness.as_json(verdict), "stale": sorted(scope for scope in stale if "@" not in scope)}


def partitions_message(evidence: Evidence) -> dict[str, Any]:
    """Who vouches, partition by partition: how long ago its worker was heard, and how far it is."""
    held = [
        {
            "stage": place.stage,
            "partition": place.partition,
            "heard_seconds_ago": round(beat.age_ms / 1000, 1),
            "up_to": rfc3339(beat.up_to_ms),
        }
        for place, beat in sorted(evidence.beats.items())
    ]
    return {**freshness.as_json(freshness.overall(evidence)), "partitions": held}


def alerts_message(alerts: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Open alerts, each with what it says in words and what people call whom it is about."""
    return [
        {**alert, "summary": alert_words(alert), "display_name": display_name(alert["scope"], names)}
        for alert in alerts
    ]


def contests_message(contests: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Contests in their order, each with what it is called in words."""
    return [viewed.as_json(each, currency) for each in viewed.in_order(contests)]


def achievements_message(achieved: Iterable[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Achievements as they are given, each with what it says in words."""
    return [achievements.as_json(each, currency) for each in achieved]


def industry_message(
    figures: Mapping[str, Reading], told: Sequence[Mapping[str, Any]], window: str, currency: str
) -> list[dict[str, Any]]:
    """Reps here beside those elsewhere, by KPI, in the company's current window of a kind."""
    return [industry.beside_as_json(each, currency) for each in industry.beside(figures, told, window)]


def windows(chosen: Chosen) -> list[dict[str, Any]]:
    """The windows that figures are published in, in their order, and whether those of reps are too."""
    reps = chosen.reps.current
    return [{"name": window, "title": title(window), "reps": window in reps} for window in shown_windows(chosen)]


def shown_windows(chosen: Chosen) -> list[str]:
    """The windows of a period that figures of any scope on the page are published in."""
    return [window for window in CURRENT if window in (*chosen.teams.current, *chosen.reps.current)]


def definitions() -> list[dict[str, Any]]:
    """What is measured: the KPI table as the schema of KPI records has it."""
    named = kpi_schema()["properties"]["kpis"]["properties"]
    return [
        {
            "name": kpi.name,
            "family": kpi.family,
            "number": kpi.number,
            "unit": kpi.unit,
            "units": parts_of(kpi),
            "description": kpi.description,
            "population": POPULATION[kpi.name],
            "windows": named[kpi.name]["windows"],
            "reps": kpi.reps,
            "usual_whole_day": has_usual_day(kpi),
            "time_basis": kpi.basis,
            "better": kpi.better,
            "nothing": named[kpi.name]["nothing"],
            "version": kpi.version,
        }
        for kpi in KPIS
    ]


def _scope(reading: Reading, window: str) -> dict[str, Any]:
    kpis: dict[str, Any] = {}
    for kind in ("now", window):
        if kind in reading.windows:
            kpis |= {name: value for name, value in reading.windows[kind].kpis.items() if "stages" not in value}
    stages = [
        {"process": stage.process, "stage": stage.id, "open": stage.open_deals, "entered": stage.entered}
        for stage in funnel(reading, window)
    ]
    current = reading.windows.get(window)
    return {
        **money(reading.currency),
        "as_of": rfc3339(reading.as_of_ms),
        "window": None if current is None else _window(current),
        "kpis": kpis,
        "funnel": stages,
        **({"absent": list(reading.absent)} if reading.absent else {}),
        **({"ramping": list(reading.ramping)} if reading.ramping else {}),
        **({"special_day": opening(reading.special_day)} if reading.special_day else {}),
        **({"limits": dict(reading.limits), "beyond": list(beyond(reading, window))} if reading.limits else {}),
        "stall": stall(stalled_stage(reading)),
        "splits": splits(reading, window),
    }


def _window(window: WindowReading) -> dict[str, Any]:
    """Which window it is, and from when: two scopes of one kind may show different days."""
    return {"id": window.id, "start": rfc3339(window.start_ms or 0)}
