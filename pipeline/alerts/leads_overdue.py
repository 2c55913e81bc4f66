"""The rule of leads that nobody has tried for too long: the oldest of them has waited more working days than may be."""

from pipeline import measures as m
from pipeline.alerts.rule import Reason, TeamRule, the_team
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.organisation.working_time import MONDAY_TO_FRIDAY, WorkingWeek, is_working_day
from pipeline.scores.by_day import as_of_today
from schemas.alerts import Kind

KIND: Kind = "leads_overdue"
MOST_DAYS = 366
"""Of a lead that has waited for longer, so many days are looked at."""


def days_waited(week: WorkingWeek, created: int, today: int) -> int:
    """How many working days have begun since the day on which a lead came in, today among them; itself is none."""
    return sum(is_working_day(week, day) for day in range(max(created + 1, today - MOST_DAYS + 1), today + 1))


def _oldest(team: WatchedTeam) -> int | None:
    """The day on which the lead came in that has waited longest; None where none waits."""
    today = team.home.today
    waited = as_of_today(team.home.total.all_standing(), today, 0).get(m.LEADS_WAITING_SINCE)
    return None if waited is None else today - waited


def _waited(team: WatchedTeam, created: int) -> int:
    return days_waited(team.home.hours or MONDAY_TO_FRIDAY, created, team.home.today)


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    limit: int = team.setting(KIND, "limit_days")
    created = _oldest(team)
    if created is None or (waited := _waited(team, created)) <= limit:
        return None
    since_ms = team.board.calendar.day_start_ms(team.home.name, created)
    return Reason(since_ms, waited, limit, "leads_waiting_oldest", "now")


def _closes(team: WatchedTeam, _: str, __: Reason) -> bool:
    created = _oldest(team)
    return created is None or _waited(team, created) <= team.setting(KIND, "limit_days")


LEADS_OVERDUE = TeamRule(
    KIND, "a lead waits too long for a first try", "working_days", the_team, _opens, _closes, needs="limit_days",
    looks_back=None,
)  # fmt: skip
