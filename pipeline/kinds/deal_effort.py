"""What a closed deal took: how often anybody was in touch with it, and how soon the lead was tried that it came of."""

from pipeline.objects.object import Object
from pipeline.organisation.days import MINUTE_MS
from schemas.links import BECAME, TOUCH

TOUCHES = ((2, "0_2"), (5, "3_5"), (9, "6_9"), (None, "10_or_more"))
"""Bands of touches: up to how many, and what measures and KPIs call it. None: all further ones."""
CLOSED_BY_TOUCHES = {band: f"closed_{band}_touches" for _, band in TOUCHES}
WON_BY_TOUCHES = {band: f"won_{band}_touches" for _, band in TOUCHES}
"""By band: the measures that count deals closed, and those of them that were won. Time basis: close."""
SPEEDS = ((5, "5min"), (60, "60min"), (1440, "1day"), (None, "later"))
"""Bands of how soon a lead was tried: up to how many minutes. None: later still, or never."""
CLOSED_BY_SPEED = {band: f"closed_tried_{band}" for _, band in SPEEDS}
WON_BY_SPEED = {band: f"won_tried_{band}" for _, band in SPEEDS}
MEASURES = frozenset(
    {*CLOSED_BY_TOUCHES.values(), *WON_BY_TOUCHES.values(), *CLOSED_BY_SPEED.values(), *WON_BY_SPEED.values()}
)


def band_of(touches: int) -> str:
    """The band that so many touches lie in."""
    return next(band for most, band in TOUCHES if most is None or touches <= most)


def speed_of(took_ms: int | None) -> str:
    """The band of a lead that was first tried after so long; None: never."""
    if took_ms is None:
        return SPEEDS[-1][1]
    return next(band for most, band in SPEEDS if most is None or took_ms <= most * MINUTE_MS)


def add_effort(sums: dict[str, int], deal: Object, closed_ms: int, *, won: bool) -> None:
    """Count a deal that was closed by the touches, in either direction, up to that instant, and by its lead's speed.

    Touches are those told of the deal itself: of one that was merged into it the first and the last alone are known. Of
    several leads the first that came in counts; a deal that came of none has no speed.
    """
    told = deal.links.get(TOUCH, {}).values()
    band = band_of(sum(payload["at_ms"] <= closed_ms for _, payload in told))
    sums[CLOSED_BY_TOUCHES[band]] = 1
    if won:
        sums[WON_BY_TOUCHES[band]] = 1
    leads = deal.links.get(BECAME)
    if leads:
        _, lead = min((payload["at_ms"], origin) for origin, (_, payload) in leads.items())
        payload = leads[lead][1]
        tried_ms = payload.get("tried_ms")
        speed = speed_of(None if tried_ms is None else tried_ms - payload["at_ms"])
        sums[CLOSED_BY_SPEED[speed]] = 1
        if won:
            sums[WON_BY_SPEED[speed]] = 1
