"""The panes of one scope: what it counted by day, by minute and standing, with running sums of the current windows."""

from collections.abc import Iterator
from typing import Any

from pipeline.scores.windows import ROLLING, Window

Pane = list[Any]
"""`[offset, changed_ms, {measure: int}]`: position and now of the last change, and the measures that are not zero.

A pane of a day has a fourth, now of its first change. A pane that became empty stays until it expires, so that its
changes are known.
"""
Measures = dict[str, int]

STANDING_SLOT = 0
"""A slot is one int for any pane: a day as it is, a minute negated, 0 for the standing pane."""

NEVER_MS = 2**63 - 1
WIDTHS = tuple(minutes for _, minutes in ROLLING)
WIDEST = WIDTHS[-1]
BAND_OF_AGE = bytes(next(i for i, width in enumerate(WIDTHS) if age <= width) for age in range(WIDEST + 1))
"""Which band the minute lies in that is so many minutes older than the running one."""
ALL_ROLLING = (1 << len(ROLLING)) - 1
NOW_BIT = 1 << len(ROLLING)
DAY_BIT = NOW_BIT << 1
CURRENT_DAYS = 0b111111 * DAY_BIT
"""The bits of day, week, month, quarter, year and 90d."""
FAST = ALL_ROLLING | NOW_BIT | DAY_BIT
SLOW = CURRENT_DAYS & ~DAY_BIT
EVERYTHING = FAST | SLOW


def merge(into: Measures, measures: Measures) -> None:
    """Add measures to measures; those that become zero are dropped."""
    for name, value in measures.items():
        if name in into:
            total = into[name] + value
            if total:
                into[name] = total
            else:
                del into[name]
        elif value:
            into[name] = value


def subtract(from_: Measures, measures: Measures) -> None:
    """Take measures out of measures; those that become zero are dropped."""
    for name, value in measures.items():
        total = from_.get(name, 0) - value
        if total:
            from_[name] = total
        else:
            from_.pop(name, None)


def _change(panes: dict[int, Pane], at: int, measures: Measures, offset: int, changed_ms: int) -> None:
    pane = panes.get(at)
    if pane is None:
        panes[at] = [offset, changed_ms, {name: value for name, value in measures.items() if value}]
        return
    if offset > pane[0]:
        pane[0] = offset
    if changed_ms > pane[1]:
        pane[1] = changed_ms
    into = pane[2]
    for name, value in measures.items():  # `merge`, written out: nothing is done as often.
        if name in into:
            total = into[name] + value
            if total:
                into[name] = total
            else:
                del into[name]
        elif value:
            into[name] = value


