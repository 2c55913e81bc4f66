"""Stage 3: the larger scopes (a rep over all teams, a group of teams, the company), from the scoreboards' parts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.boards import concerned_homes as concerned
from pipeline.boards import restoring
from pipeline.boards.contest_parts import CONTESTS
from pipeline.boards.pending import Owed
from pipeline.boards.published_board import PublishedBoard
from pipeline.boards.reorganising import reorganising
from pipeline.kernel.load import Load
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.state_keys import (
    CONTEST_DAY,
    GONE,
    MEASURES,
    ORG,
    RECOGNISED,
    REDRAWN,
    cut_pane_key,
    pane_key,
    pane_prefix,
    read_pane_prefix,
)
from pipeline.kernel.store import Store
from pipeline.measures import COMPANY
from pipeline.organisation.copies import OrganisationCopies, is_copy
from pipeline.organisation.industry import IndustryFigures
from pipeline.organisation.organisation import Organisation
from pipeline.recognition.achievements import Achievements
from pipeline.recognition.contest_board import ContestBoard
from pipeline.recognition.kept_days import KeptDays
from pipeline.recognition.recognition_book import RecognitionBook
from pipeline.scores.beside import Beside
from pipeline.scores.board import DRAW, Board, BoardPolicy
from pipeline.scores.board_time import COOLED_AT_ONCE
from pipeline.scores.cold_panes import Kept, Measures, Pane, behind, measures_of, pack, unpack
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.home import ChildPanes, Home
from pipeline.scores.home_calendar import HomeCalendar
from pipeline.scores.panes import slot_of
from schemas import parts
from schemas.recognition import Recognition


class Rollup(PublishedBoard):
    """The fold over one partition of the parts: a board of larger scopes, each the sum of its children's panes.

    A child's pane is kept as it was last sent, `[offset, changed_ms, measures, first_ms, generation, child_offset]`,
    the highest `(generation, child_offset)` wins, and what it differs by goes to the home. Of one that comes in pieces
    the number of the last one stands behind. Scalars: `now_ms`, `seen` (the highest generation and offset of each
    scoreboard), `copies`.
    """

    stage = "rollup"

    def __init__(
        self,
        partition: int,
        store: Store,
        partitions: int,
        policy: BoardPolicy | None = None,
        definition: Definition = DEFINITION,
    ) -> None:
        self.partition = partition
        self.partitions = partitions
        self.policy = policy or BoardPolicy()
        self.store = store
        self.organisation = Organisation(self.policy.currency)
        self.board = Board(self.policy, HomeCalendar(self.organisation), definition)
        self._copies = OrganisationCopies(store, self.organisation)
        self._industry = IndustryFigures(self.organisation)
        self._told_industry = False
        """Whether the company's figures of industry were told as they are: a worker that begins does not know."""
        self._owed = Owed(store, self.board)
        self._load = Load()
        self._recognised = RecognitionBook(store)
        self.board.marking.also_marked.append(self._recognised.marking_since)
        self._kept = KeptDays(store, self.board)
        self._achievements = Achievements(store, self.organisation, self.board, self._recognised, self._kept, "reps")
        self._contests = ContestBoard(store, self.organisation, self._recognised, self._kept)
        self._has_contests = partition_of(COMPANY, partitions) == partition
        self._children: dict[str, dict[str, bytes]] = {}
        """By home: its children, with what the keys of their panes begin with."""

    def restore(self) -> Iterator[None]:
        """Rebuild the homes from the panes of their children; a turn for others now and then."""
        now_ms = self.store.scalars.get("now_ms", -1)
        held = yield from restoring.others(self.store)
        yield from self._load.turns(self._copies.restore(now_ms, held[ORG]))
        of_home: dict[str, ChildPanes] = {}
        of_prefix: dict[bytes, ChildPanes] = {}
        for panes in restoring.panes(self.store):
            for key, kept in panes:
                prefix, slot = cut_pane_key(key)
                children = of_prefix.get(prefix)
                if children is None:
                    name, child = read_pane_prefix(prefix)
                    self._prefix(name, child)
                    children = of_prefix[prefix] = of_home.setdefault(name, ChildPanes())
                children.add(slot, kept)
            yield
        for name, children in of_home.items():
            yield from self._load.turns(children.form(self._home(name).total))
        for key, measures in held[MEASURES]:
            if home := self.board.find(key[1:].decode()):
                self.board.recall(home, measures)
        yield from self._load.turns(self.board.restore(now_ms, self.store.position))
        yield from self._load.turns(self._keeping_cooled())
        self.board.currency = self.organisation.currency
        self.board.places = self.organisation.stage_places()
        self._owed.restore([*held[GONE], *held[REDRAWN]])
        self._kept.restore()
        self._recognised.restore(held[RECOGNISED])
        self._contests.restore(held[CONTEST_DAY])
        self._achievements.restore()

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Apply parts and organisation copies, in order. Sends nothing: what changed is taken between folds."""
        for record in records:
            work = 1
            if is_copy(record.headers):
                yield from self._organise(record)
            elif record.value is not None:
                given = parts.unpack(record.value)
                yield from self._advance(given.now_ms, record.offset)
                yield from self._apply(given, record.offset)
                if self._has_contests:
                    self._contests.judge(given.partition, given.now_ms, record.offset)
                work += len(given.panes)
            self.board.position = record.offset
            if self._load.add(work):
                yield ()
        for scope in self.board.touched:
            self.board.note_late(scope)
            scope.touched.clear()
        self.board.touched.clear()
        for _ in self._load.turns(self._keeping_cooled()):
            yield ()
        for home in self.board.take_learnt():
            self.store.put(MEASURES + home.name.encode(), sorted(home.measures))
        self._owed.keep()

    def take_recognition(self) -> list[Recognition]:
        """The contests that stand otherwise, and what reps achieved, or did not after all, since it was last taken."""
        return self._recognised.take(self.board.generation)

    def recognition(self) -> list[Recognition]:
        """All contests as they stand, and all that was told of what reps achieved."""
        return self._recognised.all(self.board.generation)

    def recognised(self) -> Mapping[tuple[str, str], int]:
        """How many entries of recognition there are, by kind and state."""
        return self._recognised.counts

    def beside(self, home: str) -> Beside:
        """What stands beside the figures of a larger scope: those of an industry, where it is the company."""
        return Beside(industry=self._industry.of(home))

    def take_regrouped(self) -> list[str]:
        """The company, where it shows other figures of industry than when this was asked last; nobody is ranked."""
        told, self._told_industry = self._told_industry, True
        return [] if told or not self.board.has_home(COMPANY) else [COMPANY]

    def cut(self) -> dict[str, Any] | None:
        """Where figures taken now stand in the log, and the highest position seen of each scoreboard."""
        return {
            "stage": self.stage,
            "partition": self.partition,
            "offset": self.board.position,
            "now_ms": self.board.now_ms,
            "seen": {f"facts/{sender}": offset for sender, (_, offset) in sorted(self._seen().items())},
        }

    def _organise(self, record: Record) -> Iterator[Sequence[Send]]:
        for change in self._copies.apply(record):
            self._contests.organised(change)
            self._industry.organised(change)
            self._told_industry = self._told_industry and not change.subject.startswith("benchmark:")
            steps = reorganising(self.board, self._achievements, self.organisation, change, record.offset)
            for _ in self._load.turns(steps):
                yield ()
            for name in sorted(concerned.groups(change)):
                if home := self.board.find(name):
                    self.board.publish(home, published=self._shown(name))
                    if self._load.add(DRAW):
                        yield ()
            if self._load.add():
                yield ()

    def _apply(self, given: parts.Parts, offset: int) -> Iterator[Sequence[Send]]:
        generation, reached = self._seen().get(str(given.partition), (given.generation, -1))
        if given.generation < generation:
            return
        if given.generation > generation:
            yield from self._drop(given.partition, offset)
            reached = -1
        for pane in given.panes:
            if pane.home == CONTESTS and pane.day is not None:
                self._contests.take_in(pane.child, pane.day, pane.measures, [given.generation, pane.offset])
            else:
                self._take_in(pane, given.generation, offset)
            reached = max(reached, pane.offset)
        self._seen()[str(given.partition)] = [given.generation, reached]

    def _take_in(self, pane: parts.Pane, generation: int, offset: int) -> None:
        slot = slot_of(pane.day, pane.minute)
        if (slot > 0 and slot < self.board.first_day) or (slot < 0 and -slot < self.board.first_minute):
            return
        key = pane_key(self._prefix(pane.home, pane.child), slot)
        old = _warm(self.store.get(key))
        version = [generation, pane.offset, pane.piece] if pane.piece else [generation, pane.offset]
        if old is not None and old[4:] >= version:
            return
        first_ms = min(old[3], pane.first_ms) if old else pane.first_ms
        before = old[2] if old else {}
        measures = {**before, **pane.measures} if pane.piece else pane.measures
        delta = _difference(measures, before)
        home = self._home(pane.home)
        if old is not None and not delta:
            self.store.put(key, pack(old[:4], *version) if self.board.is_cold(home, slot) else [*old[:4], *version])
            return
        self.store.put(key, [offset, pane.changed_ms, measures, first_ms, *version])
        self._add(home, slot, delta, offset, pane.changed_ms, first_ms)

    def _keeping_cooled(self) -> Iterator[int]:
        """What was packed as time went on is packed in the state too, child by child; yields the work."""
        for scope, slot in self.board.take_cooled():
            prefixes = list(self._children.get(scope.home.name, {}).values())
            for prefix in prefixes:
                key = pane_key(prefix, slot)
                if isinstance(pane := self.store.get(key), list):
                    self.store.replace(key, pack(pane[:4], *pane[4:]))
            yield 1 + len(prefixes) // COOLED_AT_ONCE

    def _prefix(self, home: str, child: str) -> bytes:
        children = self._children.setdefault(home, {})
        prefix = children.get(child)
        if prefix is None:
            prefix = children[child] = pane_prefix(home, child)
        return prefix

    def _add(
        self, home: Home, slot: int, delta: Measures, offset: int, changed_ms: int, first_ms: int | None = None
    ) -> None:
        day, minute = (slot if slot > 0 else None), (-slot if slot < 0 else None)
        self.board.add(home.total, day, minute, delta, offset, changed_ms, first_ms)
        watched = self._achievements.watched
        if day is not None and watched and not watched.isdisjoint(delta):
            self._achievements.changed(home, day, delta, offset)
        if self.board.see(home, delta):
            self.store.put(MEASURES + home.name.encode(), sorted(home.measures))

    def _drop(self, sender: int, offset: int) -> Iterator[Sequence[Send]]:
        """A scoreboard began anew, from an empty state: what it sent before no longer holds."""
        self._contests.drop([child for child in self._contests.children() if self._is_of(child, sender)])
        dropped: list[tuple[bytes, Measures]] = []
        for panes in restoring.panes(self.store):
            for key, kept in panes:
                child = read_pane_prefix(cut_pane_key(key)[0])[1]
                if self._is_of(child, sender):
                    dropped.append((key, measures_of(kept)))
            yield ()
        for key, measures in dropped:
            prefix, slot = cut_pane_key(key)
            self._add(
                self._home(read_pane_prefix(prefix)[0]), slot, _difference({}, measures), offset, self.board.now_ms
            )
            self.store.delete(key)
            if self._load.add():
                yield ()

    def _is_of(self, child: str, sender: int) -> bool:
        """Whether a child comes from a scoreboard."""
        return partition_of(f"team:{_team(child)}", self.partitions) == sender

    def _advance(self, now_ms: int, offset: int) -> Iterator[Sequence[Send]]:
        if now_ms <= self.board.now_ms:
            return
        self.organisation.now_ms = now_ms
        first_day = self.board.first_day
        expired = self.board.advance(now_ms)
        for scope, slot in expired:
            for prefix in self._children.get(scope.home.name, {}).values():
                self.store.delete(pane_key(prefix, slot))
        for name in sorted({scope.home.name for scope, _ in expired}):
            if self.board.has_home(name):
                continue
            self.store.delete(MEASURES + name.encode())
            self._children.pop(name, None)
        if self.board.first_day > first_day:
            self._kept.expire()
            self._contests.expire()
        self.store.scalars["now_ms"] = now_ms
        due = self.organisation.schedule.due(now_ms)
        for _ in self._load.turns(self.board.refresh(self.organisation.currency, due)):
            yield ()
        for _ in self._load.turns(self._achievements.moved(due, offset)):
            yield ()

    def _home(self, name: str) -> Home:
        if found := self.board.find(name):
            return found
        home = self.board.home(name, published=self._shown(name))
        home.total.rep = name.partition(":")[2] if name.startswith("rep:") else ""
        return home

    def _shown(self, name: str) -> bool:
        """Whether a larger scope is one: a group is while there are teams below it."""
        kind, _, team = name.partition(":")
        return kind != "group" or bool(self.organisation.children(team))

    def _seen(self) -> dict[str, list[int]]:
        seen: dict[str, list[int]] = self.store.scalars.setdefault("seen", {})
        return seen


def _warm(kept: Kept | None) -> Pane | None:
    """A child's pane with its version behind it, however it is kept."""
    return [*unpack(kept), *behind(kept)] if isinstance(kept, bytes) else kept


def _difference(new: Measures, old: Measures) -> Measures:
    before = old.get
    delta = {name: change for name, value in new.items() if (change := value - before(name, 0))}
    if not old.keys() <= new.keys():
        delta.update({name: -value for name, value in old.items() if name not in new})
    return delta


def _team(child: str) -> str:
    return child.partition("@")[2] if child.startswith("rep:") else child.partition(":")[2]
