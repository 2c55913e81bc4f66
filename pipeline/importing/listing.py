"""Names in a line for people: some of them, and that there are more."""

from collections.abc import Iterable

SHOWN = 5


def listed(names: Iterable[str], most: int = SHOWN) -> str:
    """The first of some names, with commas between them, and a mark where others are left out."""
    given = list(names)
    return ", ".join(given[:most]) + (", …" if len(given) > most else "")
