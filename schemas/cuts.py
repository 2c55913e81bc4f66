"""Cuts: up to where in the log the figures of one partition go, on the KPI topics beside them (JSON)."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.types import WireModel


class Cut(WireModel):
    """Every figure of this partition that is not newer than `version` equals the batch over the log up to `offset`.

    The key of the record is `cut|<partition>`; the topic says the stage, and so does the record.
    """

    kind: Literal["cut"]
    """What the record is: a cut, and no figure."""
    stage: Literal["scoreboard", "rollup"]
    """Whose figures they are: of teams and of reps within them, or of all larger scopes."""
    partition: int
    """The partition, of the topic and of the log that the stage reads."""
    offset: int
    """The last offset of that log that is in the figures."""
    now_ms: int
    """Stream time there, by the log's clock, epoch milliseconds UTC."""
    seen: dict[str, int]
    """By origin, such as `crm.events/0` or `facts/0`: the last position of it that is in the figures."""
    version: Annotated[list[int], Field(min_length=2, max_length=2)]
    """`[generation, offset]`, as figures have it."""
