"""When source systems spoke: by when one that is dead has to be missed, and what waits while one is quiet."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from tests.quarter.clocks import MINUTE, Span, after, worked
from tests.quarter.company import Team
from tests.quarter.drops import sources
from tests.quarter.events import Told

LIMIT_MS = 10 * MINUTE
"""So long a feed may be silent beyond twice its usual pause."""
USUAL_DAYS = (5, 6)
"""By so many days of work a usual pause is known: today is one of six once the feed has spoken."""
RETURN_MS = MINUTE + 5000
EXACT_MS = 2 * MINUTE
"""By so much less a pause may be known: when a feed spoke is remembered to the minute."""


class Feeds:
    """All that was appended, by source."""

    def __init__(self, teams: Sequence[Team]) -> None:
        self._teams = teams
        self._heard: dict[str, list[int]] = defaultdict(list)

    def hear(self, appended: Iterable[Told]) -> None:
        """Called with what is appended, in order."""
        for each in appended:
            self._heard[each.source].append(each.at_ms)

    def missed_ms(self, source: str, dead_ms: int) -> Span:
        """From when on and by when at the latest a feed that is dead has to be missed by some team at work.

        That is ten minutes of work, and twice the longest pause of a usual day, after it spoke at last; the oddest day
        does not count.
        """
        heard = self._heard[source]
        last_ms = heard[bisect_left(heard, dead_ms) - 1]
        latest = []
        for team in self._teams:
            if source in sources(team):
                usual_ms = max(self._usual_pauses_ms(source, team, dead_ms))
                latest.append(after(_spans(team, last_ms, 3), last_ms, LIMIT_MS + 2 * usual_ms))
        return last_ms + LIMIT_MS, min(at_ms for at_ms in latest if at_ms is not None)

    def back_ms(self, team: Team, since_ms: int, at_ms: int) -> int:
        """When a feed of a team that may have been missed by anybody was back last, between two instants.

        What was silent while it was away counts from then on. The first of the instants where none was away.
        """
        back_ms = since_ms
        for source in sources(team):
            heard = self._heard[source]
            for number in range(max(1, bisect_right(heard, since_ms)), bisect_right(heard, at_ms)):
                quiet_ms, spoke_ms = heard[number - 1], heard[number]
                if spoke_ms - quiet_ms >= LIMIT_MS and self._may_be_missed(source, quiet_ms, spoke_ms):
                    back_ms = max(back_ms, spoke_ms + RETURN_MS)
        return back_ms

    def _may_be_missed(self, source: str, quiet_ms: int, spoke_ms: int) -> bool:
        for team in self._teams:
            if source in sources(team):
                usual_ms = max(0, min(self._usual_pauses_ms(source, team, quiet_ms)) - EXACT_MS)
                if worked(_spans(team, quiet_ms, 3), quiet_ms, spoke_ms) >= LIMIT_MS + 2 * usual_ms:
                    return True
        return False

    def sure_ms(self, team: Team, at_ms: int) -> int:
        """The first instant from another on at which no feed of a team has been quiet for long.

        Nobody is told of a team while one is: it may be dead.
        """
        found = at_ms
        while (quiet_ms := max(self._back_ms(source, team, found) for source in sources(team))) > found:
            found = quiet_ms + RETURN_MS
        return found

    def _back_ms(self, source: str, team: Team, at_ms: int) -> int:
        """When a feed that is quiet at an instant speaks again; 0 of one that is not."""
        heard = self._heard[source]
        number = bisect_right(heard, at_ms)
        if number in (0, len(heard)):
            return 0
        quiet_ms = after(_spans(team, heard[number - 1], 5), heard[number - 1], LIMIT_MS)
        return heard[number] if quiet_ms is not None and quiet_ms <= at_ms else 0

    def _usual_pauses_ms(self, source: str, team: Team, dead_ms: int) -> list[int]:
        """By each number of days that may count."""
        today = _day(dead_ms)
        before = [day for n in range(30, 0, -1) if team.spans(day := today - timedelta(days=n))]
        longest = [self._longest_ms(source, team, day) for day in before[-max(USUAL_DAYS) :]]
        return [sorted(longest[-count:])[-2 if len(longest) > 2 else -1] for count in USUAL_DAYS]

    def _longest_ms(self, source: str, team: Team, day: date) -> int:
        """The longest pause that touches the work of a day."""
        heard, spans = self._heard[source], team.spans(day)
        first, last = bisect_right(heard, spans[0][0]) - 1, bisect_left(heard, spans[-1][1])
        touching = heard[max(first, 0) : last + 1]
        around = _spans(team, spans[0][0], 4)
        return max((worked(around, a, b) for a, b in pairwise(touching)), default=0)


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


def _spans(team: Team, at_ms: int, days: int) -> list[Span]:
    """What a team works from a week before an instant until some days after it."""
    first = _day(at_ms) - timedelta(days=7)
    return [span for number in range(7 + days + 1) for span in team.spans(first + timedelta(days=number))]
