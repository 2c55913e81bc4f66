"""Figures as people read them: numbers, money, shares, lengths of time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

from babel.numbers import format_currency, format_decimal, format_percent

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


def counted(number: int, one: str, several: str = "") -> str:
    """`1 event`, `2,000 events`; `several` is the plural of a noun that takes more than an s."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


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


def utc_day(instant_ms: int) -> str:
    """The day of an instant in UTC, `2026-11-23`."""
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%d}"


def rfc3339(instant_ms: int) -> str | None:
    """An instant for programs; None where there is none, or none that a calendar holds."""
    if not 0 < instant_ms < LIMIT_MS:
        return None
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(instant_ms: int) -> str:
    """An instant in a line; where no calendar holds it, as the number that somebody gave."""
    return rfc3339(instant_ms) or f"{instant_ms} ms"


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
    return f"{counted(deals, 'deal')} in stages that no process declares" if deals else ""


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
