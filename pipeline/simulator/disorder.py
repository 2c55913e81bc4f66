"""How real systems misbehave: events that come late, come twice, are corrected, deleted or merged."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Disorder:
    """How often, as shares of all events or objects."""

    late: float = 0.04
    duplicated: float = 0.05
    corrected: float = 0.04
    deleted: float = 0.02
    merged: float = 0.02

    def delays_ms(self, random: Random) -> list[int]:
        """How long after it happened an event is sent: once for each time it is."""
        delays = [random.randint(5_000, 600_000) if random.random() < self.late else random.randint(0, 300)]
        while random.random() < self.duplicated:
            delays.append(delays[0] + random.randint(50, 60_000))
        return delays


ORDERLY = Disorder(0, 0, 0, 0, 0)
"""Systems that never misbehave."""
