"""A floor whose windows turn: scoreboards and rollups, published by the real publisher to a real Redis."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import msgspec
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from redis.backoff import ConstantBackoff

from pipeline.boards.pending import PUBLISHED
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.lease import Lease
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.store import Store
from pipeline.monitoring.metrics import Metrics
from pipeline.organisation.weeks import week_starts
from pipeline.publishing.cpu_budget import CpuBudget
from pipeline.publishing.publisher import Pace, Publisher
from pipeline.scores.figures import Figure
from pipeline.scores.rendering import past_figure
from pipeline.scores.windows import PeriodRules, window_of
from pipeline.sinks.past_form import PastWindow, legend, pack, read_legends, unpack
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import FILLING, connect
from pipeline.sinks.redis_keys import Key, Keys
from pipeline.sinks.sink import Batch, Bookmark, Owner
from tests.harness.sinks import EndingRedisSink, PartsSink
from tests.unit.boards.logs import FactsLog, LogRecord, cell, fold, reread

Loss = Literal["whole", "empty", "half lost", "half filled"]
LOSSES: tuple[Loss, ...] = ("whole", "empty", "half lost", "half filled")
Way = Literal["live", "stopped", "killed", "crashed"]
"""How a turn finds the workers: live, stopped before it and started after, killed while they publish it, or ended when
it was folded but not shown."""
WAYS: tuple[Way, ...] = ("live", "stopped", "killed", "crashed")
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
GENERATION = 1000
SURVEY_SECONDS = 0.2
WRITTEN = re.compile(rb'"as_of":\d+,|"version":\[\d+,\d+\],')
"""What a field says of when it was written."""
Stage = Scoreboard | Rollup
Shown = dict[str, dict[str, Any]]
"""What a reader sees, by key: fields of a hash, members of a board with their scores."""


@dataclass(frozen=True)
class Turn:
    """`first_day` begins, and with it whatever else does, where the floor is."""

    name: str
    first_day: date
    zone: str = "Europe/Berlin"
    fiscal_start: int = 1
    week_starts: tuple[tuple[date | None, str], ...] = ()
    """From which day on weeks begin on which weekday; on Mondays, where nothing is said."""

    def local_date(self, at_ms: int) -> date:
        """The date there at an instant."""
        return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(self.zone)).date()

    @cached_property
    def begins_ms(self) -> int:
        """The first minute of that day there, found by looking at every minute."""
        noon = datetime(self.first_day.year, self.first_day.month, self.first_day.day, 12, tzinfo=ZoneInfo("UTC"))
        minute_ms = int((noon - timedelta(days=1, hours=4)).timestamp() * 1000)
        while self.local_date(minute_ms) < self.first_day:
            minute_ms += MINUTE_MS
        return minute_ms

    def window_ids(self, day: date) -> dict[str, str]:
        """The calendar windows that a day lies in, by kind."""
        months = (day.month - self.fiscal_start) % 12
        fiscal_year = day.year if day.month >= self.fiscal_start else day.year - 1
        return {
            "day": f"day:{day}",
            "week": self._week_id(day),
            "month": f"month:{day:%Y-%m}",
            "quarter": f"quarter:{fiscal_year}-Q{months // 3 + 1}",
            "year": f"year:{fiscal_year}",
        }

    def _week_id(self, day: date) -> str:
        """The week of a day, found by looking at every day around it."""
        first = next(at for at in (day - timedelta(days) for days in range(7)) if self._begins_week(at))
        next_first = next(at for at in (day + timedelta(days) for days in range(1, 8)) if self._begins_week(at))
        year, week, weekday = first.isocalendar()
        whole = weekday == 1 and next_first - first == timedelta(days=7)
        return f"week:{year}-W{week:02}" if whole else f"week:{first}"

    def _begins_week(self, day: date) -> bool:
        held = [(since, name) for since, name in ((None, "monday"), *self.week_starts) if since is None or since <= day]
        since, name = held[-1]
        return f"{day:%A}".lower() == name or (since == day and name != held[-2][1])

    @property
    def organised_weeks(self) -> list[list[Any]]:
        """`week_starts` as the company's record has them."""
        return [[since and since.toordinal(), name] for since, name in self.week_starts]

    @property
    def period_rules(self) -> PeriodRules:
        """The same, as the pipeline cuts by them."""
        return PeriodRules(self.fiscal_start, week_starts(self.organised_weeks))


