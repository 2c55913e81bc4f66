"""Stage 2: what the facts add up to, for each team and each rep within it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.alerts.alert_evaluator import AlertEvaluator
from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.feed_watch import Partition
from pipeline.alerts.rule import TeamRule
from pipeline.alerts.rules import TEAM_RULES
from pipeline.boards import concerned_homes as concerned
from pipeline.boards import restoring
from pipeline.boards.beside_teams import BesideTeams
from pipeline.boards.parts_outbox import PartsOutbox
from pipeline.boards.pending import Owed
from pipeline.boards.published_board import PublishedBoard
from pipeline.boards.reorganising import reorganising
from pipeline.boards.timelines import Timelines
from pipeline.kernel.load import Load
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.state_keys import (
    ANCESTORS,
    GONE,
    HOURS,
    MEASURES,
    ORG,
    RECOGNISED,
    REDRAWN,
    STRETCHES,
    cut_pane_key,
    hours_key,
    pane_key,
    pane_prefix,
    read_pane_prefix,
)
from pipeline.kernel.store import Store
from pipeline.measures import ACTIVITIES, COMPANY
from pipeline.organisation.alert_settings import AlertSettings
from pipeline.organisation.copies import OrganisationCopies, is_copy
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.working_time import WorkingTime
from pipeline.recognition.achievements import Achievements
from pipeline.recognition.kept_days import KeptDays
from pipeline.recognition.recognition_book import RecognitionBook
from pipeline.scores.activity_hours import QUARTER_MINUTES, QUARTER_MS
from pipeline.scores.beside import Beside
from pipeline.scores.board import Board, BoardPolicy
from pipeline.scores.board_time import COOLED_AT_ONCE
from pipeline.scores.cold_panes import Measures, merge
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.home import ChildPanes, Home, Scope
from pipeline.scores.home_calendar import HomeCalendar
from pipeline.scores.timeline import STEMS
from schemas import facts
from schemas.alerts import Alert
from schemas.recognition import Recognition

PARTS_LIMIT = 20_000
"""About so many panes are taken at a time."""


class Scoreboard(PublishedBoard):
    """The fold over one partition of the facts: a board of teams and reps, parts for larger scopes, alerts.

    Panes of reps within their team are kept in the state, everything else follows from them. Scalars: `now_ms`,
    `seen` (the last part applied from each origin, and whether it closed its offset), `clocks` (the time that each
    origin has told), `feeds`, `copies`. A backtest asks some `rules` only, and has `settings` of its own for them.
    """

    stage = "scoreboard"

    def __init__(
        self,
        partition: int,
        store: Store,
        partitions: int,
        policy: BoardPolicy | None = None,
        definition: Definition = DEFINITION,
        alerts: AlertPolicy | None = None,
        rules: Sequence[TeamRule] = TEAM_RULES,
        settings: AlertSettings | None = None,
    ) -> None:
        self.partition = partition
        self.policy = policy or BoardPolicy()
        self.store = store
        self.organisation = Organisation(self.policy.currency, alert_settings=settings)
        self.board = Board(self.policy, HomeCalendar(self.organisation), definition)
        self._copies = OrganisationCopies(store, self.organisation)
        self._owed = Owed(store, self.board)
        self._outbox = PartsOutbox(store, self.organisation, partition, partitions)
        self._alerts = AlertEvaluator(
            store, self.board, self.organisation, alerts or AlertPolicy(), Partition(partition, partitions), rules
        )
        self._beside = BesideTeams(self.organisation, self.board, self._alerts)
        self._recognised = RecognitionBook(store)
        self._timelines = Timelines(store, self.board)
        self._kept = KeptDays(store, self.board)
        self._achievements = Achievements(store, self.organisation, self.board, self._recognised, self._kept, "teams")
        self.board.marking.also_marked += [self._alerts.book.marking_since, self._recognised.marking_since]
        self._load = Load()
        self._sums: dict[Home, dict[tuple[int | None, int | None], Measures]] = {}
        self._leaves: dict[tuple[str, str], Scope] = {}
        self._judged_ms = -1

    # The stage.

    def restore(self) -> Iterator[None]:
        """Rebuild everything that follows from the panes in the store; a turn for others now and then."""
        now_ms = self.store.scalars.get("now_ms", -1)
        self._judged_ms = min(self.store.scalars.get("clocks", {}).values(), default=-1)
        held = yield from restoring.others(self.store)
        yield from self._load.turns(self._copies.restore(now_ms, held[ORG]))
        leaves: dict[bytes, Scope] = {}
        for panes in restoring.panes(self.store):
            for key, pane in panes:
                prefix, slot = cut_pane_key(key)
                leaf = leaves.get(prefix)
                if leaf is None:
                    leaf = leaves[prefix] = self._leaf(*read_pane_prefix(prefix))
                leaf.of_slot(slot)[abs(slot)] = pane
            yield
        yield from self._load.turns(self._restoring_hours(held[HOURS]))
        stretches = ((*cut_pane_key(key), measures) for key, measures in held[STRETCHES])
        timelines = ((self._leaf(*read_pane_prefix(prefix)), *each) for prefix, *each in stretches)
        yield from self._load.turns(self._timelines.restore(now_ms, timelines))
        for home in self._homes():
            children = ChildPanes()
            scopes = [scope for scope in home.scopes.values() if scope is not home.total]
            yield from self._load.turns(map(children.add_all, scopes))
            yield from self._load.turns(children.form(home.total))
            self.board.recall(home, self.store.get(MEASURES + home.name.encode()) or ())
        yield from self._load.turns(self.board.restore(now_ms, self.store.position))
        yield from self._load.turns(self._keeping_cooled())
        self.board.currency = self.organisation.currency
        self.board.places = self.organisation.stage_places()
        self._owed.restore([*held[GONE], *held[REDRAWN]])
        self._outbox.restore(held[ANCESTORS])
        self._alerts.restore(held)
        self._kept.restore()
        self._recognised.restore(held[RECOGNISED])
        self._achievements.restore()

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Apply facts and organisation copies, in order. Sends nothing: what changed is taken between folds."""
        for record in records:
            work = 1
            if is_copy(record.headers):
                yield from self._organise(record)
            elif record.value is not None:
                given = facts.unpack(record.value)
                judged_ms = self._judged_ms
                self._apply(given, record.offset)
                yield from self._watch_since(judged_ms, record.offset)
                work += sum(len(entry.cells) for entry in given.entries)
            self.board.position = record.offset
            if self._load.add(work):
                yield ()
        self._keep()
        for _ in self._load.turns(self._keeping_cooled()):
            yield ()

    # What is taken between folds.

    def take_parts(self, limit: int = PARTS_LIMIT) -> list[Send]:
        """Records for the parts topic: the panes that changed since they were last taken, and the clock."""
        if new := self._outbox.contests.renew():
            self._outbox.note_entrants(new, self._homes())
        return self._outbox.take(self.board.generation, self.board.now_ms, limit)

    def mark_parts_since(self, offset: int | None) -> None:
        """Take again what changed after a position; None: everything."""
        self._outbox.mark_since(self._homes(), offset)

    def take_alerts(self) -> list[Alert]:
        """The alerts that opened or were resolved since they were last taken."""
        return self._alerts.book.take(self.board.generation)

    def open_alerts(self) -> list[Alert]:
        """The alerts that are open now."""
        return self._alerts.book.alerts(self.board.generation)

    def take_recognition(self) -> list[Recognition]:
        """What teams achieved, or did not after all, since it was last taken; contests are in the rollup."""
        return self._recognised.take(self.board.generation)

    def recognition(self) -> list[Recognition]:
        """All that was told of what teams achieved."""
        return self._recognised.all(self.board.generation)

    def recognised(self) -> Mapping[tuple[str, str], int]:
        """How many entries of recognition there are, by kind and state."""
        return self._recognised.counts

    def beside(self, home: str) -> Beside:
        """What stands beside the figures of a team now."""
        return self._beside.of(home)

    def take_regrouped(self) -> list[str]:
        """The homes beside whose figures something else stands than when this was asked last."""
        return self._beside.take_changed()

    def working(self) -> dict[str, bool]:
        """Whether each team that has working hours works now, by home."""
        return self._alerts.working()

    def working_times(self) -> dict[str, WorkingTime]:
        """The working time of each team that has working hours, by home."""
        return self._alerts.working_times()

    def feeds(self) -> dict[str, int]:
        """When each source system was last heard, epoch milliseconds of append time."""
        return dict(self.store.scalars.get("feeds", {}))

    def missed_feeds(self) -> dict[tuple[str, str], bool]:
        """Whether each source system is missed by each team of this partition that expects it, by home and source."""
        return self._alerts.feeds.missed()

    def cut(self) -> dict[str, Any] | None:
        """Where figures taken now stand in the log; None while an offset of a source is half applied."""
        seen = self.store.scalars.get("seen", {})
        if not all(last for _, _, last in seen.values()):
            return None
        return {
            "stage": self.stage,
            "partition": self.partition,
            "offset": self.board.position,
            "now_ms": self.board.now_ms,
            "seen": {origin: offset for origin, (offset, _, _) in sorted(seen.items())},
        }

    # Applying one record.

    def _organise(self, record: Record) -> Iterator[Sequence[Send]]:
        for change in self._copies.apply(record):
            self._alerts.organised(change, record.offset)
            self._outbox.contests.organised(change, record.offset)
            self._beside.organised(change)
            for team in sorted(concerned.linked(change, self.organisation)):
                if home := self.board.find(f"team:{team}"):
                    self._outbox.link(home, record.offset, self.board.now_ms)
                    if self._load.add():
                        yield ()
            steps = reorganising(self.board, self._achievements, self.organisation, change, record.offset)
            for _ in self._load.turns(steps):
                yield ()
            if self._load.add():
                yield ()

    def _apply(self, given: facts.Facts, offset: int) -> None:
        origin = f"{given.topic}/{given.partition}"
        self._advance(given.now_ms, offset)
        self._tell_time(origin, given.now_ms)
        self._alerts.feeds.hear(given.feeds, given.served)
        seen = self.store.scalars.setdefault("seen", {})
        at_offset, at_part, last = seen.get(origin, (-1, -1, True))
        for entry in given.entries:
            if (entry.offset, entry.part) <= (at_offset, at_part):
                continue
            at_offset, at_part, last = entry.offset, entry.part, entry.last
            for cell in entry.cells:
                self._add(cell, offset)
        seen[origin] = [at_offset, at_part, last]
        self._add_up(offset)

    def _watch_since(self, judged_ms: int, offset: int) -> Iterator[Sequence[Send]]:
        """Look who is silent, once a minute is over that was not when time was judged up to `judged_ms`; in turns."""
        if self._judged_ms // MINUTE_MS > judged_ms // MINUTE_MS:
            for _ in self._load.turns(self._alerts.minute(judged_ms, self._judged_ms, offset)):
                yield ()

    def _tell_time(self, origin: str, now_ms: int) -> None:
        """Note the time that an origin has told; `_judged_ms` is the least that any has."""
        clocks: dict[str, int] = self.store.scalars.setdefault("clocks", {})
        before_ms = clocks.get(origin, -1)
        if now_ms > before_ms:
            clocks[origin] = now_ms
            if before_ms <= self._judged_ms:
                self._judged_ms = min(clocks.values())

    def _advance(self, now_ms: int, offset: int) -> None:
        if now_ms <= self.board.now_ms:
            return
        # Local days begin at quarter-hours: then teams may have a special day, or none any more. Limits follow so too.
        if now_ms // QUARTER_MS != self.board.now_ms // QUARTER_MS:
            self._beside.moved()
        shortened, first_day = self._timelines.advance(now_ms), self.board.first_day
        for scope, slot in self.board.advance(now_ms):
            scope.active_known = False
            if scope is not scope.home.total:
                self.store.delete(pane_key(scope.prefix, slot))
            self._let_go(scope)
        for scope in shortened:
            self._let_go(scope)
        if self.board.first_day > first_day:
            self._kept.expire()
        self.store.scalars["now_ms"] = now_ms
        self.organisation.now_ms = now_ms
        if due := [*self.organisation.schedule.due(now_ms), *self._alerts.due(now_ms)]:
            self._alerts.moved(due, offset)
            self._beside.moved()

    def _let_go(self, scope: Scope) -> None:
        """Called once something of a scope expired: a rep of whom nothing is left is none, likewise a home."""
        if scope is not scope.home.total and scope.empty:
            self._leaves.pop((scope.home.name.partition(":")[2], scope.rep), None)
        if not self.board.has_home(scope.home.name):
            self.store.delete(MEASURES + scope.home.name.encode())

    def _add(self, cell: facts.Cell, offset: int) -> None:
        team, rep, day, minute, measures = cell
        board = self.board
        if day is None and minute is not None:
            self._add_stretches(cell, minute, offset)
            return
        if day is not None and day < board.first_day and (minute is None or minute < board.first_minute):
            return  # Of panes that are gone: no scope begins with them, and no family of KPIs.
        leaf = self._leaves.get((team, rep)) or self._new_leaf(team, rep, offset)
        home = leaf.home
        board.add(leaf, day, minute, measures, offset, board.now_ms)
        if ACTIVITIES in measures:
            leaf.active_known = home.total.active_known = False
            if minute is None or minute < board.minute - board.minute % QUARTER_MINUTES:
                leaf.looked = home.total.looked = None
            self._alerts.activity(leaf, offset)
        if board.see(home, measures):
            self.store.put(MEASURES + home.name.encode(), sorted(home.measures))
        sums = self._sums.get(home)
        if sums is None:
            sums = self._sums[home] = {}
        if (day, minute) in sums:
            merge(sums[day, minute], measures)
        else:
            sums[day, minute] = dict(measures)

    def _add_stretches(self, cell: facts.Cell, hour: int, offset: int) -> None:
        """A cell with a minute and no day is of a rep's timeline, which is nobody else's."""
        team, rep, *_, measures = cell
        if not self._timelines.takes(hour):
            return
        leaf = self._leaves.get((team, rep)) or self._new_leaf(team, rep, offset)
        self._timelines.add(leaf, hour, measures)
        if self.board.see(leaf.home, STEMS):
            self.store.put(MEASURES + leaf.home.name.encode(), sorted(leaf.home.measures))

    def _add_up(self, offset: int) -> None:
        """Add to each team what one record brought its reps: once per cell of the team, not of each rep."""
        board, watched = self.board, self._achievements.watched
        for home, sums in self._sums.items():
            for (day, minute), measures in sums.items():
                board.add(home.total, day, minute, measures, offset, board.now_ms)
                if day is not None and watched and not watched.isdisjoint(measures):
                    self._achievements.changed(home, day, measures, offset)
            if not home.total.active_known:
                self._alerts.activity(home.total, offset)
        self._sums.clear()

    def _new_leaf(self, team: str, rep: str, offset: int) -> Scope:
        leaf = self._leaf(team, rep)
        self._outbox.link(leaf.home, offset, self.board.now_ms)
        return leaf

    def _leaf(self, team: str, rep: str) -> Scope:
        """The scope of a rep within a team. That of nobody, and all of the company's own, only add to their home."""
        leaf = self._leaves.get((team, rep))
        if leaf is None:
            home = self.board.home(f"team:{team}", published=team != COMPANY)
            published = bool(rep) and team != COMPANY
            leaf = self.board.scope(home, f"rep:{rep}@{team}", rep=rep, published=published)
            leaf.prefix = pane_prefix(team, rep)
            self._leaves[team, rep] = leaf
        return leaf

    def _homes(self) -> list[Home]:
        return [self.board.home(name) for name in self.board.homes()]

    def _keeping_cooled(self) -> Iterator[int]:
        """The state holds the panes that were packed as the board does: they are one object. Yields the work."""
        for number, (scope, slot) in enumerate(self.board.take_cooled()):
            if scope is not scope.home.total and (pane := scope.kept(slot)) is not None:
                self.store.replace(pane_key(scope.prefix, slot), pane)
            if number % COOLED_AT_ONCE == 0:
                yield 1

    def _restoring_hours(self, entries: Iterable[tuple[bytes, bytes]]) -> Iterator[int]:
        """Activities by the hour, of reps and, as their sum, of teams. Yields the work."""
        for number, (key, packed) in enumerate(entries):
            prefix, day = cut_pane_key(key)
            leaf = self._leaf(*read_pane_prefix(prefix))
            leaf.hours.days[day] = packed
            leaf.home.total.hours.add_day(day, packed)
            if number % COOLED_AT_ONCE == 0:
                yield 1

    def _keep_hours(self) -> None:
        for scope, day in self.board.take_hourly():
            if scope is scope.home.total:
                continue
            if (packed := scope.hours.days.get(day)) is None:
                self.store.delete(hours_key(scope.prefix, day))
            else:
                self.store.put(hours_key(scope.prefix, day), packed)

    def _keep(self) -> None:
        """Put what the batch touched into the state, and note it for the larger scopes."""
        for scope in self.board.touched:
            self.board.note_late(scope)
            if scope is not scope.home.total:
                for slot in scope.touched:
                    if (pane := scope.kept(slot)) is not None:
                        self.store.put(pane_key(scope.prefix, slot), pane)
            self._outbox.note(scope, scope.touched)
            scope.touched.clear()
        self.board.touched.clear()
        self._keep_hours()
        self._timelines.keep()
        for home in self.board.take_learnt():
            self.store.put(MEASURES + home.name.encode(), sorted(home.measures))
        self._owed.keep()
