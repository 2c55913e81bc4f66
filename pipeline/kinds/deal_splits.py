"""The split of a deal: the reps who share the credit for its money, and what of that they have in place of its owner.

All that speaks of deals, counts, rates, averages and times, is the owner's, whole. A split moves money alone: what it
gives to reps it takes from the owner, in measures of their own, so over all cells of a deal they come to nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.kinds.cells import Cells, Place, add
from pipeline.objects.histories import Timeline, known_at
from pipeline.organisation.shares import parted

Shares = list[tuple[str, int]]
"""Each rep of a split with the share in basis points, by rep: of equal remainders the first one gets the unit."""


def shares_at(split: Timeline, at_ms: int) -> Shares:
    """The split that held at an instant; none before the first one was told, and once one is ended."""
    return _shares(known_at(split, at_ms))


def shares_now(split: Timeline) -> Shares:
    """The split that holds by the last word."""
    return _shares(split[-1][1] if split else None)


def reps_of(split: Timeline) -> set[str]:
    """Every rep who ever had a share."""
    return {each["rep_id"] for _, told in split for each in told or ()}


def _shares(told: list[dict[str, Any]] | None) -> Shares:
    return sorted((each["rep_id"], each["share_bp"]) for each in told or ())


def add_split(
    cells: Cells,
    owner: Place,
    amounts: Mapping[str, int | None],
    shares: Shares,
    place_of: Callable[[str], Place],
) -> None:
    """Move amounts, by measure, from the cell of the owner to those of the reps of a split; nothing without one.

    None is an amount that nobody knows or no rate converts: there is nothing to share.
    """
    for measure, minor in amounts.items():
        if shares and minor:
            add(cells, owner, measure, -minor)
            for (rep, _), part in zip(shares, parted(minor, [share for _, share in shares]), strict=True):
                add(cells, place_of(rep), measure, part)
