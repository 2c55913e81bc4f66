"""What stands of an open deal by a local day, so that a board knows once time has passed it."""

from functools import lru_cache

from pipeline import measures
from pipeline.kinds.cells import Amount, Money, add_converted
from pipeline.objects.object import Object

Stems = tuple[str, str, str, str]
"""How the measures begin that a day follows: how many deals, what they are worth, those without an amount or a rate."""
UNTOUCHED: Stems = (
    measures.UNTOUCHED, measures.UNTOUCHED_MINOR, measures.UNTOUCHED_WITHOUT_AMOUNT, measures.UNTOUCHED_UNCONVERTED,
)  # fmt: skip
"""By the day of the last touch."""
CLOSING: Stems = (
    measures.CLOSING, measures.CLOSING_MINOR, measures.CLOSING_WITHOUT_AMOUNT, measures.CLOSING_UNCONVERTED,
)  # fmt: skip
"""By the day on which it is to close."""


def add_on_day(sums: dict[str, int], stems: Stems, day: int, amount: Amount | None, converted: int | None) -> None:
    """Add a deal, with what it is worth, under a day; `converted` is the amount in the company's currency, if any."""
    number, money = _on(stems, day)
    sums[number] = 1
    add_converted(sums, money, amount, converted)


def add_closing(sums: dict[str, int], deal: Object, amount: Amount | None, converted: int | None) -> None:
    """Add an open deal under the day on which it is to close; nothing where nobody said."""
    dates = deal.timeline("expected_close_on")
    day = dates[-1][1] if dates else None
    if day is not None:
        add_on_day(sums, CLOSING, day, amount, converted)


@lru_cache(maxsize=8192)
def _on(stems: Stems, day: int) -> tuple[str, Money]:
    number, *money = (f"{stem}{day}" for stem in stems)
    return number, Money(*((name,) for name in money))
