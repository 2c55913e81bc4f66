"""Which figures a change of the organisation tells anew: from which local day on, and of whom. Pure.

It follows from the two organisations alone, so it names what may change, whether anything was done then or not; what it
does not name stays as it is.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.boards.staffing import restaffed
from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.organisation.copies import Change
from pipeline.organisation.goals import Targets
from pipeline.organisation.organisation import Organisation, Record, is_there
from pipeline.scores.home import FAR_DAY
from pipeline.scores.home_calendar import HomeCalendar
from pipeline.scores.windows import calendar_windows

EVERYTHING, WEEKS, YEARS = "everything", "weeks", "quarters and years"
MONEY, OWN, DEALS, READ = "money", "calls nobody took, and cost", "deals of process {}", "activities and touches"
GOALS, SHARED, SCORES = "goals", "money of deals", "activity scores"
PER_REP = "money for each rep at work"
_EVER = 0


@dataclass(frozen=True, slots=True)
class Restated:
    """What is told anew, from a local day on (None: since ever) up to another (None: to this day)."""

    what: str
    since: int | None
    until: int | None = None
    scopes: frozenset[str] = frozenset()
    """`team:north`, `group:emea`, `rep:ada`, `company`; empty: all."""

    def as_json(self, day: Any) -> dict[str, Any]:
        """For scripts; `day` writes a day."""
        since, until = (None if each is None else day(each) for each in (self.since, self.until))
        return {"what": self.what, "from": since, "until": until, "scopes": sorted(self.scopes)}


def restated(
    before: Organisation, after: Organisation, changed: Mapping[str, tuple[Record | None, Record | None]]
) -> list[Restated]:
    """What may be told anew once the records of some keys changed, the earliest first; both are of one instant."""
    comparing = _Comparing(before, after)
    found: list[Restated] = []
    for key, (old, new) in changed.items():
        kind, _, name = key.partition(":")
        found += comparing.by_kind(kind, name, old, new)
        found += comparing.staffed(Change(key, old, new))
    for named in sorted(_named(before, after, changed)):
        found += comparing.named(named)
    found += comparing.due()
    return sorted(_joined(found), key=lambda each: (each.since or 0, each.what, sorted(each.scopes)))


def shortened_to(found: Iterable[Restated], first_day: int, today: int) -> list[Restated]:
    """The same of the days that are kept and over: windows that are current change all the time."""
    kept = (each for each in found if each.until is None or each.until >= first_day)
    cut = (replace(each, since=max(each.since or 0, first_day)) for each in kept)
    return _joined(each for each in cut if each.since is not None and each.since < today)


def summed_up(found: Iterable[Restated]) -> list[Restated]:
    """One for each kind of figures, from its first day to its last: for whoever moves a thousand reps."""
    by: dict[str, list[Restated]] = {}
    for each in found:
        by.setdefault(each.what, []).append(each)
    return [_summed(what, told) for what, told in by.items()]


def _summed(what: str, told: Sequence[Restated]) -> Restated:
    since = min((each.since or _EVER) for each in told)
    until = None if any(each.until is None for each in told) else max(each.until or 0 for each in told)
    scopes: frozenset[str] = frozenset()
    if all(each.scopes for each in told):
        scopes = scopes.union(*(each.scopes for each in told))
    return Restated(what, since or None, until, scopes)


def _joined(found: Iterable[Restated]) -> list[Restated]:
    """Those of one kind and the same days as one."""
    by: dict[tuple[str, int | None, int | None], frozenset[str] | None] = {}
    for each in found:
        place = each.what, each.since, each.until
        known = by.get(place, frozenset())
        by[place] = None if known is None or not each.scopes else known | each.scopes
    return [Restated(*place, scopes or frozenset()) for place, scopes in by.items()]


def _named(
    before: Organisation, after: Organisation, changed: Mapping[str, tuple[Record | None, Record | None]]
) -> set[str]:
    """The ids of everybody who may be elsewhere, and those that may mean somebody else."""
    found: set[str] = set()
    for key, records in changed.items():
        kind, _, name = key.partition(":")
        if kind == "rep" and is_there(records[0]) != is_there(records[1]):
            found.add(name)
        elif kind == "membership":
            found |= {record["rep_id"] for record in records if record and record.get("rep_id")}
        elif kind == "team":
            found |= before.ever_in(name) | after.ever_in(name)
    found |= {named for each in (before, after) for rep in found for named in each.ids_of(rep)}
    for key, records in changed.items():
        if key.startswith("identity:"):
            found |= {record["external_id"] for record in records if record and record.get("external_id")}
    return found


class _Comparing:
    """Two organisations."""

    def __init__(self, before: Organisation, after: Organisation) -> None:
        self._both = before, after
        self._before, self._after = before, after
        self._bounds: dict[str, set[int]] = {}
        """By rep: the instants from which on another team may be theirs; by other ids: another rep be meant."""
        for each in self._both:
            for _, record in each.records("membership"):
                ended_ms = (each.get(f"team:{record.get('team_id')}") or {}).get("ended_at")
                bounds = self._bounds.setdefault(record.get("rep_id") or "", {_EVER})
                bounds |= {at for at in (record.get("valid_from"), record.get("valid_to"), ended_ms) if at}
            for _, record in each.records("identity"):
                bounds = self._bounds.setdefault(record.get("external_id") or "", {_EVER})
                bounds |= {at for at in (record.get("valid_from"), record.get("valid_to")) if at}

    def by_kind(self, kind: str, name: str, old: Record | None, new: Record | None) -> Iterator[Restated]:
        """What a record tells anew beside the places of reps."""
        if kind == "company":
            yield from self._company(old or {}, new or {})
        elif kind == "team":
            yield from self._team(name, old or {}, new or {}, there=(old is not None, new is not None))
        elif kind == "rate":
            yield from self._rate(old, new)
        elif kind == "process":
            yield from self._process(name, old, new)
        elif kind == "target":
            for record in (old, new):
                yield from self._target(record or {})
        elif kind == "score":
            yield from self._score(old, new)
        elif kind == "rep" and any((old or {}).get(each) != (new or {}).get(each) for each in ("hired_on", "left_on")):
            scopes = {f"team:{team}" for each in self._both for team in each.teams_ever(name) if each.scores.of(team)}
            if scopes:
                yield Restated(SCORES, None, None, frozenset({f"rep:{name}", *scopes}))
        elif kind == "policy" and _reads_otherwise(old or {}, new or {}):
            since = min((each.get("valid_from") or _EVER) for each in (old, new) if each is not None)
            yield Restated(READ, self._first_day(COMPANY, since))

    def staffed(self, change: Change) -> Iterator[Restated]:
        """What is told for each rep at work, of the days on which others are."""
        told = restaffed(change, self._after)
        if told is not None:
            last = None if told.last_day >= FAR_DAY else told.last_day
            known = {f"group:{team}" for each in self._both for team, _ in each.records("team") if each.children(team)}
            homes = (home for home in told.homes or () if not home.startswith("group:") or home in known)
            yield Restated(PER_REP, told.first_day or None, last, frozenset(homes))

    def named(self, named: str) -> Iterator[Restated]:
        """What whom an id means did while somewhere else by one organisation than by the other."""
        reps = {rep for each in self._both for rep in each.reps_of(named)}
        told = {at for each in (named, *reps) for at in self._bounds.get(each, {_EVER})}
        bounds = sorted(at for at in told if at <= self._after.now_ms)
        for at_ms, end_ms in zip(bounds, [*bounds[1:], None], strict=True):
            (old, as_old), (new, as_new) = (each.place(named, at_ms) for each in self._both)
            shares = [each.shares_of(each.rep_of(named, at_ms), at_ms) for each in self._both]
            moves = (old, as_old) != (new, as_new)
            if moves or shares[0] != shares[1]:
                until = None if end_ms is None else self._day(end_ms - 1, old, new, max)
                since = None if at_ms == _EVER else self._day(at_ms, old, new, min)
                teams = {old, new, *(team for each in shares for team, _ in each)}
                scopes = {
                    *(f"rep:{rep}" for rep in (as_old, as_new) if rep != UNASSIGNED),
                    *self._of_move(old, new),
                    *(self._of_shares(teams) if len(teams) > 2 or not moves else ()),
                }
                yield Restated(EVERYTHING if moves else SHARED, since, until, frozenset(scopes))

    def _day(self, at_ms: int, old: str, new: str, choose: Callable[[int, int], int]) -> int:
        return choose(self._before.local_day(old, at_ms), self._after.local_day(new, at_ms))

    def _of_move(self, old: str, new: str) -> Iterator[str]:
        yield from (f"team:{old}", f"team:{new}")
        above = [set(_groups(each, team)) for each, team in zip(self._both, (old, new), strict=True)]
        if self._before.zone_rules(old) != self._after.zone_rules(new):
            yield COMPANY
            yield from above[0] | above[1]
        yield from above[0] ^ above[1]

    def _of_shares(self, teams: Collection[str]) -> Iterator[str]:
        """Whoever has a part of what teams share."""
        if len({each.zone_rules(team) for each in self._both for team in teams}) > 1:
            yield COMPANY
        for team in teams:
            yield f"team:{team}"
            for each in self._both:
                yield from _groups(each, team)

    def _first_day(self, team: str, at_ms: int) -> int | None:
        return None if at_ms == _EVER else self._after.local_day(team, at_ms)

    def _company(self, old: Record, new: Record) -> Iterator[Restated]:
        if self._before.currency != self._after.currency:
            yield Restated(MONEY, None)
        if old.get("time_zone") != new.get("time_zone"):
            names = {team for each in self._both for team, _ in each.records("team")}
            teams = [team for team in names if self._before.zone_rules(team) != self._after.zone_rules(team)]
            yield Restated(EVERYTHING, None, None, frozenset(self._days_of([UNASSIGNED, *teams])))
        if (old.get("fiscal_year_start") or 1) != (new.get("fiscal_year_start") or 1):
            yield Restated(YEARS, None)
        first = _first_differing(*(each.week_starts for each in self._both))
        if first is not None:
            yield Restated(WEEKS, first or None)

    def _team(self, team: str, old: Record, new: Record, there: tuple[bool, bool]) -> Iterator[Restated]:
        zones = [[(day or 0, zone) for day, zone in each.zone_rules(team)] for each in self._both]
        first = _first_differing(*zones)
        if first is not None:
            yield Restated(EVERYTHING, first or None, None, frozenset(self._days_of([team])))
        if there[0] != there[1]:
            yield Restated(OWN, None, None, frozenset((f"team:{team}", f"team:{UNASSIGNED}")))
        elif old.get("ended_at") != new.get("ended_at"):
            since = min(each["ended_at"] for each in (old, new) if "ended_at" in each)
            yield Restated(OWN, self._first_day(team, since), None, frozenset((f"team:{team}", f"team:{UNASSIGNED}")))
        if self._before.fiscal_year_start(team) != self._after.fiscal_year_start(team):
            sums = {scope for each in self._both for scope in _groups(each, team) if scope == f"group:{team}"}
            yield Restated(YEARS, None, None, frozenset({f"team:{team}", *sums, *self._reps_of(team)}))
        above = [set(each.ancestors(team)) for each in self._both]
        if there[0] != there[1] and self._after.children(team):
            above[0].add(team)  # who named it as their parent before it was told of is below it now
        if above[0] != above[1]:
            yield Restated(EVERYTHING, None, None, frozenset(f"group:{each}" for each in above[0] ^ above[1]))

    def _days_of(self, teams: Sequence[str]) -> Iterator[str]:
        """Whoever has days that are another's."""
        yield COMPANY
        for team in teams:
            yield f"team:{team}"
            yield from self._reps_of(team)
            for each in self._both:
                yield from _groups(each, team)

    def _reps_of(self, team: str) -> Iterator[str]:
        yield from (f"rep:{rep}" for each in self._both for rep in each.ever_in(team))

    def _rate(self, old: Record | None, new: Record | None) -> Iterator[Restated]:
        for record, each in ((old, self._before), (new, self._after)):
            span = each.rate_span(record) if record else None
            if span is not None:
                until = None if span.end_day is None else span.end_day - 1
                yield Restated(f"{MONEY} in {span.currency}", span.first_day, until)

    def _target(self, record: Record) -> Iterator[Restated]:
        """The one window that a target is for, if any begins then; a team's is its group's with teams below it."""
        period, first_day, team, rep = (record.get(each) for each in ("period", "period_start", "team_id", "rep_id"))
        if period is None or first_day is None or (team is None) == (rep is None):
            return
        scopes = {f"rep:{rep}"} if team is None else {COMPANY} if team == COMPANY else set(self._whole(team))
        rules = HomeCalendar(self._after).period_rules(min(scopes))
        for window in calendar_windows(first_day, rules):
            if (window.kind, window.first_day) == (period, first_day):
                yield Restated(GOALS, first_day, window.last_day, frozenset(scopes))

    def _score(self, old: Record | None, new: Record | None) -> Iterator[Restated]:
        """The scores of a team, or of all, from the first day on that a rule holds for."""
        for record in (old, new):
            if record is not None:
                team = record.get("team_id")
                scopes = {f"team:{team}", *self._reps_of(team)} if team is not None else set()
                yield Restated(SCORES, record.get("effective_on"), None, frozenset(scopes))

    def due(self) -> Iterator[Restated]:
        """The windows of reps' targets of which another part is due now; what was set otherwise is told by itself."""
        told = (record for each in self._both for _, record in each.records("target"))
        for home in sorted({f"rep:{record['rep_id']}" for record in told if record.get("rep_id")}):
            before, after = (_due(each, home) for each in self._both)
            rules = HomeCalendar(self._after).period_rules(home)
            for period, first_day in sorted(before.keys() & after.keys()):
                (was_set, was_due), (is_set, is_due) = before[period, first_day], after[period, first_day]
                if was_set != is_set or was_due == is_due:
                    continue
                for window in calendar_windows(first_day, rules):
                    if (window.kind, window.first_day) == (period, first_day):
                        yield Restated(GOALS, first_day, window.last_day, frozenset({home}))

    def _whole(self, team: str) -> Iterator[str]:
        yield from (f"group:{team}" if each.children(team) else f"team:{team}" for each in self._both)

    def _process(self, name: str, old: Record | None, new: Record | None) -> Iterator[Restated]:
        editions = [[(at, stages) for at, stages in (each or {}).get("editions", ())] for each in (old, new)]
        implied = [(each or {}).get("implied") is not False for each in (old, new)]
        if implied[0] != implied[1] or _stages(editions[0]) != _stages(editions[1]):
            yield Restated(DEALS.format(name), None)  # a name that is new, or was another one, is read so all along
            return
        spans = [[(at if number else 0, stages) for number, (at, stages) in enumerate(each)] for each in editions]
        first = _first_differing(*spans)
        if first is not None:
            yield Restated(DEALS.format(name), self._first_day(COMPANY, first))


