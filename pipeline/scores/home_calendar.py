"""The local calendar of a home, as the organisation has it now."""

from pipeline.measures import COMPANY
from pipeline.organisation.goals import Goals
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import WorkingWeek
from pipeline.scores.windows import PeriodRules


class HomeCalendar:
    """Days and periods by the name of a home.

    A team and its group have the team's own, a rep over all teams those of the team they belong to now, the company
    and everybody else the company's.
    """

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation

    def local_day(self, home: str, at_ms: int) -> int:
        """The ordinal of the local date there at an instant."""
        return self._organisation.local_day(self._team(home), at_ms)

    def day_start_ms(self, home: str, day: int) -> int:
        """The first instant of a local day there."""
        return self._organisation.day_start_ms(self._team(home), day)

    def period_rules(self, home: str) -> PeriodRules:
        """All that the weeks, quarters and years there follow from; weeks begin as the company's, everywhere."""
        return PeriodRules(self._organisation.fiscal_year_start(self._team(home)), self._organisation.week_starts)

    def zone_rules(self, home: str) -> tuple[tuple[int | None, str], ...]:
        """All that the local days there follow from."""
        return self._organisation.zone_rules(self._team(home))

    def goals(self, home: str) -> Goals:
        """What is to be reached there in each period."""
        return self._organisation.goals(home)

    def hours(self, home: str) -> WorkingWeek | None:
        """The working hours there: the team's own, else the company's; None where neither has any."""
        given = self._organisation.calendar(self._team(home))
        week = WorkingWeek.read(given) if given else None
        return week if week and any(week.hours) else None

    def _team(self, home: str) -> str:
        kind, _, name = home.partition(":")
        if kind == "rep":
            return self._organisation.team_of(name, self._organisation.now_ms) or COMPANY
        return name or COMPANY
