"""The best day, week and month of a scope by a KPI. Pure."""

from collections.abc import Callable, Mapping

from pipeline.recognition.achieved import Achieved
from pipeline.scores.windows import PeriodRules, calendar_windows

PERIODS = ("day", "week", "month")
OTHERS: Mapping[str, int] = {"day": 5, "week": 4, "month": 3}
"""A best period is one of more than so many in which anything was done: the first day of all is no record."""
Values = Mapping[int, int]
"""By local day: what was done, where it is not 0."""


def best(period: str, values: Values, rules: PeriodRules, others: int | None = None) -> Achieved | None:
    """The period with most, of equal ones the earliest; None without more than so many others, by default `OTHERS`."""
    sums: dict[tuple[int, str], int] = {}
    for day, value in values.items():
        window = calendar_windows(day, rules)[PERIODS.index(period)]
        key = window.first_day, window.id
        sums[key] = sums.get(key, 0) + value
    done = {key: value for key, value in sums.items() if value > 0}
    if len(done) <= (OTHERS[period] if others is None else others):
        return None
    (first_day, window_id), value = min(done.items(), key=lambda each: (-each[1], each[0]))
    return Achieved(value, first_day, window_id)


def after(known: Achieved | None, now: Achieved, before: int, anew: Callable[[], Achieved | None]) -> Achieved | None:
    """The best period once one of them changed from `before` to what is `now`; `anew` looks at all of them.

    That is asked only where the one that changed does not decide it: it was the best, or is one more, or one less.
    """
    if (before > 0) != (now.value > 0):
        return anew()
    if known is None:
        return None  # As many periods as before, and too few.
    if now.first_day == known.first_day:
        return now if now.value >= known.value else anew()
    better = now.value > known.value or (now.value == known.value and now.first_day < known.first_day)
    return now if better else known
