"""A time zone in which it is about noon: no calendar window of it turns while a test runs, at whatever time that is."""

from tests.unit.ledger.world import HOUR, MINUTE


def noon_zone(now_ms: int, hours_behind: int = 0) -> str:
    """The zone of a fixed offset in which it is from half past eleven to half past twelve; or so many hours before."""
    hours_east = 12 - (now_ms + 30 * MINUTE) // HOUR % 24 - hours_behind
    return f"Etc/GMT{-hours_east:+d}"  # its sign is that of the way to Greenwich
