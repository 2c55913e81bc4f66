"""Alerts as people read them: what is wrong, by how much, since when, and who knows of it. Pure."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_percent

from pipeline.alerts.rules import BY_KIND
from pipeline.views.wording import LOCALE, MISSING, clock_time, counted, instant, length, utc_day


def alert_words(alert: Mapping[str, Any]) -> str:
    """What an alert's record says, in words: what is wrong, and who knows of it."""
    return f"{_wrong(alert)}{_known_to(alert)}"


def _wrong(alert: Mapping[str, Any]) -> str:
    kind = str(alert.get("kind"))
    rule = BY_KIND.get(kind)
    said = rule.words if rule else kind
    if stage := alert.get("stage"):
        said = f"{said}: {str(stage).partition(':')[2]}"
    return said if alert.get("seen") is None else _with_numbers(said, alert)


def _with_numbers(said: str, alert: Mapping[str, Any]) -> str:
    seen, expected = alert["seen"], alert.get("expected") or 0
    match alert.get("unit"):
        case "ratio":
            shares = [format_percent(share, "0.#%", locale=LOCALE) for share in (seen, expected)]
            than = "before" if alert.get("window") == "28d" else "the limit is"
            line = f"{said}: {shares[0]} in {alert.get('window')}, {than} {shares[1]}"
        case "activities":
            made = counted(int(seen), "activity", "activities")
            line = f"{said}: {made} since {_since(alert)}, {expected:,g} expected"
        case "count":
            line = f"{said}: {seen:,g}, the limit is {expected:,g}"
        case "working_days":
            line = f"{said}: {counted(int(seen), 'working day')}, the limit is {expected:g}"
        case "seconds":
            line = f"{said}: {length(seen)}, since {_since(alert)}; the limit is {length(expected)}"
        case "occurrences":
            line = f"{said}: {alert.get('kpi')}, {expected:,.0f} in {alert.get('window')} expected"
        case "deviations":
            line = f"{said}, {seen:.1f} deviations from the usual"
        case _:
            minutes = "minute" if seen == 1 else "minutes"
            line = f"{said} for {seen:g} working {minutes}, since {_since(alert)}"
    return line


def _since(alert: Mapping[str, Any]) -> str:
    """A time of day, with its date where the alert opened on another day: it may stand for months."""
    since_ms = alert["since_ms"]
    opened_ms = alert.get("opened_ms") or since_ms
    day = "" if utc_day(since_ms) == utc_day(opened_ms) else f"{utc_day(since_ms)} "
    return f"{day}{clock_time(since_ms)}" if since_ms else MISSING


def _known_to(alert: Mapping[str, Any]) -> str:
    if alert.get("state") == "muted":
        return f" (muted by {alert.get('muted_by')} until {instant(alert.get('muted_until_ms') or 0)})"
    return f" (acknowledged by {alert.get('acknowledged_by')})" if alert.get("state") == "acknowledged" else ""
