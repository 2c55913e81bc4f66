"""Rules that hold what a team did of late beside its own past: 28 days beside the 152 before, all before today.

Today is not over, so what they judge by changes at midnight, and where something is told late or corrected. They look
at it once an hour, each team at a minute of its own.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from zlib import crc32

from pipeline import measures as m
from pipeline.alerts.rule import Reason, TeamRule, the_team
from pipeline.alerts.two_shares import Sample, is_lower
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.processes import UNDECLARED
from pipeline.scores.exit_days import exits_before
from pipeline.scores.stall import SPAN_DAYS, Exits
from schemas.alerts import Kind

USUAL_DAYS = 180
"""The days before today that are looked at; the last `SPAN_DAYS` of them are held beside the others."""
LEAST_RECENT, LEAST_BEFORE = 20, 60
"""Of fewer deals nothing is said."""
CHANCE, CHANCE_AGAIN = 0.001, 0.01
"""Among a thousand such spans one is as low by chance; of what is not among the lowest hundredth it is over."""
ASKED_EVERY_MINUTES = 60


class Lower(NamedTuple):
    """A share of late, and that of before; of a stage, or of all deals."""

    recent: Sample
    before: Sample
    stage: str | None = None

    def is_below(self, chance: float) -> bool:
        """Whether it fell by more than chance does, of samples that are large enough to say so."""
        enough = self.recent.all >= LEAST_RECENT and self.before.all >= LEAST_BEFORE
        return enough and is_lower(self.recent, self.before, chance)


def asked_now(team: WatchedTeam) -> bool:
    """Whether the minute of the hour has come at which a team is looked at."""
    own_ms = crc32(team.home.name.encode()) % ASKED_EVERY_MINUTES * MINUTE_MS
    hours = ((at_ms - own_ms) // (ASKED_EVERY_MINUTES * MINUTE_MS) for at_ms in (team.before_ms, team.judged_ms))
    return len(set(hours)) > 1


def exits(team: WatchedTeam) -> Mapping[str, Exits]:
    """What left the stages of a team on the days before today, by stage; formed once for all rules."""
    found = team.formed.get("exits")
    if not isinstance(found, dict):
        found = team.formed["exits"] = exits_before(team.home.total, team.home.today)
    return found


def share_dropped(kind: Kind, words: str, kpi: str, shares: Callable[[WatchedTeam], Iterable[Lower]]) -> TeamRule:
    """A rule that none of some shares of a team fell below its own past.

    It looks back for ever: what has opened stays so for months where a share neither recovers nor falls further.
    """

    def opens(team: WatchedTeam, _: str) -> Reason | None:
        if not asked_now(team):
            return None
        fallen = [lower for lower in shares(team) if lower.is_below(CHANCE)]
        if not fallen:
            return None
        worst = min(fallen, key=lambda lower: (lower.recent.share - lower.before.share, lower.stage))
        return Reason(since_ms(team), worst.recent.share, worst.before.share, kpi, f"{SPAN_DAYS}d", worst.stage)

    def closes(team: WatchedTeam, _: str, __: Reason) -> bool:
        return asked_now(team) and not any(lower.is_below(CHANCE_AGAIN) for lower in shares(team))

    return TeamRule(kind, words, "ratio", the_team, opens, closes, looks_back=None)


def won_and_lost(team: WatchedTeam) -> Iterable[Lower]:
    """Deals won of those closed."""
    first, cut, today = (team.home.today - days for days in (USUAL_DAYS, SPAN_DAYS, 0))
    sums = [team.home.total.between(*span)[0] for span in ((cut, today - 1), (first, cut - 1))]
    recent, before = (Sample(each.get(m.WON, 0), each.get(m.WON, 0) + each.get(m.LOST, 0)) for each in sums)
    return [Lower(recent, before)]


def gone_on(team: WatchedTeam) -> Iterable[Lower]:
    """Of each stage that its process declares, deals that went on of those that left it."""
    for stage, left in exits(team).items():
        if not stage.endswith(UNDECLARED):
            spans = slice(-SPAN_DAYS, None), slice(-USUAL_DAYS, -SPAN_DAYS)
            recent, before = (Sample(sum(left.onward[span]), sum(left.deals[span])) for span in spans)
            yield Lower(recent, before, stage)


def since_ms(team: WatchedTeam) -> int:
    """The beginning of the days of late."""
    return team.board.calendar.day_start_ms(team.home.name, team.home.today - SPAN_DAYS)
