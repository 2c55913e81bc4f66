"""Time zones from the pinned tzdata package, never from the machine: they decide results."""

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

PLACEHOLDERS = frozenset({"Factory"})
"""What stands in tzdata for a zone that nobody has set."""


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """The rules of an IANA zone; ValueError for one that the pinned tzdata does not know, or that stands for none."""
    if name in PLACEHOLDERS:
        raise ValueError(f"{name} stands for no time zone")
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    try:
        with path.open("rb") as rules:
            return ZoneInfo.from_file(rules, key=name)
    except (OSError, ValueError) as error:
        raise ValueError(f"unknown time zone {name}") from error
