"""What an audit found."""

from dataclasses import dataclass, field

from pipeline.audit.records import Row


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One number that is not what it should be, or one record. None is null; what is not there says `absent`."""

    where: str
    scope: str
    window: str
    kpi: str
    path: str
    shown: float | str | None
    expected: float | str | None

    def record(self) -> Row:
        """As JSON has it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(slots=True)
class Report:
    """The result of one audit. `quiet` tells that nothing was under way, so that everything could be compared.

    `numbers` is how many were compared by place, `notes` says what could not be.
    """

    differences: list[Difference] = field(default_factory=list)
    quiet: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def record(self) -> Row:
        """As JSON has it."""
        return {
            "differences": [difference.record() for difference in self.differences],
            "quiet": self.quiet,
            "compared": self.numbers,
            "notes": self.notes,
        }