def _due(organisation: Organisation, home: str) -> dict[tuple[str, int], tuple[Targets, Targets]]:
    """By period of a rep's goals: what was set, and what of it is due."""
    calendar = HomeCalendar(organisation)
    parts, goals = calendar.prorated(home, FAR_DAY), calendar.goals(home, FAR_DAY)
    return {place: (told, parts[place].targets if place in parts else told) for place, told in goals.items()}


def _groups(organisation: Organisation, team: str) -> Iterator[str]:
    """The scopes that hold a team with all teams below it."""
    if organisation.children(team):
        yield f"group:{team}"
    yield from (f"group:{each}" for each in organisation.ancestors(team))


def _first_differing(one: Sequence[tuple[int, Any]], other: Sequence[tuple[int, Any]]) -> int | None:
    """From which number on two lists of (from when on, what) say something else; None where they never do."""
    bounds = sorted({at for at, _ in (*one, *other)})
    return next((at for at in bounds if _at(one, at) != _at(other, at)), None)


def _at(told: Sequence[tuple[int, Any]], at: int) -> Any:
    return next((what for since, what in reversed(told) if since <= at), None)


def _stages(editions: Iterable[tuple[int, Collection[Mapping[str, Any]]]]) -> set[tuple[str, ...]]:
    return {(stage["id"], *stage["former_ids"]) for _, stages in editions for stage in stages}


def _reads_otherwise(old: Record, new: Record) -> bool:
    return any(
        (old.get(name) is not None or new.get(name) is not None)
        and any(old.get(each) != new.get(each) for each in (name, "valid_from"))
        for name in ("nobody", "counted_activities")
    )
