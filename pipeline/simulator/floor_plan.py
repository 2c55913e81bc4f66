"""The sales floor that is simulated: its teams, reps and process, and the organisation events that introduce them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

STAGES = ("discovery", "qualified", "proposal", "negotiation")
STALLING = STAGES.index("proposal")
"""Where prospects have stalled of late, by its place among the stages."""
WON, LOST = "won", "lost"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
OFFICE_HOURS = [["09:00", "12:30"], ["13:00", "17:30"]]
ALWAYS = [["00:00", "24:00"]]
BOOKED_MINOR = 4_000_000
"""What a rep is to win in a month."""


@dataclass(frozen=True, slots=True)
class Team:
    """One team; without reps it is there for its child teams. `inbound` teams answer a queue around the clock."""

    id: str
    zone: str
    reps: int = 0
    parent: str | None = None
    currency: str = "EUR"
    holidays: str | None = None
    inbound: bool = False

    @property
    def calendar(self) -> dict[str, Any]:
        """When it works."""
        if self.inbound:
            return dict.fromkeys((*WEEKDAYS, "saturday", "sunday"), ALWAYS)
        hours: dict[str, Any] = dict.fromkeys(WEEKDAYS, OFFICE_HOURS)
        return {**hours, "holidays": self.holidays} if self.holidays else hours


@dataclass(frozen=True, slots=True)
class Absence:
    """A rep who is away, by number through the company: so many days ago until so many days ahead; None for no end."""

    rep: int
    kind: str
    days_ago: int
    days_ahead: int | None


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A team that closes early on the next weekday after today."""

    team: str
    open_until: str


@dataclass(frozen=True, slots=True)
class Floor:
    """A whole company."""

    teams: tuple[Team, ...]
    currency: str = "EUR"
    rates: tuple[tuple[str, str], ...] = (("USD", "0.92"), ("GBP", "1.17"))
    absences: tuple[Absence, ...] = ()
    half_days: tuple[HalfDay, ...] = ()
    scored: bool = False
    """Whether activities are weighed."""

    def members(self) -> list[tuple[str, Team]]:
        """Every rep with the team it starts in, numbered through the company."""
        working = [team for team in self.teams for _ in range(team.reps)]
        return [(f"rep-{number:02d}", team) for number, team in enumerate(working, 1)]

    def absent(self) -> frozenset[str]:
        """The reps who are away today."""
        return frozenset(f"rep-{absence.rep:02d}" for absence in self.absences)


DEMO_FLOOR = Floor(
    (
        Team("emea", "Europe/Berlin"),
        Team("americas", "America/New_York"),
        Team("apac", "Asia/Singapore"),
        Team("berlin", "Europe/Berlin", 6, "emea", holidays="DE-BE"),
        Team("london", "Europe/London", 5, "emea", "GBP", "GB"),
        Team("hotline", "Europe/Berlin", 4, "emea", inbound=True),
        Team("new-york", "America/New_York", 6, "americas", "USD", "US-NY"),
        Team("los-angeles", "America/Los_Angeles", 5, "americas", "USD", "US-CA"),
        Team("singapore", "Asia/Singapore", 4, "apac", "USD", "SG"),
    ),
    absences=(Absence(3, "vacation", 2, 8), Absence(14, "sick", 1, None)),
    half_days=(HalfDay("london", "12:30"),),
    scored=True,
)
SYNTHETIC = {"period": "month", "source_name": "Made up for this simulation: no survey, no industry"}
ELSEWHERE: dict[str, dict[str, str]] = {
    "win_rate": {"median": "0.25", "lower_quartile": "0.2", "upper_quartile": "0.35"},
    "connect_rate": {"median": "0.4"},
}
"""What is said to be usual elsewhere, by KPI."""
WEIGHTS: list[dict[str, Any]] = [
    {"kpi": "dials", "points": 1, "at_most": 40}, {"kpi": "emails", "points": 1, "at_most": 20},
    {"kpi": "meetings_held", "points": 10},
]  # fmt: skip
"""What activities of a day are worth on the demo's floor; a rep is to have 60 points."""

AHEAD = timedelta(days=2)
"""A floor begins hours ago, goes on over midnight, and somewhere it is tomorrow: all is planned so far ahead."""

Change = tuple[str, dict[str, Any]]
"""A subject and its data."""


