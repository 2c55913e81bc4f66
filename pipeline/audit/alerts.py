"""Alerts: whether each is open where it is shown, and should be, as far as that is certain while nothing is under way.

What is certain follows from the organisation, the activities that the audit counted itself, and when sources were
heard. What is not (the usual pauses of feeds, what became of an alert that was resolved since) only has to be the same
in all places.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from pipeline.audit.alert_settings import ToldRules
from pipeline.audit.alert_states import AlertStates
from pipeline.audit.below import Bounds, Evidence, Team, below_peers, below_usual, midnight_ms
from pipeline.audit.cut import Version
from pipeline.audit.database import Database
from pipeline.audit.keyed_records import KeyedRecord, Record, latest
from pipeline.audit.limits import COUNTS, GOAL, OVERDUE, SHARES, UNASSIGNED, UNASSIGNED_HOME, WAIT, Limits, told
from pipeline.audit.own_past import ASKED_MINUTES, OwnPast
from pipeline.audit.own_past import KINDS as OWN_PAST
from pipeline.audit.report import Difference
from pipeline.audit.working_minutes import MINUTE_MS, Calendar, has_hours, worked_minutes, works

REDIS, TOPIC = "redis", "alerts topic"
MANY = "silent_reps"
OPEN, CLOSED = "open", "not open"
GRACE_MS = 2 * MINUTE_MS
"""Rules are asked once a minute, and a source is said to be heard every few seconds."""
DAY_MS = 86_400_000
EPOCH_DAY = 719_163
USUAL_DAYS = 57
"""So far back it is asked what is usual."""
BELOW = ("below_usual", "below_peers")


@dataclass(frozen=True, slots=True)
class SilenceRules:
    """What the settings say about silence, in minutes."""

    silence_minutes: int = 60
    feed_silence_minutes: int = 10


class ShownAlert(NamedTuple):
    """An alert as a place shows it. Redis has open ones only."""

    where: str
    home: str
    id: str
    record: Record

    @property
    def version(self) -> Version:
        """Of its last change."""
        generation, offset = self.record["version"]
        return int(generation), int(offset)

    @property
    def is_open(self) -> bool:
        """Whether it has not been resolved."""
        return self.record["resolved_ms"] is None


def read_alert(text: str | bytes) -> Record | None:
    """The record of an alert as it is published; None for anything else."""
    try:
        found: dict[str, Any] = json.loads(text)
        generation, offset = found["version"]
        int(generation), int(offset), int(found["since_ms"]), int(found["resolved_ms"] or 0)
    except (ValueError, KeyError, TypeError):
        return None
    return found


def latest_alerts(records: Iterable[KeyedRecord]) -> list[ShownAlert]:
    """The alerts as their topic has them: of each the record with the highest version, of equal ones the later."""
    return [ShownAlert(TOPIC, str(held.get("home")), id_, held) for id_, held in latest(records, read_alert).items()]


class Watch(NamedTuple):
    """A team as its working hours have it."""

    now_ms: int
    steady_ms: int
    zone: str
    zone_ms: int
    hours: Calendar | None
    limit_minutes: int

    def works(self) -> bool:
        """Whether it has been at work for the last minutes."""
        hours, now_ms = self.hours, self.now_ms
        return hours is not None and all(works(hours, self.zone, at_ms) for at_ms in (now_ms, now_ms - GRACE_MS))


@dataclass
class Inputs:
    """What the rules ask for, by scope, home or source. `clocks` are by home: its log, and now of that."""

    watched: dict[str, Watch] = field(default_factory=dict)
    active_ms: dict[str, int] = field(default_factory=dict)
    joined: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    ramping: set[str] = field(default_factory=set)
    manned_ms: dict[str, int | None] = field(default_factory=dict)
    heard_ms: dict[str, int] = field(default_factory=dict)
    served: dict[str, list[tuple[int, int | None]]] = field(default_factory=dict)
    rules: ToldRules = field(default_factory=ToldRules)
    states: AlertStates = field(default_factory=AlertStates)
    limits: Limits = field(default_factory=Limits)
    own_past: OwnPast = field(default_factory=OwnPast)
    clocks: dict[str, tuple[str, int]] = field(default_factory=dict)
    organised_ms: int = 0
    told_ms: int = 0
    below: dict[str, Evidence] = field(default_factory=dict)
    """By the id of an alert of who is far below the usual, or below the team."""

    @classmethod
    def of(cls, database: Database, rules: SilenceRules, steady_since_ms: Mapping[str, int]) -> "Inputs":
        """Called after `alerts.sql`, with since when the time of each scoreboard's log has gone on without a leap."""
        found = cls()
        for home, log, now_ms, zone, zone_ms, hours, limit, special in database.rows("FROM watched"):
            found.clocks[home] = log, now_ms
            calendar = json.loads(hours) if hours else None
            if calendar is not None and special:
                calendar["special"] = {date.fromordinal(day): (first, end) for day, first, end in special}
            limit_minutes = limit or rules.silence_minutes
            found.watched[home] = Watch(
                now_ms, steady_since_ms[log], zone, zone_ms, calendar if has_hours(calendar) else None, limit_minutes
            )
        found.rules, found.states = ToldRules.of(database), AlertStates.of(database)
        found.limits, found.own_past = Limits.of(database), OwnPast.of(database)
        found.active_ms = dict(database.rows("SELECT scope, last_ms FROM active"))
        found.joined = {
            scope: (home, ms) for scope, home, ms in database.rows("SELECT scope, home, joined_ms FROM joined")
        }
        found.manned_ms = dict(database.rows("SELECT home, since_ms FROM manned"))
        found.heard_ms = dict(database.rows("SELECT source, last_ms FROM heard"))
        for home, last_ms, since_ms in database.rows("SELECT home, last_ms, since_ms FROM served"):
            found.served.setdefault(home, []).append((last_ms, since_ms))
        found.told_ms = database.rows("SELECT coalesce(max(append_ms), 0) FROM event WHERE domain <> 'org'")[0][0]
        first_day = database.rows("SELECT max(first_day) FROM coverage WHERE family = 'usual'")[0][0] or 0
        absent = dict(database.rows("SELECT home, count(*) FROM back WHERE absent GROUP BY home"))
        found.ramping = {
            scope for (scope,) in database.rows("SELECT 'rep:' || rep || '@' || substr(home, 6) FROM ramping")
        }
        for home, watch in found.watched.items():
            found.below |= _below(database, home, watch, found, absent.get(home, 0), first_day)
        found.organised_ms = database.rows("SELECT coalesce(max(append_ms), 0) FROM event WHERE domain = 'org'")[0][0]
        return found


