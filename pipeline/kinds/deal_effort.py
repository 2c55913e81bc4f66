"""What a closed deal took: how often anybody was in touch with it until it was closed."""

from pipeline.objects.object import Object
from schemas.links import TOUCH

TOUCHES = ((2, "0_2"), (5, "3_5"), (9, "6_9"), (None, "10_or_more"))
"""Bands of touches: up to how many, and what measures and KPIs call it. None: all further ones."""
CLOSED_BY_TOUCHES = {band: f"closed_{band}_touches" for _, band in TOUCHES}
WON_BY_TOUCHES = {band: f"won_{band}_touches" for _, band in TOUCHES}
"""By band: the measures that count deals closed, and those of them that were won. Time basis: close."""
MEASURES = frozenset({*CLOSED_BY_TOUCHES.values(), *WON_BY_TOUCHES.values()})


def band_of(touches: int) -> str:
    """The band that so many touches lie in."""
    return next(band for most, band in TOUCHES if most is None or touches <= most)


def add_effort(sums: dict[str, int], deal: Object, closed_ms: int, *, won: bool) -> None:
    """Count a deal that was closed by the touches, in either direction, up to that instant.

    Those that were told of the deal itself: of one that was merged into it the first and the last alone are known.
    """
    told = deal.links.get(TOUCH, {}).values()
    band = band_of(sum(payload["at_ms"] <= closed_ms for _, payload in told))
    sums[CLOSED_BY_TOUCHES[band]] = 1
    if won:
        sums[WON_BY_TOUCHES[band]] = 1
