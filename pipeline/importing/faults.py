"""Why something of an export cannot be taken: told by row, and grouped by cause."""

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.visible import shortened

MOST_CAUSES = 200
SHOWN_ROWS = 5
SHOWN_TEXTS = 3
SHOWN_LETTERS = 60


class Place(NamedTuple):
    """A row, as a spreadsheet counts it: the header of a table is row 1. Row 0 is what the import gives once."""

    number: int
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.number}" if self.file else str(self.number)


ONCE = Place(0)
"""What is no row's."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, without the text it is wrong with, so that equal causes are equal. A cure says who must act."""

    column: str
    complaint: str
    cure: str = ""
    of_map: bool = False
    """Whether the map is wrong, whatever rows hold."""


class RowError(ValueError):
    """Raised when a row cannot be read as the map says."""

    def __init__(self, fault: Fault, text: str | None = None) -> None:
        super().__init__(fault.complaint)
        self.fault = fault
        self.text = text

    def __reduce__(self) -> "tuple[type[RowError], tuple[Fault, str | None]]":
        """So that it passes from one process to another."""
        return RowError, (self.fault, self.text)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row, or one event of it, that cannot be taken."""

    place: Place
    fault: Fault
    text: str | None = None


@dataclass
class Cause:
    """One cause: how often it was met, in which rows first, and with which texts."""

    fault: Fault
    count: int = 0
    places: list[Place] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, refused: Refused) -> None:
        """Count one more; the first few are kept."""
        self.count += 1
        if len(self.places) < SHOWN_ROWS and refused.place not in self.places:
            self.places.append(refused.place)
        if refused.text is not None:
            text = shortened(refused.text, SHOWN_LETTERS)
            if len(self.texts) < SHOWN_TEXTS and text not in self.texts:
                self.texts.append(text)

    def line(self) -> str:
        """The cause in one line."""
        fault = self.fault
        what = f"{_listed(self.texts, self.count)}{fault.complaint}"
        if fault.column:
            what = f"{shortened(fault.column)}{': ' if self.texts else ' '}{what}"
        cure = f"; {fault.cure}" if fault.cure else ""
        if fault.of_map or self.places == [ONCE]:
            return f"--map: {what}{cure}"
        return f"{self._where()}: {what}{cure}"

    def _where(self) -> str:
        rows = ", ".join(map(str, self.places))
        if len(self.places) == 1:
            return f"row {rows}" if self.count == 1 else f"{self.count:,} times, row {rows}"
        more = ", …" if self.count > len(self.places) else ""
        return f"{self.count:,} times, rows {rows}{more}"


class Causes:
    """All refusals of an import, by cause. However many rows are refused, few are kept."""

    def __init__(self) -> None:
        self.refused = 0
        self.beyond = 0
        self._causes: dict[Fault, Cause] = {}

    def add(self, refused: Refused) -> None:
        """Count a refusal under its cause."""
        self.refused += 1
        cause = self._causes.get(refused.fault)
        if cause is None:
            if len(self._causes) >= MOST_CAUSES:
                self.beyond += 1
                return
            cause = self._causes[refused.fault] = Cause(refused.fault)
        cause.add(refused)

    def all(self) -> list[Cause]:
        """Those of the map first, then the most frequent."""
        return sorted(self._causes.values(), key=lambda cause: (not cause.fault.of_map, -cause.count))


def _listed(texts: list[str], count: int) -> str:
    """The texts that a complaint is about, before it."""
    if len(texts) < 2:
        return f"{texts[0]!r} " if texts else ""
    more = ", …" if count > len(texts) else ""
    return f"{', '.join(map(repr, texts))}{more}: each "
