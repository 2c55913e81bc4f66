"""Alerts: what is wrong on the sales floor, from when it opened until it was resolved (JSON on a compacted topic)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.types import WireModel

Kind = Literal["silent_rep", "silent_team", "feed_silent"]
ResolvedBy = Literal["activity", "absent", "left"]


class Alert(WireModel):
    """One alert, as it stands. The key of the record is `id`."""

    id: str
    """`<kind>:<scope>`: reused for every recurrence, so read the latest record."""
    kind: Kind
    """Who or what is silent."""
    scope: str
    """What it is about: `team:north`, `rep:7@north`, `feed:dialer`."""
    home: str
    """The home it belongs to: the team, or the feed itself."""
    opened_ms: int
    """Epoch milliseconds UTC, by the log's clock."""
    resolved_ms: int | None
    """When it was resolved; null while it is open."""
    resolved_by: ResolvedBy | None = None
    """What resolved it: activity, that the rep is absent (or all of the team are), or that whoever it is about has left
    or is not watched any more. Null while it is open."""
    reason: dict[str, int | None]
    """The numbers it is based on: `silent_minutes` (working minutes when it opened), `limit_minutes`, and `since_ms`
    (last activity, or last sign of the feed)."""
    calendar_version: str
    """By which public holidays the working minutes were counted when it opened: `holidays 0.61`."""
    version: Annotated[list[int], Field(min_length=2, max_length=2)]
    """`[generation, offset in the facts partition]` of the last change: the higher one holds."""

    @property
    def is_open(self) -> bool:
        """Whether it has not been resolved."""
        return self.resolved_ms is None

    def record(self) -> dict[str, Any]:
        """The alert as it is published: plain JSON types."""
        return self.model_dump()
