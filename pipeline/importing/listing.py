"""Names in a line for people: some of them, and that there are more."""

from collections.abc import Iterable

from pipeline.visible import shortened

SHOWN = 5


def listed(names: Iterable[str], most: int = SHOWN) -> str:
    """The first of some names, with commas between them, and a mark where others, or ends of them, are left out."""
    given = list(names)
    return ", ".join(map(shortened, given[:most])) + (", …" if len(given) > most else "")
