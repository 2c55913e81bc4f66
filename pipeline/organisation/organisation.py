"""What the organisation looks like: who belongs where and when, whose day it is, what money is worth."""

from collections.abc import Iterator, Mapping, MutableMapping
from copy import copy
from decimal import Decimal
from typing import Any

from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.organisation import days
from pipeline.organisation.alert_settings import AlertSettings
from pipeline.organisation.curves import NO_CURVES, CurveBook, Curves
from pipeline.organisation.effective import Memberships, Zones
from pipeline.organisation.goals import NO_GOALS, Below, GoalBook, Goals
from pipeline.organisation.identities import Identities
from pipeline.organisation.object_policies import ObjectPolicies
from pipeline.organisation.overlay import Groups, Overlay
from pipeline.organisation.processes import Process
from pipeline.organisation.rates import AskedRates, Rates, RateSpan
from pipeline.organisation.schedule import Schedule
from pipeline.organisation.score_rules import ScoreBook
from pipeline.organisation.special_days import SpecialDayBook, SpecialDays
from pipeline.organisation.weeks import MONDAYS, week_starts
from pipeline.organisation.working_time import WorkingWeek
from schemas.ids import kept_id

Record = dict[str, Any]
"""One merged record, by field name as in schemas/org.py; instants in ms, dates as ordinals, calendars as plain dicts.
A team has `time_zones` instead of its zone: a list of [first local day or None, zone], and the company `week_starts`
likewise, a list of [first local day or None, weekday]. A process has `editions`: a list
of [instant from which they hold, stages], in order."""


REMEMBERED_HOURS = 10_000
REMEMBERED_CELLS = 100_000
MOST_PLACES = 500
"""So many stages have a place, by process: ten of the longest processes, some 70 KB."""
_EVER, _NEVER = -1, 2**63


def is_there(record: Record | None) -> bool:
    """Whether there is what a record is of. Of a rep who was deleted there is a record, which says just that."""
    return record is not None and not record.get("deleted")


Book = GoalBook | CurveBook | AlertSettings | ScoreBook | SpecialDayBook
KnownCell = tuple[int, int, str, str, dict[int, int]]
"""From when until when a rep is in one place, that place (team, rep), and the local days of the team's hours."""


