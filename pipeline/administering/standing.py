"""What of the organisation held at an instant: the company, its teams as a tree, and who was in them. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.administering.export import day_of, fields_of
from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.organisation.attendance import is_employed, why_away
from pipeline.organisation.clock_times import DAY_MINUTES
from pipeline.organisation.goals import since_and_id
from pipeline.organisation.organisation import Organisation, is_there
from pipeline.organisation.weeks import DAYS
from pipeline.scores.windows import PeriodRules, calendar_windows
from schemas.teams import WorkingCalendar

Written = Callable[[str], str]
SHOWN_DAYS = 31
WEEKDAYS = tuple(WorkingCalendar.model_fields)[:DAYS]


@dataclass(slots=True)
class Team:
    """A team as it was, with those below it; reps who had left, were absent or to come are marked."""

    id: str
    zone: str
    own_zone: bool
    calendar: str
    silence_minutes: int | None
    special_days: list[dict[str, Any]] = field(default_factory=list)
    """From the day asked for on, those of the next 31 days."""
    reps: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    teams: "list[Team]" = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "id": self.id, "time_zone": self.zone, "calendar": self.calendar, "silence_minutes": self.silence_minutes,
            "special_days": self.special_days,
            "reps": self.reps, "targets": self.targets, "teams": [each.as_json() for each in self.teams],
        }  # fmt: skip


@dataclass(slots=True)
class Standing:
    """All of it."""

    company: dict[str, Any]
    teams: list[Team]
    without_team: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        teams = [each.as_json() for each in self.teams]
        return {"company": self.company, "teams": teams, "reps_without_team": self.without_team}


def standing_at(organisation: Organisation, written: Written, at_ms: int) -> Standing:
    """What held at an instant, by all that is known today. Parents, calendars and targets hold for all time."""
    return _Asking(organisation, written, at_ms).all()


class _Asking:
    def __init__(self, organisation: Organisation, written: Written, at_ms: int) -> None:
        self._organisation = organisation
        self._written = written
        self._at_ms = at_ms
        self._members: dict[str, list[str]] = {}
        for rep in self._reps():
            team, _ = organisation.place_of(rep, at_ms)
            self._members.setdefault(team, []).append(rep)
        self._told_goals: dict[tuple[str, str], list[dict[str, Any]]] = {}
        """By the field that says whose a target is, and the id in it: in the order in which they come to hold."""
        for _, record in sorted(organisation.records("target"), key=since_and_id):
            for field_ in ("team_id", "rep_id"):
                if (whose := record.get(field_)) is not None:
                    self._told_goals.setdefault((field_, whose), []).append(record)

    def all(self) -> Standing:
        teams = [name for name, _ in self._organisation.records("team") if self._is_there(name)]
        tops = [name for name in teams if not any(map(self._is_there, self._organisation.ancestors(name)))]
        shown: set[str] = set()
        found = [self._team(name, shown) for name in (*tops, *teams) if name not in shown]
        alone = [self._rep(rep) for rep in self._members.get(UNASSIGNED, ())]
        return Standing(self._company(), found, alone)

    def _reps(self) -> list[str]:
        known = {name for name, record in self._organisation.records("rep") if is_there(record)}
        told = {record["rep_id"] for _, record in self._organisation.records("membership") if record.get("rep_id")}
        return sorted(known | told)

    def _is_there(self, team: str) -> bool:
        return self._organisation.knows_team(team, self._at_ms)

    def _company(self) -> dict[str, Any]:
        asked = self._organisation
        company = asked.company
        week = max((day, weekday) for day, weekday in asked.week_starts if day <= self._day(COMPANY))[1]
        return {
            "time_zone": asked.zone(COMPANY, None), "currency": asked.currency,
            "fiscal_year_start": company.get("fiscal_year_start") or 1, "week_start": WEEKDAYS[week],
        }  # fmt: skip

    def _team(self, name: str, shown: set[str]) -> Team:
        shown.add(name)
        asked = self._organisation
        record, day = asked.get(f"team:{name}") or {}, self._day(name)
        found = Team(
            self._written(name),
            asked.zone(name, day),
            bool(record.get("time_zones")),
            hours(asked.calendar(name)),
            record.get("silence_minutes"),
            list(self._special_days(name, day)),
            [self._rep(rep) for rep in self._members.get(name, ())],
            list(self._targets("team_id", name, name)),
        )
        below = (each for each in asked.children(name) if self._is_there(each))
        found.teams = [self._team(each, shown) for each in below if each not in shown]
        return found

    def _rep(self, rep: str) -> dict[str, Any]:
        record = self._organisation.get(f"rep:{rep}") or {}
        team = self._organisation.place_of(rep, self._at_ms)[0]
        joined_ms = self._organisation.joined_ms(rep, team, self._at_ms)
        since = None if joined_ms is None else day_of(self._organisation.local_day(team, joined_ms))
        day = self._day(team)
        role = next((role for since_day, role in reversed(record.get("roles") or ()) if (since_day or 0) <= day), None)
        hired_on, left_on = (None if at is None else day_of(at) for at in map(record.get, ("hired_on", "left_on")))
        found = {
            "id": self._written(rep),
            "since": since,
            "active": is_employed(self._organisation, rep, team, self._at_ms),
            "is_to_come": (record.get("hired_on") or 0) > day,
            "hired_on": hired_on,
            "left_on": left_on,
            "role": role,
            "known_as": list(self._known_as(rep)),
            "country": record.get("country"),
            "absent": why_away(self._organisation, rep, team, self._at_ms),
        }
        return found | {"targets": list(self._targets("rep_id", rep, team))}

    def _known_as(self, rep: str) -> Iterator[str]:
        """The ids of other systems that mean the rep."""
        ids = sorted(self._organisation.ids_of(rep))
        yield from (self._written(each) for each in ids if self._organisation.rep_of(each, self._at_ms) == rep)

    def _special_days(self, team: str, today: int) -> Iterator[dict[str, Any]]:
        """The days on which a team is closed, or open for some hours only."""
        told = self._organisation.special_days(team)
        for day in range(today, today + SHOWN_DAYS):
            if (opening := told.on(day)) is not None:
                yield {"day": day_of(day), "open": hours_between(*opening)}

    def _targets(self, field_: str, name: str, team: str) -> Iterator[dict[str, Any]]:
        """The goals of the periods that a team is in, by KPI and period: those that the pipeline measures against."""
        rules = PeriodRules(self._organisation.fiscal_year_start(team), self._organisation.week_starts)
        today = self._day(team)
        begun = {window.kind: window.first_day for window in calendar_windows(today, rules)}
        held = {
            (record.get("kpi"), record.get("period")): record
            for record in self._told_goals.get((field_, name), ())
            if begun.get(str(record.get("period"))) == record.get("period_start", 0)
            and (record.get("effective_on") or 0) <= today
        }
        for _, record in sorted(held.items(), key=lambda each: str(each[0])):
            yield {k: v for k, v in fields_of("target", record, self._written).items() if k != field_}

    def _day(self, team: str) -> int:
        return self._organisation.local_day(team, self._at_ms)


def hours_between(first: int, end: int) -> str | None:
    """An opening in words; None where a team is closed all day. What ends on the next day does so without a word."""
    if first >= end:
        return None
    begins, ends = (f"{minute // 60 % 24:02}:{minute % 60:02}" for minute in (first, end))
    return f"from {begins}" if end == 2 * DAY_MINUTES else f"{begins}-{'24:00' if end == DAY_MINUTES else ends}"


def hours(calendar: Any) -> str:
    """A working calendar in one line: days of equal hours together."""
    if not calendar:
        return ""
    told = [(day, " ".join("-".join(each) for each in calendar.get(day) or ())) for day in WEEKDAYS]
    runs: list[tuple[str, str, str]] = []
    for day, said in told:
        if runs and runs[-1][2] == said:
            runs[-1] = (runs[-1][0], day, said)
        else:
            runs.append((day, day, said))
    parts = [
        f"{first[:3].title() if first == last else f'{first[:3].title()}-{last[:3].title()}'} {said}"
        for first, last, said in runs
        if said
    ]
    place = calendar.get("holidays")
    return ", ".join(parts) + (f", holidays of {place}" if place else "")
