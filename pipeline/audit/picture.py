"""A picture: what one place shows at one moment, with the cuts that say what it should be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from pipeline.audit.achievements import ShownAchievement
from pipeline.audit.alerts import ShownAlert
from pipeline.audit.contests import ShownContest
from pipeline.audit.cut import Cut, Version
from pipeline.audit.spool import Spool

ROLLING = ("5m", "15m", "1h", "8h", "24h")
STAGES = ("scoreboard", "rollup")
Place = tuple[str, int]
"""Stage and partition."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What is said of a whole window; start and end (`span`), and the digits of its currency, where they are told."""

    state: str
    currency: str
    as_of_ms: int
    span: tuple[int, int] | None = None
    activities_fixed: bool = False
    currency_digits: int | None = None
    attendance: str | None = None
    """Whether the rep is at work, "" where it is not said; None where the place says it of nobody."""


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """KPIs of a scope and window as they were found; `family` is empty where they are all of the window's.

    `nothing` are families of which it says only that nothing happened.
    """

    scope: str
    home: str
    window: str
    version: Version
    kpis: Mapping[str, Any]
    family: str = ""
    heading: Heading | None = None
    nothing: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of the window."""
        return "rolling" if self.window in ROLLING else self.window.partition(":")[0]


class Unreadable(NamedTuple):
    """What is no figure at all: the text at a place of a scope, or of a key that no home has."""

    home: str
    scope: str
    window: str
    text: str


class ShownRank(NamedTuple):
    """The place of a rep on a board of a home, by the value that it is ordered by."""

    home: str
    kind: str
    kpi: str
    rep: str
    number: float


class ShownStage(NamedTuple):
    """The open deals of a stage, as the funnel key of a home has them."""

    home: str
    process: str
    stage: str
    number: float


class ShownRep(NamedTuple):
    """A rep of a team who is listed beside its figures: as absent, or as in ramp."""

    home: str
    rep: str


class ShownIndustry(NamedTuple):
    """One field of an industry's figures that stand beside those of a home."""

    home: str
    id: str
    field: str
    value: str


class ShownSpecialDay(NamedTuple):
    """One field of the special day beside the figures of a team; empty where it is a time that is not said."""

    home: str
    field: str
    value: str


class ShownLimit(NamedTuple):
    """A limit beside the figures of a team, in its KPI's unit."""

    home: str
    kpi: str
    value: float


@dataclass
class Beside:
    """What stands beside figures, without a version: it is known what it should be only while nothing is under way."""

    ranks: list[ShownRank] = field(default_factory=list)
    stages: list[ShownStage] = field(default_factory=list)
    alerts: list[ShownAlert] = field(default_factory=list)
    absent: list[ShownRep] = field(default_factory=list)
    ramping: list[ShownRep] = field(default_factory=list)
    industry: list[ShownIndustry] = field(default_factory=list)
    special_days: list[ShownSpecialDay] = field(default_factory=list)
    limits: list[ShownLimit] = field(default_factory=list)
    contests: list[ShownContest] = field(default_factory=list)
    achievements: list[ShownAchievement] = field(default_factory=list)
    recognised_in: tuple[str, ...] = ()
    """The places where contests and achievements were looked for."""

    def homes(self) -> set[str]:
        """The homes that have any of it."""
        watched = {alert.home for alert in self.alerts if not alert.home.startswith("feed:")}
        achieved = {each.home for each in self.achievements}
        placed = {rank.home for rank in self.ranks} | {stage.home for stage in self.stages}
        beside = (
            {rep.home for rep in self.absent}
            | {rep.home for rep in self.ramping}
            | {each.home for each in self.industry}
            | {each.home for each in self.special_days}
            | {each.home for each in self.limits}
        )
        return placed | beside | watched | achieved


def numbers_of(figure: ShownFigure) -> int:
    """How much a figure weighs in memory: how many KPIs it has."""
    return len(figure.kpis)


@dataclass
class Picture:
    """What is shown at `name`.

    `partial` ones hold current values only: those of `teams` and all larger scopes, with what they were divided from,
    or of `reps`, of whom only some KPIs and windows are chosen. Of the `unsettled` windows, by scope, it is not
    known whether they were shown at the cut. Only `whole` homes, where they are given, are said to have all their
    figures. `beside` is None where there is nothing of that, or nothing that could be compared.
    """

    name: str
    figures: Spool[ShownFigure] = field(default_factory=lambda: Spool(ShownFigure, numbers_of))
    homes: set[str] = field(default_factory=set)
    """Those of the figures."""
    cuts: dict[Place, Cut] = field(default_factory=dict)
    partial: Literal["", "teams", "reps"] = ""
    unsettled: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    whole: frozenset[str] | None = None
    beside: Beside | None = None

    def add(self, figure: ShownFigure) -> None:
        """Show one more figure."""
        self.homes.add(figure.home)
        self.figures.append(figure)


def stage_of(home: str) -> str:
    """Which stage publishes a home."""
    return STAGES[0] if home.startswith("team:") else STAGES[1]


def leaves(kpi: str, value: Any, path: str = "") -> Iterator[tuple[str, str, float | None]]:
    """Each number of a KPI's record: the KPI, the way to the number, the number. A day is one, by its ordinal."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from leaves(kpi, item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):  # The states of a timeline: the way to when each was over says the rest.
        for each in value:
            yield from leaves(kpi, each["to_ms"], f"{path}.{each['from_ms']}.{each['state']}")
    elif isinstance(value, str):
        yield kpi, path, date.fromisoformat(value).toordinal()
    else:
        yield kpi, path, None if value is None else float(value)
