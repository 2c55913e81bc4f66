"""Facts about the organisation that hold from a time on: memberships and zones."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from heapq import heappop, heappush
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from pipeline.organisation import days
from pipeline.organisation.overlay import Groups, Overlay

Record = dict[str, Any]
_EVER = -1
UTC_ZONE = "UTC"


class Memberships:
    """Which team a rep belongs to, when. Where two overlap the one that began later holds, then the greater id.

    Where that one is a share, all that are shares hold together: the largest says which team it is.
    """

    def __init__(self, below: "Memberships | None" = None) -> None:
        self._below = below
        self._by_rep: Groups[str, Record] = below._by_rep.over() if below else Groups()
        self._by_team: Groups[str, int] = below._by_team.over() if below else Groups()
        self.sharing: dict[str, int] = dict(below.sharing) if below else {}
        """The reps with memberships that are shares, and how many of these."""
        self._spans: dict[str, Spans | None] = {}
        """Of the reps whose team was asked for; None where they changed too much since: publishing asks for whole
        teams, and whoever changes one membership of thousands asks again at once.
        """

    def over(self) -> "Memberships":
        """Memberships that begin as these are, and change without them; these stay as they are meanwhile."""
        return Memberships(self)

    def put(self, name: str, old: Record | None, record: Record | None) -> None:
        """Replace one membership."""
        given = [each for each in (old, record) if each and each.get("rep_id") and each.get("team_id")]
        known = {rep: self._known(rep) for rep in dict.fromkeys(each["rep_id"] for each in given)}
        if old and old.get("rep_id"):
            self._take(name, old)
        if record and record.get("rep_id") and record.get("team_id"):
            rep, team = record["rep_id"], record["team_id"]
            self._by_rep.put(rep, name, record)
            self._by_team.put(team, rep, self._by_team.of(team).get(rep, 0) + 1)
            self._count_share(record, 1)
        for rep, spans in known.items():
            changed = [each for each in given if each["rep_id"] == rep]
            self._spans[rep] = None if spans is None else _patched(spans, self._by_rep.of(rep), changed)

    def _known(self, rep: str) -> "Spans | None":
        if rep in self._spans or self._below is None:
            return self._spans.get(rep)
        return self._below._known(rep)

    def _take(self, name: str, old: Record) -> None:
        rep = old["rep_id"]
        if self._by_rep.take(rep, name) is not None:
            self._count_share(old, -1)
            left = (self._by_team.take(old["team_id"], rep) or 0) - 1
            if left > 0:
                self._by_team.put(old["team_id"], rep, left)

    def _count_share(self, record: Record, count: int) -> None:
        if record.get("share_bp"):
            rep = record["rep_id"]
            self.sharing[rep] = self.sharing.get(rep, 0) + count
            if not self.sharing[rep]:
                del self.sharing[rep]

    def shares_of(self, rep: str, at_ms: int) -> list[tuple[str, int]]:
        """The teams that share a rep at an instant, each with its share, by team; none where one has all of the rep."""
        held = sorted(_held(name, each) for name, each in self._by_rep.of(rep).items() if _meets(each, at_ms, at_ms))
        if not held or held[-1].share_bp is None:
            return []
        found: dict[str, int] = {}
        for each in held:
            if each.share_bp is not None:
                found[each.team] = found.get(each.team, 0) + each.share_bp
        return sorted(found.items())

    def knows(self, rep: str) -> bool:
        """Whether the rep has a membership, whenever."""
        return bool(self._by_rep.of(rep))

    def ever_in(self, team: str) -> set[str]:
        """Reps with a membership in the team, whenever."""
        return set(self._by_team.of(team))

    def ever_of(self, rep: str) -> set[str]:
        """Teams the rep has a membership in, whenever."""
        return {record["team_id"] for record in self._by_rep.of(rep).values()}

    def joined_ms(self, rep: str, team: str, at_ms: int) -> int | None:
        """The latest beginning up to an instant of a membership in the team, of those that name theirs.

        One that ended as it began, or before, never was: so is taken back what was told by mistake.
        """
        own = (record for record in self._by_rep.of(rep).values() if record["team_id"] == team)
        spans = ((record.get("valid_from"), record.get("valid_to")) for record in own)
        begun = (from_ms for from_ms, to_ms in spans if from_ms is not None and (to_ms is None or from_ms < to_ms))
        return max((from_ms for from_ms in begun if from_ms <= at_ms), default=None)

    def team_of(self, rep: str, at_ms: int) -> str | None:
        """The team at an instant; None where no membership holds."""
        starts, teams = self._asked(rep)
        return teams[bisect_right(starts, at_ms) - 1]

    def span_of(self, rep: str, at_ms: int) -> tuple[int, int | None, str | None]:
        """From when on and until when the team at an instant is surely the same, and the team."""
        starts, teams = self._asked(rep)
        number = bisect_right(starts, at_ms)
        return starts[number - 1], starts[number] if number < len(starts) else None, teams[number - 1]

    def spans_in(self, rep: str, team: str) -> Iterator[tuple[int, int | None, int, int]]:
        """From when on and until when a rep belongs to a team, and as which part of how many; neighbours may touch."""
        starts, teams = self._asked(rep)
        for start_ms, end_ms, held in zip(starts, (*starts[1:], None), teams, strict=True):
            shares = dict(self.shares_of(rep, start_ms)) if rep in self.sharing else {}
            part, whole = (shares.get(team, 0), sum(shares.values())) if shares else (int(held == team), 1)
            if part:
                yield start_ms, end_ms, part, whole

    def _asked(self, rep: str) -> "Spans":
        spans = self._known(rep)
        if spans is None:
            spans = self._spans[rep] = _spans(self._by_rep.of(rep))
        return spans


Spans = tuple[list[int], list[str | None]]
"""From when on which team holds, the first from ever on; neighbours may name the same."""


class _Held(NamedTuple):
    """A membership, in the order in which one holds before another."""

    start_ms: int
    name: str
    end_ms: int | None
    team: str
    share_bp: int | None


def _spans(records: Mapping[str, Record]) -> Spans:
    held = [_held(name, record) for name, record in records.items()]
    starts = sorted(
        {_EVER, *(each.start_ms for each in held), *(each.end_ms for each in held if each.end_ms is not None)}
    )
    return starts, list(_holding(sorted(held, key=itemgetter(0, 1)), starts))


def _patched(spans: Spans, records: Mapping[str, Record], changed: Sequence[Record]) -> Spans | None:
    """The spans after some memberships changed, given all there are now: worked out for the time of these only.

    None where what changed before has left so many bounds behind that all of it is better worked out anew.
    """
    starts, teams = spans
    if len(starts) > 4 * len(records) + 16:
        return None
    first = min(record.get("valid_from") or _EVER for record in changed)
    ends = [record.get("valid_to") for record in changed]
    last: float = max((inf if end is None else end for end in ends), default=inf)
    last = max(last, first)
    held = sorted(
        (_held(name, record) for name, record in records.items() if _meets(record, first, last)), key=itemgetter(0, 1)
    )
    bounds = {first, *(each.start_ms for each in held), *(each.end_ms for each in held if each.end_ms is not None)}
    within = sorted({each for each in bounds if first <= each <= last} | ({int(last)} if last < inf else set()))
    before, after = bisect_left(starts, first), bisect_right(starts, last)
    return (
        starts[:before] + within + starts[after:],
        teams[:before] + list(_holding(held, within)) + teams[after:],
    )


def _held(name: str, record: Record) -> _Held:
    start_ms = record.get("valid_from") or _EVER
    return _Held(start_ms, name, record.get("valid_to"), record["team_id"], record.get("share_bp"))


def _meets(record: Record, first_ms: int, last_ms: float) -> bool:
    end_ms = record.get("valid_to")
    return (record.get("valid_from") or _EVER) <= last_ms and (end_ms is None or end_ms > first_ms)


def _holding(held: Sequence[_Held], starts: Iterable[int]) -> Iterator[str | None]:
    """The team that holds at each of these instants, given in order, of memberships by beginning and id."""
    if any(each.share_bp is not None for each in held):
        yield from _sharing(held, starts)
        return
    begun: list[tuple[int, int | float, str]] = []
    """Those that have begun, the one that holds before others first: its number negated, its end, its team."""
    number = 0
    for at_ms in starts:
        while number < len(held) and held[number].start_ms <= at_ms:
            _, _, end_ms, team, _ = held[number]
            heappush(begun, (-number, inf if end_ms is None else end_ms, team))
            number += 1
        while begun and begun[0][1] <= at_ms:
            heappop(begun)
        yield begun[0][2] if begun else None


def _sharing(held: Sequence[_Held], starts: Iterable[int]) -> Iterator[str | None]:
    """The same of a rep of whom some memberships are shares: it takes as long as memberships overlap."""
    holding: list[_Held] = []
    number = 0
    for at_ms in starts:
        while number < len(held) and held[number].start_ms <= at_ms:
            holding.append(held[number])
            number += 1
        holding = [each for each in holding if each.end_ms is None or at_ms < each.end_ms]
        if not holding or holding[-1].share_bp is None:
            yield holding[-1].team if holding else None
        else:
            yield max(holding, key=lambda each: (each.share_bp or 0, each.start_ms, each.name)).team


class _Dated(NamedTuple):
    """A team's zones: as rules and the first days of these (0: since ever), and by instant with their last days."""

    rules: tuple[tuple[int | None, str], ...]
    first_days: list[int]
    starts: list[int]
    spans: list[tuple[str, int | None]]

    @classmethod
    def of(cls, rules: Sequence[tuple[int | None, str]]) -> "_Dated":
        starts = [_EVER]
        found: list[tuple[str, int | None]] = [(rules[0][1], None)]
        for first_day, zone in rules[1:]:
            if first_day is None:
                continue
            found[-1] = (found[-1][0], first_day - 1)
            starts.append(max(days.midnight_ms(zone, first_day), starts[-1]))
            found.append((zone, None))
        return cls(tuple(rules), [day or 0 for day, _ in rules], starts, found)


