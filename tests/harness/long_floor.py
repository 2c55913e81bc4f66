"""A whole deployment in one process for days on end: real stages, publishers and Redis, and append times as given.

Only the broker is not there: what a stage sends lies in lists, and the audit reads it as it is appended.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from redis import Redis
from redis.backoff import ConstantBackoff

from pipeline.audit.comparison import Comparison
from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.picture import Picture
from pipeline.audit.plan import Plan
from pipeline.audit.positions import Positions
from pipeline.audit.records import READ, LogReader
from pipeline.audit.redis_picture import redis_picture
from pipeline.audit.relay_check import check_passing_on
from pipeline.audit.report import Difference
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Send
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from pipeline.publishing.publisher import Pace
from pipeline.sinks.redis_guard import connect
from schemas.control import TICK
from tests.harness.proofs import PROOFS, own_records, signed
from tests.harness.turning import Holder
from tests.unit.boards.logs import reread
from tests.unit.ledger.world import DAY, HOUR, MINUTE, LogRecord, event

SOURCES = {"crm.events": "crm", "telephony.events": "telephony", "org.changes": "org"}
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
STAGES = [{"id": "new"}, {"id": "offer", "qualified": True}, {"id": "won", "kind": "won"},
          {"id": "lost", "kind": "lost"}]  # fmt: skip
WORKING = range(8, 18)
"""The local hours in which reps work, every day."""
STEP_MS = 10 * MINUTE
"""So often every source log has a tick, and the publishers their turn."""
ROWS_AT_ONCE = 50_000
BATCH = 1000
PATIENCE_SECONDS = 1800
WINDOWS_AT_ONCE = 20_000
"""So many windows of scopes are audited together: some two million numbers, and a gigabyte of memory."""
CURRENT_WINDOWS = 12
Given = dict[str, Any]
Place = tuple[str, int]


@dataclass(frozen=True)
class Plot:
    """What a long run is like. It begins at midnight UTC of `since`."""

    reps: int
    teams: int
    partitions: int
    days: int
    a_day: float
    """Events of a rep in a day."""
    seed: int = 1
    since: str = "2026-10-22"
    restart_days: int = 1
    """After so many days all workers end, and begin again some hours later."""
    step_ms: int = STEP_MS

    @property
    def since_ms(self) -> int:
        """The instant at which it begins."""
        return int(datetime.fromisoformat(self.since).replace(tzinfo=UTC).timestamp() * 1000)


class Work:
    """What the reps do: seeded, each in the working hours of the own team's zone."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._random = Random(plot.seed)
        self._number = 0
        self._deals = 0
        self._zones = [ZoneInfo(zone) for zone in ZONES]

    def organisation(self) -> Iterator[Given]:
        """Company, process, teams in three zones below two larger ones, and their reps."""
        at_ms = self._plot.since_ms - 200 * DAY
        yield event("company", "company", at_ms, time_zone=ZONES[0], currency="EUR")
        yield event("process", "default", at_ms, stages=STAGES)
        for name in ("east", "west"):
            yield event("team", name, at_ms, time_zone=ZONES[0])
        for team in range(self._plot.teams):
            parent = ("east", "west")[team % 2]
            yield event("team", f"t{team}", at_ms, time_zone=ZONES[team % 3], parent_id=parent)
        for rep in range(self._plot.reps):
            yield event("rep", f"r{rep}", at_ms, active=True)
            yield event("membership", f"r{rep}", at_ms, rep_id=f"r{rep}", team_id=f"t{rep % self._plot.teams}")

    def within(self, start_ms: int, end_ms: int) -> list[tuple[int, Given]]:
        """What happens from an instant until another, with the times at which it is appended, in order."""
        working = [zone for zone in range(3) if self._hour(zone, start_ms) in WORKING]
        share = self._plot.a_day * (end_ms - start_ms) / (len(WORKING) * HOUR)
        found = []
        for rep in range(self._plot.reps):
            if rep % self._plot.teams % 3 in working:
                found += [self._one(rep, start_ms, end_ms) for _ in range(self._times(share))]
        return sorted(found, key=lambda pair: pair[0])

    def _hour(self, zone: int, at_ms: int) -> int:
        return datetime.fromtimestamp(at_ms / 1000, self._zones[zone]).hour

    def _times(self, share: float) -> int:
        return int(share) + (self._random.random() < share % 1)

    def _one(self, rep: int, start_ms: int, end_ms: int) -> tuple[int, Given]:
        random = self._random
        self._number += 1
        at_ms = random.randrange(start_ms, end_ms)
        late_ms = random.choices((0, random.randrange(30_000), random.randrange(20 * HOUR)), (80, 18, 2))[0]
        kinds = (self._call, self._email, self._meeting, self._lead, self._deal, self._deal_again)
        make: Callable[..., Given] = random.choices(kinds, (55, 20, 5, 5, 5, 10))[0]
        return at_ms, make(f"r{rep}", max(at_ms - late_ms, self._plot.since_ms))

    def _call(self, rep: str, at_ms: int) -> Given:
        answered = self._random.random() < 0.4
        more: Given = {"answered_at": at_ms + 8000, "talk_seconds": self._random.randrange(600)} if answered else {}
        outcome = "answered" if answered else "no_answer"
        direction = self._random.choice(("outbound", "outbound", "inbound"))
        return event("call", f"c{self._number}", at_ms, source="dialer", rep_id=rep, direction=direction,
                     outcome=outcome, started_at=at_ms, **more, **self._about())  # fmt: skip

    def _about(self) -> Given:
        """Some name a lead; a few a placeholder."""
        name = f"l{self._random.randrange(1, self._number + 1)}" if self._random.random() < 0.9 else "unknown"
        return {"lead_id": name} if self._random.random() < 0.3 else {}

    def _email(self, rep: str, at_ms: int) -> Given:
        direction = self._random.choice(("outbound", "inbound"))
        return event("email", f"e{self._number}", at_ms, rep_id=rep, sent_at=at_ms, direction=direction, bulk=False,
                     **self._about())  # fmt: skip

    def _meeting(self, rep: str, at_ms: int) -> Given:
        status = self._random.choice(("held", "no_show", "scheduled"))
        return event("meeting", f"m{self._number}", at_ms, rep_id=rep, booked_at=at_ms, starts_at=at_ms, status=status)

    def _lead(self, rep: str, at_ms: int) -> Given:
        return event("lead", f"l{self._number}", at_ms, owner_id=rep, created_at=at_ms, status="open")

    def _deal(self, rep: str, at_ms: int) -> Given:
        self._deals += 1
        return self._changed(f"d{self._deals}", rep, at_ms, "new", created_at=at_ms, account_id=f"a{self._deals // 3}")

    def _deal_again(self, rep: str, at_ms: int) -> Given:
        name = f"d{self._random.randrange(1, self._deals + 2)}"
        return self._changed(name, rep, at_ms, self._random.choice(("offer", "offer", "won", "lost")))

    def _changed(self, name: str, rep: str, at_ms: int, stage: str, **more: Any) -> Given:
        amount = self._random.randrange(1_000, 900_000)
        return event("deal", name, at_ms, owner_id=rep, stage_id=stage, amount_minor=amount, currency="EUR", **more)


