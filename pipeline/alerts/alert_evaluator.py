"""Who watches the floor: opens and resolves alerts as time goes on and as activity returns."""

from collections.abc import Iterable, Mapping

from pipeline.alerts.alert_book import AlertBook
from pipeline.alerts.alert_rules import Silence, retired, silence
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.state_keys import QUIET
from pipeline.kernel.store import Store
from pipeline.measures import ACTIVITIES
from pipeline.organisation.copies import Change
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import WorkingTime, WorkingWeek, calendar_version
from pipeline.scores.board import Board, BoardPolicy
from pipeline.scores.home import Home, Scope
from schemas.alerts import Kind


class AlertEvaluator:
    """Applies the rules to one partition's teams and reps, and to the feeds whose names fall to this partition.

    Only teams with a working calendar are watched, only reps who belong to them now and are active. While a feed that
    is expected is silent, nobody else opens: there is one alert of the feed. Alerts that are open outside working
    hours stay as they are, until activity returns. Time in which a feed was silent is nobody's silence.
    """

    def __init__(
        self, store: Store, board: Board, organisation: Organisation, policy: BoardPolicy, mine: "Partition"
    ) -> None:
        self._store = store
        self._board = board
        self._organisation = organisation
        self._policy = policy
        self._mine = mine
        self.book = AlertBook(store, calendar_version())
        self._working: dict[str, WorkingTime | None] = {}
        self._present: dict[str, frozenset[str]] = {}

    def organised(self, change: Change) -> None:
        """Called when the organisation changed: what it changed is asked anew."""
        kind, _, name = change.subject.partition(":")
        if kind == "company":
            self._working.clear()
        elif kind == "team":
            self._working.pop(name, None)
        elif kind == "rep":
            self._forget_present(name)
        elif kind == "membership":
            for record in filter(None, (change.old, change.new)):
                self._present.pop(record.get("team_id") or "", None)
                self._forget_present(record.get("rep_id") or "")

    def moved(self, concerned: Iterable[str]) -> None:
        """Called when memberships began or ended by now: with whom they concern, as `Schedule.due` has it."""
        for key in concerned:
            kind, _, name = key.partition(":")
            if kind == "rep":
                self._forget_present(name)

    def _forget_present(self, rep: str) -> None:
        for team in self._organisation.teams_ever(rep):
            self._present.pop(team, None)

    def minute(self, offset: int) -> None:
        """Called when a new minute has begun, after what the record brought was applied."""
        feeds = self._store.scalars.get("feeds", {})
        self._watch_feeds(feeds, offset)
        for name in self._board.homes():
            home = self._board.home(name)
            if home.total.published:
                self._watch_team(home, feeds, offset)
        for source in [source for source, heard_ms in feeds.items() if self._retired(heard_ms)]:
            del feeds[source]

    def present(self, team: str) -> frozenset[str]:
        """The reps that belong to a team now and have not left; remembered, since every figure of a team asks."""
        present = self._present.get(team)
        if present is None:
            members = self._organisation.members(team, self._board.now_ms)
            present = self._present[team] = frozenset(rep for rep in members if self._active(rep))
        return present

    def working(self) -> dict[str, bool]:
        """Whether each team that has working hours works now, by home."""
        found = {}
        for name in self._board.homes():
            if working := self._working_time(name.partition(":")[2]):
                found[name] = working.working(self._board.now_ms)
        return found

    def activity(self, scope: Scope, offset: int) -> None:
        """Called when activities of a scope changed: whoever was silent no longer is, if there is a later one now."""
        if not self.book.any_open:
            return
        kind: Kind = "silent_rep" if scope.rep else "silent_team"
        id_ = f"{kind}:{scope.name}"
        if self.book.is_open(id_) and (self._last_ms(scope) or 0) > self.book.since_ms(id_):
            self.book.resolve(id_, self._board.now_ms, offset)

    def _watch_feeds(self, feeds: Mapping[str, int], offset: int) -> None:
        now_ms = self._board.now_ms
        for source in sorted(feeds):
            scope, heard_ms = f"feed:{source}", feeds[source]
            if not self._mine.holds(scope):
                continue
            id_ = f"feed_silent:{scope}"
            if self.book.is_open(id_):
                if heard_ms > self.book.since_ms(id_) or self._retired(heard_ms):
                    self.book.resolve(id_, now_ms, offset)
            elif not self._retired(heard_ms) and (found := self._missed(heard_ms)):
                self.book.open("feed_silent", scope, scope, now_ms, found._asdict(), offset)

    def _missed(self, heard_ms: int) -> Silence | None:
        """Whether any team that works now has missed a feed for too long."""
        for team, _ in self._organisation.records("team"):
            if found := self._feed_silence(team, heard_ms):
                return found
        return None

    def _feed_silence(self, team: str, heard_ms: int) -> Silence | None:
        working = self._working_time(team)
        if working is None:
            return None
        return silence(working, self._board.now_ms, self._policy.feed_silence_minutes, heard_ms)

    def _watch_team(self, home: Home, feeds: Mapping[str, int], offset: int) -> None:
        team = home.name.partition(":")[2]
        working = self._working_time(team)
        now_ms = self._board.now_ms
        reps = sorted(self.present(team)) if working else []
        self._resolve_departed(home, {f"rep:{rep}@{team}" for rep in reps} | ({home.name} if reps else set()), offset)
        if working is None or not working.working(now_ms) or self._deaf(home, team, feeds):
            return
        watched = [(f"rep:{rep}@{team}", self._join_ms(rep, team)) for rep in reps]
        for name, joined_ms in [*watched, (home.name, None)] if reps else ():
            self._watch_one(home, name, working, joined_ms, offset)

    def _watch_one(self, home: Home, name: str, working: WorkingTime, joined_ms: int | None, offset: int) -> None:
        scope = home.scopes.get(name)
        last_ms = self._last_ms(scope) if scope else None
        heard_ms = self._store.get(QUIET + home.name.encode())[1]
        now_ms = self._board.now_ms
        if found := silence(working, now_ms, self._limit(home), last_ms, joined_ms, heard_ms):
            kind: Kind = "silent_team" if name == home.name else "silent_rep"
            self.book.open(kind, name, home.name, now_ms, found._asdict(), offset)
        elif scope:
            self.activity(scope, offset)

    def _limit(self, home: Home) -> int:
        return (self._organisation.get(home.name) or {}).get("silence_minutes") or self._policy.silence_minutes

    def _deaf(self, home: Home, team: str, feeds: Mapping[str, int]) -> bool:
        """Whether a feed is missed, or none was ever heard; notes since when all of them were heard again."""
        expected = [heard_ms for heard_ms in feeds.values() if not self._retired(heard_ms)]
        deaf = not expected or any(self._feed_silence(team, heard_ms) for heard_ms in expected)
        key = QUIET + home.name.encode()
        before = self._store.get(key)
        if before is None or before[0] != deaf:
            self._store.put(key, [deaf, self._board.now_ms])
        return deaf

    def _resolve_departed(self, home: Home, watched: set[str], offset: int) -> None:
        for id_ in self.book.open_ids():
            kind, _, scope = id_.partition(":")
            if kind != "feed_silent" and _home_of(scope) == home.name and scope not in watched:
                self.book.resolve(id_, self._board.now_ms, offset)

    def _last_ms(self, scope: Scope) -> int | None:
        """The end of the minute of the last activity; of an older one, the end of its local day."""
        if not scope.active_known:
            scope.active_known = True
            minutes = (minute for minute, pane in scope.minutes.items() if pane[2].get(ACTIVITIES, 0) > 0)
            scope.active_ms = (max(minutes, default=-1) + 1) * MINUTE_MS or self._last_day_ms(scope)
        return scope.active_ms

    def _last_day_ms(self, scope: Scope) -> int | None:
        last = max((day for day, pane in scope.days.items() if pane[2].get(ACTIVITIES, 0) > 0), default=None)
        return None if last is None else self._board.calendar.day_start_ms(scope.home.name, last + 1)

    def _join_ms(self, rep: str, team: str) -> int | None:
        """When the latest membership of a rep in a team began, where that is known."""
        return self._organisation.joined_ms(rep, team, self._board.now_ms)

    def _working_time(self, team: str) -> WorkingTime | None:
        if team not in self._working:
            known = self._organisation.knows_team(team, self._board.now_ms)
            calendar = self._organisation.calendar(team) if known else None
            week = WorkingWeek.read(calendar) if calendar else None
            hours = week is not None and any(week.hours)
            self._working[team] = (
                WorkingTime(week, lambda day: self._organisation.zone(team, day)) if week and hours else None
            )
        return self._working[team]

    def _active(self, rep: str) -> bool:
        return (self._organisation.get(f"rep:{rep}") or {}).get("active") is not False

    def _retired(self, heard_ms: int) -> bool:
        return retired(heard_ms, self._board.now_ms, self._policy.feed_retired_hours)


class Partition:
    """Which homes fall to one partition of a stage."""

    def __init__(self, number: int, partitions: int) -> None:
        self._number = number
        self._partitions = partitions

    def holds(self, home: str) -> bool:
        """Whether a home is this partition's."""
        return partition_of(home, self._partitions) == self._number


def _home_of(scope: str) -> str:
    return f"team:{scope.partition('@')[2]}" if scope.startswith("rep:") else scope