class Panes:
    """One scope's panes. Windows are numbered by bits: the rolling ones, `now`, then the current windows of days.

    `bands` are running sums: what each rolling window holds of full minutes beside the next shorter one, so a minute
    lies in one band. `bases` holds a sum per current window of days longer than a day, over its days before today, or
    is None until somebody asks. `since_ms` is now of the first change of any day.
    """

    __slots__ = ("bands", "bases", "days", "minutes", "since_ms", "standing")

    def __init__(self) -> None:
        self.days: dict[int, Pane] = {}
        self.minutes: dict[int, Pane] = {}
        self.standing: dict[int, Pane] = {}
        self.since_ms = NEVER_MS
        self.bands: tuple[Measures, ...] = tuple({} for _ in WIDTHS)
        self.bases: list[Measures] | None = None

    def add_standing(self, measures: Measures, offset: int, changed_ms: int) -> int:
        """Change the standing pane; return the bit of the window that changed."""
        _change(self.standing, STANDING_SLOT, measures, offset, changed_ms)
        return NOW_BIT

    def add_minute(self, minute: int, measures: Measures, offset: int, changed_ms: int, now_minute: int) -> int:
        """Change a minute pane; return the bits of the rolling windows that changed.

        A minute that still lies ahead changes none: it waits in its pane until `now_minute` has reached it.
        """
        _change(self.minutes, minute, measures, offset, changed_ms)
        if minute >= now_minute:
            return ALL_ROLLING if minute == now_minute else 0
        if minute < now_minute - WIDEST:
            return 0
        band = BAND_OF_AGE[now_minute - minute]
        merge(self.bands[band], measures)
        return ALL_ROLLING >> band << band

    def note_first(self, day: int, first_ms: int) -> None:
        """Called for a day pane that changed, with now of the first change as it is known here: the earliest holds."""
        pane = self.days[day]
        if len(pane) == 3:
            pane.append(first_ms)
        elif first_ms < pane[3]:
            pane[3] = first_ms
        if first_ms < self.since_ms:
            self.since_ms = first_ms

    def look_since(self) -> None:
        """Called when panes came or went otherwise: see again since when there is any of a day."""
        self.since_ms = min((pane[3] for pane in self.days.values()), default=NEVER_MS)

    def add_day(
        self, day: int, measures: Measures, offset: int, changed_ms: int, today: int, current: tuple[Window, ...]
    ) -> int:
        """Change a day pane; return the bits of the current windows that changed. A day after today waits."""
        _change(self.days, day, measures, offset, changed_ms)
        if day >= today:
            return CURRENT_DAYS if day == today else 0
        changed = 0
        for i in range(1, len(current)):
            if day >= current[i].first_day:
                changed |= DAY_BIT << i
                if self.bases is not None:
                    merge(self.bases[i - 1], measures)
        return changed

    def rolling(self, now_minute: int) -> Iterator[Measures]:
        """The measures of each rolling window, shortest first: its full minutes and the running one.

        It is one dict that grows: whoever keeps it has to copy it.
        """
        running = self.minutes.get(now_minute)
        found = dict(running[2]) if running else {}
        for band in self.bands:
            merge(found, band)
            yield found

    def of_days(self, i: int, today: int, current: tuple[Window, ...]) -> Measures:
        """The measures of the current window of days `i` (0 is the day) up to today."""
        found = dict(self._bases(today, current)[i - 1]) if i else {}
        if pane := self.days.get(today):
            merge(found, pane[2])
        return found

    def between(self, first_day: int, last_day: int) -> tuple[Measures, int, int]:
        """The measures of a span of days, both inclusive; now of the latest and of the first change in it (0: none)."""
        found: Measures = {}
        changed_ms, first_ms = 0, 0
        days = self.days
        inside = range(first_day, last_day + 1)
        for day in inside if len(inside) < len(days) else [day for day in days if first_day <= day <= last_day]:
            if pane := days.get(day):
                merge(found, pane[2])
                changed_ms = max(changed_ms, pane[1])
                first_ms = min(first_ms or pane[3], pane[3])
        return found, changed_ms, first_ms

    def all_standing(self) -> Measures:
        """The measures summed without time."""
        pane = self.standing.get(STANDING_SLOT)
        return pane[2] if pane else {}

    def at(self, slot: int) -> Pane | None:
        """The pane of a slot."""
        return self.of_slot(slot).get(abs(slot))

    def of_slot(self, slot: int) -> dict[int, Pane]:
        """The panes of a slot's kind."""
        return self.days if slot > 0 else self.minutes if slot < 0 else self.standing

    def slots(self) -> list[int]:
        """Every slot that has a pane, sorted."""
        return sorted([*self.days, *(-minute for minute in self.minutes), *self.standing])

    def turn(self, yesterday: int, today: int, before: tuple[Window, ...], after: tuple[Window, ...]) -> None:
        """Called when the local day changed: carry the sums before today on, or forget them if that is not simple."""
        if self.bases is None:
            return
        if today != yesterday + 1:
            self.bases = None
            return
        done = self.days.get(yesterday)
        for i in range(1, len(after)):
            base = self.bases[i - 1]
            if after[i].first_day == today:
                base.clear()
                continue
            if done:
                merge(base, done[2])
            for day in range(before[i].first_day, after[i].first_day):
                if pane := self.days.get(day):
                    subtract(base, pane[2])

    def sum_minutes(self, now_minute: int) -> None:
        """Form the sums of the rolling windows anew from the panes."""
        self.bands = tuple({} for _ in WIDTHS)
        for minute, pane in self.minutes.items():
            if now_minute - WIDEST <= minute < now_minute:
                merge(self.bands[BAND_OF_AGE[now_minute - minute]], pane[2])

    def _bases(self, today: int, current: tuple[Window, ...]) -> list[Measures]:
        if self.bases is None:
            self.bases = [self.between(window.first_day, today - 1)[0] for window in current[1:]]
        return self.bases


TRAILING_BIT = DAY_BIT << 5


def slot_of(day: int | None, minute: int | None) -> int:
    """The slot of a pane: of its minute if it has one, else of its day, else the standing one."""
    return -minute if minute is not None else STANDING_SLOT if day is None else day
