"""Who called teams with a queue, and gave up: what chance makes of it is no false alarm."""

import json
from collections import defaultdict
from collections.abc import Iterable

from tests.quarter.clocks import MINUTE
from tests.quarter.events import Told, instant_of
from tests.quarter.standing import GIVEN_UP
from tests.quarter.work import QUARTER


class Callers:
    """All inbound calls by team: when they came, when they were told, and whether they were given up.

    Of a call that is answered it is told once it is over, of one that is given up sooner.
    """

    def __init__(self) -> None:
        self._calls: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)

    def hear(self, team: str, told: Iterable[Told]) -> None:
        """Called with what is told of a team."""
        for each in told:
            if each.topic == "telephony.events":
                data = json.loads(each.value)["data"]
                if data["direction"] == "inbound":
                    began_ms, over = instant_of(data["started_at"]), data["outcome"] == "abandoned"
                    self._calls[team].append((began_ms, each.at_ms, over))

    def gave_up(self, team: str, at_ms: int) -> bool:
        """Whether more gave up than may in two quarters of an hour, one after the other, of what was told by then."""
        end_ms = at_ms // MINUTE * MINUTE
        return self._many(team, end_ms, at_ms) and self._many(team, end_ms - QUARTER, at_ms)

    def _many(self, team: str, end_ms: int, told_ms: int) -> bool:
        within = [
            over
            for began_ms, at_ms, over in self._calls[team]
            if end_ms - QUARTER <= began_ms < end_ms and at_ms <= told_ms
        ]
        too_many = 100 * sum(within) > GIVEN_UP["limit_percent"] * len(within)
        return too_many and len(within) >= GIVEN_UP["least_count"]
