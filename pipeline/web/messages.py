"""What the page and the API get: figures of one window, prepared as JSON. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.scores.kpis import KPIS
from pipeline.views.overview import funnel
from pipeline.views.readings import Reading
from pipeline.views.wording import alert_words, rfc3339
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


def scope_message(reading: Reading) -> dict[str, Any]:
    """Everything current of one scope."""
    windows = {
        kind: {"id": window.id, "state": window.state, "as_of": rfc3339(window.as_of_ms), "kpis": window.kpis}
        for kind, window in reading.windows.items()
    }
    return {"scope": reading.scope, "home": reading.home, "currency": reading.currency, "windows": windows}


def alerts_message(alerts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Open alerts, each with what it says in words."""
    return [{**alert, "summary": alert_words(alert)} for alert in alerts]


def windows() -> list[dict[str, str]]:
    """The windows that figures can be asked of, in their order."""
    return [{"name": window, "title": title(window)} for window in CURRENT]


def definitions() -> list[dict[str, Any]]:
    """What is measured: the KPI table as far as a reader needs it."""
    return [
        {
            "name": kpi.name,
            "family": kpi.family,
            "unit": kpi.unit,
            "description": kpi.description,
            "time_basis": kpi.basis,
            "better": kpi.better,
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
    return {"currency": reading.currency, "as_of": rfc3339(reading.as_of_ms), "kpis": kpis, "funnel": stages}