class Zones:
    """The time zone of each team; it changes at the new zone's midnight, and no instant lies in a day twice."""

    def __init__(self) -> None:
        self._given: MutableMapping[str, list[tuple[int | None, str]]] = {}
        self._dated: dict[str, _Dated] = {}
        """Of the teams that have any of their own and were asked for since these changed."""
        self.company(None)

    def over(self) -> "Zones":
        """Zones that begin as these are, and change without them; these stay as they are meanwhile."""
        found = Zones()
        found._elsewhere = self._elsewhere
        found._given = Overlay(self._given)
        return found

    def company(self, zone: str | None) -> None:
        """Set the zone of the company, of unknown teams and of those without one."""
        self._elsewhere = _Dated.of([(None, zone or UTC_ZONE)])
        self._dated.clear()

    def put(self, team: str, zones: Sequence[Sequence[Any]]) -> None:
        """Set a team's zones: (first local day or None, zone)."""
        self._dated.pop(team, None)
        self._given[team] = sorted(((day, zone) for day, zone in zones), key=lambda entry: entry[0] or 0)
        if not zones:
            del self._given[team]

    def rules(self, team: str) -> tuple[tuple[int | None, str], ...]:
        """All zones of a team, each with its first local day: two teams with equal ones have equal days."""
        return self._of(team).rules

    def on(self, team: str, day: int | None) -> str:
        """The zone of a team's local day; None: the last one."""
        dated = self._of(team)
        number = -1 if day is None else max(bisect_right(dated.first_days, day) - 1, 0)
        return dated.rules[number][1]

    def at(self, team: str, at_ms: int) -> tuple[str, int | None]:
        """The zone at an instant, and the last local day it holds for."""
        dated = self._of(team)
        return dated.spans[bisect_right(dated.starts, at_ms) - 1]

    def holds_through(self, team: str, hour: int) -> bool:
        """Whether `at` gives the same for each instant of an hour since 1970."""
        begin_ms = hour * days.HOUR_MS
        return self.at(team, begin_ms) == self.at(team, begin_ms + days.HOUR_MS - 1)

    def _of(self, team: str) -> _Dated:
        given = self._given.get(team)
        if given is None:
            return self._elsewhere
        dated = self._dated.get(team)
        if dated is None:
            rules = given if given[0][0] is None else [*self._elsewhere.rules, *given]
            dated = self._dated[team] = _Dated.of(rules)
        return dated
