"""What stands by local day, told as of today: stalled deals, those past their close, and since when leads wait.

Midnight alone moves it.
"""

from pipeline import measures as m
from pipeline.kinds.deal_days import CLOSING, UNTOUCHED
from pipeline.scores.cold_panes import Measures

BY_DAY = (*UNTOUCHED, *CLOSING, m.LEADS_WAITING_SINCE)
"""What stands by a day. Without one stands under the names of what is untouched that which is stalled, of what is to
close that which was to before today, and under the last one how many days ago the earliest was."""


def as_of_today(standing: Measures, today: int, untouched_up_to: int) -> Measures:
    """What stands, and of it what was last touched up to a day, or was to close before today; since when leads wait."""
    found: dict[str, int] = {}
    oldest = None
    for name, amount in standing.items():
        stem, colon, day = name.partition(":")
        stem += colon
        if stem in UNTOUCHED or stem in CLOSING:
            if int(day) <= (untouched_up_to if stem in UNTOUCHED else today - 1):
                found[stem] = found.get(stem, 0) + amount
        elif stem == m.LEADS_WAITING_SINCE and amount > 0 and (oldest is None or int(day) < oldest):
            oldest = int(day)
    if oldest is not None:
        found[m.LEADS_WAITING_SINCE] = max(today - oldest, 0)
    return {**standing, **found} if found else standing
