"""Contests as they stand: what counts by day for whoever takes part, and what follows from it and from time."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pipeline.kernel.state_keys import contest_day_key, read_contest_day_key
from pipeline.kernel.store import Store
from pipeline.measures import COMPANY
from pipeline.organisation.contests import Contest, contests, entrants, span_ms
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.recognition.kept_days import KeptDays
from pipeline.recognition.recognition_book import Entry, RecognitionBook
from pipeline.recognition.standings import DECIDING, KPIS, NOTHING, Standings
from pipeline.scores.cold_panes import Measures, merge
from schemas.recognition import MOST_STANDINGS

CONCERNING = frozenset({"contest", "membership", "team", "rep", "company", "proration"})
"""The kinds of records by which it may change who takes part, or when."""
CLOCKS = "contest_clocks"
"""Scalar: the time that each scoreboard has told."""
_NEVER_MS = 2**63
_FINAL = ("final", "restated")
Version = list[int]


def entrant_of(scope: str) -> str:
    """Who takes part by what counts in a scope: a rep by all teams, a team by itself."""
    return scope.partition("@")[0]


class ContestBoard:
    """The contests of a deployment. A pure function of what it is given, in order.

    Of each child, `rep:7@north` or `team:north`, it keeps the measures of each day as they were last sent, in the state
    as `[generation, offset, measures]`, as long as days are kept. A contest that began before these is told no more:
    its places stand as they were told, whoever is said to have taken part by now, and one of which none were told has
    none. It lasts a year and settles for five weeks at most, so it is final by then.
    """

    def __init__(self, store: Store, organisation: Organisation, book: RecognitionBook, kept: KeptDays) -> None:
        self._store = store
        self._organisation = organisation
        self._book = book
        self._kept = kept
        self._days: dict[str, dict[int, list[Any]]] = {}
        self._known: dict[str, Contest] = {}
        self._entrants: dict[str, frozenset[str]] = {}
        self._of_entrant: dict[str, list[Contest]] = {}
        self._sums: dict[str, dict[str, Measures]] = {}
        self._standings: dict[str, Standings] = {}
        self._changed: dict[str, set[str]] = {}
        """By contest: of whom sums changed since its standings were told."""
        self._dirty: set[str] = set()
        self._stale = True
        self._due_ms = -1

    def restore(self, entries: Iterable[tuple[bytes, list[Any]]]) -> None:
        """Called once the store was read, with the days that it has; before anything else."""
        for key, kept in entries:
            child, day = read_contest_day_key(key)
            self._days.setdefault(child, {})[day] = kept

    def organised(self, change: Change) -> None:
        """Called when the organisation changed."""
        if change.subject.partition(":")[0] in CONCERNING:
            self._stale = True

    def take_in(self, child: str, day: int, measures: Measures, version: Version) -> None:
        """What a child counted on a day, as it is by that version; an earlier version, or day, changes nothing."""
        if day < self._kept.first_day:
            return
        days = self._days.setdefault(child, {})
        known = days.get(day)
        if known is not None and known[:2] >= version:
            return
        before = NOTHING if known is None else known[2]
        days[day] = [*version, measures]
        self._store.put(contest_day_key(child, day), days[day])
        if measures != before:
            self._add(child, day, measures, before)

    def drop(self, children: Iterable[str]) -> None:
        """A scoreboard began anew: what it told of these children before does not hold."""
        for child in children:
            for day, (_, _, measures) in self._days.pop(child, {}).items():
                self._store.delete(contest_day_key(child, day))
                self._add(child, day, NOTHING, measures)

    def children(self) -> list[str]:
        """All of whom it has days, sorted."""
        return sorted(self._days)

    def expire(self) -> None:
        """Called once days expired: forget them. What was told of them stays as it is."""
        first_day = self._kept.first_day
        for child in self.children():
            days = self._days[child]
            for day in [day for day in days if day < first_day]:
                del days[day]
                self._store.delete(contest_day_key(child, day))
            if not days:
                del self._days[child]

    def judge(self, sender: int, now_ms: int, offset: int) -> None:
        """Called after each record, with who sent it and its time: tell anew what it changed, or what time has.

        It is as late as all senders have told: what one of them has not sent yet comes after nobody's end.
        """
        clocks: dict[str, int] = self._store.scalars.setdefault(CLOCKS, {})
        clocks[str(sender)] = max(clocks.get(str(sender), -1), now_ms)
        self._judge(min(clocks.values()), offset)

    def _judge(self, now_ms: int, offset: int) -> None:
        if self._stale:
            self._look_up()
            for id_ in self._book.ids():
                if id_.startswith("contest:") and id_.removeprefix("contest:") not in self._known:
                    self._book.take_back(id_, offset)
        if now_ms >= self._due_ms:
            self._dirty.update(self._known)
            bounds = [at_ms for contest in self._known.values() for at_ms in self._bounds(contest)]
            self._due_ms = min((at_ms for at_ms in bounds if at_ms > now_ms), default=_NEVER_MS)
        for name in sorted(self._dirty):
            self._book.tell(f"contest:{name}", self._entry(self._known[name], now_ms), offset)
        self._dirty.clear()

    def _look_up(self) -> None:
        """Ask the organisation anew which contests there are, and who is in them."""
        self._stale = False
        known = {contest.name: contest for contest in contests(self._organisation)}
        inside = {name: entrants(contest, self._organisation) for name, contest in known.items()}
        changed = [name for name in known if (known[name], inside[name]) != self._asked(name)]
        self._known, self._entrants = known, inside
        self._of_entrant = {}
        for name, who in inside.items():
            for entrant in who:
                self._of_entrant.setdefault(entrant, []).append(known[name])
        self._sums = {name: self._sums[name] if name not in changed else self._summed(known[name]) for name in known}
        for name in changed:
            contest, sums = known[name], self._sums[name]
            self._standings[name] = Standings(KPIS[contest.kpi], inside[name], contest.least_sample, sums)
            self._changed.pop(name, None)
        for kept in (self._standings, self._changed):
            for name in kept.keys() - known.keys():
                del kept[name]
        self._dirty = {name for name in {*self._dirty, *changed} if name in known}
        self._due_ms = -1  # A team may be in another zone.

    def _asked(self, name: str) -> tuple[Contest | None, frozenset[str] | None]:
        return self._known.get(name), self._entrants.get(name)

    def _summed(self, contest: Contest) -> dict[str, Measures]:
        found: dict[str, Measures] = {}
        for child, days in self._days.items():
            if (entrant := entrant_of(child)) in self._entrants[contest.name]:
                for day, (_, _, measures) in days.items():
                    if contest.first_day <= day <= contest.last_day:
                        deciding = {name: measures[name] for name in DECIDING[contest.kpi] if name in measures}
                        merge(found.setdefault(entrant, {}), deciding)
        return found

    def _add(self, child: str, day: int, measures: Mapping[str, int], before: Mapping[str, int]) -> None:
        entrant = entrant_of(child)
        for contest in self._of_entrant.get(entrant, ()):
            if not contest.first_day <= day <= contest.last_day:
                continue
            names = DECIDING[contest.kpi]
            delta = {name: more for name in names if (more := measures.get(name, 0) - before.get(name, 0))}
            if delta:
                merge(self._sums[contest.name].setdefault(entrant, {}), delta)
                self._changed.setdefault(contest.name, set()).add(entrant)
                self._dirty.add(contest.name)

    def _placed(self, name: str) -> Standings:
        """The standings of a contest, with all that changed."""
        found, sums = self._standings[name], self._sums[name]
        for entrant in self._changed.pop(name, ()):
            found.change(entrant, sums.get(entrant, NOTHING))
        return found

    def _bounds(self, contest: Contest) -> tuple[int, int, int]:
        start_ms, end_ms = span_ms(contest, self._organisation)
        return start_ms, end_ms, end_ms + contest.settlement_ms

    def _entry(self, contest: Contest, now_ms: int) -> Entry:
        start_ms, end_ms, final_ms = self._bounds(contest)
        before = self._book.entry(f"contest:{contest.name}")
        is_gone = contest.first_day < self._kept.first_day
        if is_gone and before is not None and self._stands(before):
            told = {**before, "title": contest.title}
            return told | {"state": _state(told, before, now_ms, contest.settlement_ms)}
        has_places = now_ms >= start_ms and not is_gone
        found = self._placed(contest.name).first(MOST_STANDINGS) if has_places else []
        said = {
            "kind": "contest", "home": COMPANY, "title": contest.title, "kpi": contest.kpi,
            "unit": KPIS[contest.kpi].unit,
            "among": contest.among, "first_day": _date(contest.first_day), "last_day": _date(contest.last_day),
            "start_ms": start_ms, "end_ms": end_ms, "final_ms": final_ms, "least_sample": contest.least_sample,
        }  # fmt: skip
        same = before is not None and all(before[name] == value for name, value in said.items())
        told_ms = before["told_ms"] if same and before is not None else now_ms
        told = {
            **said, "told_ms": told_ms, "entrants": len(self._entrants[contest.name]),
            "standings": [
                {"scope": scope, "place": place, "value": value, "n": n} for scope, place, value, n in found
            ],
        }  # fmt: skip
        return told | {"state": _state(told, before if same else None, now_ms, contest.settlement_ms)}

    def _stands(self, before: Entry) -> bool:
        """Whether what was told has places, and of days of which some are gone."""
        return bool(before["standings"]) and _ordinal(before["first_day"]) < self._kept.first_day


def _state(told: Entry, before: Entry | None, now_ms: int, settlement_ms: int) -> str:
    """What a contest is called now, by what was told of it before as it is."""
    if now_ms < told["start_ms"]:
        return "upcoming"
    if now_ms < told["end_ms"]:
        return "running"
    if now_ms < told["final_ms"]:
        return "settling"
    if before is None or before["state"] not in _FINAL:
        return "final"
    # One that is told once it is over has as long to be told as a whole.
    changed = before["standings"] != told["standings"] and now_ms >= told["told_ms"] + settlement_ms
    return "restated" if changed else str(before["state"])


def _date(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