@dataclass(frozen=True)
class Call:
    """One call of a rep for a team."""

    team: str
    rep: str
    at_ms: int


class Holder:
    """One partition of one stage: its state, and the lease and publisher of whoever holds it now."""

    def __init__(self, make: Callable[[Store], Stage], topic: str, partition: int) -> None:
        self._make = make
        self._topic = topic
        self._partition = partition
        self._epoch = 0
        self._task: asyncio.Task[None] | None = None
        self.store = Store()
        self._begin()

    def _begin(self) -> None:
        self._epoch += 1
        self.stage = self.fresh_stage()
        self.store = self.stage.store
        position = self.store.position
        self.lease = Lease(
            self._topic, self._partition, GENERATION, self._epoch, self.store, self.stage,
            computed=position, durable=position,
        )  # fmt: skip

    def fresh_stage(self) -> Stage:
        """The stage as another worker restores it."""
        stage = self._make(reread(self.store))
        list(stage.restore())
        stage.board.generation = GENERATION
        return stage

    def take_over(self, client: Redis, namespace: str, pace: Pace, parts: list[Send]) -> None:
        """Another worker takes the partition over, from its state, and begins to publish."""
        self._begin()
        self.sink = EndingRedisSink(client, namespace, self.stage.board.definition_version)
        metrics = Metrics(CollectorRegistry(), "test")
        sinks = (self.sink, PartsSink(parts))
        publisher = Publisher(self.lease, self.stage, sinks, pace, CpuBudget(1.0), metrics)
        self._task = asyncio.create_task(publisher.run())

    async def end(self) -> None:
        """Its worker ends, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def fold(self, records: Sequence[Record]) -> None:
        """Fold records, whose delta is acknowledged at once."""
        fold(self.stage, records)
        self.lease.computed = self.lease.durable = self.store.position
        self.lease.advance()

    def check_alive(self) -> None:
        """Raise what ended the publisher, if it has ended."""
        if self._task is not None and self._task.done():
            self._task.result()
            raise AssertionError("the publisher ended")

    @property
    def published(self) -> bool:
        """Whether, by its state, everything is in both sinks."""
        held = self.store.scalars.get(PUBLISHED, {})
        everywhere = all(held.get(name, [-1])[0] >= self.lease.computed for name in ("redis", PartsSink.name))
        return everywhere and not self.stage.board.changed


@dataclass
class TurningFloor:
    """Reps of teams in one zone, with calls and open deals, from nine days before a turn on."""

    turn: Turn
    url: str
    namespace: str
    reps: int = 50
    teams: int = 8
    partitions: int = 1
    seed: int = 1
    scopes_at_once: int = 7
    rounds: int = 1
    calls: list[Call] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rng = Random(self.seed)
        self._client = connect(self.url)
        self._keys = Keys(self.namespace)
        numbers = range(self.partitions)
        self._logs = [FactsLog() for _ in numbers]
        self._parts: list[Send] = []
        self._parts_logs: list[list[LogRecord]] = [[] for _ in numbers]
        self._boards = [Holder(self._scoreboard(number), "facts", number) for number in numbers]
        self._rollups = [Holder(self._rollup(number), "parts", number) for number in numbers]
        backoff = ConstantBackoff(0.01)
        self._pace = Pace(0.001, 0.005, SURVEY_SECONDS, backoff, scopes_at_once=self.scopes_at_once, rounds=self.rounds)

    def _scoreboard(self, number: int) -> Callable[[Store], Stage]:
        return lambda store: Scoreboard(number, store, self.partitions)

    def _rollup(self, number: int) -> Callable[[Store], Stage]:
        return lambda store: Rollup(number, store, self.partitions)

    @property
    def _holders(self) -> list[Holder]:
        return [*self._boards, *self._rollups]

    @property
    def floor(self) -> list[tuple[str, str]]:
        """Each rep with the team."""
        return [(f"team-{number % self.teams}", f"rep-{number}") for number in range(self.reps)]

    def present(self, team: str) -> set[str]:
        """The reps of a team who have not left: every seventh had before, those who are `away` did since."""
        return {rep for number, (of, rep) in enumerate(self.floor) if of == team and number % 7} - self.away

    # What happens.

    async def open(self, lead_ms: int = 30_000) -> None:
        """Organise the floor, and let it work on some of the nine days before, up to so long before the turn."""
        for log in self._logs:
            self._organise(log)
        for number, log in enumerate(self._logs):
            await self._boards[number].fold(log.records)
        organised = FactsLog()
        self._organise(organised)
        for holder, parts_log in zip(self._rollups, self._parts_logs, strict=True):
            parts_log.extend(organised.records)
            await holder.fold(parts_log)
        last_ms = self.turn.begins_ms - lead_ms
        for days in (9, 2, 1):
            since_ms = last_ms - days * DAY_MS
            await self._work(since_ms + DAY_MS, since_ms, DAY_MS)
        standing = [(team, rep, None, None, self._open_deals(number)) for number, (team, rep) in enumerate(self.floor)]
        await self._record(last_ms, standing)

    async def _work(self, now_ms: int, since_ms: int, within_ms: int, share: float = 0.7) -> None:
        calls = [
            Call(team, rep, since_ms + self._rng.randrange(within_ms))
            for team, rep in self.floor
            if self._rng.random() < share
        ]
        await self.call(now_ms, calls)

    async def call(self, now_ms: int, calls: Sequence[Call]) -> None:
        """Calls come in, and now is `now_ms`."""
        self.calls += calls
        await self._record(
            now_ms, [cell(each.team, each.rep, each.at_ms, self.turn.zone, calls=1, activities=1) for each in calls]
        )

    async def _record(self, now_ms: int, cells: Sequence[Any]) -> None:
        for number, log in enumerate(self._logs):
            own = [each for each in cells if partition_of(f"team:{each[0]}", self.partitions) == number]
            await self._boards[number].fold([log.add(now_ms, *own)])

    async def cross(self) -> None:
        """Time goes over the turn while calls come in one by one: before it, after it, and late."""
        begins_ms = self.turn.begins_ms
        for now_ms, at_ms in [
            *((begins_ms - 20_000 + n, begins_ms - 25_000 + n) for n in range(5)),
            *((begins_ms + 2000 + n, begins_ms + 1000 + n) for n in range(5)),
            *((begins_ms + 3000 + n, begins_ms - 30_000 + n) for n in range(5)),
        ]:
            await self._work(now_ms, at_ms, 1, 0.1)
            await asyncio.sleep(0)

    async def work_the_night(self) -> None:
        """From two hours before the turn to four after it, somebody calls every ten minutes."""
        start_ms = self.turn.begins_ms - 2 * HOUR_MS
        for since_ms in range(start_ms, start_ms + 6 * HOUR_MS, 10 * MINUTE_MS):
            await self._work(since_ms + 10 * MINUTE_MS, since_ms, 10 * MINUTE_MS, 0.02)
            await asyncio.sleep(0.01)

    async def work_on(self) -> None:
        """Some minutes after the turn, some reps have called again."""
        now_ms = self.turn.begins_ms + 5 * MINUTE_MS
        await self._work(now_ms, now_ms - 1000, 1000, 0.2)

    async def organise(self, subject: str, payload: dict[str, Any] | None) -> None:
        """The organisation changes in what the teams follow from."""
        for holder, log in zip(self._boards, self._logs, strict=True):
            await holder.fold([log.organise(subject, payload)])

    # Who publishes.

    def take_over(self) -> None:
        """Workers take all partitions over."""
        for holder in self._holders:
            holder.take_over(self._client, self.namespace, self._pace, self._parts)

    async def end(self) -> None:
        """All workers end."""
        for holder in self._holders:
            await holder.end()

    async def close(self) -> None:
        """Called when the test is over."""
        await self.end()
        await self._client.aclose()

    async def end_after(self, batches: int) -> None:
        """All workers end, once each has written so many more batches of its scoreboard."""
        for holder in self._boards:
            holder.sink.left = batches
        await self._until(lambda: all(holder.sink.left == 0 for holder in self._boards), "some batches")
        await self.end()

    async def until_shown(self) -> None:
        """Return once everything is in Redis, by the state and by what Redis says of each home."""
        while True:
            await self._until(lambda: all(holder.published for holder in self._holders), "all to be published")
            if await self._whole():
                return
            await asyncio.sleep(0.005)

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(60 + self.reps / 5):
                while True:
                    await self._pass_on()
                    if not self._parts and condition():
                        return
                    await asyncio.sleep(0.001)
        except TimeoutError:
            raise AssertionError(f"waited for {what}") from None

    async def _pass_on(self) -> None:
        for holder in self._holders:
            holder.check_alive()
        parts, self._parts[:] = list(self._parts), []
        for number, log in enumerate(self._parts_logs):
            new = [part for part in parts if part.partition == number]
            start = len(log)
            log += [LogRecord(start + n, part.value) for n, part in enumerate(new)]
            if new:
                await self._rollups[number].fold(log[start:])

    async def _whole(self) -> bool:
        homes = [(home, holder) for holder in self._holders for home in holder.stage.board.homes()]
        async with self._client.pipeline(transaction=False) as pipe:
            for home, _ in homes:
                pipe.hget(self._keys.owner(home), "published")
            held = await pipe.execute()
        pairs = zip(held, homes, strict=True)
        return all(int(published or FILLING) >= holder.lease.computed for published, (_, holder) in pairs)

    async def turn_over(self, way: Way, loss: Loss) -> None:
        """Bring a floor that is shown over its turn, until all of it is shown."""
        if way in ("stopped", "crashed"):
            await self.end()
        await self.lose(loss)
        if loss == "half filled":
            await self._fill_half(up=way in ("live", "killed"))
        if way == "stopped":
            self.take_over()
        await self.cross()
        if way == "killed":
            await self.end_after(3)
        if way in ("killed", "crashed"):
            self.take_over()
        await self.until_shown()

    async def _fill_half(self, *, up: bool) -> None:
        if up:
            await self.until_filling(2)
        else:
            self.take_over()
            await self.end_after(2)

    # What Redis loses.

    async def lose(self, loss: Loss) -> None:
        """Redis loses what it held, or a part of it; the workers, if there are any, have not noticed yet."""
        keys = sorted([key.decode() async for key in self._client.scan_iter(f"{self.namespace}:*", count=1000)])
        lost: list[str] = []
        if loss in ("empty", "half filled"):
            lost = keys
        elif loss == "half lost":
            for holder in self._holders:
                for home in holder.stage.board.homes():
                    lost += self._some_of(home, keys)
        if lost:
            await self._client.delete(*lost)

    def _some_of(self, home: str, keys: Sequence[str]) -> list[str]:
        """All keys of a home, or those who tell what the others are of, or none."""
        owner, own = self._keys.owner(home), self._keys.kpi(home, home)
        all_of = [key for key in keys if key.startswith(owner.removesuffix("owner"))]
        return self._rng.choice([all_of, [owner], [owner, own], []])

    async def until_filling(self, batches: int) -> None:
        """Return once the workers have noticed that all is lost, and written some of it."""
        before = [holder.sink.written for holder in self._boards]
        while not await self._filling():
            await asyncio.sleep(0.001)
        pairs = list(zip(self._boards, before, strict=True))
        await self._until(lambda: all(holder.sink.written >= n + batches for holder, n in pairs), "some to be filled")

    async def _filling(self) -> bool:
        homes = [home for holder in self._boards for home in holder.stage.board.homes()]
        held = [await self._client.hget(self._keys.owner(home), "published") for home in homes]
        return all(each is not None for each in held)

    # What Redis shows.

    async def check(self) -> None:
        """Redis shows what a sink does that is filled at once, and the calls are as many as were made."""
        await self._check_against_fresh(await self._shown(self.namespace))
        await self.check_calls()

    async def _check_against_fresh(self, shown: Shown) -> None:
        fresh = await self._filled_at_once()
        for key in sorted({*shown, *fresh}):
            have, want = dict(shown.get(key, {})), dict(fresh.get(key, {}))
            parsed = self._keys.parse(key)
            if parsed is not None and parsed.what == "kpi":
                for name, zeros in self._zeros(parsed, have.keys() ^ want.keys()):
                    have.setdefault(name, zeros)
                    want.setdefault(name, zeros)
            assert have == want, _difference(key, have, want)

    def _zeros(self, key: Key, names: set[str]) -> Iterator[tuple[str, Any]]:
        """What past windows without any pane are: they are shown where they ended in front of a reader."""
        home, (scope,) = key.home, key.rest
        holders = self._boards if home.startswith("team:") else self._rollups
        for name in names:
            window = window_of(name.rpartition(":")[0], self.turn.period_rules)
            stage = next((each.stage for each in holders if each.stage.board.has_home(home)), None)
            if window is None or stage is None:
                continue
            found = stage.board.home(home).scopes[scope]
            no_pane = not any(window.first_day <= day <= window.last_day for day in found.days)
            if no_pane and found.oldest <= window.last_day < found.home.today:
                yield from _fields(past_figure(stage.board, found, window))

    async def _filled_at_once(self) -> Shown:
        namespace = f"{self.namespace}-fresh"
        for holder in self._holders:
            stage = holder.fresh_stage()
            owner = Owner(stage.stage, holder.lease.partition, GENERATION, 1)
            sink = RedisSink(self._client, namespace, 3600, stage.board.definition_version)
            await sink.survey(owner, Bookmark(), stage.board.published_scopes())
            list(stage.board.marking.since(None))
            batch = Batch(
                holder.lease.computed, stage.board.now_ms, complete=True, slow=True,
                figures=stage.board.take(slow=True),
                current={home: stage.board.current_ids(home) for home in stage.board.homes()},
                beside={home: stage.beside(home) for home in stage.board.homes()},
                open_alerts=stage.open_alerts(),
            )  # fmt: skip
            await sink.write(owner, Bookmark(), batch)
        shown = await self._shown(namespace)
        written = [key async for key in self._client.scan_iter(f"{namespace}:*", count=1000)]
        await self._client.delete(*written)
        return {key.replace(namespace, self.namespace, 1): fields for key, fields in shown.items()}

    async def _shown(self, namespace: str) -> Shown:
        found: Shown = {}
        keys = [key.decode() async for key in self._client.scan_iter(f"{namespace}:{{*", count=1000)]
        keys = [key for key in keys if key.partition("}:")[2] not in ("owner", "changes")]
        async with self._client.pipeline(transaction=False) as pipe:
            for key in keys:
                if "}:rank:" in key:
                    pipe.zrange(key, 0, -1, withscores=True)
                else:
                    pipe.hgetall(key)
            answers = dict(zip(keys, await pipe.execute(), strict=True))
        for key, held in answers.items():
            if (parsed := self._keys.parse(key.replace(namespace, self.namespace, 1))) and parsed.what != "past":
                found[key] = {name.decode(): _plain(value) for name, value in dict(held).items()}
        held_legends: dict[bytes, bytes] = await cast("Any", self._client).hgetall(Keys(namespace).legend)
        legends = read_legends({name.decode(): text.decode() for name, text in held_legends.items()})
        for key, held in answers.items():
            if (parsed := self._keys.parse(key.replace(namespace, self.namespace, 1))) and parsed.what == "past":
                (scope,) = parsed.rest
                of = found.setdefault(Keys(namespace).kpi(parsed.home, scope), {})
                for window, text in held.items():
                    for name, value in _fields_of(window.decode(), unpack(text.decode(), scope, legends)):
                        of.setdefault(name, value)  # What is in both is current.
        return found

    async def check_calls(self) -> None:
        """Redis shows all calls as counted plainly, by the date where they were made, and ranks by them."""
        shown = await self._shown(self.namespace)
        counts: dict[str, dict[str, int]] = {}
        for call in self.calls:
            ids = self.turn.window_ids(self.turn.local_date(call.at_ms))
            for key in self._keys_of(call):
                of = counts.setdefault(key, {})
                for window in ids.values():
                    of[window] = of.get(window, 0) + 1
        now = self.turn.window_ids(self.turn.local_date(self._boards[0].stage.board.now_ms))
        for key, count in counts.items():
            fields = shown[key]
            assert {window: _calls(fields[f"{window}:calls"]) for window in count} == count, key
            current = msgspec.json.decode(fields["_current"])
            assert {kind: window for kind, window in current.items() if kind in now} == now, key
        self._check_ranks(shown, counts, now)

    def _check_ranks(self, shown: Shown, counts: dict[str, dict[str, int]], now: dict[str, str]) -> None:
        for team in {team for team, _ in self.floor}:
            home = f"team:{team}"
            keys = {rep: self._keys.kpi(home, f"rep:{rep}@{team}") for rep in self.present(team)}
            for kind, window in now.items():
                ranked = {rep: counts.get(key, {}).get(window, 0) for rep, key in keys.items()}
                assert shown.get(self._keys.rank(home, "calls", kind), {}) == ranked, (home, kind)

    def _keys_of(self, call: Call) -> Iterator[str]:
        home = f"team:{call.team}"
        yield self._keys.kpi(home, f"rep:{call.rep}@{call.team}")
        for scope in (home, f"rep:{call.rep}", "group:floor", "company"):
            yield self._keys.kpi(scope, scope)

    def _organise(self, log: FactsLog) -> None:
        zones = {"time_zones": [[None, self.turn.zone]]}
        periods = {"fiscal_year_start": self.turn.fiscal_start, "week_starts": self.turn.organised_weeks}
        log.organise("company:company", {"time_zone": self.turn.zone, **periods})
        log.organise("team:floor", zones)
        for team in sorted({team for team, _ in self.floor}):
            log.organise(f"team:{team}", {**zones, "parent_id": "floor"})
        for team, rep in self.floor:
            log.organise(f"rep:{rep}", {"active": rep in self.present(team)})
            log.organise(f"membership:{rep}", {"rep_id": rep, "team_id": team})

    def _open_deals(self, number: int) -> dict[str, int]:
        stage = f"{'default' if number % 2 else 'partners'}:stage-{number % 3}"
        return {"open_deals": 1, f"open_stage:{stage}": 1, f"open_stage_minor:{stage}": 100}


def _fields(figure: Figure) -> Iterator[tuple[str, str]]:
    """A window that is over, as it comes back from where it is kept."""
    kept = unpack(pack(figure), figure.scope, {figure.definition: read_legends({"": legend()})[""]})
    yield from _fields_of(figure.window, kept)


def _fields_of(window: str, kept: PastWindow) -> Iterator[tuple[str, str]]:
    fixed = '"activities_fixed":true,' if kept.activities_fixed else ""
    for family, kpis in kept.families.items():
        head = f'"start":{kept.start_ms},"state":"{kept.state}",{fixed}'
        head += f'"currency":"{kept.currency}","definition":"{kept.definition}"'
        yield f"{window}:{family}", f'{{{head},"kpis":{msgspec.json.encode(kpis).decode()}}}'


def _calls(text: str) -> int:
    return int(msgspec.json.decode(text)["kpis"]["calls"]["value"])


def _plain(value: float | bytes) -> Any:
    """A score; or the text of a field, but for when it was written."""
    return value if isinstance(value, float) else WRITTEN.sub(b"", value).decode()


def _difference(key: str, have: dict[str, Any], want: dict[str, Any]) -> str:
    names = sorted(name for name in {*have, *want} if have.get(name) != want.get(name))
    lines = [f"{name}: shown is {have.get(name)}, and not {want.get(name)}" for name in names[:5]]
    return "\n".join([f"{key}, {len(names)} fields:", *lines])
