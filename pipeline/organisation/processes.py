"""A sales process: its stages, their order, and which ones end a deal."""

from collections.abc import Mapping, Sequence
from typing import Any

OPEN, WON, LOST = "open", "won", "lost"
DEFAULT_PROCESS = "default"


class Process:
    """The stages of one process. `open_stages` are in order; won and lost ones lie behind all of them."""

    __slots__ = ("_kinds", "_qualified", "_ranks", "name", "open_stages")

    def __init__(self, name: str, stages: Sequence[Mapping[str, Any]]) -> None:
        self.name = name
        self._kinds = {stage["id"]: stage.get("kind", OPEN) for stage in stages}
        self._qualified = {stage["id"] for stage in stages if stage.get("qualified")}
        self.open_stages = tuple(stage for stage, kind in self._kinds.items() if kind == OPEN)
        self._ranks = {stage: rank for rank, stage in enumerate(self.open_stages)}

    def kind(self, stage: str | None) -> str | None:
        """`open`, `won` or `lost`; None for a stage that the process does not have."""
        return None if stage is None else self._kinds.get(stage)

    def rank(self, stage: str) -> int | None:
        """The place of an open stage among the open ones, from 0; None for any other stage."""
        return self._ranks.get(stage)

    def qualified(self, stage: str | None) -> bool:
        """Whether deals in the stage count as qualified pipeline."""
        return stage in self._qualified
