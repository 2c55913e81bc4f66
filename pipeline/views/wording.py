"""Figures as people read them: numbers, money, shares, lengths of time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

from babel.numbers import format_currency, format_decimal, format_percent

from pipeline.alerts.rules import BY_KIND
from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.kpis import BY_NAME
from schemas.ids import written_id
from schemas.types import LIMIT_MS

LOCALE = "en_US"
MISSING = "–"
"""What stands for a value that cannot be computed, or for which there is no data yet."""


def say(kpi: str, value: Any, currency: str) -> str:
    """A KPI's value with its unit."""
    if value is None:
        return MISSING
    match BY_NAME[kpi].unit:
        case "ratio":
            said = format_percent(value, "0.0%", locale=LOCALE)
        case "seconds":
            said = length(value)
        case "days":
            said = f"{value:.1f} d"
        case "minor" | "minor_per_day":
            said = money(value, currency)
        case "points":
            said = f"{round(value):+d}"
        case "count":
            said = format_decimal(value, locale=LOCALE)
        case "milliseconds":
            said = f"{format_decimal(round(value), locale=LOCALE)} ms"
        case "deviations":
            said = f"{value:.1f} deviations"
        case never:
            assert_never(never)
    return said


def money(amount_minor: float, currency: str) -> str:
    """An amount in whole units: nobody reads cents on a board."""
    units = round(amount_minor / 10 ** minor_digits(currency))
    return format_currency(units, currency or "XXX", "¤#,##0", locale=LOCALE, currency_digits=False)


def length(seconds: float) -> str:
    """A length of time as hours, minutes and seconds."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def counted(number: int, noun: str) -> str:
    """`1 event`, `2,000 events`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def name_of(scope: str) -> str:
    """What people call a scope: the id of a rep or team as its source writes it, `company` itself.

    An id stays escaped where its text would not stand still: what turns the direction of writing, and the like.
    """
    kept = scope.partition(":")[2] or scope
    written = written_id(kept)
    return written if written.isprintable() else kept


def display_name(scope: str, names: Mapping[str, str]) -> str:
    """What people call a scope: its display name where there is one, of `rep:7@north` that of the rep."""
    return names.get(scope.partition("@")[0]) or name_of(scope)


def clock_time(instant_ms: int) -> str:
    """An instant as a time of day in UTC."""
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%H:%M:%S} UTC" if instant_ms else MISSING


def rfc3339(instant_ms: int) -> str | None:
    """An instant for programs; None where there is none, or none that a calendar holds."""
    if not 0 < instant_ms < LIMIT_MS:
        return None
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(instant_ms: int) -> str:
    """An instant in a line; where no calendar holds it, as the number that somebody gave."""
    return rfc3339(instant_ms) or f"{instant_ms} ms"


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
            since = clock_time(alert["since_ms"])
            line = f"{said}: {counted(int(seen), 'activity')} since {since}, {expected:,g} expected"
        case "count":
            line = f"{said}: {seen:,g}, the limit is {expected:,g}"
        case "working_days":
            line = f"{said}: {counted(int(seen), 'working day')}, the limit is {expected:g}"
        case "seconds":
            line = f"{said}: {length(seen)}, since {clock_time(alert['since_ms'])}; the limit is {length(expected)}"
        case "occurrences":
            line = f"{said}: {alert.get('kpi')}, {expected:,.0f} in {alert.get('window')} expected"
        case "deviations":
            line = f"{said}, {seen:.1f} deviations from the usual"
        case _:
            minutes = "minute" if seen == 1 else "minutes"
            line = f"{said} for {seen:g} working {minutes}, since {clock_time(alert['since_ms'])}"
    return line


def _known_to(alert: Mapping[str, Any]) -> str:
    if alert.get("state") == "muted":
        return f" (muted by {alert.get('muted_by')} until {instant(alert.get('muted_until_ms') or 0)})"
    return f" (acknowledged by {alert.get('acknowledged_by')})" if alert.get("state") == "acknowledged" else ""


def state_words(state: str) -> str:
    """What a phone is set to: `on call`, `break: lunch`."""
    return state.replace("_", " ").replace(":", ": ")


def opening(special_day: Mapping[str, str | None]) -> str:
    """What is said of a team on a special day, `half day until 13:00`; empty on all other days."""
    if not special_day:
        return ""
    begins, ends = special_day.get("open_from"), special_day.get("open_until")
    if not begins and not ends:
        return "closed today"
    return " ".join(["half day", *([f"from {begins}"] if begins else []), *([f"until {ends}"] if ends else [])])


def undeclared(deals: int) -> str:
    """The line about deals in stages that no process declares; empty where there are none."""
    return f"{deals:,} {'deal' if deals == 1 else 'deals'} in stages that no process declares" if deals else ""


def split_words(booked: float | None, still_open: float | None, currency: str) -> str:
    """What splits give, or take where it is below nothing, of bookings and open pipeline; empty where they do not."""
    amounts = (("bookings_split", booked, "booked"), ("open_pipeline_split", still_open, "open"))
    moved = [f"{say(kpi, amount, currency)} {word}" for kpi, amount, word in amounts if amount]
    return f"by splits {', '.join(moved)}" if moved else ""


def stall(stages: Mapping[str, Mapping[str, Any]]) -> str:
    """The line about where prospects stall, which is one stage; empty where nobody stalls, or nobody can tell."""
    for name, told in stages.items():
        went_on, usually = (say("stage_progress", told[each], "") for each in ("conversion", "conversion_median"))
        days, usual_days = (say("stage_time", told[each], "") for each in ("days", "days_median"))
        deals = f"of {counted(told['n'], 'deal')} in 28 days {went_on} went on, usually {usually}"
        return f"Prospects stall in {name.partition(':')[2]}: {deals}; after {days}, usually {usual_days}"
    return ""
