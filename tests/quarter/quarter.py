"""A quarter by its seed: what is appended when, and which alerts that has to open by when."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from tests.quarter.clocks import DAY, HOUR, MINUTE, Span, after, days_of, instant
from tests.quarter.company import FIRST, SIZES, WEEKS, Rep, Team, company
from tests.quarter.drops import TRICKLE, Drop, drops
from tests.quarter.events import Told, iso, told
from tests.quarter.feeds import Feeds
from tests.quarter.work import Rhythm, activities, given_up, times

LATE_LEADS = 25
MOST_LEADS = 20
MOST_UNKNOWN = 3
SLACK_MS = 5000
"""Ticks tell the time every few seconds."""


class Expected(NamedTuple):
    """An alert that has to open, no earlier and no later than these instants."""

    id: str
    earliest_ms: int
    latest_ms: int
    until_ms: int | None = None
    """When the silence that it is about ends."""


@dataclass
class Quarter:
    """All of one seed. `sizes` are the teams and their reps, `share` is how many of the drops there are."""

    seed: int
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    share: float = 1.0
    weeks: int = WEEKS
    drops: list[Drop] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    restart: Span = (0, 0)
    """When no broker takes anything: what happens meanwhile is appended right after."""
    outage: Span = (0, 0)
    """When no worker runs: sources go on, nobody tells the time."""

    def __post_init__(self) -> None:
        """Draw the company and what goes wrong."""
        self._random = Random(self.seed)
        self.days = days_of(FIRST, 7 * self.weeks)
        self.teams = company(self._random, self.days, self.sizes)
        self.drops = drops(self._random, self.teams, self.days, self.share)
        self._rhythms = {team.name: Rhythm(self._random, team, FIRST) for team in self.teams}
        self._last: dict[str, int] = {}
        self.feeds = Feeds(self.teams)
        quiet = self._quiet_days()
        at_ms = instant("UTC", quiet[0], "14:10")
        self.restart = at_ms, at_ms + 3 * MINUTE
        at_ms = instant("UTC", quiet[1], "13:20")
        self.outage = at_ms, at_ms + 40 * MINUTE

    def _quiet_days(self) -> list[date]:
        """Two working days on which nothing is seeded, in any zone."""
        busy = {date.fromordinal(drop.day.toordinal() + n) for drop in self.drops for n in (-1, 0, 1)}
        free = [day for day in self.days[7:] if day.weekday() < 5 and day not in busy]
        rest = [day for day in self.days[7:] if day.weekday() < 5]
        return self._random.sample(free, 2) if len(free) > 1 else self._random.sample(rest, 2)

    @property
    def start_ms(self) -> int:
        """When the organisation is told."""
        return instant("UTC", FIRST, "00:00") - DAY

    def organisation(self) -> Iterator[Told]:
        """Company, teams, reps and rules, as they are told at the start."""
        at_ms = self.start_ms

        def org(kind: str, name: str, **data: Any) -> Told:
            return told(kind, name, at_ms - 400 * DAY, at_ms, "hr", data)

        yield org("company", "company", time_zone="Europe/Berlin", currency="EUR")
        stages = [{"id": "new"}, {"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
        yield org("process", "default", stages=stages)
        weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        for team in self.teams:
            place = team.place
            calendar: dict[str, Any] = {
                day: [list(span) for span in spans] for day, spans in zip(weekdays, place.week, strict=True) if spans
            }
            if place.holidays:
                calendar["holidays"] = place.holidays
            yield org(
                "team", team.name, time_zone=place.zone, calendar=calendar, silence_minutes=team.style.silence_minutes
            )
            for rep in team.reps:
                hired = {} if rep.hired is None else {"hired_on": rep.hired.isoformat()}
                yield org("rep", rep.name, active=True, **hired)
                yield org("membership", rep.name, rep_id=rep.name, team_id=team.name)
            yield org("target", f"{team.name}-month", team_id=team.name, kpi="calls", period="month",
                      period_start="2026-05-01", value=100)  # fmt: skip
        yield org("alert_rule", "service", rule="service_level", limit_percent=55, least_count=5)
        yield org("alert_rule", "abandoned", rule="abandoned_calls", limit_percent=30, least_count=5)
        yield org("alert_rule", "leads", rule="waiting_leads", limit_count=MOST_LEADS)
        yield org("alert_rule", "stages", rule="stages_unknown", limit_count=MOST_UNKNOWN)
        yield org("alert_rule", "goals", rule="goal_at_risk", limit_percent=50)

    def events(self) -> Iterator[list[Told]]:
        """What is appended, day by day, in order; which alerts are expected is known once all was taken."""
        waiting: list[Told] = [*self._absences(), *self._one_offs(), *self._leaving()]
        for day in self.days:
            for team in self.teams:
                waiting += self._of(team, day)
            cut = instant("UTC", day, "19:00")
            waiting.sort(key=lambda each: each.at_ms)
            number = bisect_left(waiting, cut, key=lambda each: each.at_ms)
            yield self._appended(waiting[:number])
            waiting = waiting[number:]
        yield self._appended(waiting)
        self._mind_feeds()

    def _of(self, team: Team, day: date) -> list[Told]:
        random = self._random
        mine = [drop for drop in self.drops if drop.team is team and drop.from_ms < team.midnight_ms(day) + 2 * DAY]
        todays = [drop for drop in mine if drop.day == day or drop.leaves]
        found: list[Told] = []
        done: dict[str, list[int]] = {}
        for rep in team.reps:
            done[rep.name] = times(random, self._rhythms[team.name], team, rep, day, todays)
            found += activities(random, team, rep, done[rep.name], todays)
        found += given_up(random, team, day, todays)
        for drop in todays:
            if drop.day == day:
                found += self._happens(drop, done)
        self._last |= {name: when[-1] for name, when in done.items() if when}
        dead = [drop for drop in self.drops if drop.source and abs((drop.day - day).days) <= 1]
        return [each for each in found if not any(_lost(each, drop) for drop in dead)]

    def _appended(self, waiting: list[Told]) -> list[Told]:
        """What comes while no broker takes anything is appended right after."""
        start, end = self.restart
        moved = [each._replace(at_ms=end) if start <= each.at_ms < end else each for each in waiting]
        moved.sort(key=lambda each: each.at_ms)
        self.feeds.hear(moved)
        return moved

    def _mind_feeds(self) -> None:
        """What depends on the pauses of feeds, which are known at last: when they are missed, and what has to wait.

        A silence that is over before all feeds spoke again cannot be told from that of a feed.
        """
        teams = {team.name: team for team in self.teams}
        found = []
        for each in self.expected:
            team = teams[each.id.rpartition(":")[2].rpartition("@")[2]]
            latest_ms = self.feeds.sure_ms(team, each.latest_ms)
            if each.until_ms is None or latest_ms == each.latest_ms or latest_ms < each.until_ms:
                found.append(each._replace(latest_ms=latest_ms))
        self.expected = found
        for drop in self.drops:
            if drop.source:
                earliest_ms, latest_ms = self.feeds.missed_ms(drop.source, drop.from_ms)
                self.expected.append(
                    Expected(f"feed_silent:feed:{drop.source}", earliest_ms, latest_ms + MINUTE + SLACK_MS)
                )

    # What the organisation and others tell.

    def _absences(self) -> Iterator[Told]:
        """Most are told before, some in the morning of the first day."""
        for team in self.teams:
            for rep in team.reps:
                for day in sorted(rep.away):
                    at_ms = team.midnight_ms(day) - self._random.choice((2 * HOUR, 3 * DAY, 14 * DAY))
                    if self._random.random() < 0.2 and (spans := team.spans(day)):
                        at_ms = spans[0][0] + 8 * MINUTE
                    data = {"rep_id": rep.name, "kind": "vacation", "first_day": day.isoformat(),
                            "last_day": day.isoformat()}  # fmt: skip
                    at_ms = max(at_ms, self.start_ms + MINUTE)
                    yield told("absence", f"{rep.name}-{day}", at_ms, at_ms, "hr", data)

    def _leaving(self) -> Iterator[Told]:
        """Who leaves is told of a week before; where that is a drop of its own, when it has happened."""
        unexpected = {rep.name for drop in self.drops if drop.leaves for rep in drop.reps}
        for team in self.teams:
            for rep in team.reps:
                if rep.left is not None and rep.name not in unexpected:
                    at_ms = max(team.midnight_ms(rep.left) - 7 * DAY, self.start_ms + MINUTE)
                    yield told("rep", rep.name, at_ms, at_ms, "hr", {"left_on": rep.left.isoformat()})

    def _one_offs(self) -> Iterator[Told]:
        """A script that speaks once for a team, and an import of what happened weeks ago."""
        for number in range(4):
            team, day = self._random.choice(self.teams), self._random.choice(self.days[7:])
            at_ms = instant("UTC", day, "10:00") + self._random.randrange(8 * HOUR)
            data = {"rep_id": team.reps[0].name, "occurred_at": iso(at_ms), "kind": "note"}
            yield told("activity", f"fix-{number}", at_ms, at_ms, f"fix-script-{number}", data)
        day = self._random.choice(self.days[28:] or self.days)
        at_ms = instant("UTC", day, "09:30")
        for number in range(60):
            team = self._random.choice(self.teams)
            when = at_ms - self._random.randrange(2 * DAY, 25 * DAY)
            data = {"rep_id": self._random.choice(team.reps).name, "occurred_at": iso(when), "kind": "visit"}
            yield told("activity", f"old-{number}", when, at_ms + number * 20, "import", data)

    # What has to be told of each drop.

    def _happens(self, drop: Drop, done: dict[str, list[int]]) -> Iterator[Told]:
        """What else is told because of a drop; notes which alerts are expected."""
        team, at_ms, spans = drop.team, drop.from_ms, drop.team.spans(drop.day)
        limit = team.style.silence_minutes
        scope = f"team:{team.name}"
        if drop.rule == "silent_rep":
            (rep,) = drop.reps
            self._expect(f"silent_rep:rep:{rep.name}@{team.name}", self._silent_since(drop, rep, done), limit, drop)
            if drop.told_ms:
                yield self._why(drop, rep, drop.told_ms)
        elif drop.rule == "silent_reps":
            since = sorted(self._silent_since(drop, rep, done) for rep in drop.reps)
            working = sum(rep.works(drop.day) for rep in team.reps)
            many_ms = since[max(5, (working + 1) // 2) - 1]
            self._expect(f"silent_reps:{scope}", since[0], limit, drop, many_ms)
        elif drop.rule == "silent_team":
            since_ms = max(self._silent_since(drop, rep, done) for rep in team.reps if rep.works(drop.day))
            self._expect(f"silent_team:{scope}", since_ms, limit, drop)
        elif drop.rule in ("service_level", "abandoned_calls"):
            self.expected.append(Expected(f"{drop.rule}:{scope}", at_ms, at_ms + 37 * MINUTE + MINUTE + SLACK_MS))
        elif drop.rule == "below_usual":
            who = f"rep:{drop.reps[0].name}@{team.name}" if drop.left == TRICKLE else scope
            low_ms = after(spans, at_ms, HOUR)
            assert low_ms is not None
            latest_ms = low_ms + 30 * MINUTE if (late := after(spans, at_ms, 90 * MINUTE)) is None else late
            self.expected.append(Expected(f"below_usual:{who}", at_ms, latest_ms + MINUTE + SLACK_MS))
        elif drop.rule == "below_peers":
            who = f"rep:{drop.reps[0].name}@{team.name}"
            latest_ms = after(spans, spans[0][0], 120 * MINUTE) or spans[-1][1]
            self.expected.append(Expected(f"below_peers:{who}", spans[0][0], latest_ms + MINUTE + SLACK_MS))
        elif drop.rule == "goal_at_risk":
            data = {"team_id": team.name, "kpi": "calls", "period": "day", "period_start": drop.day.isoformat(),
                    "value": 100_000}  # fmt: skip
            told_ms = spans[0][0] - 5 * HOUR
            yield told("target", f"{team.name}-{drop.day}", told_ms, told_ms, "hr", data)
            total = sum(b - a for a, b in spans)
            risk_ms = after(spans, spans[0][0], total * 15 // 100) or 0
            self.expected.append(Expected(f"goal_at_risk:{scope}", risk_ms, risk_ms + 15 * MINUTE))
        elif drop.rule == "waiting_leads":
            yield from self._leads(drop)
        elif drop.rule == "stages_unknown":
            yield from self._deals(drop)

    def _silent_since(self, drop: Drop, rep: Rep, done: dict[str, list[int]]) -> int:
        """The end of the minute of the last activity before."""
        before = [at for at in done.get(rep.name, ()) if at < drop.from_ms]
        last_ms = before[-1] if before else self._last.get(rep.name, drop.team.midnight_ms(drop.day))
        return (last_ms // MINUTE + 1) * MINUTE

    def _expect(self, id_: str, since_ms: int, limit_minutes: int, drop: Drop, last_ms: int | None = None) -> None:
        """Silence: so many working minutes later, those of the day before included; `last_ms` is since when at last."""
        day_before = drop.day - timedelta(days=1)
        while not drop.team.spans(day_before):
            day_before -= timedelta(days=1)
        spans = [*drop.team.spans(day_before), *drop.team.spans(drop.day)]
        at_ms, by_ms = (after(spans, ms, limit_minutes * MINUTE) for ms in (since_ms, last_ms or since_ms))
        assert at_ms is not None, (id_, since_ms, drop)
        assert by_ms is not None, (id_, last_ms, drop)
        self.expected.append(Expected(id_, at_ms, by_ms + MINUTE + SLACK_MS, drop.until_ms))

    def _why(self, drop: Drop, rep: Rep, told_ms: int) -> Told:
        if drop.leaves:
            return told("rep", rep.name, told_ms, told_ms, "hr", {"active": False})
        day = drop.day.isoformat()
        data = {"rep_id": rep.name, "kind": "sick", "first_day": day, "last_day": day}
        return told("absence", f"{rep.name}-{day}-sick", told_ms, told_ms, "hr", data)

    def _leads(self, drop: Drop) -> Iterator[Told]:
        """More leads than a team lets wait come in within seconds; later somebody closes them."""
        reps = [rep for rep in drop.team.reps if rep.works(drop.day)]
        for number in range(LATE_LEADS):
            at_ms = drop.from_ms + 200 * number
            name, rep = f"{drop.team.name}-{drop.day}-{number}", self._random.choice(reps).name
            data = {"owner_id": rep, "created_at": iso(at_ms), "status": "open"}
            yield told("lead", name, at_ms, at_ms, "crm", data)
            yield told("lead", name, drop.until_ms, drop.until_ms, "crm", {"status": "disqualified"})
        over_ms = drop.from_ms + 200 * MOST_LEADS
        self.expected.append(Expected(f"waiting_leads:team:{drop.team.name}", over_ms, over_ms + MINUTE + SLACK_MS))

    def _deals(self, drop: Drop) -> Iterator[Told]:
        """Deals in a stage that no process declares; later they are in one that it does."""
        reps = [rep for rep in drop.team.reps if rep.works(drop.day)]
        for number in range(MOST_UNKNOWN + 2):
            name = f"{drop.team.name}-{drop.day}-{number}"
            data = {"owner_id": reps[0].name, "created_at": iso(drop.from_ms), "stage_id": "renamed"}
            yield told("deal", name, drop.from_ms, drop.from_ms, "crm", data)
            yield told("deal", name, drop.until_ms, drop.until_ms, "crm", {"stage_id": "new"})
        self.expected.append(Expected(f"stages_unknown:team:{drop.team.name}", drop.from_ms, drop.from_ms + 5 * MINUTE))


def _lost(each: Told, drop: Drop) -> bool:
    """Whether an event is never told, because its source was dead."""
    return drop.from_ms <= each.at_ms < drop.until_ms and each.source == drop.source
