"""Window arithmetic: which windows a local day or minute belongs to, and how far they reach."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from pipeline.organisation.days import DAY_MS, EPOCH_DAY, MINUTE_MS
from pipeline.organisation.weeks import DAYS, MONDAYS, WeekStarts, week_of
from schemas.windows import CALENDAR, NOW, ROLLING, TRAILING, TRAILING_DAYS

__all__ = [
    "CALENDAR",
    "LASTING",
    "NOW",
    "ROLLING",
    "TRAILING",
    "TRAILING_DAYS",
    "PeriodRules",
    "Window",
    "calendar_windows",
    "current_windows",
    "kind_of",
    "rolling_span_ms",
    "utc_day",
    "window_of",
]

LASTING = (*(window for window, _ in ROLLING), NOW)
"""Windows that every scope has at any time."""


class Window(NamedTuple):
    """A window of whole local days, both ends inclusive, as proleptic ordinals."""

    kind: str
    id: str
    first_day: int
    last_day: int


class PeriodRules(NamedTuple):
    """All that local weeks, quarters and years follow from: where it is equal, they are.

    `fiscal_start` is the month (1 to 12) the fiscal year begins in.
    """

    fiscal_start: int = 1
    week_starts: WeekStarts = MONDAYS


def utc_day(instant_ms: int) -> int:
    """The day of an instant in UTC: what the age of day panes is measured by, because it never goes back."""
    return instant_ms // DAY_MS + EPOCH_DAY


@lru_cache(maxsize=8192)
def calendar_windows(day: int, rules: PeriodRules) -> tuple[Window, ...]:
    """The day, week, month, quarter and fiscal year that contain a local day, in the order of `CALENDAR`.

    A whole week from Monday to Sunday is named as ISO 8601 does, any other one by its first day. Quarters and years are
    named by the calendar year in which their fiscal year begins.
    """
    at, fiscal_start = date.fromordinal(day), rules.fiscal_start
    fiscal_year, quarter = _fiscal(at, fiscal_start)
    quarter_start = fiscal_start + 3 * (quarter - 1)
    return (
        Window("day", f"day:{at}", day, day),
        _week(*week_of(day, rules.week_starts)),
        Window("month", f"month:{at:%Y-%m}", *_months(at.year, at.month, 1)),
        Window("quarter", f"quarter:{fiscal_year:04d}-Q{quarter}", *_months(fiscal_year, quarter_start, 3)),
        Window("year", f"year:{fiscal_year:04d}", *_months(fiscal_year, fiscal_start, 12)),
    )


def current_windows(today: int, rules: PeriodRules) -> tuple[Window, ...]:
    """All windows of whole days that are current today: the calendar ones, then the trailing one."""
    return (*calendar_windows(today, rules), Window(TRAILING, TRAILING, today - TRAILING_DAYS + 1, today))


def window_of(name: str, rules: PeriodRules) -> Window | None:
    """The calendar window of that id, where periods are cut by these rules; None for any other id."""
    kind, _, at = name.partition(":")
    if kind not in CALENDAR:
        return None
    try:
        window = calendar_windows(_first_day(kind, at, rules.fiscal_start), rules)[CALENDAR.index(kind)]
    except ValueError:
        return None
    return window if window.id == name else None


def kind_of(name: str) -> str:
    """The kind of the window of that id."""
    kind, colon, _ = name.partition(":")
    return kind if colon or name in (NOW, TRAILING) else "rolling"


def rolling_span_ms(minute: int, minutes: int) -> tuple[int, int]:
    """Start and end instants of a rolling window of `minutes` full minutes beside the running one, `minute`."""
    return (minute - minutes) * MINUTE_MS, (minute + 1) * MINUTE_MS


def _first_day(kind: str, at: str, fiscal_start: int) -> int:
    """The first day of the calendar window whose id ends with `at`; ValueError where there is none."""
    if kind == "week" and at[5:6] == "W":
        return date.fromisocalendar(int(at[:4]), int(at[6:]), 1).toordinal()
    if kind in ("day", "week"):
        return date.fromisoformat(at).toordinal()
    if kind == "month":
        return date.fromisoformat(f"{at}-01").toordinal()
    quarters = int(at[6:]) - 1 if kind == "quarter" else 0
    return _first_of(int(at[:4]), fiscal_start + 3 * quarters)


def _week(first_day: int, last_day: int) -> Window:
    first = date.fromordinal(first_day)
    year, number, weekday = first.isocalendar()
    is_iso = weekday == 1 and last_day - first_day == DAYS - 1
    return Window("week", f"week:{year:04d}-W{number:02d}" if is_iso else f"week:{first}", first_day, last_day)


def _fiscal(at: date, fiscal_start: int) -> tuple[int, int]:
    year = at.year if at.month >= fiscal_start else at.year - 1
    return year, (at.month - fiscal_start) % 12 // 3 + 1


def _months(year: int, month: int, months: int) -> tuple[int, int]:
    """First and last day of `months` months from a month on; a month above 12 lies in the next year."""
    end = month + months
    return _first_of(year, month), _first_of(year, end) - 1


def _first_of(year: int, month: int) -> int:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1).toordinal()
