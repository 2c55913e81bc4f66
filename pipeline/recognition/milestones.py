"""When a count was reached for the first time. Pure."""

from pipeline.recognition.bests import Values


def reached_on(count: int, total: int, values: Values) -> int | None:
    """The local day on which so many were there of a total; None where they are not.

    `values` are the days that are remembered: of a day before these it is the first of them that is told.
    """
    if total < count:
        return None
    left = total
    for day in sorted(values, reverse=True):
        if left - values[day] < count:
            return day
        left -= values[day]
    return min(values, default=None)
