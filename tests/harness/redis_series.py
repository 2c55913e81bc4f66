"""What Redis shows, as the series that Prometheus has of the same: by name, each with its labels."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from redis import Redis

from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.readings import Part, Read
from pipeline.sinks.redis_keys import Keys
from pipeline.sinks.series_names import is_money, series_name
from pipeline.views.readings import Readings

Labels = Mapping[str, str]
Samples = dict[str, list[tuple[Labels, float]]]
USUAL = {"": "value", "_low": "low", "_high": "high"}
LABELS_OF = {"stages": ("process", "stage"), "states": ("state", "reason")}


def redis_series(client: "Redis", namespace: str) -> Samples:
    """KPIs in their current windows, what is usual, and open alerts. The client decodes its answers."""
    found: Samples = defaultdict(list)
    readings = Readings(client, namespace)
    for scope, reading in readings.read(readings.scopes()).items():
        home = {"namespace": namespace, "team": reading.home}
        for window, figure in reading.windows.items():
            place = {**home, "scope": scope, "window": window}
            for name, told in figure.kpis.items():
                for series, labels, value in _of_kpi(BY_NAME[name], told, reading.currency):
                    found[series].append(({**place, **labels}, value))
                if BY_NAME[name].formula == "usual" and scope == reading.home and told["value"] is not None:
                    for bound, part in USUAL.items():
                        found[f"salespulse_activities_usual{bound}"].append(({**home, "kpi": name}, told[part]))
    keys = Keys(namespace)
    for key in client.scan_iter(keys.pattern("alerts")):
        for text in client.hvals(key):
            alert = json.loads(text)
            labels = {"namespace": namespace, "team": alert["home"], "kind": alert["kind"], "scope": alert["scope"]}
            for series, value in _of_alert(alert):
                found[f"salespulse_alert_{series}"].append((labels, value))
    return found


def _of_alert(alert: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What is shown of an alert that is not resolved."""
    if alert["state"] == "muted":
        yield "muted_until_timestamp_seconds", alert["muted_until_ms"] / 1000
        return
    yield "open", 1.0
    yield "opened_timestamp_seconds", alert["opened_ms"] / 1000
    yield "acknowledged", float(alert["state"] == "acknowledged")


def _of_kpi(kpi: Kpi, told: Mapping[str, Any], currency: str) -> Iterator[tuple[str, Labels, float]]:
    """The value, or what it is the quotient of; of KPIs by stage or state those, which is all that is scraped."""
    if kpi.formula in LABELS_OF:
        first, second = LABELS_OF[kpi.formula]
        for name, inner in told[kpi.formula].items():
            if inner["value"] is not None:
                one, _, other = name.partition(":")
                yield series_name(Read(kpi)), {first: one, **({second: other} if other else {})}, inner["value"]
        return
    for part in get_args(Part) if kpi.formula in ("ratio", "mean") else ("",):
        read = Read(kpi, part)
        unit = 10 ** minor_digits(currency) if is_money(read) else 1
        value = told.get(part or "value")
        if value is not None:
            yield series_name(read), {"currency": currency} if is_money(read) else {}, value / unit
