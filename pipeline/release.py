"""Which version of the program this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def installed_version() -> str:
    """The version of the installed package; `source` where the code runs from a checkout that is not installed."""
    try:
        return version("salespulse")
    except PackageNotFoundError:
        return "source"
