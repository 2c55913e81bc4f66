"""The work that a fold does between two turns of the event loop, counted: no fold asks a clock."""

from collections.abc import Iterable, Iterator

TURN_WORK = 300
"""After about so much others have their turn: some three milliseconds."""


class Load:
    """Work done since others had their turn. One is about ten microseconds: an entry, a pane, a home looked up."""

    def __init__(self) -> None:
        self._done = 0

    def add(self, work: int = 1) -> bool:
        """Count what was done; whether it is time to yield, which the caller then does."""
        self._done += work
        if self._done < TURN_WORK:
            return False
        self._done = 0
        return True

    def turns(self, steps: Iterable[int]) -> Iterator[None]:
        """Go through steps that tell what they cost, yielding where others have their turn."""
        for work in steps:
            if self.add(work):
                yield