def organisation(floor: Floor, today: date) -> list[Change]:
    """What introduces the floor: company, rates, process, teams, reps, absences, half days, goals, contests, cost."""
    company = {"time_zone": "Europe/Berlin", "currency": floor.currency, "fiscal_year_start": 1}
    stages: list[dict[str, Any]] = [{"id": stage, "qualified": stage != STAGES[0]} for stage in STAGES]
    stages += [{"id": WON, "kind": "won"}, {"id": LOST, "kind": "lost"}]
    changes: list[Change] = [("company:company", company), ("process:default", {"stages": stages})]
    changes += [
        (f"rate:{currency}", {"currency": currency, "effective_on": "2020-01-01", "rate": rate})
        for currency, rate in floor.rates
    ]
    changes += [(f"team:{team.id}", _team(team)) for team in floor.teams]
    for rep, team in floor.members():
        changes += [
            (f"rep:{rep}", {"active": True}),
            (f"membership:{rep}", {"rep_id": rep, "team_id": team.id}),
        ]
    current = list(dict.fromkeys([_month(today + AHEAD, 0), _month(today, 0)]))
    months = [*current, _month(today, 1), _month(today, 2)]
    quarters = dict.fromkeys(_quarter_start(first) for first, _ in current)
    changes += [change for team in floor.teams if team.reps for change in _plans(team, months)]
    changes += [_quarter_goal(team, first) for first in quarters for team in floor.teams if team.reps]
    whole = sum(team.reps for team in floor.teams) * BOOKED_MINOR
    changes += [_booking_goal("company", month, team_id="company", value=whole) for month in current]
    changes += _contests([team.id for team in floor.teams if team.reps], months[:-1], today)
    changes += [_absence(absence, today) for absence in floor.absences]
    changes += [_half_day(half_day, today) for half_day in floor.half_days]
    if floor.absences:
        changes.append(("proration:absences", {"prorate_absence": True}))
    if floor.scored:
        changes.append(("score:day", {"period": "day", "target": 60, "weights": WEIGHTS}))
        changes += [(f"benchmark:{kpi}", {"kpi": kpi, **SYNTHETIC, **said}) for kpi, said in ELSEWHERE.items()]
    return changes + [
        _booking_goal(rep, month, rep_id=rep, value=BOOKED_MINOR) for month in current for rep, _ in floor.members()
    ]


def introduced_at(today: date) -> datetime:
    """The event time of the organisation: long before anything happens on the floor."""
    return datetime(today.year - 2, 1, 1, tzinfo=UTC)


def _team(team: Team) -> dict[str, Any]:
    data: dict[str, Any] = {"time_zone": team.zone, "calendar": team.calendar}
    data["silence_minutes"] = 1 if team.inbound else 5
    return {**data, "parent_id": team.parent} if team.parent else data


def _absence(absence: Absence, today: date) -> Change:
    data: dict[str, Any] = {"rep_id": f"rep-{absence.rep:02d}", "kind": absence.kind}
    data["first_day"] = (today - timedelta(days=absence.days_ago)).isoformat()
    if absence.days_ahead is not None:
        data["last_day"] = (today + timedelta(days=absence.days_ahead)).isoformat()
    return f"absence:{data['rep_id']}", data


def _half_day(half_day: HalfDay, today: date) -> Change:
    day = today + timedelta(days=1)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    data = {"team_id": half_day.team, "day": day.isoformat(), "open_until": half_day.open_until}
    return f"special_day:{half_day.team}-{day}", data


def _month(today: date, back: int) -> tuple[date, date]:
    first = today.replace(day=1)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _booking_goal(name: str, month: tuple[date, date], **whose: Any) -> Change:
    goal = {"kpi": "bookings", "period": "month", "period_start": month[0].isoformat()}
    return f"target:{name}-{month[0]:%Y-%m}", {**goal, **whose}


def _contests(teams: list[str], months: list[tuple[date, date]], today: date) -> list[Change]:
    """Who dials most this week, which team books most in each of the months; and what is recognised."""
    changes: list[Change] = []
    for monday in dict.fromkeys(day - timedelta(day.weekday()) for day in (today, today + AHEAD)):
        dials = {"title": "Dials of the week", "kpi": "dials", "team_ids": teams}
        week = {"first_day": monday.isoformat(), "last_day": (monday + timedelta(6)).isoformat()}
        changes.append((f"contest:dials-{monday}", {**dials, **week, "settlement_hours": 24}))
    for first, last in months:
        booked = {"title": f"Bookings of {first:%B}", "kpi": "bookings", "among": "teams", "team_ids": teams}
        month = {"first_day": first.isoformat(), "last_day": last.isoformat()}
        changes.append((f"contest:bookings-{first:%Y-%m}", {**booked, **month}))
    best = {"best": ["day", "week", "month"]}
    changes.append(("recognition:dials", {"kpi": "dials", **best, "milestones": [100, 1000], "streaks": [10]}))
    changes.append(("recognition:won", {"kpi": "won", "milestones": [1, 10, 50]}))
    changes.append(("recognition:team-bookings", {"whose": "teams", "kpi": "bookings", **best}))
    return changes


def _quarter_start(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _quarter_goal(team: Team, first: date) -> Change:
    goal = {"team_id": team.id, "kpi": "bookings", "period": "quarter", "period_start": first.isoformat()}
    return f"target:{team.id}-{first:%Y-%m}-quarter", {**goal, "value": 3 * team.reps * BOOKED_MINOR}


def _plans(team: Team, months: list[tuple[date, date]]) -> list[Change]:
    """A bookings target and the sales and marketing cost of each month."""
    plans: list[Change] = []
    for first, last in months:
        name = f"{team.id}-{first:%Y-%m}"
        plans.append(_booking_goal(team.id, (first, last), team_id=team.id, value=team.reps * BOOKED_MINOR))
        cost = {"team_id": team.id, "amount_minor": team.reps * 900_000, "currency": team.currency}
        period = {"period_start": first.isoformat(), "period_end": last.isoformat(), "category": "salaries"}
        plans.append((f"cost:{name}", {**cost, **period}))
    return plans
