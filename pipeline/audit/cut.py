"""A cut: up to where in its input, and in the logs behind that, the figures of one partition go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Version = tuple[int, int]
"""(generation, offset); the higher one is the later one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a stage published about one of its partitions: every figure not newer than `version` is as of it.

    `seen` are the last positions of the logs behind (`crm.events/0`, or `facts/0` for a rollup).
    """

    stage: str
    partition: int
    offset: int
    now_ms: int
    version: Version
    seen: Mapping[str, int]

    @property
    def place(self) -> tuple[str, int]:
        """Stage and partition."""
        return self.stage, self.partition

    @property
    def log(self) -> str:
        """The log that the stage reads."""
        return f"{'facts' if self.stage == 'scoreboard' else 'parts'}/{self.partition}"


def read_cut(given: Mapping[str, Any]) -> Cut:
    """Read what the pipeline publishes; KeyError, TypeError or ValueError for anything else."""
    generation, offset = given["version"]
    return Cut(
        str(given["stage"]),
        int(given["partition"]),
        int(given["offset"]),
        int(given["now_ms"]),
        (int(generation), int(offset)),
        {str(log): int(position) for log, position in given["seen"].items()},
    )
