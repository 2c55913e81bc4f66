"""How the credit for a deal moved the open pipeline between reps and teams, from one local midnight to the next."""

from bisect import bisect_right
from collections.abc import Collection, Iterable

from pipeline import measures
from pipeline.kinds.cells import Cells, add
from pipeline.kinds.deal_course import Course
from pipeline.kinds.deal_moves import Past, days_of_change, taken_back, with_same_midnights
from pipeline.kinds.deal_splits import Credit, reps_of
from pipeline.measures import UNASSIGNED
from pipeline.objects.histories import value_at
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.credit import Shares, next_move_ms
from pipeline.organisation.organisation import Organisation

Credits = dict[tuple[str, str], int]
"""By (team, rep): what is credited there of what stands open; what is taken from the owner is below nothing."""


def add_split_moves(
    cells: Cells,
    deal: Object,
    course: Course,
    credit: Credit,
    began_ms: int,
    heard_ms: int,
    organisation: Organisation,
) -> None:
    """Add what credit moved of the open pipeline, beside what `add_moves` adds for the owner of the whole.

    Each place has as many cells as days on which its credit changed.
    """
    if LIFE in deal.values and taken_back(deal):
        return
    past = Past(deal, course, began_ms, max(began_ms, heard_ms), organisation)
    standing = _Standing(deal, past, credit, organisation)
    for teams in standing.teams():
        before = Credits()
        for day, end_ms in days_of_change(next(iter(teams)), began_ms, standing.next_ms, organisation):
            after = standing.at(end_ms - 1)
            _add_day(cells, day, before, after, teams)
            before = after


def _add_day(cells: Cells, day: int, before: Credits, after: Credits, teams: Collection[str]) -> None:
    for place in before.keys() | after.keys():
        moved = after.get(place, 0) - before.get(place, 0)
        if moved and place[0] in teams:
            add(cells, (*place, day, None), measures.PIPELINE_SPLIT_MINOR, moved)


class _Standing:
    """What is credited to whom of a deal that stands open, to be asked for any instant since it began."""

    __slots__ = ("_credit", "_organisation", "_owners", "_past")

    def __init__(self, deal: Object, past: Past, credit: Credit, organisation: Organisation) -> None:
        self._past = past
        self._credit = credit
        self._organisation = organisation
        self._owners = deal.timeline("owner_id")

    def teams(self) -> Iterable[Collection[str]]:
        """All teams that may ever have had credit, or given it, those with the same midnights together."""
        found = {UNASSIGNED, *(team for teams in self._past.teams() for team in teams)}
        organisation, named = self._organisation, {owner for _, owner in self._owners if owner is not None}
        for rep in {rep for each in named | reps_of(self._credit.split) for rep in organisation.reps_of(each)}:
            found |= organisation.teams_ever(rep)
        return with_same_midnights(found, organisation)

    def _shares(self, at_ms: int) -> Shares:
        return self._credit.shares(value_at(self._owners, at_ms), at_ms)

    def at(self, at_ms: int) -> Credits:
        """The credits at an instant; none while the deal is not open."""
        standing, shares = self._past.at(at_ms), self._shares(at_ms)
        if standing.place is None or not standing.minor or not shares:
            return {}
        found: Credits = {standing.place: -standing.minor}
        for place, part in self._credit.parts(standing.minor, shares, at_ms):
            found[place] = found.get(place, 0) + part
        return found

    def next_ms(self, from_ms: int) -> int | None:
        """The first instant, from one on, at which they may be others than before; None where there is none."""
        found = [self._past.next_ms(from_ms), self._next_split_ms(from_ms)]
        asked_ms = min(from_ms - 1, self._organisation.now_ms)
        found += [next_move_ms(rep, asked_ms, self._organisation) for rep, _ in self._shares(from_ms - 1)]
        return min((at_ms for at_ms in found if at_ms is not None), default=None)

    def _next_split_ms(self, from_ms: int) -> int | None:
        split = self._credit.split
        after = bisect_right(split, from_ms - 1, key=lambda span: span[0])
        return split[after][0] if after < len(split) else None
