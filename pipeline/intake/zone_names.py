"""Names that other systems give time zones, and the IANA zone that is likely meant."""

from functools import lru_cache
from importlib.resources import files

from babel.core import get_global

US = {
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "arizona": "America/Phoenix",
    "indiana (east)": "America/Indiana/Indianapolis",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
}
"""Names of Rails that are no city's; `(US & Canada)` behind them is left out."""
SHORT = {"est": "America/New_York", "edt": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago",
         "mst": "America/Denver", "mdt": "America/Denver", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
         "cest": "Europe/Paris", "bst": "Europe/London", "z": "UTC"}  # fmt: skip


def likely_zone(given: str) -> str | None:
    """The IANA zone behind another spelling, a city, or a name of Windows or Rails; None where none is known."""
    name = " ".join(given.lower().split())
    return _others().get(name) or _others().get(name.replace(" (us & canada)", "")) or _others().get(_city(name))


def _city(name: str) -> str:
    return name.rpartition("/")[2].replace(" ", "_")


@lru_cache(maxsize=1)
def _others() -> dict[str, str]:
    zones = files("tzdata").joinpath("zones").read_text().split()
    cities = {_city(zone.lower()): zone for zone in reversed(zones) if "/" in zone and not zone.startswith("Etc/")}
    windows = {name.lower(): zone for name, zone in get_global("windows_zone_mapping").items()}
    return {**cities, **US, **windows, **SHORT, **{zone.lower(): zone for zone in zones if zone != "Factory"}}
