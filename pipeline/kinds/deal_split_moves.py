"""How the split of a deal moved the open pipeline between reps, from one local midnight to the next."""

from bisect import bisect_right
from collections.abc import Collection, Iterable

from pipeline import measures
from pipeline.kinds.cells import Cells, add
from pipeline.kinds.deal_course import Course
from pipeline.kinds.deal_moves import Past, taken_back, with_same_midnights
from pipeline.kinds.deal_splits import reps_of, shares_at
from pipeline.objects.histories import Timeline
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.shares import parted

Credits = dict[tuple[str, str], int]
"""By (team, rep): what a split gives there of what stands open; what it takes from the owner is below nothing."""


def add_split_moves(
    cells: Cells,
    deal: Object,
    course: Course,
    split: Timeline,
    began_ms: int,
    heard_ms: int,
    organisation: Organisation,
) -> None:
    """Add what a split moved of the open pipeline, beside what `add_moves` adds for the owner of the whole.

    Each place has as many cells as days on which its credit changed.
    """
    if LIFE in deal.values and taken_back(deal):
        return
    past = Past(deal, course, began_ms, max(began_ms, heard_ms), organisation)
    credit = _Credit(past, split, organisation)
    for teams in credit.teams(began_ms):
        before, at_ms = Credits(), began_ms
        while True:
            team = next(iter(teams))
            day = organisation.local_day(team, at_ms)
            end_ms = max(organisation.day_start_ms(team, day + 1), at_ms + 1)
            after = credit.at(end_ms - 1)
            _add_day(cells, day, before, after, teams)
            next_ms = credit.next_ms(end_ms)
            if next_ms is None:
                break
            before, at_ms = after, next_ms


def _add_day(cells: Cells, day: int, before: Credits, after: Credits, teams: Collection[str]) -> None:
    for place in before.keys() | after.keys():
        moved = after.get(place, 0) - before.get(place, 0)
        if moved and place[0] in teams:
            add(cells, (*place, day, None), measures.PIPELINE_SPLIT_MINOR, moved)


class _Credit:
    """What a split gives to whom, to be asked for any instant since the deal began."""

    __slots__ = ("_organisation", "_past", "_split")

    def __init__(self, past: Past, split: Timeline, organisation: Organisation) -> None:
        self._past = past
        self._split = split
        self._organisation = organisation

    def teams(self, began_ms: int) -> Iterable[Collection[str]]:
        """The teams that ever had credit, or gave it, those with the same midnights together."""
        found = {team for teams in self._past.teams() for team in teams}
        for rep in reps_of(self._split):
            at_ms: int | None = min(began_ms, self._organisation.now_ms)
            while at_ms is not None:
                place, at_ms = self._organisation.place_until(rep, at_ms)
                found.add(place[0])
        return with_same_midnights(found, self._organisation)

    def at(self, at_ms: int) -> Credits:
        """The credits at an instant; none while the deal is not open, or nobody shares it."""
        standing, shares = self._past.at(at_ms), shares_at(self._split, at_ms)
        if standing.place is None or not standing.minor or not shares:
            return {}
        found: Credits = {standing.place: -standing.minor}
        place_ms = min(at_ms, self._organisation.now_ms)
        for (rep, _), part in zip(shares, parted(standing.minor, [share for _, share in shares]), strict=True):
            place = self._organisation.place(rep, place_ms)
            found[place] = found.get(place, 0) + part
        return found

    def next_ms(self, from_ms: int) -> int | None:
        """The first instant, from one on, at which they may be others than before; None where there is none."""
        found = [self._past.next_ms(from_ms), self._next_split_ms(from_ms)]
        asked_ms = min(from_ms - 1, self._organisation.now_ms)
        found += [self._organisation.place_until(rep, asked_ms)[1] for rep, _ in shares_at(self._split, from_ms - 1)]
        return min((at_ms for at_ms in found if at_ms is not None), default=None)

    def _next_split_ms(self, from_ms: int) -> int | None:
        after = bisect_right(self._split, from_ms - 1, key=lambda span: span[0])
        return self._split[after][0] if after < len(self._split) else None
