"""What scoreboards send of those who take part in contests: the days of each, with what may decide contests."""

from pipeline.kernel.store import Store
from pipeline.organisation.contests import contests, entrants
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.recognition.contest_board import CONCERNING, entrant_of
from pipeline.recognition.standings import MEASURES
from pipeline.scores.cold_panes import Measures

CONTESTS = "contests"
"""The larger scope that takes these days in, where the company is."""
ENTERED = "contests"
"""Scalar: the position at which it may have changed last who takes part."""
Spans = dict[str, list[tuple[int, int]]]


class ContestParts:
    """Who takes part in contests, and on which days. Where there is no contest nothing is sent, and nothing asked.

    What is sent depends on no contest: of whoever takes part in another one only the days that were not sent are new.
    """

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self._store = store
        self._organisation = organisation
        self._spans: Spans = {}
        self._stale = True

    @property
    def are_there(self) -> bool:
        """Whether there is any contest, be it over or without anybody in it."""
        return any(contests(self._organisation))

    def organised(self, change: Change, offset: int) -> None:
        """Called when the organisation changed."""
        kind = change.subject.partition(":")[0]
        if kind in CONCERNING and (kind == "contest" or self._spans or any(contests(self._organisation))):
            self._stale = True
            self._store.scalars[ENTERED] = offset

    def mark_since(self, offset: int | None) -> None:
        """Have those told again as new who may take part only since a position; None: all."""
        is_new = offset is None or self._store.scalars.get(ENTERED, -1) > offset
        self._spans, self._stale = {} if is_new else self._found(), is_new

    def renew(self) -> frozenset[str]:
        """Who takes part on other days than when this was asked last; of them all days are to be sent."""
        if not self._stale:
            return frozenset()
        before, self._spans, self._stale = self._spans, self._found(), False
        return frozenset(entrant for entrant, spans in self._spans.items() if spans != before.get(entrant))

    def takes(self, scope: str, slot: int) -> bool:
        """Whether the pane of a slot counts in any contest."""
        if slot <= 0 or not self._spans:
            return False
        return any(first <= slot <= last for first, last in self._spans.get(entrant_of(scope), ()))

    @staticmethod
    def deciding(measures: Measures) -> Measures:
        """Of the measures of a pane those that may decide a contest."""
        return {name: amount for name, amount in measures.items() if name in MEASURES}

    def _found(self) -> Spans:
        found: Spans = {}
        for contest in contests(self._organisation):
            for entrant in entrants(contest, self._organisation):
                found.setdefault(entrant, []).append((contest.first_day, contest.last_day))
        return found
