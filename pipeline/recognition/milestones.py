"""When a count was reached for the first time. Pure."""

from pipeline.recognition.bests import Values


def reached_on(count: int, total: int, values: Values) -> int | None:
    """The local day since which so many were there of a total; None where they are not, or were before these days.

    `values` are the days that are kept; of a total that has more than these the rest was there before them.
    """
    if total < count:
        return None
    left = total
    for day in sorted(values, reverse=True):
        if left - values[day] < count:
            return day
        left -= values[day]
    return None