def _below(
    database: Database, home: str, watch: Watch, inputs: Inputs, absent: int, first_day: int
) -> dict[str, Evidence]:
    """What is certain of a team's activities, beside the usual where all of its weeks can be worked out."""
    if watch.hours is None or not watch.works():
        return {}
    team = Team(home, watch.now_ms, watch.now_ms - GRACE_MS, watch.zone, watch.hours)
    members = {scope: joined_ms for scope, (of, joined_ms) in inputs.joined.items() if of == home}
    bounds = Bounds.of(inputs.rules, home)
    beside = below_peers(database, team, members, inputs.ramping, bounds)
    found = {f"below_peers:{scope}": said for scope, said in beside.items()}
    weeks_ms = watch.now_ms - USUAL_DAYS * DAY_MS
    if watch.zone_ms < weeks_ms and weeks_ms // DAY_MS + EPOCH_DAY >= first_day:
        usual = below_usual(database, team, len(members), absent, bounds)
        found |= {f"below_usual:{scope}": said for scope, said in usual.items()}
    return found


def _state(is_wrong: bool | None) -> str | None:
    return None if is_wrong is None else OPEN if is_wrong else CLOSED


class AlertCheck:
    """Compares the alerts of all places with each other, and with what is certain.

    `cuts` are by home, each with the version of the last record of its log.
    """

    def __init__(
        self,
        inputs: Inputs,
        rules: SilenceRules,
        shown: Iterable[ShownAlert],
        cuts: Mapping[str, tuple[Version, Version]],
    ) -> None:
        self._inputs = inputs
        self._rules = rules
        self._places: dict[str, dict[str, ShownAlert]] = {}
        for alert in shown:
            self._places.setdefault(alert.id, {})[alert.where] = alert
        self._cuts = cuts
        self._members: dict[str, list[str]] = {}
        for scope, (home, _) in inputs.joined.items():
            self._members.setdefault(home, []).append(scope)
        self._maybe_many: dict[str, bool] = {}
        feeds = [
            place[TOPIC] for id_, place in self._places.items() if id_.startswith("feed_silent:") and TOPIC in place
        ]
        self._feed_open = any(feed.is_open for feed in feeds)
        self._feeds_back_ms = max((int(feed.record["resolved_ms"] or 0) for feed in feeds), default=0)

    def ids(self) -> list[str]:
        """All alerts that are shown, and those that may have to be."""
        teams = [f"silent_team:{home}" for home, watch in self._inputs.watched.items() if watch.hours]
        reps = [f"silent_rep:{scope}" for scope, (home, _) in self._inputs.joined.items() if self._hours(home)]
        watched = [home for home, watch in self._inputs.watched.items() if watch.hours]
        kinds = (MANY, GOAL, OVERDUE, WAIT, *SHARES, *COUNTS, *OWN_PAST)
        limits = [f"{kind}:{home}" for kind in kinds for home in watched]
        if UNASSIGNED_HOME in self._inputs.watched:
            limits += [f"{kind}:{UNASSIGNED_HOME}" for kind in UNASSIGNED]
        below = (id_ for id_, said in self._inputs.below.items() if said.opens)
        return sorted({*self._places, *teams, *reps, *limits, *below})

    def differences(self) -> Iterator[Difference]:
        """What is shown and should not be, or the other way round, or otherwise in one place than in the other."""
        for id_ in self.ids():
            places = self._places.get(id_, {})
            if not any(self._is_newer(alert) for alert in places.values()):
                yield from self._compare(id_, places)

    def _compare(self, id_: str, places: Mapping[str, ShownAlert]) -> Iterator[Difference]:
        kind, _, scope = id_.partition(":")
        shown = {where: OPEN if where in places and places[where].is_open else CLOSED for where in (REDIS, TOPIC)}
        expected = self._certain(kind, scope, places)
        for where, state in shown.items():
            if state != (expected or shown[TOPIC]):
                yield Difference(where, scope, "", kind, "", state, expected or shown[TOPIC])
        yield from self._states(kind, scope, places)
        if REDIS in places and TOPIC in places and shown[REDIS] == shown[TOPIC]:
            ours, other = places[REDIS].record, places[TOPIC].record
            for name in sorted({*ours, *other}):
                if ours.get(name) != other.get(name):
                    yield Difference(REDIS, scope, "", kind, name, str(ours.get(name)), str(other.get(name)))

    def _states(self, kind: str, scope: str, places: Mapping[str, ShownAlert]) -> Iterator[Difference]:
        """Where an alert that is open says otherwise than its records who acknowledged or muted it."""
        for where, alert in places.items():
            clock = self._inputs.clocks.get(alert.home)
            if clock is None or not alert.is_open or not self._is_past(self._inputs.organised_ms):
                continue
            expected = self._inputs.states.state(clock[0], alert.record, clock[1], GRACE_MS)
            for name, value in (expected or {}).items():
                if alert.record.get(name) != value:
                    yield Difference(where, scope, "", kind, name, str(alert.record.get(name)), str(value))

    def _is_newer(self, alert: ShownAlert) -> bool:
        """Whether an alert changed after the cut, so that the places may have been read before and after that."""
        if alert.home not in self._cuts:
            return True
        cut, last = self._cuts[alert.home]
        return cut < alert.version <= last

    def _certain(self, kind: str, scope: str, places: Mapping[str, ShownAlert]) -> str | None:
        since = [int(alert.record["since_ms"]) for alert in places.values() if alert.is_open]
        if kind == "feed_silent":
            spoke_ms = self._inputs.heard_ms.get(scope.partition(":")[2], 0)
            return CLOSED if since and spoke_ms > max(since) + GRACE_MS and self._is_past(spoke_ms) else None
        home = f"team:{scope.partition('@')[2]}" if "@" in scope else scope
        watch = self._inputs.watched.get(home)
        if not self._is_past(max(self._inputs.organised_ms, self._inputs.rules.began_ms.get(home, 0))):
            return None
        if kind in UNASSIGNED:
            sure, limits = watch if self._is_past(self._inputs.told_ms) else None, self._inputs.limits
            return _state(limits.is_unassigned(kind, home, self._inputs.rules, sure.now_ms)) if sure else None
        if kind in OWN_PAST:
            return self._certain_of_own_past(kind, home, watch)
        if kind in (GOAL, OVERDUE, WAIT, *SHARES, *COUNTS):
            return self._certain_of_limit(kind, home, watch)
        return self._certain_of_silence(kind, scope, home, watch, max(since, default=None))

    def _certain_of_silence(
        self, kind: str, scope: str, home: str, watch: Watch | None, since_ms: int | None
    ) -> str | None:
        members = self._members.get(home, [])
        is_watched = watch is not None and watch.hours is not None and self._inputs.rules.is_on(home, kind)
        if watch is None or not is_watched or not members or ("@" in scope and scope not in members):
            return CLOSED
        if self._feed_open or not watch.works():
            return None
        if kind in BELOW:
            return self._is_below(f"{kind}:{scope}", scope, home, watch, since_ms)
        active_ms = self._inputs.active_ms.get(scope, 0)
        if kind == MANY:
            return self._certain_of_many(home, watch, members)
        if since_ms is not None and since_ms < active_ms <= watch.now_ms - GRACE_MS:
            return CLOSED
        is_gathered = "@" in scope and self._may_be_many(home, watch, members)
        return OPEN if not is_gathered and self._is_silent(kind, scope, home, watch) else None

    def _certain_of_many(self, home: str, watch: Watch, members: Sequence[str]) -> str | None:
        """Whether so many reps are silent that they are told as one, by every reading, or by none."""
        if not self._may_be_many(home, watch, members):
            return CLOSED if self._hears(home, watch) else None
        silent = sum(self._is_silent("silent_rep", scope, home, watch) for scope in members)
        is_many = silent >= self._many(home, members) and self._is_lively("silent_team", home, home, watch, 2)
        return OPEN if is_many else None

    def _may_be_many(self, home: str, watch: Watch, members: Sequence[str]) -> bool:
        """Whether so many may be silent that an alert of all of them stays open, or opens."""
        if home not in self._maybe_many:
            maybe = sum(not self._is_lively("silent_rep", scope, home, watch, 2) for scope in members)
            least, is_on = self._many(home, members), self._inputs.rules.is_on(home, MANY)
            self._maybe_many[home] = is_on and len(members) >= least and maybe * 2 >= least
        return self._maybe_many[home]

    def _many(self, home: str, members: Sequence[str]) -> int:
        return max(self._inputs.rules.setting(home, MANY, "least_count") or 5, (len(members) + 1) // 2)

    def _is_lively(self, kind: str, scope: str, home: str, watch: Watch, share: int) -> bool:
        """Whether somebody was active so lately that nobody takes them for silent, for one in `share` of the limit."""
        limit = self._inputs.rules.setting(home, kind, "limit_minutes") or watch.limit_minutes
        return watch.now_ms - self._inputs.active_ms.get(scope, 0) < (limit // share - 2) * MINUTE_MS

    def _certain_of_limit(self, kind: str, home: str, watch: Watch | None) -> str | None:
        """Whether a figure of a team is beyond its limit, or back within: once all that counts has had its minutes."""
        if watch is None or watch.hours is None or not told(kind, home, self._inputs.rules):
            return CLOSED
        certain = self._is_past(self._inputs.told_ms) and not self._feed_open and watch.works()
        if not certain or not self._hears(home, watch):
            return None
        hours = watch.hours, watch.zone
        return _state(self._inputs.limits.is_beyond(kind, home, self._inputs.rules, watch.now_ms, hours))

    def _certain_of_own_past(self, kind: str, home: str, watch: Watch | None) -> str | None:
        """Whether a team fell below its own past: as far as that was so whenever it was looked at last."""
        if watch is None or watch.hours is None or not self._inputs.rules.is_on(home, kind):
            return CLOSED
        asked_ms, rules = watch.now_ms - ASKED_MINUTES[kind] * MINUTE_MS, self._inputs.rules
        heard = self._hears(home, watch) and not self._feed_open and self._heard_since(home, home, watch) <= asked_ms
        if not heard or max(self._inputs.organised_ms, rules.began_ms.get(home, 0)) > asked_ms:
            return None
        return _state(self._inputs.own_past.is_wrong(kind, home, watch.hours, watch.zone, watch.now_ms))

    def _hears(self, home: str, watch: Watch) -> bool:
        """Whether no source of a team may be missed, by any reading.

        What was taken in before its team was known does not tell that the source serves it: as what had come before a
        worker started and is read at once, or before the organisation changed.
        """
        served, rules = self._inputs.served.get(home, []), self._inputs.rules
        feed_limit = rules.least("feed_silent", "limit_minutes", self._rules.feed_silence_minutes)
        quiet_ms = max(watch.now_ms - feed_limit * MINUTE_MS, watch.steady_ms, self._inputs.organised_ms)
        return bool(served) and all(last_ms > quiet_ms + GRACE_MS for last_ms, _ in served)

    def _is_below(self, id_: str, scope: str, home: str, watch: Watch, since_ms: int | None) -> str | None:
        """What activities say of an alert, where all sources have spoken; each day is judged by itself."""
        if since_ms is not None and since_ms < midnight_ms(watch.zone, watch.now_ms - GRACE_MS):
            return CLOSED
        said = self._inputs.below.get(id_)
        if said is None or self._inputs.rules.any_off("feed_silent") or not self._hears(home, watch):
            return None
        if said.over:
            return CLOSED
        return OPEN if said.opens and self._heard_since(scope, home, watch) <= said.since_ms else None

    def _heard_since(self, scope: str, home: str, watch: Watch) -> int:
        """Since when a scope has been there, no source of its team was missed, and its log's time went on."""
        joined_ms = self._inputs.joined[scope][1] if "@" in scope else self._inputs.manned_ms.get(home)
        served_ms = min(since_ms or 0 for _, since_ms in self._inputs.served.get(home, []))
        return max(joined_ms or 0, self._feeds_back_ms, watch.steady_ms, served_ms) + GRACE_MS

    def _is_silent(self, kind: str, scope: str, home: str, watch: Watch) -> bool:
        """Whether somebody is silent by every reading: no source may be missed, none came back, no zone changed.

        Where a team is not told of sources that are missed, none of their alerts says when they came back.
        """
        served, rules = self._inputs.served.get(home, []), self._inputs.rules
        if rules.any_off("feed_silent") or not self._hears(home, watch):
            return False
        active_ms = self._inputs.active_ms.get(scope)
        joined_ms = self._inputs.joined[scope][1] if "@" in scope else self._inputs.manned_ms.get(home)
        if active_ms is None and joined_ms is None:
            return False
        if active_ms is not None and watch.now_ms - active_ms > DAY_MS:
            active_ms += DAY_MS  # Of an older one only the day is remembered.
        signs = [
            active_ms,
            joined_ms,
            self._feeds_back_ms,
            watch.steady_ms,
            min(since_ms or 0 for _, since_ms in served),
        ]
        from_ms = max(sign or 0 for sign in signs) + GRACE_MS
        enough = (rules.setting(home, kind, "limit_minutes") or watch.limit_minutes) + 2
        hours = watch.hours or {}
        asked_ms = watch.now_ms - GRACE_MS
        return watch.zone_ms < from_ms and worked_minutes(hours, watch.zone, from_ms, asked_ms, enough) >= enough

    def _hours(self, home: str) -> bool:
        return home in self._inputs.watched and self._inputs.watched[home].hours is not None

    def _is_past(self, at_ms: int) -> bool:
        """Whether everybody has had the time to act upon what came then."""
        return all(at_ms <= watch.now_ms - GRACE_MS for watch in self._inputs.watched.values())
