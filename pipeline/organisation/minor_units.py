"""How many decimal digits the minor unit of a currency has, by ISO 4217."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

_LIST: Mapping[str, Any] = json.loads(files("pipeline.organisation").joinpath("iso_4217.json").read_text("utf-8"))
MINOR_UNITS: Mapping[str, int] = _LIST["minor_units"]
"""Of every currency that the list gives a minor unit."""
PUBLISHED: str = _LIST["published"]
"""The day on which this list was published. A later one is another rule: it may give a currency other digits."""
COMMON_DIGITS = 2
"""For a code that the list does not have, or that has no minor unit in it, as gold."""


def minor_digits(currency: str) -> int:
    """2 for EUR, 0 for JPY, 3 for KWD."""
    return MINOR_UNITS.get(currency, COMMON_DIGITS)
