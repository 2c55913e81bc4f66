"""What an audit found."""

from dataclasses import dataclass, field
from datetime import date

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


@dataclass(frozen=True, slots=True)
class Covered:
    """How far back the calendar windows of a family of KPIs were compared: those that begin on `since` or later.

    `all_there_is` tells that no older window is kept at all; otherwise older ones are published and were not compared,
    since what they were made of is no longer remembered.
    """

    family: str
    since: date
    all_there_is: bool

    def record(self) -> Row:
        """As JSON has it."""
        return {"since": self.since.isoformat(), "all_there_is": self.all_there_is}


@dataclass(slots=True)
class Report:
    """The result of one audit. `quiet` tells that nothing was under way, so that everything could be compared.

    `numbers` is how many were compared by place, `notes` says what could not be, `covered` how far back it went.
    """

    differences: list[Difference] = field(default_factory=list)
    quiet: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)

    def reaches(self) -> list[str]:
        """How far back was compared, a line for all families that reach back to one day, the longest first."""
        days = sorted({(each.since, each.all_there_is) for each in self.covered})
        return [
            f"windows from {since} on{' (all that are kept)' if whole else ', older ones were not compared'}: "
            + ", ".join(sorted(e.family for e in self.covered if (e.since, e.all_there_is) == (since, whole)))
            for since, whole in days
        ]

    def record(self) -> Row:
        """As JSON has it."""
        return {
            "differences": [difference.record() for difference in self.differences],
            "quiet": self.quiet,
            "compared": self.numbers,
            "notes": self.notes,
            "covered": {each.family: each.record() for each in self.covered},
        }
