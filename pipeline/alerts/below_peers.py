"""The rule of a rep who does next to nothing beside the others of the team, over the working day."""

from collections.abc import Sequence
from statistics import median

LEAST_PEERS = 5
LEAST_MINUTES = 60
"""So long everybody has to have worked on this day."""
LEAST_MEDIAN = 10
"""A tenth of less is no activity at all: that is silence, which has a rule of its own."""


def opens(done: int, team: Sequence[int], worked_minutes: int) -> bool:
    """Whether a rep is below a tenth of the median of the team, of which `team` are all present ones, the rep too."""
    if worked_minutes < LEAST_MINUTES or len(team) <= LEAST_PEERS:
        return False
    middle = median(team)
    return middle >= LEAST_MEDIAN and 10 * done < middle


def closes(done: int, team: Sequence[int]) -> bool:
    """Whether a rep has come to a fifth of the median, or too few are left to compare with."""
    return len(team) <= LEAST_PEERS or 5 * done >= median(team)
