"""The local calendar of a home, as the organisation has it now."""

from collections.abc import Iterable

from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.organisation.attendance import Attendance, attendance, comes_or_goes, employed
from pipeline.organisation.curves import Curves
from pipeline.organisation.goals import Below, Goals
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import ProrationRules, RulesOfTeam, shares
from pipeline.organisation.rep_days import RepDays
from pipeline.organisation.working_time import WorkingWeek
from pipeline.scores.prorated import NOTHING_PRORATED, Presence, Prorated, Prorations, prorated
from pipeline.scores.scoring import Scoring
from pipeline.scores.windows import PeriodRules, Window, calendar_windows

LONGEST_DAYS = 366
"""No period is longer."""


class HomeCalendar:
    """Days and periods by the name of a home.

    A team and its group have the team's own, a rep over all teams those of the team they belong to now, the company
    and everybody else the company's.
    """

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._rep_days = RepDays(organisation)

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

    def goals(self, home: str, day: int) -> Goals:
        """What is to be reached there in each period, as of a local day."""
        return self._organisation.goals(home, day)

    def curves(self, home: str) -> Curves:
        """How periods usually go there."""
        return self._organisation.curves(home)

    def goals_below(self, home: str, window: Window, day: int) -> Below | None:
        """What the targets of those directly below add up to on a day; they are who is there when the period ends."""
        end_ms = self.day_start_ms(home, window.last_day + 1)
        return self._organisation.goals_below(home, window.kind, window.first_day, end_ms - 1, day)

    def prorated(self, home: str, day: int) -> Prorations:
        """The periods of a rep's goals of a day in which less is due than was set; a team's are as they were set."""
        kind, _, rep = home.partition(":")
        if kind != "rep" or not comes_or_goes(self._organisation, rep):
            return NOTHING_PRORATED
        team = self._team(home)
        told, hours, zones = RulesOfTeam(self._organisation, team), self.hours(home), self.zone_rules(home)
        known: dict[ProrationRules, Presence] = {}
        found: dict[tuple[str, int], Prorated] = {}
        for (period, first_day), targets in self.goals(home, day).items():
            rules = told.on(first_day)
            if (presence := known.get(rules)) is None:
                presence = known[rules] = Presence(shares(self._organisation, rep, team, rules), hours, zones)
            span = self._span_ms(home, period, first_day, presence)
            if span is not None and presence.whole(*span) != presence.due(*span):
                due = {kpi: prorated(target, span, presence) for kpi, target in targets.items()}
                found[period, first_day] = Prorated(due, presence)
        return found

    def _span_ms(self, home: str, period: str, first_day: int, presence: Presence) -> tuple[int, int] | None:
        """When a period of goals begins and ends; None of one that is none, or in which surely all is due."""
        start_ms = self.day_start_ms(home, first_day)
        if presence.is_whole(start_ms, self.day_start_ms(home, first_day + LONGEST_DAYS)):
            return None
        windows = calendar_windows(first_day, self.period_rules(home))
        last = next((each.last_day for each in windows if (each.kind, each.first_day) == (period, first_day)), None)
        return None if last is None else (start_ms, self.day_start_ms(home, last + 1))

    def scoring(self, home: str) -> Scoring | None:
        """The activity scores of a team and its reps; None where nobody says how activities are weighed."""
        kind, _, team = home.partition(":")
        rules = self._organisation.scores.of(team) if kind == "team" else ()
        return Scoring(rules, lambda window: self._scored(home, team, window)) if rules else None

    def _scored(self, home: str, team: str, window: Window) -> frozenset[str]:
        """Those who belong to a team, and are employed, when a window ends."""
        end_ms = self.day_start_ms(home, window.last_day + 1) - 1
        members = self._organisation.members(team, end_ms)
        spans = ((rep, employed(self._organisation, rep, team)) for rep in members)
        return frozenset(rep for rep, (since_ms, until_ms) in spans if since_ms <= end_ms < until_ms)

    def hours(self, home: str) -> WorkingWeek | None:
        """The working hours there: the team's own, else the company's; None where neither has any."""
        return self._organisation.working_week(self._team(home))

    def attendance(self, home: str, rep: str, day: int) -> Attendance | None:
        """Whether a rep is at work on a local day there; None of whoever is unassigned."""
        return None if rep in ("", UNASSIGNED) else attendance(self._organisation, rep, self._team(home), day)

    def rep_days(self, home: str, first: int, last: int) -> int:
        """The days at work of all reps of a team or larger scope, in basis points of a day; on working days alone."""
        return self._rep_days.between(home, first, last)

    def reps_on(self, home: str, day: int) -> int:
        """The reps of a team or larger scope who are at work on a local day, in basis points of a rep."""
        return self._rep_days.on(home, day)

    def forget_reps(self, teams: Iterable[str] | None) -> None:
        """Called when others may be at work in these teams, or teams lie elsewhere in their tree; None is all."""
        self._rep_days.forget(teams)

    def _team(self, home: str) -> str:
        kind, _, name = home.partition(":")
        if kind == "rep":
            return self._organisation.team_of(name, self._organisation.now_ms) or COMPANY
        return name or COMPANY
