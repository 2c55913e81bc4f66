"""The exits from stages by day, as the panes of a scope hold them."""

from functools import lru_cache

from pipeline import measures as m
from pipeline.scores.cold_panes import measures_of
from pipeline.scores.panes import Panes
from pipeline.scores.stall import LOOKED_AT_DAYS, Exits

_DEALS, _ONWARD, _SPENT = range(3)
_SUMS = {m.STAGE_LEFT_ON: _ONWARD, m.STAGE_ONCE_MS: _SPENT, m.STAGE_LATEST_MS: _SPENT}
_SKETCHES = (m.STAGE_ONCE, m.STAGE_LATEST)
"""Of last visits: what they count are deals."""


def exits_before(panes: Panes, today: int) -> dict[str, Exits]:
    """The exits of all days before today that are looked at, by `<process>:<stage>`."""
    first = today - LOOKED_AT_DAYS
    found: dict[str, Exits] = {}
    for number in range(LOOKED_AT_DAYS):
        pane = panes.days.get(first + number)
        for name, amount in measures_of(pane).items() if pane else ():
            if told := _told(name):
                stage, of = told
                exits = found.get(stage)
                if exits is None:
                    exits = found[stage] = Exits(*([0] * LOOKED_AT_DAYS for _ in Exits._fields))
                exits[of][number] += amount  # type: ignore[index]
    return found


@lru_cache(maxsize=10_000)
def _told(name: str) -> tuple[str, int] | None:
    """The stage that a measure is of, and what it says of exits."""
    stem, colon, stage = name.partition(":")
    stem += colon
    if stem in _SKETCHES:
        return stage.rpartition("~")[0], _DEALS
    return (stage, _SUMS[stem]) if stem in _SUMS else None