class LongFloor:
    """Runs a plot; `audit` then compares all that Redis shows with what the logs say."""

    def __init__(self, plot: Plot, url: str, namespace: str) -> None:
        self.plot = plot
        self.events = 0
        self.letters: Counter[str] = Counter()
        self._url, self._namespace = url, namespace
        self._work = Work(plot)
        self._client = connect(url)
        self._database = Database()
        self._oracle = Oracle(self._database, Rules())
        own = own_records(plot.partitions)
        self._readers = {(topic, n): LogReader(topic, n, plot.partitions, own) for topic in READ for n in self._numbers}
        self._next: Counter[Place] = Counter()
        self._waiting: dict[Place, deque[LogRecord]] = {place: deque() for place in self._readers}
        self._stores = {(topic, n): Store() for topic in SOURCES for n in self._numbers}
        self._stages: dict[Place, Roster | Ledger] = {}
        self._parts: list[Send] = []
        self._boards = {("facts", n): Holder(self._scoreboard(n), "facts", n) for n in self._numbers}
        self._boards |= {("parts", n): Holder(self._rollup(n), "parts", n) for n in self._numbers}
        self._pace = Pace(0.02, 0.2, 60, ConstantBackoff(0.01), scopes_at_once=20, rounds=20)
        self._now_ms = plot.since_ms
        self._begin_sources()

    @property
    def _numbers(self) -> range:
        return range(self.plot.partitions)

    def _scoreboard(self, number: int) -> Callable[[Store], Scoreboard | Rollup]:
        return lambda store: Scoreboard(number, store, self.plot.partitions)

    def _rollup(self, number: int) -> Callable[[Store], Scoreboard | Rollup]:
        return lambda store: Rollup(number, store, self.plot.partitions)

    def _begin_sources(self) -> None:
        """The ledgers and the roster go on elsewhere, from their states as another worker reads them."""
        for place, held in self._stores.items():
            topic, number = place
            store = self._stores[place] = reread(held)
            stage: Roster | Ledger = (
                Roster(number, self.plot.partitions, store, RosterPolicy(), PROOFS)
                if topic == "org.changes"
                else Ledger(SOURCES[topic], topic, number, self.plot.partitions, store, LedgerPolicy(), PROOFS)
            )
            for _ in stage.restore() or ():
                pass
            self._stages[place] = stage

    # The run.

    async def run(self, say: Callable[[str], None] = lambda _line: None) -> None:
        """All days, live; workers end each day at another hour, and begin again two hours later."""
        self._produce((self._now_ms, given) for given in self._work.organisation())
        await self._work_off()
        self._take_over()
        for day in range(self.plot.days):
            down = self._down(day)
            for step in range(0, DAY, self.plot.step_ms):
                await self._step(self.plot.since_ms + day * DAY + step, down)
            await self._until_shown(day)
            say(f"day {day + 1}: {self.events:,} events")

    def _down(self, day: int) -> range:
        """Within which of the day's milliseconds no worker is there."""
        if (day + 1) % self.plot.restart_days:
            return range(0)
        hour = (day * 7 + 3) % 22
        return range(hour * HOUR, (hour + 2) * HOUR)

    async def _step(self, start_ms: int, down: range) -> None:
        self._now_ms = start_ms
        at_ms = (start_ms - self.plot.since_ms) % DAY
        up = at_ms not in down
        if not up and at_ms - self.plot.step_ms not in down:
            await self._end()
        self._produce(self._work.within(start_ms, start_ms + self.plot.step_ms))
        self._now_ms = start_ms + self.plot.step_ms - 1
        self._tick()
        if up:
            if at_ms - self.plot.step_ms in down:
                self._begin_sources()
                self._take_over()
            await self._work_off()
            await asyncio.sleep(0.001)

    def _produce(self, given: Iterable[tuple[int, Given]]) -> None:
        for append_ms, one in given:
            domain = one["type"].partition(".")[0]
            topic = next(topic for topic, of in SOURCES.items() if of == domain)
            key = one["subject"]
            place = topic, partition_of(key, self.plot.partitions)
            self._append(place, json.dumps(one).encode(), key.encode(), (), append_ms)
            self.events += 1

    def _tick(self) -> None:
        for topic in SOURCES:
            for number in self._numbers:
                self._append((topic, number), b"", None, signed(TICK, b"", topic, number), self._now_ms)

    def _append(
        self, place: Place, value: bytes | None, key: bytes | None, headers: Iterable[tuple[str, bytes]], at_ms: int
    ) -> None:
        record = LogRecord(self._next[place], at_ms, key, value, tuple(headers))
        self._next[place] += 1
        self._waiting[place].append(record)
        reader = self._readers[place]
        reader.read(record)
        if len(reader.rows) >= ROWS_AT_ONCE:
            self._oracle.take_in(reader.hand_over())

    async def _work_off(self) -> None:
        """All stages take in what waits, and what that causes."""
        while any(self._waiting.values()) or self._parts:
            for place, waiting in self._waiting.items():
                records = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
                if records:
                    await self._fold(place, records)
            self._deliver(self._parts)
            self._parts.clear()

    async def _fold(self, place: Place, records: list[LogRecord]) -> None:
        if place in self._boards:
            await self._boards[place].fold(records)
            self._boards[place].check_alive()
        else:
            for sends in self._stages[place].fold(records):
                self._deliver(sends)
            self._stores[place].take_changes()

    def _deliver(self, sends: Iterable[Send]) -> None:
        for send in sends:
            if send.topic == "dead-letters":
                self.letters[dict(send.headers)["dlq.reason"].decode()] += 1
            else:
                self._append((send.topic, send.partition), send.value, send.key, send.headers, self._now_ms)

    # Who publishes.

    def _take_over(self) -> None:
        for holder in self._boards.values():
            holder.take_over(self._client, self._namespace, self._pace, self._parts)

    async def _end(self) -> None:
        for holder in self._boards.values():
            await holder.end()

    async def close(self) -> None:
        """Called when it is over."""
        await self._end()
        await self._client.aclose()
        self._database.__exit__(None, None, None)

    async def _until_shown(self, day: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._work_off()
                while self._parts or not all(holder.published for holder in self._boards.values()):
                    await self._work_off()
                    for holder in self._boards.values():
                        holder.check_alive()
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"day {day} was not published within {PATIENCE_SECONDS} s") from None

    # What Redis shows.

    def audit(self, windows_at_once: int = WINDOWS_AT_ONCE) -> tuple[list[Difference], int]:
        """The differences, and how many numbers were compared; the memory it takes is for so many windows."""
        positions = Positions()
        for (topic, number), reader in self._readers.items():
            self._oracle.take_in(reader.hand_over())
            positions.logs[f"{topic}/{number}"] = reader.transit
        self._oracle.settle()
        ends = {f"{topic}/{number}": end for (topic, number), end in self._next.items()}
        whole = {log: end for log, end in ends.items() if log.startswith(("crm.events", "telephony.events"))}
        self._oracle.cut(whole)
        self._oracle.cover()
        differences, numbers = check_passing_on(self._database, None)
        plan = Plan(positions, {}, self.plot.partitions, self._home_partition, ends, whole)
        comparison = Comparison(self._database, self._oracle, positions, self.plot.partitions)
        waiting = {home for holder in self._boards.values() for home in holder.stage.board.homes()}
        done: set[str] = set()
        while waiting:
            some = self._first(sorted(waiting), windows_at_once)
            picture = self._picture(some)
            differences += plan.impossible(picture)
            for unit in plan.units(picture):
                found = comparison.compare(picture, unit)
                differences += found.differences
                numbers += found.numbers
                waiting |= found.left_out
            done |= some
            waiting -= done
        return differences, numbers

    def _first(self, homes: list[str], windows: int) -> frozenset[str]:
        """The first of these homes, as many as have so many windows."""
        each = self.plot.days + CURRENT_WINDOWS
        ends = accumulate(each * self._scopes(home) for home in homes)
        return frozenset(home for home, end in zip(homes, ends, strict=True) if end <= windows) or frozenset(homes[:1])

    def _scopes(self, home: str) -> int:
        found = (holder.stage.board.find(home) for holder in self._boards.values())
        return max((len(each.scopes) for each in found if each), default=1)

    def _picture(self, homes: frozenset[str]) -> Picture:
        """What Redis shows of some homes, with what stands beside the figures of these and of feeds."""
        with Redis.from_url(self._url, decode_responses=True) as client:
            picture = redis_picture(client, self._namespace, self.plot.partitions, homes)
        picture.whole = homes
        if beside := picture.beside:
            beside.alerts = [each for each in beside.alerts if each.home in homes or each.home[:5] == "feed:"]
        return picture

    def _home_partition(self, home: str) -> int:
        return partition_of(home, self.plot.partitions)
