"""The days on which anybody is to work: the working days of a team, of a rep but for those that they are away."""

from pipeline.measures import COMPANY
from pipeline.organisation.attendance import attendance_in, away, comes_or_goes, employed
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import MONDAY_TO_FRIDAY, is_working_day


class DueDays:
    """The working days of a team or rep, as the organisation has them now: a rep's are those of their present team.

    Monday to Friday where nobody says. A rep is away on a day of which no moment is left between absences, or that is
    before the first day at work or after the last one. Asked as long as the organisation is the same.
    """

    def __init__(self, organisation: Organisation, home: str) -> None:
        kind, _, name = home.partition(":")
        self._organisation = organisation
        self._rep = name if kind == "rep" and comes_or_goes(organisation, name) else ""
        self._team = (organisation.team_of(name, organisation.now_ms) or COMPANY) if kind == "rep" else name
        self._week = organisation.working_week(self._team) or MONDAY_TO_FRIDAY
        if self._rep:
            self._employed = employed(organisation, self._rep, self._team)
            self._away = away(organisation, self._rep, self._team)

    def __contains__(self, day: int) -> bool:
        return is_working_day(self._week, day) and (not self._rep or self._is_there(day))

    def between(self, day: int, later: int) -> bool:
        """Whether any of them lies between two days."""
        return any(each in self for each in range(later - 1, day, -1))

    def _is_there(self, day: int) -> bool:
        span = self._organisation.day_start_ms(self._team, day), self._organisation.day_start_ms(self._team, day + 1)
        return attendance_in(span, self._employed, self._away) == "present"
