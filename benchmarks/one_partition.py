"""All five stages on one partition of each log, in one process: processor time, the longest step, and what goes out.

Figures are taken in rounds as a publisher does; what they would write to Kafka and Redis is formed and counted.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from aiokafka.codec import zstd_encode

from benchmarks.events import Arrival
from benchmarks.inbox import DOMAINS, Line, ledger_of
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.config.settings import load_settings
from pipeline.kernel.stage import Send
from pipeline.ledger.roster import Roster, RosterPolicy
from pipeline.policies import board_policy
from pipeline.publishing.publisher import PANES_AT_ONCE
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.definition import DEFINITION
from pipeline.scores.figures import Figure, record
from pipeline.sinks.redis_guard import HomeWrites
from pipeline.sinks.redis_home import HomeBatch, HomeMemory, kind_of, render
from pipeline.sinks.redis_keys import Keys
from schemas.control import TICK
from tests.harness.proofs import PROOFS, signed

SCOPES_AT_ONCE = 20
LIVES_SECONDS = 86_400
KEYS = Keys("bench")
LEAST_SECONDS = 0.005
"""What takes less is not printed."""
INPUTS = {"org.changes": "roster", "crm.events": "crm", "telephony.events": "telephony", "facts": "scoreboard",
          "parts": "rollup"}  # fmt: skip
ORDER = tuple(INPUTS)
EVERYTHING, PUBLISHED = BoardPolicy(), board_policy(load_settings({}))
"""Boards that publish everything, and those that publish what is chosen by default."""


class Spent:
    """Seconds of processor time by what they were spent on: in all, and in the longest step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.longest: dict[str, float] = defaultdict(float)

    def steps(self, name: str, of: Iterable[Any]) -> Iterator[Any]:
        """Go through steps, each of which counts by itself."""
        steps, done = iter(of), object()
        while (step := self.step(name, lambda: next(steps, done))) is not done:
            yield step

    def step(self, name: str, of: Callable[[], Any]) -> Any:
        """Do one step."""
        began = time.process_time()
        found = of()
        spent = time.process_time() - began
        self.seconds[name] += spent
        self.longest[name] = max(self.longest[name], spent)
        return found

    def clear(self) -> None:
        """Begin anew."""
        self.seconds.clear()
        self.longest.clear()


class Out:
    """What one board has published since this was begun."""

    def __init__(self) -> None:
        self.figures = 0
        self.kpi_bytes = 0
        self.redis_bytes = 0
        self.by_kind: Counter[str] = Counter()
        """Bytes of KPI records, by kind of window; rolling ones by their length."""
        self.packed_bytes = 0
        """Bytes of KPI records where each publication is compressed as one batch."""


