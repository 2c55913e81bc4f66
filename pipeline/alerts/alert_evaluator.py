"""Who watches the floor: opens and resolves alerts as time goes on and as activity returns."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.alerts.alert_book import AlertBook
from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.feed_watch import FeedWatch, Partition
from pipeline.alerts.last_activity import last_activity_ms
from pipeline.alerts.presence import Presence
from pipeline.alerts.rule import TeamRule
from pipeline.alerts.rules import TEAM_RULES
from pipeline.alerts.unassigned_watch import UnassignedWatch
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.kernel.state_keys import ALERT, FEED, FEED_TEAM, QUIET
from pipeline.kernel.store import Store
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import WorkingTime, calendar_version
from pipeline.scores.board import Board
from pipeline.scores.home import Home, Scope, home_of
from schemas.alerts import Ending, Kind

WATCH = 2
"""The work of asking a rule of one subject."""
TEAM_KINDS: Mapping[str, TeamRule] = {rule.kind: rule for rule in TEAM_RULES}
ENDING_WITH_ACTIVITY = {
    whose: [rule.kind for rule in TEAM_RULES if rule.ends_with_activity == whose] for whose in ("rep", "team")
}


class AlertEvaluator:
    """Applies the rules to one partition's teams and reps, and to the feeds whose names fall to this partition.

    Only teams with a working calendar are watched, only reps who belong to them now, are employed and not absent; a
    team is while any of them is. A feed is expected of the teams that it served on several of their days. While it is
    silent there is one alert of the feed, and none of these teams opens any. Alerts that are open outside working hours
    stay as they are, until activity returns. Time in which a feed was silent is nobody's silence.

    Silence is judged up to `judged_ms` only: so far every source partition has told the time. One of ours that stands
    still is nobody's silence either.
    """

    def __init__(
        self,
        store: Store,
        board: Board,
        organisation: Organisation,
        policy: AlertPolicy,
        mine: Partition,
        rules: Sequence[TeamRule] = TEAM_RULES,
    ) -> None:
        self._store = store
        self._board = board
        self._organisation = organisation
        self._policy = policy
        self._rules = rules
        self.book = AlertBook(store, calendar_version(), organisation.alert_note)
        self.feeds = FeedWatch(store, self.book, board, organisation, policy, mine, self._working_time)
        self._unassigned = UnassignedWatch(self.book, board, organisation)
        self._before_ms = self._judged_ms = -1
        self._working: dict[str, WorkingTime | None] = {}
        self._presence = Presence(organisation, board)

    def restore(self, held: Mapping[bytes, list[tuple[bytes, Any]]]) -> None:
        """Called once the store was read, with its entries by the first byte of their keys."""
        self.book.restore(held[ALERT])
        self.feeds.restore(held[FEED], held[FEED_TEAM])
        self._presence.restore()

    def organised(self, change: Change, offset: int) -> None:
        """Called when the organisation changed: what it changed is asked anew, and who left is watched no more."""
        kind, _, name = change.subject.partition(":")
        if kind == "company":
            self._working.clear()
            self._presence.company_changed()
            self.feeds.forget_usual()
        elif kind == "team":
            self._working.pop(name, None)
            self._presence.team_changed(name)
            self.feeds.forget_usual()
        elif kind == "special_day":
            self._working.clear()
            self.feeds.forget_usual()
        elif kind == "proration":
            self._presence.prorations_changed(record.get("team_id") for record in (change.old, change.new) if record)
        elif kind == "rep":
            self._presence.rep_changed(name)
        elif kind == "membership":
            for record in filter(None, (change.old, change.new)):
                self._presence.rep_changed(record.get("rep_id") or "", [record.get("team_id") or ""])
        elif kind == "absence":
            for record in filter(None, (change.old, change.new)):
                self._presence.rep_changed(record.get("rep_id") or "")
        if kind in ("rep", "membership", "absence", "team"):
            self._resolve_left(offset)
        elif kind == "alert":
            self.book.stand(self._board.now_ms, offset)

    def moved(self, concerned: Iterable[str], offset: int) -> None:
        """Called when somebody came or went by now: with whom that concerns, as `Schedule.due` has it."""
        for key in concerned:
            kind, _, name = key.partition(":")
            if kind == "rep":
                self._presence.rep_changed(name)
        self._resolve_left(offset)

    def minute(self, before_ms: int, judged_ms: int, offset: int) -> Iterator[int]:
        """Called when every source partition has told that a new minute has begun, after what that brought.

        `before_ms` is how far they had told the time before. Yields, rep by rep, how much work that was (`load.py`).
        """
        self._before_ms, self._judged_ms = before_ms, judged_ms
        self.feeds.minute(before_ms, judged_ms, offset)
        self._unassigned.minute(judged_ms, offset)
        for name in self._board.homes():
            home = self._board.home(name)
            if home.total.published:
                yield from self._watch_team(home, offset)
        self.book.stand(self._board.now_ms, offset)

    def due(self, now_ms: int) -> list[str]:
        """Who was hired, left, or began or ended an absence by now, as `Schedule.due` has it."""
        return self._presence.due(now_ms)

    def ranked(self, team: str) -> frozenset[str]:
        """The reps that belong to a team now, have not left and are not in ramp; the same object while they are."""
        return self._presence.ranked(team)

    def ramping(self, team: str) -> frozenset[str]:
        """The other reps that belong to it now, in ramp today."""
        return self._presence.ramping(team)

    def absent(self, team: str) -> frozenset[str]:
        """The reps that belong to it and are absent now."""
        return self._presence.absent(team)

    def working(self) -> dict[str, bool]:
        """Whether each team that has working hours works now, by home; one of which all are absent does not."""
        now_ms = self._board.now_ms
        return {
            name: working.working(now_ms) and not self._presence.all_absent(name.partition(":")[2])
            for name, working in self.working_times().items()
        }

    def working_times(self) -> dict[str, WorkingTime]:
        """The working time of each team that has any, by home."""
        found = ((name, self._working_time(name.partition(":")[2])) for name in self._board.homes())
        return {name: working for name, working in found if working}

    def activity(self, scope: Scope, offset: int) -> None:
        """Called when activities of a scope changed: whoever was silent no longer is, if there is a later one now."""
        if self.book.any_open:
            for kind in ENDING_WITH_ACTIVITY["rep" if scope.rep else "team"]:
                self._end_with_activity(f"{kind}:{scope.name}", scope, offset)

    def _end_with_activity(self, id_: str, scope: Scope, offset: int) -> None:
        if self.book.is_open(id_) and (last_activity_ms(self._board, scope) or 0) > self.book.reason(id_).since_ms:
            self.book.resolve(id_, self._board.now_ms, offset, "activity")

    def _watch_team(self, home: Home, offset: int) -> Iterator[int]:
        name = home.name.partition(":")[2]
        if (working := self._working_time(name)) is None:
            self._resolve_others(home, set(), lambda _: "unwatched", offset)
            return
        works = working.working(self._judged_ms)
        if not works and not self.book.any_of(home.name):
            return  # At night there is nothing to open, and most teams have nothing to resolve.
        hears = works and not self._deaf(home, name)
        team = self._watched(home, name, working)
        subjects = [(rule, scope) for rule in self._rules if rule.is_on(team) for scope in rule.subjects(team)]
        if self.book.any_of(home.name):
            watched = {f"{rule.kind}:{scope}" for rule, scope in subjects}
            self._resolve_others(
                home, watched, lambda kind: None if TEAM_KINDS[kind].is_on(team) else "rule_off", offset
            )
        if not hears or self.feeds.unsure(name, working, team.silence_limit("silent_rep")):
            return
        for rule, scope in subjects:
            team.found.setdefault(rule.kind, {})[scope] = rule.opens(team, scope)
            yield WATCH
        any_open = self.book.any_of(home.name)
        concerned = [(rule, scope) for rule, scope in subjects if any_open or team.found[rule.kind][scope]]
        if not concerned:
            return  # As nearly always: there is nothing to open and nothing to resolve.
        held = {rule.kind for rule in self._rules if self._is_gathered(rule, team)}
        for rule, scope in concerned:
            self._act(rule, team, scope, held, offset)

    def _is_gathered(self, rule: TeamRule, team: WatchedTeam) -> bool:
        """Whether the alerts of a rule are told as one of the team."""
        return rule.gathered(team) or self.book.is_open(f"{rule.gathered_by}:{team.home.name}")

    def _watched(self, home: Home, name: str, working: WorkingTime) -> WatchedTeam:
        return WatchedTeam(
            home=home,
            board=self._board,
            working=working,
            before_ms=self._before_ms,
            judged_ms=self._judged_ms,
            heard_ms=(self._store.get(QUIET + home.name.encode()) or (False, self._judged_ms))[1],
            reps=sorted(self._presence.at_work(name)),
            members=len(self._presence.of(name)),
            ramping=self._presence.ramping(name),
            silence_minutes=(self._organisation.get(home.name) or {}).get("silence_minutes")
            or self._policy.silence_minutes,
            joined_ms=lambda rep: self._presence.joined_ms(rep, name),
            manned_ms=self._presence.manned_ms(name),
            setting=lambda rule, setting: self._organisation.alert_settings.of(rule, name, setting, self._judged_ms),
        )

    def _act(self, rule: TeamRule, team: WatchedTeam, scope: str, held: Collection[Kind], offset: int) -> None:
        """Open or resolve the alert of a subject, by what was found of it; of a rule that is held back open none."""
        id_ = f"{rule.kind}:{scope}"
        if self.book.is_open(id_) and rule.lapses(team, self.book.reason(id_)):
            self.book.resolve(id_, self._board.now_ms, offset, "period_over")
        if found := team.found[rule.kind][scope]:
            if rule.kind not in held:
                self.book.open(rule, scope, team.home.name, self._board.now_ms, found, offset)
        elif self.book.is_open(id_):
            if rule.closes(team, scope, self.book.reason(id_)):
                self.book.resolve(id_, self._board.now_ms, offset, "recovered")
            elif rule.ends_with_activity and (known := team.home.scopes.get(scope)):
                self._end_with_activity(id_, known, offset)

    def _deaf(self, home: Home, team: str) -> bool:
        """Whether a feed that a team expects is missed, or none was ever heard of; notes since when neither holds."""
        deaf = self.feeds.deaf(team)
        key = QUIET + home.name.encode()
        before = self._store.get(key)
        if before is None or before[0] != deaf:
            self._store.put(key, [deaf, self._judged_ms])
        return deaf

    def _resolve_left(self, offset: int) -> None:
        """Resolve the alerts of reps who are not in their team any more or absent, and of teams where all are."""
        for id_ in self.book.open_ids():
            kind, _, scope = id_.partition(":")
            if kind in TEAM_KINDS and not self._presence.is_at_work(scope):
                self.book.resolve(id_, self._board.now_ms, offset, self._ending(scope))

    def _resolve_others(self, home: Home, watched: set[str], why: Callable[[str], Ending | None], offset: int) -> None:
        """Resolve the alerts of a team that are about none of those who are watched; `why` is by the rule, or None."""
        for id_ in self.book.open_ids():
            kind, _, scope = id_.partition(":")
            if kind in TEAM_KINDS and home_of(scope) == home.name and id_ not in watched:
                ending = why(kind)
                self.book.resolve(id_, self._board.now_ms, offset, ending or self._ending(scope))

    def _ending(self, scope: str) -> Ending:
        """Why the alert of somebody ends who is not watched any more, or not now."""
        if self._presence.is_absent(scope):
            return "absent"
        return "unwatched" if self._presence.is_member(scope) else "left"

    def _working_time(self, team: str) -> WorkingTime | None:
        if not self._organisation.knows_team(team, self._board.now_ms):
            return None
        if team not in self._working:
            week = self._organisation.working_week(team)
            self._working[team] = WorkingTime(week, lambda day: self._organisation.zone(team, day)) if week else None
        return self._working[team]