class Organisation:
    """Answers every question about the organisation, from copies of its records.

    Times are epoch ms, days proleptic ordinals of local dates. `currency` is what all money is given in: the
    company's, or the one given here where its record names none. `now_ms` only decides what holds *now* (`place_now`,
    `newest_rate`); whoever owns the instance moves it.

    Two organisations are compared as two values: `with_records` and `at` give another one, which shares with this one
    all that is the same in both. It holds as long as this one is not changed.
    """

    def __init__(self, currency: str, now_ms: int = 0, alert_settings: AlertSettings | None = None) -> None:
        self._default_currency = self.currency = currency
        self._records: Groups[str, Record] = Groups()
        self._memberships = Memberships()
        self.sharing: Mapping[str, int] = self._memberships.sharing
        """The reps whom several teams may share, at whatever time; see `shares_of`."""
        self._identities = Identities()
        self._rates = Rates()
        self._zones = Zones()
        self._children: Groups[str, bool] = Groups()
        self._processes: MutableMapping[str, Process] = {}
        self._goals = GoalBook()
        self._absences: Groups[str, Record] = Groups()
        self._curves = CurveBook()
        self._special_days = SpecialDayBook()
        self.scores = ScoreBook()
        """How activities are weighed."""
        self.policies = ObjectPolicies()
        """How much is told of an object, which ids stand for nobody, and which activities count."""
        self.alert_settings = alert_settings or AlertSettings()
        self.week_starts = MONDAYS
        """Which weekday local weeks begin on, from when on."""
        self.schedule = Schedule(now_ms)
        self.now_ms = now_ms
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._hours: dict[str, dict[int, int]] = {}
        """By team: the local days of hours that lie in one day."""
        self._cells: dict[str | None, KnownCell] = {}

    # Other organisations.

    def with_records(self, records: Mapping[str, Record | None]) -> "Organisation":
        """This organisation but for some records by key, None for without it. It costs what they concern."""
        found = self._over()
        for key, record in records.items():
            found.put(key, record)
        return found

    def at(self, now_ms: int) -> "Organisation":
        """This organisation at another time."""
        found = self._over()
        found.now_ms = now_ms
        return found

    def _over(self) -> "Organisation":
        found = copy(self)
        found._records = self._records.over()
        found._memberships = self._memberships.over()
        found.sharing = found._memberships.sharing
        found._identities = self._identities.over()
        found._rates = self._rates.over()
        found._zones = self._zones.over()
        found._children = self._children.over()
        found._processes = Overlay(self._processes)
        found._goals = self._goals.over()
        found._absences = self._absences.over()
        found.alert_settings = self.alert_settings.over()
        found._curves = self._curves.over()
        found._special_days = self._special_days.over()
        found.scores = self.scores.over()
        found.schedule = Schedule(self.now_ms)
        found._forget_everything()
        return found

    def asking(self) -> tuple["Organisation", AskedRates]:
        """This organisation, to be asked only, with the rates that note which of them were asked for."""
        found = copy(self)
        found._rates = asked = AskedRates(self._rates)
        return found, asked

    # Change.

    def put(self, key: str, record: Record | None) -> None:
        """Take in the present record of `team:north`, `rep:7`, …; None when it is gone. The record is not changed."""
        kind, _, name = key.partition(":")
        old = self._records.take(kind, name)
        if record is not None:
            self._records.put(kind, name, record)
        self._forget_answers(kind, name, old, record)
        if kind == "membership":
            self._memberships.put(name, old, record)
            self.schedule.membership(record)
            if record and record.get("rep_id"):
                self.schedule.team_end(record["rep_id"], self._end_ms(record.get("team_id") or ""))
        elif kind == "identity":
            self._identities.put(name, old, record)
            self.schedule.identity(record)
        elif kind == "absence":
            self._put_absence(name, old, record)
        elif kind == "rate":
            self._rates.put(name, old, record)
            self._schedule_rate(record)
        elif kind == "team":
            self._move(name, old, record)
        elif kind == "process":
            self._put_process(name, record)
        elif kind == "policy":
            self.policies = self.policies.put(name, record)
        elif kind == "company":
            self.currency = self.company.get("currency") or self._default_currency
            self._zones.company(self.company.get("time_zone"))
            self.week_starts = week_starts(self.company.get("week_starts") or ())
            for _, rate in self.records("rate"):
                self._schedule_rate(rate)
        elif (book := self._book(kind)) is not None:
            book.put(name, old, record)

    def _book(self, kind: str) -> Book | None:
        """What keeps the records of a kind that nothing else here depends on."""
        books: Mapping[str, Book] = {
            "target": self._goals, "curve": self._curves, "alert_rule": self.alert_settings, "score": self.scores,
            "special_day": self._special_days,
        }  # fmt: skip
        return books.get(kind)

    def _forget_answers(self, kind: str, name: str, old: Record | None, record: Record | None) -> None:
        if kind in ("team", "company"):
            self._forget_everything()
        elif kind == "rep":
            self._forget_cells_of(name)
        elif kind == "membership":
            for given in (old, record):
                self._forget_cells_of((given or {}).get("rep_id") or "")
        elif kind == "identity":
            for given in (old, record):
                self._cells.pop((given or {}).get("external_id") or "", None)

    def _forget_cells_of(self, rep: str) -> None:
        for named in (rep, *self.ids_of(rep)):
            self._cells.pop(named, None)

    def _schedule_rate(self, record: Record | None) -> None:
        if record is not None:
            self.schedule.rate(record, self.zone(COMPANY, None))

    def _move(self, team: str, old: Record | None, record: Record | None) -> None:
        if old and old.get("parent_id"):
            self._children.take(old["parent_id"], team)
        if record and record.get("parent_id"):
            self._children.put(record["parent_id"], team, True)
        self._zones.put(team, record.get("time_zones", []) if record else [])
        for rep in self._memberships.ever_in(team):
            self.schedule.team_end(rep, self._end_ms(team))

    def _put_absence(self, name: str, old: Record | None, record: Record | None) -> None:
        if old and old.get("rep_id"):
            self._absences.take(old["rep_id"], name)
        if record and record.get("rep_id"):
            self._absences.put(record["rep_id"], name, record)

    def _put_process(self, name: str, record: Record | None) -> None:
        self._processes.pop(name, None)
        if record and record.get("editions"):
            self._processes[name] = Process(name, record["editions"], implied=record.get("implied") is not False)
            self.schedule.process(name, record["editions"])

    # Records as they are.

    def get(self, key: str) -> Record | None:
        """The present record under a key; None where there is none."""
        kind, _, name = key.partition(":")
        return self._records.of(kind).get(name)

    def records(self, kind: str) -> Iterator[tuple[str, Record]]:
        """All records of a kind (`team`, `rep`, `target`, …) by id, sorted."""
        return iter(sorted(self._records.of(kind).items()))

    @property
    def company(self) -> Record:
        """The company's record; empty where there is none."""
        return self.get("company:company") or {}

    def fiscal_year_start(self, team: str) -> int:
        """The month in which the fiscal year of a team begins: its own, else the company's, else 1."""
        own = self.get(f"team:{team}") or {}
        return own.get("fiscal_year_start") or self.company.get("fiscal_year_start") or 1

    def calendar(self, team: str) -> Record | None:
        """A team's working calendar: its own, else the company's."""
        own = self.get(f"team:{team}") or {}
        return own.get("calendar") or self.company.get("calendar")

    def working_week(self, team: str) -> WorkingWeek | None:
        """The working hours of a team, without what its special days close; None where nobody says any."""
        given = self.calendar(team)
        if not given:
            return None
        week = WorkingWeek.read(given, self.special_days(team))
        return week if any(week.hours) else None

    def special_days(self, team: str) -> SpecialDays:
        """The days on which a team is closed, or open for some hours only; an unknown team's are those of all."""
        return self._special_days.of(team if self.knows_team(team) else COMPANY)

    def alert_note(self, alert_id: str) -> Record | None:
        """What people said of an alert, by its id; None where nobody did."""
        notes = self._records.of("alert")
        return notes.get(kept_id(alert_id)) if notes else None

    # Whom an id means.

    def rep_of(self, named: str, at_ms: int) -> str:
        """The rep whom events mean at an instant by an id that they name."""
        return self._identities.rep_of(named, at_ms)

    def reps_of(self, named: str) -> set[str]:
        """Everybody whom events mean at some time by an id that they name: the rep whose own it is, and others."""
        return self._identities.reps_of(named)

    def ids_of(self, rep: str) -> set[str]:
        """The ids by which events mean a rep at some time, but for the rep's own."""
        return self._identities.ids_of(rep)

    # Who belongs where. Of what counts, a rep is given by an id as events name it; all else asks for reps.

    def knows_rep(self, rep: str) -> bool:
        """Whether there is a record or a membership of a rep."""
        return is_there(self._records.of("rep").get(rep)) or self._memberships.knows(rep)

    def knows_team(self, team: str, at_ms: int | None = None) -> bool:
        """Whether there is a record of a team, and it has not ended at an instant."""
        end_ms = None if at_ms is None else self._end_ms(team)
        return team in self._records.of("team") and (end_ms is None or at_ms is None or at_ms < end_ms)

    def _end_ms(self, team: str) -> int | None:
        """When a team ended; None for one that did not."""
        end_ms: int | None = self._records.of("team").get(team, {}).get("ended_at")
        return end_ms

    def team_of(self, rep: str, at_ms: int) -> str | None:
        """The team a rep belonged to at an instant, where the organisation knows that team."""
        team = self._memberships.team_of(rep, at_ms)
        return team if team is not None and self.knows_team(team, at_ms) else None

    def place(self, named: str | None, at_ms: int) -> tuple[str, str]:
        """(team, rep) that something counts for; see docs/architecture.md for what is unknown."""
        return self._known(named, at_ms)[2:4]

    def place_of(self, rep: str, at_ms: int) -> tuple[str, str]:
        """The same of a rep, by the rep's own id."""
        if not self.knows_rep(rep):
            return UNASSIGNED, UNASSIGNED
        return self.team_of(rep, at_ms) or UNASSIGNED, rep

    def cell(self, named: str | None, at_ms: int) -> tuple[str, str, int, int]:
        """(team, rep, local day, minute) that what a rep did at an instant counts for: `place` and `local_day` at once.

        Asked for every event, so what holds around the last instant asked for is at hand: mostly it holds for this one.
        """
        _, _, team, shown, days_by_hour = self._known(named, at_ms)
        day = days_by_hour.get(at_ms // days.HOUR_MS)
        if day is None:
            day = self.local_day(team, at_ms)
        return team, shown, day, at_ms // days.MINUTE_MS

    def _known(self, named: str | None, at_ms: int) -> KnownCell:
        known = self._cells.get(named)
        return known if known is not None and known[0] <= at_ms < known[1] else self._cell_of(named, at_ms)

    def _cell_of(self, named: str | None, at_ms: int) -> KnownCell:
        since, until, rep = _EVER, None, named
        if named is not None and self._identities.told:
            since, until, rep = self._identities.span_of(named, at_ms)
        team, shown = (UNASSIGNED, "") if rep is None else self.place_of(rep, at_ms)
        begin, end = self._place_span(rep, at_ms) if rep is not None and shown == rep else (_EVER, None)
        begin = max(begin, since)
        end = until if end is None or (until is not None and until < end) else end
        if len(self._cells) >= REMEMBERED_CELLS:
            self._cells.clear()
        hours = self._hours.setdefault(team, {})
        known = self._cells[named] = begin, _NEVER if end is None else end, team, shown, hours
        return known

    def _place_span(self, rep: str, at_ms: int) -> tuple[int, int | None]:
        """From when on and until when the place of a rep at an instant is surely the same."""
        begin, end, team = self._memberships.span_of(rep, at_ms)
        over_ms = None if team is None else self._end_ms(team)
        if over_ms is None:
            return begin, end
        if over_ms <= at_ms:
            return max(begin, over_ms), end
        return begin, over_ms if end is None else min(end, over_ms)

    def place_now(self, named: str | None) -> tuple[str, str]:
        """(team, rep) that a standing figure counts for."""
        return self.place(named, self.now_ms)

    def place_until(self, named: str | None, at_ms: int) -> tuple[tuple[str, str], int | None]:
        """The place at an instant up to `now_ms`, and when it may be another one next; None: not up to `now_ms`."""
        known = self._known(named, at_ms)
        return known[2:4], known[1] if known[1] <= self.now_ms else None

    def members(self, team: str, at_ms: int) -> list[str]:
        """The reps that belong to a team at an instant, sorted; departed ones (`active` false) too.

        A team that is unknown, or has ended by then, has nobody.
        """
        if not self.knows_team(team, at_ms):
            return []
        return sorted(rep for rep in self._memberships.ever_in(team) if self._memberships.team_of(rep, at_ms) == team)

    def ever_in(self, team: str) -> set[str]:
        """Every rep with a membership in a team, whenever."""
        return self._memberships.ever_in(team)

    def teams_ever(self, rep: str) -> set[str]:
        """Every team that a rep has a membership in, whenever."""
        return self._memberships.ever_of(rep)

    def may_share(self, named: str | None) -> bool:
        """Whether several teams may share, at whatever time, whom an id means."""
        return bool(self.sharing) and named is not None and not self.sharing.keys().isdisjoint(self.reps_of(named))

    def shares_of(self, rep: str, at_ms: int) -> list[tuple[str, int]]:
        """The teams that share a rep at an instant, by team, each with its share; none of a rep who is in one."""
        return self._memberships.shares_of(rep, at_ms)

    def spans_in(self, rep: str, team: str) -> Iterator[tuple[int, int | None, int, int]]:
        """From when on and until when (None: for ever) a rep belongs to a team, and as which part of how many."""
        return self._memberships.spans_in(rep, team)

    def joined_ms(self, rep: str, team: str, at_ms: int) -> int | None:
        """When the latest membership of a rep in a team began that had by an instant; None where that is not known."""
        return self._memberships.joined_ms(rep, team, at_ms)

    def absences(self, rep: str) -> Mapping[str, Record]:
        """The absences of a rep by id, whenever."""
        return self._absences.of(rep)

    # The tree of teams, as it is now.

    def ancestors(self, team: str) -> tuple[str, ...]:
        """The known teams above a team, nearest first; a cycle ends where it closes."""
        above: list[str] = []
        record = self.get(f"team:{team}")
        while record and (parent := record.get("parent_id")) and parent != team and parent not in above:
            record = self.get(f"team:{parent}")
            if record is not None:
                above.append(parent)
        return tuple(above)

    def children(self, team: str) -> list[str]:
        """The known teams directly below a team, sorted."""
        return sorted(child for child in self._children.of(team) if child != team)

    def descendants(self, team: str) -> set[str]:
        """The known teams below a team, however far; in a cycle the team itself."""
        found: set[str] = set()
        ahead = [team]
        while ahead:
            below = self._children.of(ahead.pop()).keys() - found
            found |= below
            ahead += below
        return found

    # Whose day it is.

    def zone(self, team: str, day: int | None) -> str:
        """The IANA zone of a team on a local day; None: the latest known. Unknown teams have the company's."""
        return self._zones.on(team, day)

    def zone_rules(self, team: str) -> tuple[tuple[int | None, str], ...]:
        """All that a team's days follow from: zones, each with the first local day from which it holds."""
        return self._zones.rules(team)

    def local_day(self, team: str, at_ms: int) -> int:
        """The ordinal of a team's local date at an instant; `company` and unknown teams have the company's zone."""
        hours, hour = self._hours.setdefault(team, {}), at_ms // days.HOUR_MS
        day = hours.get(hour)
        if day is None:
            zone, last_day = self._zones.at(team, at_ms)
            whole = days.day_of_hour(zone, hour)
            day = days.local_day(zone, at_ms) if whole is None else whole
            day = day if last_day is None or day <= last_day else last_day
            if whole is not None and self._zones.holds_through(team, hour):
                if len(hours) >= REMEMBERED_HOURS:
                    hours.clear()
                hours[hour] = day
        return day

    def day_start_ms(self, team: str, day: int) -> int:
        """The first instant of a team's local day."""
        return days.midnight_ms(self._zones.on(team, day), day)

    # Goals.

    def goals(self, home: str, day: int) -> Goals:
        """What is to be reached in each period of a home, as of a local day; of a team with teams below its group's."""
        kind, _, name = home.partition(":")
        return NO_GOALS if kind == "team" and self.children(name) else self._goals.of(home, day)

    def curves(self, home: str) -> Curves:
        """By what curves it is told whether a home is in time, of whom there are goals there."""
        kind, _, name = home.partition(":")
        return NO_CURVES if kind == "team" and self.children(name) else self._curves.of(home)

    def goals_below(self, home: str, period: str, first_day: int, at_ms: int, day: int) -> Below | None:
        """What the targets of those directly below a home add up to on a day, for a period; None of a rep.

        Below a team are its members at an instant, below a group its teams, below the company the teams that have none
        above them.
        """
        kind, _, name = home.partition(":")
        if kind == "rep":
            return None
        if kind == "team":
            below = [f"rep:{rep}" for rep in self.members(name, at_ms)]
        else:
            teams = self.children(name) if kind == "group" else self._tops()
            below = [f"team:{team}" for team in teams if self.knows_team(team, at_ms)]
        return self._goals.added_up(below, period, first_day, day)

    def _tops(self) -> list[str]:
        return [team for team in self._records.of("team") if team != COMPANY and not self.ancestors(team)]

    # Money and processes.

    def rate(self, currency: str, day: int) -> Decimal | None:
        """What one unit of a currency is worth in the company's on a day; None where no rate is known."""
        return Decimal(1) if currency == self.currency else self._rates.on(currency, day)

    def newest_rate(self, currency: str) -> Decimal | None:
        """The rate of the company's day at `now_ms`."""
        return Decimal(1) if currency == self.currency else self._rates.at(currency, self.today)

    @property
    def today(self) -> int:
        """The company's day at `now_ms`."""
        return self.local_day(COMPANY, self.now_ms)

    def rate_span(self, record: Record) -> RateSpan | None:
        """The days for which one of the rates decides; None for one that says nothing."""
        return self._rates.span(record)

    def stage_places(self, most: int = MOST_PLACES) -> dict[str, int]:
        """The place of each stage in its process, from 0 on, by `<process>:<stage>`; of so many stages, by process."""
        found: dict[str, int] = {}
        for name, process in sorted(self._processes.items()):
            places = {f"{name}:{stage}": place for place, stage in enumerate(process.order[: most - len(found)])}
            found |= places
        return found

    def process(self, name: str) -> Process | None:
        """A sales process; None where it is not known or has no stages."""
        return self._processes.get(name)
