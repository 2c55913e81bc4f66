"""The rule of what usually comes and has not come for a day, while work goes on: a source tells it otherwise now."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.alerts.rule import LooksBack, Reason, TeamRule, the_team
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.measures import ACTIVITIES
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.working_time import LOOK_BACK_DAYS
from pipeline.scores.cold_panes import Measures, measures_of, sum_of
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.windows import ROLLING
from schemas.alerts import Kind

KIND: Kind = "sudden_zero"
KPIS = (
    "calls", "connected_calls", "emails", "meetings_set", "meetings_held", "offered", "leads_created",
    "deals_created", "won",
)  # fmt: skip
"""What is looked at, in this order: the first of them that is missing is told."""
USUAL_DAYS = 10
"""What came on each of so many working days is usual."""
MOST_WITHOUT = 3
"""So many days without it, today among them, may have gone by before it is told: a feed was missed, or it is late."""
LEAST_EXPECTED = 7
"""By the least of these days so many had to come: of counts that come by chance, one day in a thousand has none."""
WINDOW, MINUTES = ROLLING[-1]


class Done(NamedTuple):
    """How often something came in a day, and how many activities there were."""

    came: int
    activities: int


def expected(last: Done, days: Iterable[Done]) -> float | None:
    """How many had to come in the last 24 hours at least; None where some did, or where none is nothing unusual.

    `days` are the working days on which there were any activities, the latest first. By each of those on which it
    usually came there were so many for an activity.
    """
    if last.came > 0:
        return None
    usual: list[Done] = []
    for number, day in enumerate(days):
        if day.came > 0:
            usual.append(day)
        elif usual or number >= MOST_WITHOUT:
            return None
        if len(usual) == USUAL_DAYS:
            least = min(usual, key=lambda each: each.came / each.activities)
            return _expected(last, least) if _is_enough(last, usual) else None
    return None


def is_over(last: Done, days: Sequence[Done]) -> bool:
    """Whether it came again, or has not come on any of as many days: by then that is what is usual."""
    return last.came > 0 or (len(days) == USUAL_DAYS and not any(day.came > 0 for day in days))


def _is_enough(last: Done, usual: Iterable[Done]) -> bool:
    return all(day.came * last.activities >= LEAST_EXPECTED * day.activities for day in usual)


def _expected(last: Done, day: Done) -> float:
    return day.came * last.activities / day.activities


def _done(kpi: str, measures: Measures) -> Done:
    return Done(sum(measures.get(name, 0) for name in BY_NAME[kpi].numerator), measures.get(ACTIVITIES, 0))


def _last(team: WatchedTeam) -> Measures:
    *_, found = team.home.total.rolling(team.board.minute)
    return found


def _since_heard(team: WatchedTeam) -> Measures:
    """The same without the minutes before all feeds were heard: what was done while one was missed says nothing."""
    minutes, first = team.home.total.minutes, team.heard_ms // MINUTE_MS
    return sum_of(pane for minute, pane in minutes.items() if first <= minute <= team.board.minute)


def _days(team: WatchedTeam, kpi: str) -> Iterator[Done]:
    """Its working days of the last weeks on which there were any activities, the latest first."""
    panes = team.home.total.days
    for day in reversed(team.working.days(0, team.home.today)):
        if pane := panes.get(day):
            done = _done(kpi, measures_of(pane))
            if done.activities > 0:
                yield done


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    last, seen = _last(team), team.home.measures
    since_ms = (team.board.minute - MINUTES) * MINUTE_MS
    found = {kpi: _missing(team, kpi, last) for kpi in KPIS if not seen.isdisjoint(BY_NAME[kpi].numerator)}
    missing = {kpi: number for kpi, number in found.items() if number is not None}
    if missing and team.heard_ms > since_ms:
        heard = _since_heard(team)
        missing = {kpi: number for kpi, number in missing.items() if _missing(team, kpi, heard) is not None}
    return next((Reason(since_ms, 0, number, kpi, WINDOW) for kpi, number in missing.items()), None)


def _missing(team: WatchedTeam, kpi: str, last: Measures) -> float | None:
    done = _done(kpi, last)
    return None if done.came > 0 or not done.activities else expected(done, _days(team, kpi))


def _closes(team: WatchedTeam, _: str, reason: Reason) -> bool:
    assert reason.kpi is not None
    days = [day for _, day in zip(range(USUAL_DAYS), _days(team, reason.kpi), strict=False)]
    return is_over(_done(reason.kpi, _last(team)), days)


SUDDEN_ZERO = TeamRule(
    KIND, "none for a day of what usually comes", "occurrences", the_team, _opens, _closes,
    looks_back=LooksBack(days=LOOK_BACK_DAYS + 1, worked_days=USUAL_DAYS), version=2,
)  # fmt: skip
