"""How a deal moved the open pipeline: what of it stood at one local midnight, what at the next, and why.

What stands is compared at the midnights of the place where it stands, so whatever is edited in between comes to one
change a deal and day. All of a deal's amounts are converted at the rate of one day, that of its beginning: so exchange
rates move nothing, and the changes of any days add up to the difference of what stood before and after them.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from pipeline import measures
from pipeline.kinds.cells import Amount, Cells, in_company_currency, merge
from pipeline.kinds.deal_course import Course
from pipeline.objects.histories import Timeline, known_at, value_at
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.days import DAY_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import LOST, OPEN, WON

DELETED, MERGED, NOT_YET = "deleted", "merged", ""
LEFT = {
    WON: measures.PIPELINE_WON_MINOR,
    LOST: measures.PIPELINE_LOST_MINOR,
    DELETED: measures.PIPELINE_DELETED_MINOR,
    MERGED: measures.PIPELINE_MERGED_MINOR,
    OPEN: measures.PIPELINE_REASSIGNED_MINOR,
}
"""By what a deal is that stands there no longer: open, it stands elsewhere."""


class _Shifted(NamedTuple):
    number: str
    minor: str
    without_amount: str
    unconverted: str


PULLED = _Shifted(
    measures.DEALS_PULLED, measures.DEALS_PULLED_MINOR, measures.DEALS_PULLED_WITHOUT_AMOUNT,
    measures.DEALS_PULLED_UNCONVERTED,
)  # fmt: skip
PUSHED = _Shifted(
    measures.DEALS_PUSHED, measures.DEALS_PUSHED_MINOR, measures.DEALS_PUSHED_WITHOUT_AMOUNT,
    measures.DEALS_PUSHED_UNCONVERTED,
)  # fmt: skip


class _Standing(NamedTuple):
    """A deal at an instant: `how` it is, and of an open one where it stands, with what, and when it is to close.

    `lacks` is what its amount is not: told or converted; None for one that is both.
    """

    how: str
    place: tuple[str, str] | None = None
    minor: int = 0
    lacks: Literal["amount", "rate"] | None = None
    closes_on: int | None = None


_NOT_YET = _Standing(NOT_YET)
_CLOSED = {state: _Standing(state) for state in (WON, LOST)}


def add_moves(
    cells: Cells, deal: Object, course: Course, began_ms: int, heard_ms: int, organisation: Organisation
) -> None:
    """Add how a deal moved the pipeline since it began, also one that was deleted or merged since.

    Nothing of one that was taken back: whoever undoes an import leaves no trace of it.

    `heard_ms` is when it was first heard of. There are as many cells as days on which it changed, in the zones of the
    teams that had it, and it takes as long.
    """
    if len(deal.history) == 1 and course.closed_ms is None and _add_first(cells, deal, began_ms, organisation):
        return
    if LIFE in deal.values and taken_back(deal):
        return
    past = Past(deal, course, began_ms, max(began_ms, heard_ms), organisation)
    for teams in past.teams():
        before = _NOT_YET
        for day, end_ms in days_of_change(next(iter(teams)), began_ms, past.next_ms, organisation):
            after = past.at(end_ms - 1)
            _add_day(cells, day, before, after, teams)
            before = after


def _add_first(cells: Cells, deal: Object, began_ms: int, organisation: Organisation) -> bool:
    """Add an open deal that was told of once, as most of them: it came and is where it was; whether that is so."""
    owners, amounts = deal.timeline("owner_id"), deal.timeline("amount_minor")
    place, moved_ms = organisation.place_until(owners[0][1] if owners else None, min(began_ms, organisation.now_ms))
    if moved_ms is not None or LIFE in deal.values:
        return False
    sums = {measures.PIPELINE_CHANGES: 1}
    minor = amounts[0][1] if amounts else None
    if minor is None:
        sums[measures.PIPELINE_CHANGES_WITHOUT_AMOUNT] = 1
    else:
        currencies = deal.timeline("currency")
        amount = Amount(minor, currencies[0][1] if currencies else None)
        converted = in_company_currency(amount, began_ms, organisation)
        if converted is None:
            sums[measures.PIPELINE_CHANGES_UNCONVERTED] = 1
        elif converted:
            sums[measures.PIPELINE_NEW_MINOR] = converted
    merge(cells, (*place, organisation.local_day(place[0], began_ms), None), sums)
    return True


class Past:
    """What is told of a deal, to be asked for any instant since it began."""

    __slots__ = ("_amounts", "_began_ms", "_currencies", "_dates", "_ended", "_first_ms", "_organisation", "_owners",
                 "_place", "_runs", "_told")  # fmt: skip

    def __init__(self, deal: Object, course: Course, began_ms: int, born_ms: int, organisation: Organisation) -> None:
        self._began_ms = began_ms
        self._organisation = organisation
        self._runs = course.runs
        self._owners, self._amounts = deal.timeline("owner_id"), deal.timeline("amount_minor")
        self._currencies, self._dates = deal.timeline("currency"), deal.timeline("expected_close_on")
        told = (self._runs, self._owners, self._amounts, self._currencies, self._dates)
        self._told = [spans for spans in told if spans and spans[-1][0] > began_ms]
        self._ended = None if LIFE not in deal.values else _end_of(deal)
        self._first_ms = _first_ms(self._amounts, born_ms)
        self._place = self._only_place()

    def _only_place(self) -> tuple[str, str] | None:
        """Where the deal is and ever was, as of most; None where it has been elsewhere."""
        if len(self._owners) > 1:
            return None
        owner, organisation = self._owners[0][1] if self._owners else None, self._organisation
        place, moved_ms = organisation.place_until(owner, min(self._began_ms, organisation.now_ms))
        return place if moved_ms is None else None

    def teams(self) -> Iterable[Collection[str]]:
        """The teams where it ever stood, those with the same midnights together."""
        if self._place is not None:
            return (self._place[:1],)
        organisation, found = self._organisation, set[str]()
        for owner in {owner for _, owner in self._owners}:
            at_ms: int | None = min(self._began_ms, organisation.now_ms)
            while at_ms is not None:
                place, at_ms = organisation.place_until(owner, at_ms)
                found.add(place[0])
        return with_same_midnights(found, organisation)

    def at(self, at_ms: int) -> _Standing:
        """How it is at an instant. Where it will be when that comes nobody knows: where it is now."""
        if self._ended is not None and at_ms >= self._ended[0]:
            return _Standing(self._ended[1])
        state = known_at(self._runs, at_ms) or OPEN
        if state != OPEN:
            return _CLOSED[state]
        organisation = self._organisation
        place = self._place or organisation.place(value_at(self._owners, at_ms), min(at_ms, organisation.now_ms))
        closes_on = known_at(self._dates, at_ms) if self._dates else None
        minor = known_at(self._amounts, at_ms if self._first_ms is None else max(at_ms, self._first_ms))
        if minor is None:
            return _Standing(OPEN, place, 0, "amount", closes_on)
        amount = Amount(minor, value_at(self._currencies, at_ms))
        converted = in_company_currency(amount, self._began_ms, organisation)
        if converted is None:
            return _Standing(OPEN, place, 0, "rate", closes_on)
        return _Standing(OPEN, place, converted, None, closes_on)

    def next_ms(self, from_ms: int) -> int | None:
        """The first instant, from one on, at which it may be another one than before; None where there is none."""
        found = [spans[bisect_left(spans, from_ms, key=_begin)][0] for spans in self._told if spans[-1][0] >= from_ms]
        if self._ended is not None:
            if self._ended[0] < from_ms:
                return None
            found.append(self._ended[0])
        if self._place is None:
            asked_ms = min(from_ms - 1, self._organisation.now_ms)
            _, moved_ms = self._organisation.place_until(value_at(self._owners, from_ms - 1), asked_ms)
            if moved_ms is not None:
                found.append(moved_ms)
        return min(found, default=None)


def days_of_change(
    team: str, began_ms: int, next_ms: Callable[[int], int | None], organisation: Organisation
) -> Iterator[tuple[int, int]]:
    """The local days of a team on which something changes, from that on which it began, each with the instant it ends.

    `next_ms` gives the first change from an instant on.
    """
    at_ms: int | None = began_ms
    while at_ms is not None:
        day = organisation.local_day(team, at_ms)
        end_ms = max(organisation.day_start_ms(team, day + 1), at_ms + 1)
        yield day, end_ms
        at_ms = next_ms(end_ms)


def with_same_midnights(teams: Collection[str], organisation: Organisation) -> Iterable[Collection[str]]:
    """Teams, those with the same midnights together."""
    groups: dict[tuple[tuple[int | None, str], ...], list[str]] = {}
    for team in sorted(teams):
        groups.setdefault(organisation.zone_rules(team), []).append(team)
    return groups.values()


def _begin(span: tuple[int, str]) -> int:
    return span[0]


def _first_ms(amounts: Timeline, born_ms: int) -> int | None:
    """When an amount was first told, where that is soon enough to have been its amount from the beginning."""
    told_ms = next((at_ms for at_ms, minor in amounts if minor is not None), None)
    return None if told_ms is None or told_ms > born_ms + DAY_MS else told_ms


def _end_of(deal: Object) -> tuple[int, str] | None:
    """When and how a deal ended that is no longer live."""
    ended_ms = deal.ended_ms
    return None if ended_ms is None else (ended_ms, DELETED if deal.merged_into is None else MERGED)


def taken_back(deal: Object) -> bool:
    """Whether it was deleted at an instant at which something else was told of it, which no system does by itself.

    What was told then may have been corrected since.
    """
    ended_ms = deal.ended_ms
    if ended_ms is None or deal.merged_into is not None:
        return False
    if ended_ms == deal.get("created_at"):
        return True
    versions = (deal.older.get(field, deal.version) for field in deal.values if field != LIFE)
    told = (*versions, *(version for version, _, _ in deal.history))
    return any(version is not None and version[0] == ended_ms for version in told)


def _add_day(cells: Cells, day: int, before: _Standing, after: _Standing, teams: Collection[str]) -> None:
    """Add what one day changed in the places of some teams."""
    if before.place == after.place:
        if after.place is not None and after.place[0] in teams:
            sums = _edited(before.minor, after.minor)
            if sums or before.lacks != after.lacks:
                _count(sums, before, after)
            _add_shift(sums, before, after)
            _put(cells, after.place, day, sums)
        return
    if before.place is not None and before.place[0] in teams:
        sums = {LEFT[after.how]: -before.minor} if before.minor else {}
        _count(sums, before)
        _put(cells, before.place, day, sums)
    if after.place is not None and after.place[0] in teams:
        sums = _come(before, after)
        _count(sums, after)
        _add_shift(sums, before, after)
        _put(cells, after.place, day, sums)


def _come(before: _Standing, after: _Standing) -> dict[str, int]:
    if before.how == OPEN:
        sums = _edited(before.minor, after.minor)
        if before.minor:
            sums[measures.PIPELINE_REASSIGNED_MINOR] = before.minor
        return sums
    came = measures.PIPELINE_NEW_MINOR if before.how == NOT_YET else measures.PIPELINE_REOPENED_MINOR
    return {came: after.minor} if after.minor else {}


def _edited(before: int, after: int) -> dict[str, int]:
    if before == after:
        return {}
    return {measures.PIPELINE_INCREASED_MINOR if after > before else measures.PIPELINE_DECREASED_MINOR: after - before}


def _count(sums: dict[str, int], *standings: _Standing) -> None:
    """Count one change, and what its amount lacks where it is known on neither side.

    An amount that came to be known, or is known no more, moved the pipeline by all that it is.
    """
    sums[measures.PIPELINE_CHANGES] = 1
    lacking = {standing.lacks for standing in standings}
    if None not in lacking:
        without = measures.PIPELINE_CHANGES_WITHOUT_AMOUNT
        sums[measures.PIPELINE_CHANGES_UNCONVERTED if "rate" in lacking else without] = 1


def _add_shift(sums: dict[str, int], before: _Standing, after: _Standing) -> None:
    """A deal that was open before, and is to close on another day than then: whoever has it now moved it."""
    if before.closes_on is None or after.closes_on is None or before.closes_on == after.closes_on:
        return
    names = PULLED if after.closes_on < before.closes_on else PUSHED
    sums[names.number] = 1
    if after.lacks is not None:
        sums[names.unconverted if after.lacks == "rate" else names.without_amount] = 1
    elif after.minor:
        sums[names.minor] = after.minor


def _put(cells: Cells, place: tuple[str, str], day: int, sums: dict[str, int]) -> None:
    if sums:
        merge(cells, (*place, day, None), sums)
