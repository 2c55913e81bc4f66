"""What a ledger is told: what shapes its results, and how it works through them."""

from dataclasses import dataclass

from pipeline.kinds.kind import Retention
from pipeline.organisation.days import DAY_MS


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """What shapes the results of a ledger; all of it is in the state's fingerprint (`deployment_fingerprint.py`).

    `part_cells` is how many cells a part of facts has, `slice_objects` how many objects of an organisation change are
    worked on at a time. What is forgotten is known to be over for `pane_days`, as long as a day stays counted.
    `clock_ms`, `everywhere_ms`, `feed_ms` and `served_ms` are how often, in append time, facts tell the time, tell it
    to every partition, that a source is alive, and which teams it serves; an event older than `live_ms` when it is
    appended is history, and tells nothing of that. `swept_objects` are looked at on every tick, to collect what is
    forgotten. `jump_ms` is how far ahead of its own append time a control record may say that it began. Without
    `letter_bodies` dead letters hold nothing of what was refused. How much an
    object takes in, and which ids stand for nobody, the organisation says.
    """

    activity_days: int = 35
    closed_deal_days: int = 400
    pane_days: int = 800
    future_tolerance_ms: int = 300_000
    currency: str = "EUR"
    part_cells: int = 256
    slice_objects: int = 500
    clock_ms: int = 5_000
    feed_ms: int = 10_000
    served_ms: int = 3_600_000
    everywhere_ms: int = 60_000
    live_ms: int = 3_600_000
    swept_objects: int = 500
    jump_ms: int = 6 * 3_600_000
    letter_bodies: bool = True

    @property
    def retention(self) -> Retention:
        """How long objects are remembered, as their kinds ask for it."""
        return Retention(self.activity_days * DAY_MS, self.closed_deal_days * DAY_MS, self.pane_days)
