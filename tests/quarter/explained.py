"""Alerts that nobody expected and that are true all the same: what else a drop makes go wrong."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from tests.quarter.clocks import DAY, HOUR, MINUTE, Span, after
from tests.quarter.drops import TRICKLE, Drop, sources
from tests.quarter.stages import Opened

BELOW = ("below_usual", "below_peers")
SILENT = ("silent_rep", "silent_reps")
QUEUE = ("service_level", "abandoned_calls")
AFTER_MS = 2 * HOUR
"""So long after a drop is over it may still be seen in the hours that are looked at."""
EVER_MS = 1 << 62


def _reps(drop: Drop) -> set[str]:
    return {f"rep:{rep.name}@{drop.team.name}" for rep in drop.reps}


def _team(drop: Drop) -> set[str]:
    return {f"team:{drop.team.name}"}


def _team_of_several(drop: Drop) -> set[str]:
    return _team(drop) if len(drop.reps) > 1 else set()


def _whoever_does_less(drop: Drop) -> set[str]:
    return _reps(drop) | _team_of_several(drop)


def _whoever_trickles(drop: Drop) -> set[str]:
    return _reps(drop) if drop.left == TRICKLE else set()


def _reps_and_team(drop: Drop) -> set[str]:
    return _reps(drop) | _team(drop)


def _feeds(drop: Drop) -> set[str]:
    return {f"feed:{source}" for source in sources(drop.team)}


def _until(drop: Drop) -> int:
    return min(drop.until_ms, drop.from_ms + DAY)


def _during(drop: Drop) -> Span:
    return drop.from_ms, _until(drop) + AFTER_MS


def _for_good(drop: Drop) -> Span:
    return drop.from_ms, EVER_MS


def _among_the_last_weeks(drop: Drop) -> Span:
    return drop.until_ms, drop.until_ms + 30 * DAY


def _before_the_others(drop: Drop) -> Span:
    return drop.from_ms, drop.from_ms + drop.team.style.silence_minutes * MINUTE


def _coming_back(drop: Drop) -> Span:
    """Until the team has worked on for two hours: at the end of a day that is the next morning it works."""
    days = (date.fromordinal(drop.day.toordinal() + number) for number in range(6))
    worked_on_ms = after([span for day in days for span in drop.team.spans(day)], _until(drop), AFTER_MS)
    return _until(drop), _until(drop) + AFTER_MS if worked_on_ms is None else worked_on_ms


def _until_they_are_back(drop: Drop) -> Span:
    return drop.from_ms, _coming_back(drop)[1]


class Explanation(NamedTuple):
    """Alerts of some rules that follow from drops of some kinds, or of any: of whom, and when."""

    why: str
    rules: tuple[str, ...]
    drops: tuple[str, ...]
    of: Callable[[Drop], set[str]]
    when: Callable[[Drop], Span]

    def holds(self, drop: Drop, opened: Opened) -> bool:
        """Whether it explains an alert by a drop."""
        rule, _, scope = opened.id.partition(":")
        if rule not in self.rules or (self.drops and drop.rule not in self.drops) or scope not in self.of(drop):
            return False
        begin, end = self.when(drop)
        return begin <= opened.opened_ms < end


EXPLANATIONS = (
    Explanation("a team that slows down has reps who do, and reps who are silent do less",
                BELOW, (), _whoever_does_less, _during),
    Explanation("who does next to nothing seems silent while a call is not over",
                ("silent_rep",), (), _whoever_trickles, _during),
    Explanation("one fell silent long before the others",
                ("silent_rep",), ("silent_reps",), _reps, _before_the_others),
    Explanation("they come back one after the other, be it the next morning",
                SILENT, ("silent_reps", "silent_team"), _reps_and_team, _coming_back),
    Explanation("of a team that falls silent one by one half may be told of first",
                ("silent_reps",), ("silent_team",), _reps_and_team, _until_they_are_back),
    Explanation("a feed that is heard from hardly anybody else cannot be told from a dead one",
                ("feed_silent",), ("silent_team",), _feeds, _during),
    Explanation("a call that is abandoned is one that nobody answered in time; both may waver as it ends",
                QUEUE, QUEUE, _team, _during),
    Explanation("of fewer who answer more calls are abandoned",
                QUEUE, (), _team_of_several, _during),
    Explanation("fewer deals that are won are fewer that go on",
                ("win_rate_dropped", "conversion_dropped"), ("win_rate_dropped",), _team, _for_good),
    Explanation("deals that stalled are seen to have stayed once they leave, as long as that is among the last weeks",
                ("prospects_stall",), ("deals_stalled",), _team, _among_the_last_weeks),
    Explanation("whatever goes badly puts a goal at risk",
                ("goal_at_risk",), (), _team, _during),
)  # fmt: skip


def explains(drop: Drop, opened: Opened) -> bool:
    """Whether an alert that was not expected is about what was seeded: of the same subject, and true."""
    return any(each.holds(drop, opened) for each in EXPLANATIONS)
