"""Who belongs to each team now and has not left."""

from collections.abc import Iterable

from pipeline.organisation.organisation import Organisation, is_there
from pipeline.scores.board import Board


class Presence:
    """The reps of each team, remembered, since every figure of a team asks.

    A rep of whom something changed is looked up anew, once somebody asks; the others of the team are not.
    """

    def __init__(self, organisation: Organisation, board: Board) -> None:
        self._organisation = organisation
        self._board = board
        self._known: dict[str, frozenset[str]] = {}
        self._unsure: dict[str, set[str]] = {}
        """Of the teams that are known: reps of whom something changed since."""

    def of(self, team: str) -> frozenset[str]:
        """The reps that belong to a team now and are active; the same object for as long as they are the same."""
        known = self._known.get(team)
        if known is None:
            members = self._organisation.members(team, self._board.now_ms)
            known = frozenset(rep for rep in members if self._active(rep))
        elif unsure := self._unsure.pop(team, None):
            moved = {rep for rep in unsure if self._is_here(rep, team) != (rep in known)}
            known = known ^ moved if moved else known
        self._known[team] = known
        return known

    def rep_changed(self, rep: str, teams: Iterable[str] = ()) -> None:
        """Called when a rep, or one of the memberships, changed: in these teams and all that the rep was ever in."""
        for team in {*teams, *self._organisation.teams_ever(rep)} & self._known.keys():
            self._unsure.setdefault(team, set()).add(rep)

    def team_changed(self, team: str) -> None:
        """Called when the record of a team changed: it may have ended, or not."""
        self._known.pop(team, None)
        self._unsure.pop(team, None)

    def _is_here(self, rep: str, team: str) -> bool:
        return self._organisation.team_of(rep, self._board.now_ms) == team and self._active(rep)

    def _active(self, rep: str) -> bool:
        record = self._organisation.get(f"rep:{rep}")
        return record is None or (is_there(record) and record.get("active") is not False)
