"""Cooperative yielding: long work is done in time slices, so that no other task waits long."""

import asyncio

from pipeline.clock import elapsed_seconds

TURN_SECONDS = 0.004
"""Short beside the intervals in which figures go out, long beside what a turn of the event loop costs."""


class TimeSlice:
    """Made where the work begins. A turn for each small piece would do too, but a busy loop takes long to come back."""

    def __init__(self, turn_seconds: float = TURN_SECONDS) -> None:
        self._turn_seconds = turn_seconds
        self._until = elapsed_seconds() + turn_seconds

    async def pause(self) -> None:
        """Called after each small piece: lets others have their turn, where the last one was long enough ago."""
        if elapsed_seconds() >= self._until:
            await asyncio.sleep(0)
            self._until = elapsed_seconds() + self._turn_seconds
