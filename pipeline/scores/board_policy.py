"""How a board is kept: how long panes live, when windows are final."""

from dataclasses import dataclass, field

from pipeline.organisation.days import DAY_MS, HOUR_MS
from pipeline.scores.chosen import Chosen


@dataclass(frozen=True, slots=True)
class BoardPolicy:
    """How long panes are kept, when a window is final, the currency of all money, and what is published.

    Activities are remembered for `activity_days`: until then they move with their rep or team. An open deal is stalled
    once nobody was in touch with it for `stalled_days` working days.
    """

    minute_pane_hours: int = 26
    day_pane_days: int = 800
    finality_hours: int = 24
    activity_days: int = 35
    stalled_days: int = 10
    currency: str = "EUR"
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def finality_ms(self) -> int:
        """How long after its end a window is final."""
        return self.finality_hours * HOUR_MS

    @property
    def activity_ms(self) -> int:
        """How long after their time activities are remembered."""
        return self.activity_days * DAY_MS
