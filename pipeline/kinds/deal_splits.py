"""The credit for the money of a deal: what reps who share it, or teams who share a rep, have in place of its owner.

All that speaks of deals, counts, rates, averages and times, is the owner's, whole. Credit moves money alone: what it
gives elsewhere it takes from the owner's place, in measures of its own: over all cells of a deal they come to nothing.
"""

from collections.abc import Mapping

from pipeline.kinds.cells import Cells, Place, add
from pipeline.objects.histories import Timeline, known_at
from pipeline.objects.object import Object
from pipeline.organisation.credit import Credited, Shares, credited
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.organisation import Organisation
from schemas.types import WHOLE_SHARE_BP


def reps_of(split: Timeline) -> set[str]:
    """Every rep who ever had a share."""
    return {each["rep_id"] for _, told in split for each in told or ()}


class Credit:
    """Who is credited with the money of a deal, by the split of a time, else its owner."""

    __slots__ = ("_organisation", "split")

    def __init__(self, split: Timeline, organisation: Organisation) -> None:
        self.split = split
        self._organisation = organisation

    def shares(self, owner: str | None, at_ms: int | None) -> Shares:
        """The reps by the split that held at an instant, by the last word for None; without one, the owner."""
        told = self.split[-1][1] if at_ms is None and self.split else known_at(self.split, at_ms or 0)
        if not told:
            return [] if owner is None else [(owner, WHOLE_SHARE_BP)]
        return sorted((each["rep_id"], each["share_bp"]) for each in told)

    def parts(self, minor: int, shares: Shares, at_ms: int) -> Credited:
        """The parts of an amount, each with its team and rep of an instant; of one that lies ahead, those of now."""
        return credited(minor, shares, min(at_ms, self._organisation.now_ms), self._organisation)

    def add(
        self, cells: Cells, owner: Place, amounts: Mapping[str, int | None], shares: Shares, at_ms: int | None
    ) -> None:
        """Move amounts, by measure, from the owner's cell to those of an instant, of now for None.

        An amount that nobody knows or no rate converts is None: there is nothing to share.
        """
        organisation = self._organisation
        for measure, minor in amounts.items():
            if shares and minor:
                add(cells, owner, measure, -minor)
                asked_ms = organisation.now_ms if at_ms is None else at_ms
                for (team, rep), part in credited(minor, shares, asked_ms, organisation):
                    time = (None, None) if at_ms is None else (organisation.local_day(team, at_ms), at_ms // MINUTE_MS)
                    add(cells, (team, rep, *time), measure, part)


def credit_of(deal: Object, owners: Timeline, organisation: Organisation) -> Credit | None:
    """The credit for a deal; None where all of it is the owner's, in one team, as of most."""
    split = deal.timeline("split")
    if split or (organisation.sharing and any(organisation.may_share(owner) for _, owner in owners)):
        return Credit(split, organisation)
    return None
