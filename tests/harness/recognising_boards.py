"""Scoreboards and rollups behind a world's logs, until all is told: contests, achievements, figures."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, TypeVar

from pipeline.audit.achievements import ShownAchievement, compare_achievements, latest_achievements
from pipeline.audit.comparison import FIGURE_SCRIPTS
from pipeline.audit.contests import TOPIC, ShownContest, compare_contests, latest_contests
from pipeline.audit.database import Database
from pipeline.audit.report import Difference
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.store import Store
from pipeline.scores.definition import Definition
from pipeline.scores.figures import Figure
from pipeline.scores.kpis import KPIS
from pipeline.scores.ranks import RANKED
from pipeline.scores.rep_kpis import REP_KPIS
from schemas.recognition import Recognition
from tests.unit.boards.logs import LogRecord, fold, reread
from tests.unit.ledger.world import World

MOODS = ("coaching", "ratings", "surveys")
FORMED = Definition([kpi for kpi in KPIS if kpi.name in RANKED or kpi in REP_KPIS or kpi.family in MOODS])
S = TypeVar("S", Scoreboard, Rollup)


class RecognisingBoards:
    """Boards of all partitions of a world: `read` takes in what its logs have, in pieces and with restarts.

    `published` is what was told last of each window of a home: of KPIs that are ranked, for each rep at work, and of
    talks, ratings and surveys. Other figures are not formed.
    """

    def __init__(self, world: World, random: Random | None = None) -> None:
        self._world = world
        self._random = random
        numbers = range(world.partitions)
        self.boards = [self._begun(_scoreboard(n, Store(), world)) for n in numbers]
        self.rollups = [self._begun(_rollup(n, Store(), world)) for n in numbers]
        self._read = {(topic, n): 0 for topic in ("facts", "parts") for n in numbers}
        self._parts: list[list[LogRecord]] = [[] for _ in numbers]
        self.told: list[Recognition] = []
        self.published: dict[tuple[str, str], Figure] = {}

    def read(self) -> "RecognisingBoards":
        """Take in all that is new in the logs, and tell what follows from it."""
        while any(self._left(*place) for place in self._read):
            for n in range(self._world.partitions):
                self._fold_facts(n)
                self._fold_copies(n)
                self._send(n)
                if self._random and self._random.random() < 0.1:
                    self._restart(n)
        for n in range(self._world.partitions):
            if self._random:
                self._restart(n)  # What was told of the organisation last is judged with the next record.
            self._send(n)
        self._publish_all()
        return self

    def follow(self, plan: Iterable[Sequence[Any]], told: Callable[..., dict[str, Any]]) -> None:
        """Go through a plan, reading on after each step: `("pass", ms)` is time, of all else `told` makes an event."""
        for number, (kind, *what) in enumerate(plan):
            if kind == "pass":
                self._world.now_ms += what[0]
                self._world.tick()
                self._world.run()
            else:
                self._world.play([told(number, kind, *what)])
            self.read()

    @property
    def home(self) -> Rollup:
        """The rollup that has the contests."""
        return self.rollups[partition_of("company", self._world.partitions)]

    def contests(self) -> list[ShownContest]:
        """The contests that stand, as the audit finds them on their topic."""
        return latest_contests(self._records())

    def achievements(self) -> list[ShownAchievement]:
        """The same of achievements."""
        return latest_achievements(self._records())

    def homes(self) -> Iterator[tuple[str, str]]:
        """Teams, reps and the company, each with the log that its board reads."""
        yield "company", f"parts/{partition_of('company', self._world.partitions)}"
        for n, (board, stage) in enumerate(zip(self.boards, self.rollups, strict=True)):
            yield from ((home, f"facts/{n}") for home in board.board.homes())
            yield from ((home, f"parts/{n}") for home in stage.board.homes() if home.startswith("rep:"))

    def _records(self) -> list[LogRecord]:
        told = [each for board in self.boards for each in board.recognition()]
        told += [each for stage in self.rollups for each in stage.recognition()]
        return [LogRecord(n, each.model_dump_json().encode(), key=each.id.encode()) for n, each in enumerate(told)]

    def _begun(self, stage: S) -> S:
        list(stage.restore())
        stage.board.generation = 1
        return stage

    def _left(self, topic: str, n: int) -> int:
        return len(self._world.logs.get((topic, n), ())) - self._read[topic, n]

    def _new(self, topic: str, n: int) -> Iterator[LogRecord]:
        left = self._left(topic, n)
        take = left if self._random is None else min(left, self._random.randrange(1, 400))
        start = self._read[topic, n]
        self._read[topic, n] += take
        for record in self._world.logs.get((topic, n), [])[start : start + take]:
            yield LogRecord(record.offset, record.value, record.timestamp, record.key, record.headers)

    def _fold_facts(self, n: int) -> None:
        fold(self.boards[n], self._new("facts", n))

    def _fold_copies(self, n: int) -> None:
        for copy in self._new("parts", n):
            self._append(n, copy.value, tuple(copy.headers))

    def _append(self, n: int, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> None:
        log = self._parts[n]
        log.append(LogRecord(len(log), value, headers=headers))
        fold(self.rollups[n], log[-1:])

    def _send(self, n: int) -> None:
        while sends := self.boards[n].take_parts():
            for send in sends:
                self._append(send.partition, send.value, ())
        self.told += self.home.take_recognition()

    def _publish_all(self) -> None:
        for board in (*(stage.board for stage in self.boards), *(stage.board for stage in self.rollups)):
            for figure in board.take(slow=True):
                if figure.gone:
                    self.published.pop((figure.scope, figure.window), None)
                else:
                    self.published[figure.scope, figure.window] = figure

    def _restart(self, n: int) -> None:
        self._publish_all()
        position = self.boards[n].store.position
        self.boards[n] = self._begun(_scoreboard(n, reread(self.boards[n].store), self._world))
        self.boards[n].mark_parts_since(position)
        self.rollups[n] = self._begun(_rollup(n, reread(self.rollups[n].store), self._world))


def _scoreboard(partition: int, store: Store, world: World) -> Scoreboard:
    return Scoreboard(partition, store, world.partitions, definition=FORMED)


def _rollup(partition: int, store: Store, world: World) -> Rollup:
    return Rollup(partition, store, world.partitions, definition=FORMED)


def recognition_differences(
    database: Database, world: World, boards: RecognisingBoards
) -> tuple[list[Difference], int, int]:
    """What the audit finds after a cut through whole logs, and how many numbers it compared: contests, achievements."""
    database.execute("DELETE FROM bound")
    database.fill("bound", [{"log": f"{topic}/{n}", "below": len(log)} for (topic, n), log in world.logs.items()])
    database.execute("DELETE FROM home")
    now_ms = max(record.timestamp for log in world.logs.values() for record in log)
    database.fill("home", ({"home": home, "log": log, "now_ms": now_ms} for home, log in boards.homes()))
    for table in ("counted", "counted_sample"):
        database.execute(f"DELETE FROM {table}")
    database.execute("INSERT INTO counted FROM cell")
    for script in ("coverage", *FIGURE_SCRIPTS):
        database.run(script)
    found, contests = compare_contests(database, boards.contests(), [TOPIC])
    more, achievements = compare_achievements(database, boards.achievements(), [TOPIC])
    return found + more, contests, achievements
