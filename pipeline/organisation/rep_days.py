"""Days at work: how many reps of each team are at work on a local day, in basis points of one rep. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from operator import itemgetter

from pipeline.measures import COMPANY
from pipeline.organisation.attendance import EVER, NEVER, away, employed_days
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import RulesOfTeam
from pipeline.organisation.ramp import FIRST_DAY, ramp_shares
from pipeline.organisation.working_time import MONDAY_TO_FRIDAY, WorkingWeek

LAST_DAY = 10**7
MARGIN_DAYS = 400
"""So many days around those that are asked for are worked out with them."""
Stretch = tuple[int, int, int]
"""A local day, the first one after the stretch, and how much of a rep is at work on each of its days."""


class RepDays:
    """The reps of teams and larger scopes who are at work, by local day of each team.

    A rep counts who belongs to the team when the day ends and is at work for any part of it: in ramp by the ramp's
    share, of a rep whom teams share by the team's share. What was worked out is kept until somebody says that others
    may be at work.
    """

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._days = range(0)
        self._teams: dict[str, tuple[list[int], list[int]]] = {}
        """By team: how many are at work on each day, and before each day on all working days together."""
        self._of_home: dict[str, Sequence[str]] = {}
        self._working: dict[WorkingWeek, list[bool]] = {}

    def forget(self, teams: Iterable[str] | None) -> None:
        """Called when others may be at work in some teams, or teams lie elsewhere in their tree; None is all."""
        self._of_home.clear()
        if teams is None:
            self._teams.clear()
            self._working.clear()
        else:
            for team in teams:
                self._teams.pop(team, None)

    def between(self, home: str, first: int, last: int) -> int:
        """The days at work of all reps from one local day to another one, both included: working days alone count."""
        if last < first:
            return 0
        self._cover(first, last)
        begin, end = first - self._days.start, last + 1 - self._days.start
        sums = (self._of(team)[1] for team in self._teams_of(home))
        return sum(each[end] - each[begin] for each in sums)

    def on(self, home: str, day: int) -> int:
        """The reps at work on a local day, whether it is a working day or not."""
        self._cover(day, day)
        return sum(self._of(team)[0][day - self._days.start] for team in self._teams_of(home))

    def _cover(self, first: int, last: int) -> None:
        if first in self._days and last in self._days:
            return
        start = min(first - MARGIN_DAYS, self._days.start) if self._days else first - MARGIN_DAYS
        self._days = range(max(start, FIRST_DAY), max(last + MARGIN_DAYS, self._days.stop))
        self._teams.clear()
        self._working.clear()

    def _teams_of(self, home: str) -> Sequence[str]:
        found = self._of_home.get(home)
        if found is None:
            found = self._of_home[home] = teams_of(self._organisation, home)
        return found

    def _of(self, team: str) -> tuple[list[int], list[int]]:
        found = self._teams.get(team)
        if found is None:
            found = self._teams[team] = self._worked_out(team)
        return found

    def _worked_out(self, team: str) -> tuple[list[int], list[int]]:
        start, stop = self._days.start, self._days.stop
        changes = [0] * (len(self._days) + 1)
        told = RulesOfTeam(self._organisation, team)
        for rep in self._organisation.ever_in(team):
            for first, end, share in stretches(self._organisation, rep, team, told):
                if first < stop and end > start:
                    changes[max(first, start) - start] += share
                    changes[min(end, stop) - start] -= share
        counts = list(accumulate(changes[:-1]))
        working = self._working_days(self._organisation.working_week(team) or MONDAY_TO_FRIDAY)
        worked = (count if works else 0 for count, works in zip(counts, working, strict=True))
        return counts, [0, *accumulate(worked)]

    def _working_days(self, week: WorkingWeek) -> list[bool]:
        found = self._working.get(week)
        if found is None:
            found = self._working[week] = [bool(week.hours_on(day)) for day in self._days]
        return found


def teams_of(organisation: Organisation, home: str) -> Sequence[str]:
    """The teams whose reps a home holds: its own, of a group all below it too, of the company all that are known."""
    kind, _, name = home.partition(":")
    if kind == "team":
        return (name,)
    if kind == "group":
        return sorted({name, *organisation.descendants(name)})
    return [team for team, _ in organisation.records("team") if team != COMPANY] if home == COMPANY else ()


def stretches(organisation: Organisation, rep: str, team: str, told: RulesOfTeam) -> Iterator[Stretch]:
    """When a rep is at work in a team, and how much of one; whoever is not active any more, or deleted, never is."""
    record = organisation.get(f"rep:{rep}") or {}
    if record.get("deleted") or record.get("active") is False or not organisation.knows_team(team):
        return
    hired_on, left_on = employed_days(record)
    since, until = hired_on or FIRST_DAY, LAST_DAY if left_on is None else left_on + 1
    absent = tuple(_days_away(organisation, rep, team))
    ramp = ramp_shares(told, hired_on)
    for first, end, part, whole in _belonging(organisation, rep, team):
        for begin, over in _without(max(first, since), min(end, until), absent):
            for first_day, end_day, share in _ramped(begin, over, ramp):
                yield first_day, end_day, share * part // whole


def _belonging(organisation: Organisation, rep: str, team: str) -> Iterator[tuple[int, int, int, int]]:
    """The days at whose end a rep belongs to a team, as which part of how many."""
    ended_ms = (organisation.get(f"team:{team}") or {}).get("ended_at")
    for start_ms, end_ms, part, whole in organisation.spans_in(rep, team):
        over_ms = min((each for each in (end_ms, ended_ms) if each is not None), default=None)
        if over_ms is None or over_ms > start_ms:
            first = FIRST_DAY if start_ms <= EVER else organisation.local_day(team, start_ms)
            end = LAST_DAY if over_ms is None else organisation.local_day(team, over_ms)
            yield first, end, part, whole


def _days_away(organisation: Organisation, rep: str, team: str) -> Iterator[tuple[int, int]]:
    """The days of which no moment is left between absences, in order, none touching another."""
    for start_ms, end_ms in away(organisation, rep, team):
        first = FIRST_DAY if start_ms <= EVER else organisation.local_day(team, start_ms)
        if first > FIRST_DAY and organisation.day_start_ms(team, first) < start_ms:
            first += 1
        end = LAST_DAY if end_ms >= NEVER else organisation.local_day(team, end_ms)
        if first < end:
            yield first, end


def _without(first: int, end: int, absent: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A span of days without some others."""
    for begin, over in absent:
        if begin >= end:
            break
        if first < begin:
            yield first, begin
        first = max(first, over)
    if first < end:
        yield first, end


def _ramped(first: int, end: int, ramp: Sequence[tuple[int, int]]) -> Iterator[Stretch]:
    """A span of days, cut where another share begins."""
    number = max(bisect_right(ramp, first, key=itemgetter(0)) - 1, 0)
    for (since, share), (until, _) in pairwise((*ramp[number:], (LAST_DAY, 0))):
        if since >= end:
            return
        if max(since, first) < min(until, end):
            yield max(since, first), min(until, end), share
