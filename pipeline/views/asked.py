"""Which windows somebody asks for: one by its name, or those of a kind between two. Pure."""

import re
from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from pipeline.scores.kpis import KPIS
from schemas.ids import KEPT, kept_id, kept_scope
from schemas.windows import CALENDAR, CURRENT, NOW

FORMS = {
    "day": "2026-11-23",
    "week": "2026-W48 or, of one that does not begin on Monday, its first day",
    "month": "2026-11",
    "quarter": "2026-Q4",
    "year": "2026",
}
"""What a window of each kind is called, by example."""
ALLOWED = f"{', '.join((*CURRENT, NOW))}, or {', '.join(f'{kind}:{form.split()[0]}' for kind, form in FORMS.items())}"
USUAL = ("activities", "calls", "connect_rate", "meetings_set", "deals_created", "won", "win_rate", "bookings")
"""The KPIs of reps that are compared where none is named."""
Place = tuple[int, int, int]


class AskedError(ValueError):
    """Raised for a question that has no answer; names the parameter, and says what is allowed."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for windows: `window` alone, or all of a `kind` from `first` to `last`, each as far as it is given."""

    window: str = ""
    kind: str = ""
    first: Place | None = None
    last: Place | None = None

    def of(self, kept: Iterable[str]) -> list[str]:
        """Those of the windows kept that are asked for, in the order of time. `now` and rolling ones are their own."""
        if self.window:
            return [window for window in kept if window == self.window]
        found = []
        for window in kept:
            kind, _, name = window.partition(":")
            place = place_of(kind, name) if kind == self.kind else None
            if place is not None and (self.first or place) <= place <= (self.last or place):
                found.append((place, window))
        return [window for _, window in sorted(found)]


def asked(window: str | None, kind: str | None, first: str | None, last: str | None) -> Asked:
    """The question that the four parameters make; AskedError where they make none."""
    if window is not None:
        if given := [name for name, text in (("kind", kind), ("from", first), ("to", last)) if text is not None]:
            raise AskedError(given[0], "goes with kind, not with window")
        if not is_window(window):
            raise AskedError("window", f"{window!r} is no window; allowed: {ALLOWED}")
        return Asked(window=window)
    if kind is None:
        raise AskedError("window", f"is not given; allowed: {ALLOWED}; or ask for a kind of window")
    if kind not in CALENDAR:
        raise AskedError("kind", f"{kind!r} is no kind of window; allowed: {', '.join(CALENDAR)}")
    return Asked("", kind, _bound("from", kind, first), _bound("to", kind, last))


def is_window(text: str) -> bool:
    """Whether a text is the name of a window: a current one by its kind, or any calendar window by its id."""
    kind, dot, name = text.partition(":")
    return text in (*CURRENT, NOW) or (bool(dot) and place_of(kind, name) is not None)


def as_kept(scope: str) -> str:
    """The scope of one id, written as its source does: `rep:Zoë` is `rep:Zo%C3%AB`, `rep:a@b` is `rep:a%40b`."""
    kind, colon, written = scope.partition(":")
    try:
        return f"{kind}:{kept_id(written)}" if colon else scope
    except ValueError:
        return scope


def known_scope(given: str, known: Container[str]) -> str:
    """The scope that somebody means, by ids as they are kept or as their sources write them.

    Called at the edge, by each command and route that is given a scope. Of what is not known it is the likeliest name.
    """
    likely = spellings(given)
    return next((scope for scope in likely if scope in known), likely[0])


def spellings(given: str) -> list[str]:
    """What a scope may be called, the likeliest first: as given, the id kept whole, or a rep's and a team's apart."""
    kind, _, written = given.partition(":")
    ids = written.split("@", 1) if kind == "rep" else [written]
    found = [given] if all(map(KEPT, ids)) else []
    found.append(as_kept(given))
    with suppress(ValueError):
        found.append(kept_scope(given))
    return list(dict.fromkeys(found))


def place_of(kind: str, name: str) -> Place | None:
    """Where a calendar window stands among those of its kind; None for what is the name of none."""
    try:
        return _place(kind, name)
    except ValueError:
        return None


def number_of(window: str) -> int | None:
    """The running number of a calendar window among those of its kind: the next one has one more.

    None for what is no calendar window. Two weeks of which a change of their first day cut one short may share it.
    """
    kind, _, name = window.partition(":")
    place = place_of(kind, name)
    if place is None:
        return None
    if kind in ("day", "week"):
        return date(*place).toordinal() // (7 if kind == "week" else 1)
    year, part, _ = place
    return {"month": 12 * year + part, "quarter": 4 * year + part}.get(kind, year)


def chosen_kpis(names: Sequence[str]) -> list[str]:
    """KPIs by name or family, in the order of the table; all where none is named. AskedError for an unknown one."""
    known = {kpi.name for kpi in KPIS} | {kpi.family for kpi in KPIS}
    if unknown := [name for name in names if name not in known]:
        families = ", ".join(dict.fromkeys(kpi.family for kpi in KPIS))
        likely = get_close_matches(unknown[0], known, n=1)
        meant = f"; likely {likely[0]}" if likely else ""
        line = f"unknown {', '.join(unknown)}{meant}; allowed: the names that salespulse kpis lists, and {families}"
        raise AskedError("kpi", line)
    return [kpi.name for kpi in KPIS if not names or {kpi.name, kpi.family}.intersection(names)]


def span_of(kept: Iterable[str], kind: str) -> str:
    """The windows of a kind that are kept, in words; empty where there is none."""
    found = Asked(kind=kind).of(kept)
    return f"{found[0]} to {found[-1]}" if found else ""


def _bound(parameter: str, kind: str, text: str | None) -> Place | None:
    if text is None:
        return None
    place = place_of(kind, text.removeprefix(f"{kind}:"))
    if place is None:
        raise AskedError(parameter, f"{text!r} is no {kind}; allowed: such as {FORMS[kind]}")
    return place


def _place(kind: str, name: str) -> Place | None:
    if kind == "day" or (kind == "week" and "W" not in name):
        return _day(name)
    if kind == "week":
        year, week = _numbers(r"(\d{4})-W(\d{2})", name)
        return _parts(date.fromisocalendar(year, week, 1))
    if kind == "month":
        year, month = _numbers(r"(\d{4})-(\d{2})", name)
        return _parts(date(year, month, 1))
    if kind == "quarter":
        year, quarter = _numbers(r"(\d{4})-Q([1-4])", name)
        return year, quarter, 0
    return (_numbers(r"(\d{4})", name)[0], 0, 0) if kind == "year" else None


def _day(name: str) -> Place:
    year, month, day = _numbers(r"(\d{4})-(\d{2})-(\d{2})", name)
    return _parts(date(year, month, day))


def _parts(day: date) -> Place:
    return day.year, day.month, day.day


def _numbers(pattern: str, name: str) -> tuple[int, ...]:
    found = re.fullmatch(pattern, name, re.ASCII)
    if found is None:
        raise ValueError(name)
    return tuple(map(int, found.groups()))
