"""What of the figures is published: in which windows, past ones too, and which families of KPIs, by kind of scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from schemas.windows import CALENDAR, CURRENT, NOW

ALL, NONE = "all", "none"
"""What may stand for a list of windows: every one of them with the past ones, or none."""
PAST = "+"
"""Behind a calendar window: the past ones of its kind too."""
WINDOWS = (*CURRENT, NOW)


@dataclass(frozen=True, slots=True)
class ChosenWindows:
    """Windows by the name that a reader asks for, and the kinds of which past windows are published."""

    current: tuple[str, ...] = WINDOWS
    past: tuple[str, ...] = CALENDAR

    def __str__(self) -> str:
        """As the setting says it."""
        named = (f"{name}{PAST}" if name in self.past else name for name in self.current)
        return ALL if self == ChosenWindows() else ",".join(named) or NONE

    @classmethod
    def read(cls, text: str) -> Self:
        """Of the setting, which was checked: `1h,day+,month+`, `all` or `none`; in the order of the one list."""
        if text == ALL:
            return cls()
        named = set(text.split(","))
        past = tuple(kind for kind in CALENDAR if kind + PAST in named)
        return cls(tuple(name for name in WINDOWS if name in named or name in past), past)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice of a deployment, everything by default.

    `teams` is of teams, groups and the company, `reps` of reps over all their teams, `members` of reps within a team.
    `families` are those of reps, whichever way; None is all.
    """

    teams: ChosenWindows = field(default_factory=ChosenWindows)
    reps: ChosenWindows = field(default_factory=ChosenWindows)
    members: ChosenWindows = field(default_factory=ChosenWindows)
    families: tuple[str, ...] | None = None

    @classmethod
    def read(cls, teams: str, reps: str, members: str, families: str, known: Iterable[str]) -> Self:
        """Of the settings, which were checked. `known` are all families, in their order; ValueError for another one."""
        return cls(
            ChosenWindows.read(teams),
            ChosenWindows.read(reps),
            ChosenWindows.read(members),
            None if families == ALL else _named(families.split(","), tuple(known)),
        )


_NO_WINDOWS = ChosenWindows((), ())
NOTHING = Chosen(_NO_WINDOWS, _NO_WINDOWS, _NO_WINDOWS)
"""Of a stage whose figures nobody reads."""


def _named(named: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    for name in named:
        if name not in known:
            raise ValueError(name)
    return tuple(family for family in known if family in named)


def name_of(kind: str, window: str) -> str:
    """What a reader calls a window of that kind and id: rolling ones by their id, all others by their kind."""
    return window if kind == "rolling" else kind
