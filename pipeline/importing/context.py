"""What the values of a map need beside their row: what the map says of all of them, and where the row is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.importing.faults import ONCE, Place
from pipeline.importing.lookups import Table
from pipeline.importing.map_values import Value


@dataclass
class Context:
    """Of one map. Readers are made for it once; `place`, `item` and `day` change from row to row, and they look."""

    lookups: Mapping[str, Table] = field(default_factory=dict)
    zone: Value | None = None
    locale: str | None = None
    nothing: frozenset[str] = frozenset()
    empty: str | None = None
    """What an empty text says: `clears` or `unchanged`; None where the map does not tell."""
    now_ms: int | None = None
    note_id: Callable[[str, str], None] | None = None
    """Told each id that was made, and the name it was made of, the first time at least."""
    telling: set[str] = field(default_factory=set)
    """Columns with a number that shows how numbers are written in it, and that was read."""

    place: Place = ONCE
    item: str | None = None
    """The name of the item of a list that `#item` stands for."""
    day: date | None = None
    """The day of the event, for lookups that are dated."""
