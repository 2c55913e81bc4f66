"""What was achieved, of whichever kind: how much, since when, in which window; and the entry that tells it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from pipeline.scores.kpis import BY_NAME
from schemas.recognition import TAKEN_BACK

KINDS = ("best", "milestone", "streak")


class Achieved(NamedTuple):
    """A best period and its value, a count and the day on which it was reached, a streak and its days."""

    value: int
    first_day: int
    window: str

    @property
    def last_day(self) -> int:
        """Of a window that is a day, as those of milestones and streaks are: that day."""
        return date.fromisoformat(self.window.partition(":")[2]).toordinal()

    @classmethod
    def of_days(cls, value: int, first_day: int, last_day: int) -> "Achieved":
        """What lasted from one day to another, or came on one."""
        return cls(value, first_day, f"day:{date.fromordinal(last_day)}")


class Feat(NamedTuple):
    """What can be achieved: the best `day`, the `100`th, days of at least `20`; by a KPI, of a scope."""

    kind: str
    what: str
    kpi: str
    scope: str

    @property
    def id(self) -> str:
        """The id under which it is told."""
        return f"{self.kind}:{self.what}|{self.kpi}|{self.scope}"

    @classmethod
    def read(cls, id_: str) -> "Feat | None":
        """Of an id; None of a contest's."""
        kind, _, rest = id_.partition(":")
        return cls(kind, *rest.split("|", 2)) if kind in KINDS else None

    def entry(self, achieved: Achieved) -> Mapping[str, Any]:
        """As the book has it, but for the position."""
        return {
            "kind": self.kind, "scope": self.scope, "home": self.scope, "state": "standing", "kpi": self.kpi,
            "unit": "days" if self.kind == "streak" else BY_NAME[self.kpi].unit, "value": achieved.value,
            "window": achieved.window, "first_day": date.fromordinal(achieved.first_day).isoformat(),
        }  # fmt: skip


def standing(entry: Mapping[str, Any] | None) -> Achieved | None:
    """What an entry says; None where there is none, or it was taken back."""
    if entry is None or entry["state"] == TAKEN_BACK:
        return None
    return Achieved(entry["value"], date.fromisoformat(entry["first_day"]).toordinal(), entry["window"])
