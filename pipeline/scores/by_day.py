"""What stands by local day, told as of today: stalled deals, those past their close, and since when leads wait.

Midnight alone moves it.
"""

from pipeline import measures as m
from pipeline.scores.cold_panes import Measures

STALLED = (m.UNTOUCHED, m.UNTOUCHED_MINOR, m.UNTOUCHED_WITHOUT_AMOUNT, m.UNTOUCHED_UNCONVERTED)
"""What stands by the day of the last touch; under these names without a day stands what is stalled."""
PAST_CLOSE = (m.CLOSING, m.CLOSING_MINOR, m.CLOSING_WITHOUT_AMOUNT, m.CLOSING_UNCONVERTED)
"""What stands by the day on which it is to close; under these names without a day stands what was to before today."""
BY_DAY = (*STALLED, *PAST_CLOSE, m.LEADS_WAITING_SINCE)
"""What stands by any day; under the last without a day stands how many days ago the earliest was."""


def as_of_today(standing: Measures, today: int, untouched_up_to: int) -> Measures:
    """What stands, and of it what was last touched up to a day, or was to close before today; since when leads wait."""
    found: dict[str, int] = {}
    up_to = dict.fromkeys(STALLED, untouched_up_to) | dict.fromkeys(PAST_CLOSE, today - 1)
    oldest = None
    for name, amount in standing.items():
        stem, colon, day = name.partition(":")
        stem += colon
        last = up_to.get(stem)
        if last is not None:
            if int(day) <= last:
                found[stem] = found.get(stem, 0) + amount
        elif stem == m.LEADS_WAITING_SINCE and amount > 0 and (oldest is None or int(day) < oldest):
            oldest = int(day)
    if oldest is not None:
        found[m.LEADS_WAITING_SINCE] = max(today - oldest, 0)
    return {**standing, **found} if found else standing