class OnePartition:
    """The stages, behind one another."""

    def __init__(self, organisation: Sequence[Arrival], now_ms: int, policy: BoardPolicy = PUBLISHED) -> None:
        self.spent = Spent()
        self.events = 0
        self.out: dict[str, Out] = {}
        self.now_ms = now_ms
        self._lines: dict[str, Line[Any]] = {
            "org.changes": Line(lambda store: Roster(0, 1, store, RosterPolicy(), PROOFS)),
            **{topic: Line(ledger_of(topic, domain)) for topic, domain in DOMAINS.items()},
            "facts": Line(lambda store: Scoreboard(0, store, 1, policy)),
            "parts": Line(lambda store: Rollup(0, store, 1, policy)),
        }
        self._waiting: dict[str, list[Send]] = {topic: [] for topic in ORDER}
        self._memories: dict[str, HomeMemory] = defaultdict(HomeMemory)
        for topic in ("facts", "parts"):
            self._lines[topic].stage.board.generation = 1
        self.take_in(organisation, now_ms)
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        self.spent.clear()
        self.events = 0
        self.out = {topic: Out() for topic in ("facts", "parts")}

    def take_in(self, arrivals: Iterable[Arrival], now_ms: int, *, tick: bool = False) -> None:
        """What arrives now goes through all stages; the parts that the scoreboard has by now too."""
        self.now_ms = now_ms
        for each in arrivals:
            self.events += 1
            self._waiting[each.topic].append(Send(each.topic, 0, each.value, each.key.encode()))
        for topic in DOMAINS if tick else ():
            self._waiting[topic].append(Send(topic, 0, b"", None, signed(TICK, b"", topic, 0)))
        while any(self._waiting.values()):
            for topic in ORDER:
                self._fold(topic)

    def _fold(self, topic: str) -> None:
        line, sends = self._lines[topic], self._waiting[topic]
        if not sends:
            return
        self._waiting[topic] = []
        for slice_ in self.spent.steps(INPUTS[topic], line.steps(sends, self.now_ms)):
            self._send(slice_)
        self.spent.step(f"{INPUTS[topic]}: state", line.delta)

    def _send(self, sends: Iterable[Send]) -> None:
        for send in sends:
            if send.topic in self._waiting:
                self._waiting[send.topic].append(send)

    def publish(self, *, slow: bool = True) -> None:
        """Everything that changed, scoreboard first; the rollup has its parts by then."""
        for topic in ("facts", "parts"):
            stage = self._lines[topic].stage
            figures = self._taken(INPUTS[topic], stage, slow=slow)
            self._write(INPUTS[topic], stage, figures, self.out[topic], slow=slow)
            self.take_in((), self.now_ms)

    def _taken(self, name: str, stage: Scoreboard | Rollup, *, slow: bool) -> list[Figure]:
        found: dict[tuple[str, str], Figure] = {}
        while True:
            more = self.spent.step(
                f"{name}: taking", lambda: stage.board.take(slow=slow, limit=SCOPES_AT_ONCE)
            )  # fmt: skip
            for figure in more:
                earlier = found.get((figure.scope, figure.window))
                found[figure.scope, figure.window] = figure if earlier is None else figure.after(earlier)
            parts = self.spent.step(f"{name}: parts", lambda: stage.take_parts(PANES_AT_ONCE)) if slow else []
            self._send(parts)
            if not (stage.board.changed if slow else more) and not parts:
                return list(found.values())

    def _write(
        self, name: str, stage: Scoreboard | Rollup, figures: Sequence[Figure], out: Out, *, slow: bool
    ) -> None:  # fmt: skip
        out.figures += len(figures)
        if slow:
            self._append(name, figures, out)
        homes: dict[str, list[Figure]] = {home: [] for home in stage.take_regrouped()}
        for figure in figures:
            homes.setdefault(figure.home, []).append(figure)
        for home, given in homes.items():
            out.redis_bytes += self.spent.step(
                f"{name}: Redis commands",
                lambda: self._redis_bytes(stage, home, given),  # noqa: B023 (called at once)
            )

    def _append(self, name: str, figures: Sequence[Figure], out: Out) -> None:
        batch = bytearray()
        for figure in figures:
            written = self.spent.step(f"{name}: KPI records", lambda: _kpi_record(figure))  # noqa: B023 (called at once)
            out.by_kind[kind_of(figure) if figure.current else "past"] += len(written)
            batch += written
        out.kpi_bytes += len(batch)
        out.packed_bytes += len(zstd_encode(bytes(batch))) if batch else 0

    def _redis_bytes(self, stage: Scoreboard | Rollup, home: str, figures: list[Figure]) -> int:
        batch = HomeBatch(figures, current=stage.board.current_ids(home), beside=stage.beside(home))
        writes = render(HomeWrites(KEYS.owner(home), LIVES_SECONDS), KEYS, home, batch, self._memories[home])
        return sum(len(key) for key in writes.all_keys) + len(writes.packed())

    def say(self, title: str) -> None:
        """Print what was spent."""
        print(title)
        for name, seconds in self.spent.seconds.items():
            if seconds >= LEAST_SECONDS:
                print(f"  {name:28}{seconds:8.2f} s, at most {self.spent.longest[name] * 1000:5.0f} ms in one go")
        print(f"  {'in all':28}{sum(self.spent.seconds.values()):8.2f} s", flush=True)
        for topic, out in self.out.items():
            print(
                f"  {INPUTS[topic]}: {out.figures:,} figures, {out.kpi_bytes / 1e6:.1f} MB of KPI records, "
                f"{out.packed_bytes / 1e6:.1f} MB of them packed, "
                f"{out.redis_bytes / 1e6:.1f} MB to Redis",
                flush=True,
            )


def _kpi_record(figure: Figure) -> bytes:
    nothing = DEFINITION.texts.nothing(figure.kind, rep=figure.scope.startswith("rep:"))
    return f"{figure.scope}|{figure.window}".encode() + (b"" if figure.gone else record(figure, nothing))
