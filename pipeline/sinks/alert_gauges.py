"""What a scrape tells of alerts: which are open and since when, who took note, and which are muted until when. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pipeline.monitoring.exposition import Gauges, gauges
from pipeline.sinks.sink import Alert

Told = tuple[str, Alert]
"""An alert that is not resolved, with its partition."""


class AlertGauge(NamedTuple):
    """A series of each alert that it concerns: its name, what it says, and its value, None of all others."""

    name: str
    text: str
    value: Callable[[Alert], float | None]


def alert_gauges(namespace: str, alerts: Iterable[Told]) -> Iterator[Gauges]:
    """Called for each scrape. Who acknowledged or muted an alert is a person, and no label of a series."""
    told = list(alerts)
    for gauge in GAUGES:
        found = ((_labels(namespace, partition, alert), gauge.value(alert)) for partition, alert in told)
        samples = [(labels, value) for labels, value in found if value is not None]
        yield gauges(f"salespulse_alert_{gauge.name}", gauge.text, samples)


def _open(alert: Alert) -> float | None:
    return None if alert.state == "muted" else 1.0


def _opened(alert: Alert) -> float | None:
    return None if alert.state == "muted" else alert.opened_ms / 1000


def _acknowledged(alert: Alert) -> float | None:
    return None if alert.state == "muted" else float(alert.state == "acknowledged")


def _muted_until(alert: Alert) -> float | None:
    return alert.muted_until_ms / 1000 if alert.state == "muted" and alert.muted_until_ms is not None else None


GAUGES = (
    AlertGauge("open", "Alerts that are neither resolved nor muted.", _open),
    AlertGauge("opened_timestamp_seconds", "When such an alert opened.", _opened),
    AlertGauge("acknowledged", "1 if somebody took note of such an alert, else 0.", _acknowledged),
    AlertGauge("muted_until_timestamp_seconds", "Until when a muted alert is muted.", _muted_until),
)


def _labels(namespace: str, partition: str, alert: Alert) -> dict[str, str]:
    return {
        "namespace": namespace, "partition": partition, "kind": alert.kind, "team": alert.home, "scope": alert.scope,
        "rep": _rep_of(alert.scope),
    }  # fmt: skip


def _rep_of(scope: str) -> str:
    return scope.removeprefix("rep:").partition("@")[0] if scope.startswith("rep:") else ""
