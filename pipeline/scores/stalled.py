"""Stalled deals: those open that nobody was in touch with for so many days. Time alone moves them, day by day."""

from pipeline import measures as m
from pipeline.scores.cold_panes import Measures

BY_DAY = (m.UNTOUCHED, m.UNTOUCHED_MINOR, m.UNTOUCHED_WITHOUT_AMOUNT, m.UNTOUCHED_UNCONVERTED)
"""What stands by the day of the last touch; under these names without a day stands what is stalled."""


def with_stalled(standing: Measures, today: int, days: int) -> Measures:
    """What stands, and of it all that was last touched that many days before today, or earlier."""
    if not any(name.startswith(m.UNTOUCHED) for name in standing):
        return standing
    found: dict[str, int] = {}
    for name, amount in standing.items():
        stem, mark, day = name.partition(":")
        if (stem := stem + mark) in BY_DAY and int(day) <= today - days:
            found[stem] = found.get(stem, 0) + amount
    return {**standing, **found}
