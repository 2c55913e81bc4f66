"""Who belongs to each team now, who of them is at work, and who in ramp."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.organisation.attendance import back_ms, bounds, is_employed, why_away
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import RulesOfTeam
from pipeline.organisation.ramp import is_ramping, ramp_bounds
from pipeline.organisation.schedule import Schedule
from pipeline.scores.board import Board

Reps = frozenset[str]


class _Known(NamedTuple):
    """The reps who belong to a team and have not left, those of them who are not absent, and who are not in ramp."""

    members: Reps
    at_work: Reps
    whole: Reps


class Presence:
    """The reps of each team, remembered, since every figure of a team asks.

    A rep of whom something changed is looked up anew, once somebody asks; the others of the team are not.
    """

    def __init__(self, organisation: Organisation, board: Board) -> None:
        self._organisation = organisation
        self._board = board
        self._known: dict[str, _Known] = {}
        self._unsure: dict[str, set[str]] = {}
        """Of the teams that are known: reps of whom something changed since."""
        self._since: dict[str, dict[str, tuple[int | None, int | None]]] = {}
        """Of the reps of a team that were asked for: since when they could be heard, and since when they are back."""
        self._told: dict[str, RulesOfTeam] = {}
        """By team: what is told of new reps."""
        self._schedule = Schedule(0)

    def restore(self) -> None:
        """Called once the organisation was read: notes who comes and goes from now on."""
        self._schedule.due(self._board.now_ms)
        self._note_all()

    def of(self, team: str) -> Reps:
        """The reps that belong to a team now and are employed; the same object for as long as they are the same."""
        return self._asked(team).members

    def at_work(self, team: str) -> Reps:
        """Those of them who are not absent; working hours are not asked."""
        return self._asked(team).at_work

    def absent(self, team: str) -> Reps:
        """The others."""
        known = self._asked(team)
        return known.members - known.at_work

    def ranked(self, team: str) -> Reps:
        """The members who are compared with each other: those not in ramp today; the same object while the same."""
        return self._asked(team).whole

    def ramping(self, team: str) -> Reps:
        """The other members, in ramp today."""
        known = self._asked(team)
        return known.members - known.whole

    def is_at_work(self, scope: str) -> bool:
        """Whether the rep of `rep:7@north` is at work, or of `team:north` not all are absent."""
        rep, team = _place(scope)
        return rep in self.at_work(team) if rep else not self.all_absent(team)

    def is_absent(self, scope: str) -> bool:
        """Whether the rep of `rep:7@north` belongs to the team and is absent, or all of `team:north` are."""
        rep, team = _place(scope)
        return rep in self.absent(team) if rep else self.all_absent(team)

    def is_member(self, scope: str) -> bool:
        """Whether the rep of `rep:7@north` belongs to the team, or anybody to `team:north`."""
        rep, team = _place(scope)
        return rep in self.of(team) if rep else bool(self.of(team))

    def all_absent(self, team: str) -> bool:
        """Whether a team has reps, and none of them is at work."""
        known = self._asked(team)
        return bool(known.members) and not known.at_work

    def joined_ms(self, rep: str, team: str) -> int | None:
        """Since when a rep could be heard in a team: joined it, was hired, is back; None where none of it is known."""
        joined_ms, _ = self._since_ms(rep, team)
        return joined_ms

    def manned_ms(self, team: str) -> int | None:
        """Since when surely any of those at work has been; None where somebody always was."""
        earliest: int | None = None
        for rep in self.at_work(team):
            _, since_ms = self._since_ms(rep, team)
            if since_ms is None:
                return None
            earliest = since_ms if earliest is None else min(earliest, since_ms)
        return earliest

    def due(self, now_ms: int) -> list[str]:
        """Who came or went by now, as `Schedule.due` has it."""
        return self._schedule.due(now_ms)

    def rep_changed(self, rep: str, teams: Iterable[str] = ()) -> None:
        """Called when a rep, or one of the memberships or absences, changed: in these teams and all of the rep's."""
        ever = {*teams, *self._organisation.teams_ever(rep)}
        for team in ever & self._known.keys():
            self._unsure.setdefault(team, set()).add(rep)
        for team in ever & self._since.keys():
            self._since[team].pop(rep, None)
        self._note(rep, ever)

    def team_changed(self, team: str) -> None:
        """Called when the record of a team changed: it may have ended, or not, or have other days."""
        self._known.pop(team, None)
        self._unsure.pop(team, None)
        self._since.pop(team, None)
        for rep in self._organisation.ever_in(team):
            self._note(rep, (team,))

    def prorations_changed(self, teams: Iterable[str | None]) -> None:
        """Called when what is told of new reps changed: of these teams, or, where None is among them, of all."""
        if None in (named := set(teams)):
            self._told.clear()
            self._known.clear()
            self._note_all()
            return
        for team in filter(None, named):
            self._told.pop(team, None)
            self.team_changed(team)

    def company_changed(self) -> None:
        """Called when the record of the company changed: teams may have other days."""
        self._known.clear()
        self._unsure.clear()
        self._since.clear()
        self._note_all()

    def _asked(self, team: str) -> _Known:
        known = self._known.get(team)
        if known is None:
            members = self._organisation.members(team, self._board.now_ms)
            here = frozenset(rep for rep in members if self._employed(rep, team))
            at_work = frozenset(rep for rep in here if not self._away(rep, team))
            known = _Known(here, at_work, self._whole(here, team))
        elif unsure := self._unsure.pop(team, None):
            here = frozenset(rep for rep in unsure if self._is_here(rep, team))
            at_work = frozenset(rep for rep in here if not self._away(rep, team))
            there, whole = _moved(known.members, unsure, here), _moved(known.whole, unsure, self._whole(here, team))
            known = _Known(there, _moved(known.at_work, unsure, at_work), there if there == whole else whole)
        self._known[team] = known
        return known

    def _since_ms(self, rep: str, team: str) -> tuple[int | None, int | None]:
        """Remembered until something changes of the rep or the team, an absence that is over among it."""
        of_team = self._since.setdefault(team, {})
        if rep not in of_team:
            now_ms = self._board.now_ms
            back = back_ms(self._organisation, rep, team, now_ms)
            known = (self._organisation.joined_ms(rep, team, now_ms), back)
            of_team[rep] = max((at_ms for at_ms in known if at_ms is not None), default=None), back
        return of_team[rep]

    def _is_here(self, rep: str, team: str) -> bool:
        return self._organisation.team_of(rep, self._board.now_ms) == team and self._employed(rep, team)

    def _employed(self, rep: str, team: str) -> bool:
        return is_employed(self._organisation, rep, team, self._board.now_ms)

    def _away(self, rep: str, team: str) -> bool:
        return why_away(self._organisation, rep, team, self._board.now_ms) is not None

    def _whole(self, reps: Reps, team: str) -> Reps:
        """Those of some reps who are not in ramp today; the same object where nobody is."""
        told = self._rules(team)
        if not told.days:
            return reps  # As in most teams: nothing is told of new reps.
        today = self._organisation.local_day(team, self._board.now_ms)
        found = frozenset(rep for rep in reps if not is_ramping(self._organisation, rep, today, told))
        return reps if len(found) == len(reps) else found

    def _rules(self, team: str) -> RulesOfTeam:
        if team not in self._told:
            self._told[team] = RulesOfTeam(self._organisation, team)
        return self._told[team]

    def _note_all(self) -> None:
        told = {
            name for name, record in self._organisation.records("rep") if "hired_on" in record or "left_on" in record
        }
        told |= {record["rep_id"] for _, record in self._organisation.records("absence") if record.get("rep_id")}
        for rep in sorted(told):
            self._note(rep, self._organisation.teams_ever(rep))

    def _note(self, rep: str, teams: Iterable[str]) -> None:
        for team in teams:
            for at_ms in bounds(self._organisation, rep, team):
                self._schedule.presence(rep, at_ms)
            for day in ramp_bounds(self._organisation, rep, self._rules(team)):
                self._schedule.presence(rep, self._organisation.day_start_ms(team, day))


def _place(scope: str) -> tuple[str, str]:
    rep, _, team = scope.removeprefix("rep:").partition("@")
    return (rep, team) if scope.startswith("rep:") else ("", scope.removeprefix("team:"))


def _moved(known: Reps, unsure: set[str], here: Reps) -> Reps:
    """The reps once those who were unsure are, or are not, here; the same object if nothing moved."""
    moved = (known & unsure) ^ here
    return known ^ moved if moved else known
