"""A quarter by its seed: what is appended when, and which alerts that has to open by when."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from tests.quarter.callers import Callers
from tests.quarter.clocks import DAY, HOUR, MINUTE, Span, after, days_of, instant
from tests.quarter.company import FIRST, SIZES, WEEKS, Rep, Team, company
from tests.quarter.deals import STYLE, deals, seen_on
from tests.quarter.drops import TRICKLE, Drop, drops
from tests.quarter.events import Told, iso, told
from tests.quarter.exits import Exits
from tests.quarter.feeds import Feeds
from tests.quarter.stalls import STYLE as STALLING
from tests.quarter.stalls import stalls, staying, told_on
from tests.quarter.standing import LIMITS, LONER, SLACK_MS, seeded
from tests.quarter.work import Rhythm, activities, given_up, times

KEPT_MS = 26 * HOUR
"""So long it is known at which minute somebody was active; of longer ago, on which local day."""


class Silence(NamedTuple):
    """What an alert of silence is about: from when on it counts at last, what is let pass, and when it is over."""

    since_ms: int
    limit_ms: int
    until_ms: int


class Expected(NamedTuple):
    """An alert that has to open, no earlier and no later than these instants."""

    id: str
    earliest_ms: int
    latest_ms: int
    silence: Silence | None = None
    may_be_hidden: bool = False
    """Whether the silence may be over before it can be told from that of a feed: it may be told or not."""


@dataclass
class Quarter:
    """All of one seed. `sizes` are the teams and their reps, `share` is how many of the drops there are."""

    seed: int
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    share: float = 1.0
    weeks: int = WEEKS
    first: date = FIRST
    drops: list[Drop] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    restart: Span = (0, 0)
    """When no broker takes anything: what happens meanwhile is appended right after."""
    outage: Span = (0, 0)
    """When no worker runs: sources go on, nobody tells the time."""

    def __post_init__(self) -> None:
        """Draw the company and what goes wrong."""
        self._random = Random(self.seed)
        self.days = days_of(self.first, 7 * self.weeks)
        self.teams = company(self._random, self.days, self.sizes)
        self.drops = drops(self._random, self.teams, self.days, self.share)
        self._rhythms = {team.name: Rhythm(self._random, team, self.first) for team in self.teams}
        self._last: dict[str, int] = {}
        self.callers = Callers()
        self.feeds = Feeds(self.teams)
        self.exits = Exits(self.teams)
        quiet = self._quiet_days()
        at_ms = instant("UTC", quiet[0], "14:10")
        self.restart = at_ms, at_ms + 3 * MINUTE
        at_ms = instant("UTC", quiet[1], "13:20")
        self.outage = at_ms, at_ms + 40 * MINUTE
        self._stalls = Random(f"{self.seed} stalls")
        self.drops += stalls(self._stalls, self.teams, self.days, self.share)

    def _quiet_days(self) -> list[date]:
        """Two working days on which nothing is seeded, in any zone."""
        busy = {date.fromordinal(drop.day.toordinal() + n) for drop in self.drops for n in (-1, 0, 1)}
        free = [day for day in self.days[7:] if day.weekday() < 5 and day not in busy]
        rest = [day for day in self.days[7:] if day.weekday() < 5]
        return self._random.sample(free, 2) if len(free) > 1 else self._random.sample(rest, 2)

    @property
    def start_ms(self) -> int:
        """When the organisation is told."""
        return instant("UTC", self.first, "00:00") - DAY

    def organisation(self) -> Iterator[Told]:
        """Company, teams, reps and rules, as they are told at the start."""
        at_ms = self.start_ms

        def org(kind: str, name: str, **data: Any) -> Told:
            return told(kind, name, at_ms - 400 * DAY, at_ms, "hr", data)

        yield org("company", "company", time_zone="Europe/Berlin", currency="EUR")
        stages = [{"id": "new"}, {"id": "offer"}, {"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
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
        for team in self.teams[:2]:
            yield org("target", f"{team.name}-month", team_id=team.name, kpi="calls", period="month",
                      period_start="2026-05-01", value=100)  # fmt: skip
        yield org("rep", LONER, active=True)
        for limits in LIMITS:
            yield org("alert_rule", limits["rule"], **limits)

    def events(self) -> Iterator[list[Told]]:
        """What is appended, day by day, in order; which alerts are expected is known once all was taken."""
        waiting: list[Told] = [*self._absences(), *self._one_offs(), *self._leaving(), *self._seeded(), *self._deals()]
        for day in self.days:
            for team in self.teams:
                waiting += self._of(team, day)
            cut = instant("UTC", day, "19:00")
            waiting.sort(key=lambda each: each.at_ms)
            number = bisect_left(waiting, cut, key=lambda each: each.at_ms)
            yield self._appended(waiting[:number])
            waiting = waiting[number:]
        yield self._appended(waiting)
        self._mind_deals()
        self._mind_feeds()

    def _of(self, team: Team, day: date) -> list[Told]:
        random = self._random
        mine = [drop for drop in self.drops if drop.team is team and drop.from_ms < team.midnight_ms(day) + 2 * DAY]
        todays = [drop for drop in mine if day in drop.days or drop.leaves]
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
        heard = [each for each in found if not any(_lost(each, drop) for drop in dead)]
        if team.style.name == "queue":
            self.callers.hear(team.name, heard)
        return heard

    def _appended(self, waiting: list[Told]) -> list[Told]:
        """What comes while no broker takes anything is appended right after.

        Of what comes while no worker runs it is known later that it came, but not when feeds paused.
        """
        start, end = self.restart
        moved = [each._replace(at_ms=end) if start <= each.at_ms < end else each for each in waiting]
        moved.sort(key=lambda each: each.at_ms)
        self.exits.hear(moved)
        self.feeds.hear(each for each in moved if not self.outage[0] <= each.at_ms < self.outage[1])
        return moved

    def _mind_feeds(self) -> None:
        """What depends on the pauses of feeds, which are known at last: when they are missed, and what has to wait.

        A silence that is over before all feeds spoke again cannot be told from that of a feed.
        """
        teams = {team.name: team for team in self.teams}
        self.expected = [
            self._after_feeds(each, team)
            if (team := teams.get(each.id.rpartition(":")[2].rpartition("@")[2])) is not None
            else each
            for each in self.expected
        ]
        for drop in self.drops:
            if drop.source:
                earliest_ms, latest_ms = self.feeds.missed_ms(drop.source, drop.from_ms)
                self.expected.append(
                    Expected(f"feed_silent:feed:{drop.source}", earliest_ms, latest_ms + MINUTE + SLACK_MS)
                )

    def _after_feeds(self, each: Expected, team: Team) -> Expected:
        latest_ms = self.feeds.sure_ms(team, each.latest_ms)
        if (silence := each.silence) is None:
            return each._replace(latest_ms=latest_ms)
        since_ms, spans = silence.since_ms, self._two_days(team, each.latest_ms)
        while (back_ms := self.feeds.back_ms(team, since_ms, latest_ms)) > since_ms:
            since_ms = back_ms
            told_ms = after(spans, since_ms, silence.limit_ms)
            latest_ms = self.feeds.sure_ms(team, (silence.until_ms if told_ms is None else told_ms) + MINUTE + SLACK_MS)
        waited = latest_ms > each.latest_ms
        return each._replace(latest_ms=latest_ms, may_be_hidden=waited and latest_ms >= silence.until_ms)

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

    def _seeded(self) -> Iterator[Told]:
        """What drops have of their own; nothing of one that would be told by a feed that is dead then."""
        dead = [drop for drop in self.drops if drop.source]
        for drop in self.drops:
            if (found := seeded(self._random, drop)) is None:
                continue
            if not any(_lost(each, feed) for each in found.events for feed in dead):
                self.expected.append(Expected(f"{drop.rule}:{found.scope}", found.earliest_ms, found.latest_ms))
                yield from found.events

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
        elif drop.rule == "sudden_zero":
            self.expected.append(Expected(f"sudden_zero:{scope}", at_ms + DAY - HOUR, at_ms + DAY + 5 * MINUTE))
        elif drop.rule == "below_peers":
            who = f"rep:{drop.reps[0].name}@{team.name}"
            latest_ms = after(spans, spans[0][0], 120 * MINUTE) or spans[-1][1]
            self.expected.append(Expected(f"below_peers:{who}", spans[0][0], latest_ms + MINUTE + SLACK_MS))

    def _deals(self) -> Iterator[Told]:
        """All deals of teams that have some; those that began long before come by chances of their own."""
        dead = [drop for drop in self.drops if drop.source]
        stays = {drop.team.name: drop for drop in self.drops if drop.rule == "prospects_stall"}
        for team in self.teams:
            if team.style.name == STYLE:
                yield from deals(self._random, team, self.days, self.drops, dead)
            elif team.style.name == STALLING:
                start_ms = self.start_ms + MINUTE
                yield from staying(self._stalls, team, self.days, stays.get(team.name), dead, start_ms)

    def _mind_deals(self) -> None:
        """On which days it has to be seen that fewer deals are won, or that they stay, as it follows from all."""
        first = {(drop.rule, drop.team.name): drop for drop in reversed(self.drops)}
        for team in self.teams:
            left, closed = self.exits.left(team.name), self.exits.closed(team.name)
            days = [day for day in self.days[1:] if team.spans(day)]
            if ("win_rate_dropped", team.name) in first:
                self._expect_by_day("win_rate_dropped", team, seen_on([closed], days))
                self._expect_by_day("conversion_dropped", team, seen_on(left, days))
            if drop := first.get(("prospects_stall", team.name)):
                seen = (day for day in told_on(left, days) if day >= drop.day)
                self._expect_by_day("prospects_stall", team, next(seen, None))

    def _expect_by_day(self, rule: str, team: Team, day: date | None) -> None:
        """What is looked at once an hour follows from the days before: it is told in the first working hour."""
        if day is not None:
            latest_ms = team.spans(day)[0][0] + HOUR + MINUTE + SLACK_MS
            self.expected.append(Expected(f"{rule}:team:{team.name}", team.midnight_ms(day), latest_ms))

    def _silent_since(self, drop: Drop, rep: Rep, done: dict[str, list[int]]) -> int:
        """The end of the minute of the last activity before; of its local day, where its minute is not kept so long."""
        before = [at for at in done.get(rep.name, ()) if at < drop.from_ms]
        last_ms = before[-1] if before else self._last.get(rep.name, drop.team.midnight_ms(drop.day))
        since_ms = (last_ms // MINUTE + 1) * MINUTE
        spans = self._two_days(drop.team, drop.team.spans(drop.day)[0][0])
        told_ms = after(spans, since_ms, drop.team.style.silence_minutes * MINUTE)
        if told_ms is None or told_ms - since_ms <= KEPT_MS:
            return since_ms
        return drop.team.midnight_ms(drop.team.local_day(last_ms) + timedelta(days=1))

    def _expect(self, id_: str, since_ms: int, limit_minutes: int, drop: Drop, last_ms: int | None = None) -> None:
        """Silence: so many working minutes later, those of the day before included; `last_ms` is since when at last."""
        spans = self._two_days(drop.team, drop.team.spans(drop.day)[0][0])
        limit_ms, last_ms = limit_minutes * MINUTE, last_ms or since_ms
        at_ms, by_ms = (after(spans, ms, limit_ms) for ms in (since_ms, last_ms))
        assert at_ms is not None, (id_, since_ms, drop)
        assert by_ms is not None, (id_, last_ms, drop)
        silence = Silence(last_ms, limit_ms, drop.until_ms)
        self.expected.append(Expected(id_, at_ms, by_ms + MINUTE + SLACK_MS, silence))

    def _two_days(self, team: Team, at_ms: int) -> list[Span]:
        """What a team works on the local day of an instant, and on the working day before."""
        day = team.local_day(at_ms)
        day_before = day - timedelta(days=1)
        while not team.spans(day_before):
            day_before -= timedelta(days=1)
        return [*team.spans(day_before), *team.spans(day)]

    def _why(self, drop: Drop, rep: Rep, told_ms: int) -> Told:
        if drop.leaves:
            return told("rep", rep.name, told_ms, told_ms, "hr", {"active": False})
        day = drop.day.isoformat()
        data = {"rep_id": rep.name, "kind": "sick", "first_day": day, "last_day": day}
        return told("absence", f"{rep.name}-{day}-sick", told_ms, told_ms, "hr", data)


def _lost(each: Told, drop: Drop) -> bool:
    """Whether an event is never told, because its source was dead."""
    return drop.from_ms <= each.at_ms < drop.until_ms and each.source == drop.source
