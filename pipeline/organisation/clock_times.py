"""Local times of day as organisation records write them, in minutes since midnight."""

DAY_MINUTES = 1440


def minutes(clock: str) -> int:
    """The minutes since midnight of `09:00`; of `24:00` those of a whole day."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def interval(start: str, end: str) -> tuple[int, int]:
    """When an interval begins and ends; one that does not end after it begins ends on the next day."""
    begin, over = minutes(start), minutes(end)
    return begin, over if over > begin else over + DAY_MINUTES
