"""Recognition: who stands where in contests, and what reps and teams achieved (JSON on a compacted topic)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.goals import ContestKpi, GoalKpi
from schemas.types import WireModel

TAKEN_BACK: Literal["taken_back"] = "taken_back"
AchievementKind = Literal["best", "milestone", "streak"]
ContestState = Literal["upcoming", "running", "settling", "final", "restated", "taken_back"]
"""The days are still to come; they last; what comes late still counts; the result is called final; something changed it
after that; the contest was deleted, or says no more who takes part in what."""
MOST_STANDINGS = 100
"""So many of those who take part are told, the first ones."""


class ContestPlace(WireModel):
    """One who takes part in a contest."""

    scope: str
    """`rep:7`, over all teams; or `team:north`."""
    place: int | None
    """From 1 on; equal values share a place. Null without a value, or where the sample is too small."""
    value: float | None
    """The KPI, in its unit; money in minor units of the company's currency. Null where nothing is divided by."""
    n: int | None
    """How many a share or mean is of; null of a count."""


class ContestStandings(WireModel):
    """One contest as it stands. The key of the record is `id`."""

    id: str
    """`contest:<name>`."""
    kind: Literal["contest"]
    """What is told."""
    home: str
    """The home in Redis that has it: `company`."""
    title: str
    """What people call it: its name where nobody said."""
    state: ContestState
    """`final` once `final_ms` has passed; `restated` if a place or value changed after that."""
    kpi: ContestKpi
    """The KPI that decides it."""
    unit: str
    """The unit of the values: `count`, `ratio`, `minor`, `seconds`."""
    among: Literal["reps", "teams"]
    """Who competes."""
    first_day: str
    """The first local day that counts."""
    last_day: str
    """The last local day that counts."""
    start_ms: int
    """When the first day begins, where that is first; epoch milliseconds UTC."""
    end_ms: int
    """When the last day is over, everywhere."""
    final_ms: int
    """When the result is called final."""
    told_ms: int
    """Stream time when the contest was first told as it is."""
    least_sample: int
    """Of how many a share or mean has to be for a place."""
    entrants: int
    """How many take part."""
    standings: list[ContestPlace]
    """Of these the first 100, in their order; none before it begins."""
    version: Annotated[list[int], Field(min_length=2, max_length=2)]
    """`[generation, offset in the parts partition]` of the last change, its cut: the higher one holds."""

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return self.state != TAKEN_BACK

    def record(self) -> dict[str, Any]:
        """The contest as it is published: plain JSON types."""
        return self.model_dump()


class Achievement(WireModel):
    """The best period of a rep or team, a milestone or a streak. The key of the record is `id`."""

    id: str
    """`best:day|calls|rep:7`, `milestone:100|won|team:north`, `streak:20|dials|rep:7` of days with at least 20: the
    same for as long as it can be achieved."""
    kind: AchievementKind
    """What is told: the best day, week or month; that a count was reached; or working days one after another on which
    enough was done."""
    scope: str
    """Who achieved it: `rep:7`, over all teams; or `team:north`."""
    home: str
    """The home in Redis that has it: the same."""
    state: Literal["standing", "taken_back"]
    """`taken_back` once a correction undid it, or it is recognised no more; the rest is as it was told then."""
    kpi: GoalKpi
    """The KPI."""
    unit: str
    """The unit of the value: `count`, or `minor`; of a streak `days`."""
    value: int
    """What was done in the best period, up to now while that lasts; the count that was reached; or the working days of
    the latest streak."""
    window: str
    """The best period, by its id, `week:2026-W48`; the local day on which the count was reached; or the last one of the
    streak."""
    first_day: str
    """The first local day of that period or streak."""
    version: Annotated[list[int], Field(min_length=2, max_length=2)]
    """`[generation, offset in the partition]` of the last change, its cut: the higher one holds."""

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return self.state != TAKEN_BACK

    def record(self) -> dict[str, Any]:
        """It as it is published: plain JSON types."""
        return self.model_dump()


Recognition = ContestStandings | Achievement
