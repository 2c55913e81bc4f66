"""The places whose public holidays are known: countries (`DE`), and subdivisions of them (`DE-BY`).

They are a file of the project (`holiday_places.json`), not asked of a library: what is refused must not depend on which
release of it a worker has.
"""

import json
from functools import cache
from pathlib import Path


@cache
def places() -> dict[str, list[str]]:
    """The subdivisions of each country, by their codes without the country's."""
    found: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return found


def is_place(name: str) -> bool:
    """Whether public holidays of a country or subdivision are known."""
    country, _, subdivision = name.partition("-")
    return country in places() and (not subdivision or subdivision in places()[country])
