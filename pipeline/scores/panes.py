"""The panes of one scope: what it counted by day, by minute and standing, with running sums of the current windows."""

from collections.abc import Iterable, Iterator

from pipeline.scores.cold_panes import (
    Kept,
    Measures,
    Pane,
    first_ms_of,
    measures_of,
    merge,
    pack,
    sum_of,
    together,
    unpack,
    warm,
)
from pipeline.scores.windows import ROLLING, Window

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


def subtract(from_: Measures, measures: Measures) -> None:
    """Take measures out of measures; those that become zero are dropped."""
    for name, value in measures.items():
        total = from_.get(name, 0) - value
        if total:
            from_[name] = total
        else:
            from_.pop(name, None)


def _change(panes: dict[int, Kept], at: int, measures: Measures, offset: int, changed_ms: int) -> None:
    pane = panes.get(at)
    if pane is None:
        panes[at] = [offset, changed_ms, {name: value for name, value in measures.items() if value}]
        return
    if isinstance(pane, bytes):
        pane = panes[at] = unpack(pane)
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
    lies in one band. There are only those that somebody asked for and all shorter ones: a window that is never read
    costs nothing. `bases` holds a sum per current window of days longer than a day, over its days before today, or is
    None until somebody asks.
    """

    __slots__ = ("_since_ms", "bands", "bases", "days", "minutes", "standing")

    def __init__(self) -> None:
        self.days: dict[int, Kept] = {}
        self.minutes: dict[int, Kept] = {}
        self.standing: dict[int, Kept] = {}
        self._since_ms: int | None = NEVER_MS
        self.bands: list[Measures] = []
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
        if band < len(self.bands):
            merge(self.bands[band], measures)
        return ALL_ROLLING >> band << band

    def note_first(self, day: int, first_ms: int) -> None:
        """Called for a day pane that changed, with now of the first change as it is known here: the earliest holds."""
        pane = self.days[day]
        assert not isinstance(pane, bytes)
        if len(pane) == 3:
            pane.append(first_ms)
        elif first_ms < pane[3]:
            pane[3] = first_ms
        if self._since_ms is not None and first_ms < self._since_ms:
            self._since_ms = first_ms

    @property
    def since_ms(self) -> int:
        """Now of the first change of any day."""
        if self._since_ms is None:
            self._since_ms = min(map(first_ms_of, self.days.values()), default=NEVER_MS)
        return self._since_ms

    def look_since(self) -> None:
        """Called when panes came or went otherwise: since when there is any of a day has to be seen again."""
        self._since_ms = None

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
        found = dict(measures_of(running)) if running else {}
        for number in range(len(WIDTHS)):
            merge(found, self.band(number, now_minute))
            yield found

    def of_days(self, i: int, today: int, current: tuple[Window, ...]) -> Measures:
        """The measures of the current window of days `i` (0 is the day) up to today, to be read at once."""
        pane = self.days.get(today)
        day = measures_of(pane) if pane else {}
        base = self._bases(today, current)[i - 1] if i else {}
        if not base or not day:
            return base or day
        found = base.copy()
        merge(found, day)
        return found

    def sum_of_days(self, i: int, today: int, current: tuple[Window, ...], names: Iterable[str]) -> int:
        """The sum of some measures in the current window of days `i` up to today: no other is looked at."""
        pane = self.days.get(today)
        day = measures_of(pane) if pane else {}
        base = self._bases(today, current)[i - 1] if i else {}
        return sum(base.get(name, 0) + day.get(name, 0) for name in names)

    def between(self, first_day: int, last_day: int) -> tuple[Measures, int, int]:
        """The measures of a span of days, both inclusive; now of the latest and of the first change in it (0: none)."""
        panes = self._inside(first_day, last_day)
        if not panes:
            return {}, 0, 0
        _, changed_ms, measures, first_ms = together(panes)
        return measures, changed_ms, first_ms

    def _inside(self, first_day: int, last_day: int) -> list[Kept]:
        days, inside = self.days, range(first_day, last_day + 1)
        if len(inside) < len(days):
            return [days[day] for day in inside if day in days]
        return [pane for day, pane in days.items() if day in inside]

    def all_standing(self) -> Measures:
        """The measures summed without time."""
        pane = self.standing.get(STANDING_SLOT)
        return measures_of(pane) if pane else {}

    def at(self, slot: int) -> Pane | None:
        """The pane of a slot, to be read."""
        kept = self.of_slot(slot).get(abs(slot))
        return None if kept is None else warm(kept)

    def kept(self, slot: int) -> Kept | None:
        """The pane of a slot as it is kept."""
        return self.of_slot(slot).get(abs(slot))

    def cool(self, slot: int) -> bool:
        """Called when a pane has become cold, or a cold one was changed: pack it; whether it was there, and warm."""
        panes, at = self.of_slot(slot), abs(slot)
        pane = panes.get(at)
        if pane is None or isinstance(pane, bytes):
            return False
        panes[at] = pack(pane)
        return True

    def last_minute(self, measure: str, now_minute: int) -> tuple[int | None, bool]:
        """The last minute up to now with any of a measure, and whether a later one has any."""
        ahead = False
        latest = max(self.minutes, default=now_minute + 1)
        if latest <= now_minute and measures_of(self.minutes[latest]).get(measure, 0) > 0:
            return latest, False
        for minute in sorted(self.minutes, reverse=True):
            if measures_of(self.minutes[minute]).get(measure, 0) > 0:
                if minute <= now_minute:
                    return minute, ahead
                ahead = True
        return None, ahead

    def last_day(self, measure: str, before: int) -> int | None:
        """The last day before a day with any of a measure."""
        days = (day for day in sorted(self.days, reverse=True) if day < before)
        return next((day for day in days if measures_of(self.days[day]).get(measure, 0) > 0), None)

    def of_slot(self, slot: int) -> dict[int, Kept]:
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
                merge(base, measures_of(done))
            for day in range(before[i].first_day, after[i].first_day):
                if pane := self.days.get(day):
                    subtract(base, measures_of(pane))

    def band(self, number: int, now_minute: int) -> Measures:
        """What a rolling window holds beside the next shorter one: formed from the panes once, then kept up to date."""
        known = len(self.bands)
        if number >= known:
            inside: list[list[Kept]] = [[] for _ in range(known, number + 1)]
            for minute, pane in self.minutes.items():
                age = now_minute - minute
                if 0 < age <= WIDTHS[number] and BAND_OF_AGE[age] >= known:
                    inside[BAND_OF_AGE[age] - known].append(pane)
            self.bands += map(sum_of, inside)
        return self.bands[number]

    def enter(self, minute: int) -> None:
        """Called when a minute is full: its pane is part of the sums from now on."""
        if self.bands:
            merge(self.bands[0], measures_of(self.minutes[minute]))

    def leave(self, band: int, measures: Measures) -> None:
        """Called when a minute has become too old for a band: what it measured moves on to the next one, or out."""
        if band < len(self.bands):
            subtract(self.bands[band], measures)
            if band + 1 < len(self.bands):
                merge(self.bands[band + 1], measures)

    def _bases(self, today: int, current: tuple[Window, ...]) -> list[Measures]:
        if self.bases is None:
            self.bases = [sum_of(self._inside(window.first_day, today - 1)) for window in current[1:]]
        return self.bases


QUARTER_BIT = DAY_BIT << 3
TRAILING_BIT = DAY_BIT << 5


def slot_of(day: int | None, minute: int | None) -> int:
    """The slot of a pane: of its minute if it has one, else of its day, else the standing one."""
    return -minute if minute is not None else STANDING_SLOT if day is None else day
