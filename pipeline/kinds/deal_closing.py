"""When an open deal is to close: the local day that it stands under, so that a board knows once that has passed."""

from functools import lru_cache

from pipeline import measures
from pipeline.kinds.cells import Amount
from pipeline.objects.object import Object


def add_closing(sums: dict[str, int], deal: Object, amount: Amount | None, converted: int | None) -> None:
    """Add an open deal, with what it is worth, under the day on which it is to close; nothing where nobody said.

    `converted` is the amount in the company's currency, None without an amount or a rate.
    """
    dates = deal.timeline("expected_close_on")
    day = dates[-1][1] if dates else None
    if day is None:
        return
    number, minor, without_amount, unconverted = _closing_on(day)
    sums[number] = 1
    if converted is None:
        sums[without_amount if amount is None else unconverted] = 1
    elif converted:
        sums[minor] = converted


@lru_cache(maxsize=4096)
def _closing_on(day: int) -> tuple[str, str, str, str]:
    """The names of what is counted by the day on which deals are to close."""
    stems = (
        measures.CLOSING, measures.CLOSING_MINOR, measures.CLOSING_WITHOUT_AMOUNT, measures.CLOSING_UNCONVERTED,
    )  # fmt: skip
    number, minor, without_amount, unconverted = (f"{stem}{day}" for stem in stems)
    return number, minor, without_amount, unconverted
