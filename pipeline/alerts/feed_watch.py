"""Which feeds are silent: whether source systems are heard as usual by the teams that they serve."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipeline.alerts.alert_book import AlertBook
from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.feed_book import SLOT_MS, Feed, FeedBook, Use
from pipeline.alerts.feed_silent import FEED_SILENT, feed_silence, usual_pause_ms
from pipeline.alerts.feed_staffing import Roll
from pipeline.alerts.rule import Reason
from pipeline.alerts.silence import Silence, silence
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.store import Store
from pipeline.organisation.days import DAY_MS, MINUTE_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import WorkingTime
from pipeline.scores.board import Board
from schemas.alerts import Ending

WorkingTimes = Callable[[str], WorkingTime | None]
"""The working time of a team; None of one that is not watched."""
Expecting = list[tuple[str, Use]]
"""Teams that expect a feed, by name."""


class Partition:
    """Which homes fall to one partition of a stage."""

    def __init__(self, number: int, partitions: int) -> None:
        self._number = number
        self._partitions = partitions

    def holds(self, home: str) -> bool:
        """Whether a home is this partition's."""
        return partition_of(home, self._partitions) == self._number


class FeedWatch:
    """Applies the rules to all feeds, and opens alerts of those whose names fall to this partition.

    A feed is expected of the teams that it served on several of their days. Silence is judged as of `minute`.
    """

    def __init__(
        self,
        store: Store,
        book: AlertBook,
        board: Board,
        organisation: Organisation,
        policy: AlertPolicy,
        mine: Partition,
        working_time: WorkingTimes,
    ) -> None:
        self._book = book
        self._board = board
        self._organisation = organisation
        self._policy = policy
        self._mine = mine
        self._working_time = working_time
        self._feeds = FeedBook(store)
        self._judged_ms = -1
        self._roll = Roll(self._judged_ms, self._at_work)

    def restore(self, feeds: Iterable[tuple[bytes, list[Any]]], teams: Iterable[tuple[bytes, list[Any]]]) -> None:
        """Called once the store was read, with what it has of feeds and of the teams they serve."""
        self._feeds.restore(feeds, teams)

    def forget_usual(self) -> None:
        """Called when working hours may have changed: what was found usual by others no longer holds."""
        self._feeds.forget_usual()

    def hear(self, heard: Mapping[str, int], served: Mapping[str, Mapping[str, int]]) -> None:
        """Called with what facts tell of sources: when each was heard, and for whom."""
        for source, at_ms in heard.items():
            self._feeds.hear(source, at_ms)
        for source, teams in served.items():
            for team, at_ms in teams.items():
                if self._organisation.knows_team(team) and (feed := self._feeds.hear(source, at_ms)):
                    self._feeds.serve(feed, team, at_ms, self._known_days(feed, team, at_ms))

    def minute(self, before_ms: int, judged_ms: int, offset: int) -> None:
        """Called with every new minute that is judged, and with the instant judged before."""
        self._judged_ms = judged_ms
        self._roll = Roll(judged_ms, self._at_work)
        new_day = before_ms // DAY_MS != judged_ms // DAY_MS
        if new_day:
            self._retire()
        self._watch(offset)
        if new_day:
            self._forget()

    def missed(self) -> dict[tuple[str, str], bool]:
        """Whether each feed is missed by each team of this partition that expects it, by home and source."""
        return {
            (home, feed.source): feed.missed_ms is not None
            for feed in self._feeds
            for team, _ in self._expecting(feed)
            if self._mine.holds(home := f"team:{team}")
        }

    def deaf(self, team: str) -> bool:
        """Whether a feed that a team expects is missed, or none was ever heard of."""
        feeds = self._feeds.of(team)
        return not feeds or any(feed.missed_ms is not None and self._expects(feed.teams[team]) for feed in feeds)

    def unsure(self, team: str, working: WorkingTime, rep_limit_minutes: int) -> bool:
        """Whether a feed that is usually heard more often than a rep has to be is quiet, and may turn out missed."""
        limit = self._limit_minutes(team)
        return any(
            silence(working, self._judged_ms, limit, feed.heard_ms) is not None
            and self._usual_pause_ms(feed, team, feed.teams[team], working) < rep_limit_minutes * MINUTE_MS
            for feed in self._feeds.of(team)
            if self._expects(feed.teams[team])
        )

    def _watch(self, offset: int) -> None:
        for feed in self._feeds:
            scope = f"feed:{feed.source}"
            expecting = self._expecting(feed)
            if (since_ms := feed.missed_ms) is not None:
                if feed.heard_ms > since_ms or not expecting:
                    self._feeds.miss(feed, None)
                    ending: Ending = "activity" if feed.heard_ms > since_ms else "unexpected"
                    self._book.resolve(f"{FEED_SILENT.kind}:{scope}", self._board.now_ms, offset, ending)
            elif found := self._missed(feed, expecting):
                self._feeds.miss(feed, found.since_ms)
            if feed.missed_ms is not None and self._mine.holds(scope):
                self._tell(feed, scope, [(team, use) for team, use in expecting if self._is_told(team)], offset)

    def _tell(self, feed: Feed, scope: str, telling: Expecting, offset: int) -> None:
        """Open the alert of a feed that is missed by a team that is told so, resolve it once there is none."""
        id_ = f"{FEED_SILENT.kind}:{scope}"
        if self._book.is_open(id_):
            if not telling:
                self._book.resolve(id_, self._board.now_ms, offset, "rule_off")
        elif found := self._missed(feed, telling):
            self._book.open(FEED_SILENT, scope, scope, self._board.now_ms, Reason(*found), offset)

    def _is_told(self, team: str) -> bool:
        """Whether the rule is on for a team. Where it is off, a feed that is missed hides the same all the same."""
        return self._organisation.alert_settings.of(FEED_SILENT.kind, team, "enabled", self._judged_ms) is not False

    def _limit_minutes(self, team: str) -> int:
        told = self._organisation.alert_settings.of(FEED_SILENT.kind, team, "limit_minutes", self._judged_ms)
        return told or self._policy.feed_silence_minutes

    def _expecting(self, feed: Feed) -> Expecting:
        """The teams of which a feed is expected: it spoke for them on several days."""
        return sorted((team, use) for team, use in feed.teams.items() if self._expects(use))

    def _expects(self, use: Use) -> bool:
        return len(use.days) >= self._policy.feed_known_days

    def _missed(self, feed: Feed, expecting: Expecting) -> Silence | None:
        """Whether any of the teams that expect a feed works and has missed it for too long."""
        for team, use in expecting:
            if (working := self._working_time(team)) and (found := self._silence(feed, team, use, working)):
                return found
        return None

    def _silence(self, feed: Feed, team: str, use: Use, working: WorkingTime) -> Silence | None:
        return feed_silence(
            working,
            self._judged_ms,
            self._limit_minutes(team),
            feed.heard_ms,
            lambda: self._usual_pause_ms(feed, team, use, working),
            lambda: self._roll.staffing(each for each, _ in self._expecting(feed)),
        )

    def _at_work(self, team: str, at_ms: int) -> int:
        """The present reps of a team if it works at an instant, one at least, since the feed spoke for somebody."""
        working = self._working_time(team)
        if working is None or not working.working(at_ms):
            return 0
        return max(len(self._organisation.members(team, self._judged_ms)), 1)

    def _usual_pause_ms(self, feed: Feed, team: str, use: Use, working: WorkingTime) -> int:
        """How long a feed pauses on a usual day of a team, by the days before today."""
        today = self._organisation.local_day(team, self._judged_ms)
        if use.usual is None or use.usual[0] != today:
            days = working.days(use.days[0], today - 1) if use.days else []
            start_ms = self._organisation.day_start_ms(team, days[0]) if days else 0
            heard = feed.heard_between(start_ms, self._organisation.day_start_ms(team, today)) if days else []
            use.usual = today, usual_pause_ms(
                heard, days, working, lambda at_ms: self._organisation.local_day(team, at_ms), SLOT_MS
            )  # fmt: skip
        return use.usual[1]

    def _known_days(self, feed: Feed, team: str, at_ms: int) -> list[int] | None:
        """The days on which a feed spoke for a team while that worked, of as many as count; None: as before."""
        working = self._working_time(team)
        day = self._organisation.local_day(team, at_ms)
        held = feed.teams[team].days if team in feed.teams else []
        if working is None or not working.working(at_ms) or day in held:
            return None
        found = sorted({*held, day})
        counting = working.days(found[0], found[-1])[-2 * max(self._policy.feed_known_days, 1) :]
        return [each for each in found if each >= counting[0]] if counting else found[-1:]

    def _retire(self) -> None:
        """Forget whom feeds no longer serve: whole days were worked without them, any days where no hours are set."""
        retired = self._policy.feed_retired_days
        for feed in self._feeds:
            for team, use in list(feed.teams.items()):
                first, today = (self._organisation.local_day(team, at_ms) for at_ms in (use.last_ms, self._judged_ms))
                working = self._working_time(team)
                days = len(working.days(first + 1, today - 1)) if working else today - first - 1
                if days >= retired:
                    self._feeds.leave(feed, team)

    def _forget(self) -> None:
        """Forget feeds that serve nobody and have been quiet for as long as that."""
        quiet_ms = self._policy.feed_retired_days * DAY_MS
        for feed in self._feeds:
            if not feed.teams and self._judged_ms - feed.heard_ms >= quiet_ms:
                self._feeds.forget(feed)
