"""What the publisher asks of a stage that has something to publish (`pipeline/boards/scoreboard.py`, `rollup.py`)."""

from collections.abc import Sequence
from typing import Any, Protocol

from pipeline.kernel.stage import Send
from pipeline.scores.figures import Figure
from pipeline.scores.marking import Marking
from pipeline.sinks.sink import Alert, Recognition


class Board(Protocol):
    """What the publisher asks of a board (`pipeline/scores/board.py`)."""

    generation: int

    @property
    def marking(self) -> Marking: ...
    @property
    def now_ms(self) -> int: ...
    @property
    def changed(self) -> bool: ...
    @property
    def defined_by(self) -> str: ...
    def homes(self) -> list[str]: ...
    def published_scopes(self) -> dict[str, dict[str, bool]]: ...
    def current_ids(self, home: str) -> dict[str, str]: ...
    def take(self, *, slow: bool, limit: int | None = None) -> list[Figure]: ...


class PublishedStage(Protocol):
    """A stage that has something to publish."""

    @property
    def stage(self) -> str: ...
    @property
    def board(self) -> Board: ...
    def cut(self) -> dict[str, Any] | None:
        """Where figures taken now stand, or None while an offset is half applied."""

    def ranked(self, home: str) -> frozenset[str]:
        """The reps that ranks of a home show."""

    def ramping(self, home: str) -> frozenset[str]:
        """The reps of a home who are in ramp, and in no ranks."""

    def absent(self, home: str) -> frozenset[str]:
        """The reps of a home who are absent."""

    def industry(self, home: str) -> str:
        """The industry's figures that stand beside a home's own, as JSON; empty where there are none."""

    def special_day(self, home: str) -> str:
        """The special day that a team has today, as JSON; empty where there is none."""

    def limits(self, home: str) -> str:
        """The limits that rules hold a team's figures against, as JSON; empty where there are none."""

    def take_regrouped(self) -> Sequence[str]:
        """The homes beside whose figures other things stand than when this was asked last, or other reps in ranks."""

    def take_alerts(self) -> Sequence[Alert]: ...
    def open_alerts(self) -> Sequence[Alert]: ...
    def take_recognition(self) -> Sequence[Recognition]: ...
    def recognition(self) -> Sequence[Recognition]: ...
    def take_parts(self, limit: int) -> list[Send]: ...
    def mark_parts_since(self, offset: int | None) -> None: ...
