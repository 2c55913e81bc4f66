"""What every board's stage has to publish, and what only some have: by default, nothing."""

from collections.abc import Sequence

from pipeline.kernel.stage import Send
from schemas.alerts import Alert


class PublishedBoard:
    """The part of a stage that a publisher and a scrape ask. A stage says itself what it has of it."""

    def take_parts(self, limit: int = 0) -> list[Send]:  # noqa: ARG002 (there are none)
        """The panes that larger scopes are to get, at most about so many; none where nothing lies above."""
        return []

    def mark_parts_since(self, offset: int | None) -> None:
        """Called when parts sent after an offset are to be sent again; None: all."""

    def take_alerts(self) -> Sequence[Alert]:
        """The alerts that changed since they were last taken; none where nobody is watched."""
        return ()

    def open_alerts(self) -> Sequence[Alert]:
        """The alerts that are not resolved."""
        return ()

    def working(self) -> dict[str, bool]:
        """Whether each team that has working hours works now, by home."""
        return {}

    def feeds(self) -> dict[str, int]:
        """When each source system was last heard, epoch milliseconds of append time."""
        return {}

    def missed_feeds(self) -> dict[tuple[str, str], bool]:
        """Whether each source system is missed by each team that expects it, by home and source."""
        return {}
