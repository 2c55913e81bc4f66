"""How long an event takes from the producer into Redis, seen from outside: single calls of reps of their own."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import redis

from benchmarks.deployment import NAMESPACE
from benchmarks.events import ZONES, Arrival, Floor, change, team_id
from benchmarks.load import Feed
from pipeline.sinks.redis_keys import Keys
from schemas.events import iso

REPS = 10
PERIOD_SECONDS = 0.1
"""Between two calls of a rep, on average, however long they take to be seen."""
LOOK_SECONDS = 0.001


@dataclass(slots=True)
class _Waiting:
    """A call that is not yet seen, and where it will be."""

    sent: float
    key: str
    field: str
    calls: int


class Probes:
    """Ten reps, each of whom makes ten calls a second; a call is seen once the rep's own figure counts it.

    `arrivals` are all calls so far, for the recomputation; `latencies_seconds` one value for each that was seen.
    """

    def __init__(self, brokers: str, client: redis.Redis, teams: int, seed: int) -> None:
        self.arrivals: list[Arrival] = []
        self.latencies_seconds: list[float] = []
        self._feed = Feed(brokers, NAMESPACE)
        self._client = client
        self._teams = teams
        self._draw = random.Random(seed)
        self._made: Counter[tuple[int, str]] = Counter()

    def organisation(self, floor: Floor) -> list[Arrival]:
        """The reps and their memberships; to be sent with all the others."""
        at_ms = floor.end_ms - 86_400_000
        found = []
        for rep in range(REPS):
            member = {"rep_id": _rep(rep), "team_id": team_id(rep % self._teams)}
            found.append(change("rep", _rep(rep), at_ms, {"active": True}))
            found.append(change("membership", f"m-{_rep(rep)}", at_ms, member))
        return found

    def run(self, going_on: Callable[[], bool], limit_seconds: float) -> list[float]:
        """Make calls while `going_on` says so, and wait for the last ones; gives the latencies in seconds."""
        before = len(self.latencies_seconds)
        due = {rep: time.monotonic() + PERIOD_SECONDS * rep / REPS for rep in range(REPS)}
        waiting: list[_Waiting] = []
        deadline = time.monotonic() + limit_seconds
        while going_on() or waiting:
            now = time.monotonic()
            if now > deadline:
                raise AssertionError(f"{len(waiting)} calls were not seen in Redis within {limit_seconds} s")
            for rep in [rep for rep, at in due.items() if at <= now] if going_on() else ():
                waiting.append(self._call(rep))
                due[rep] += self._draw.uniform(0.5, 1.5) * PERIOD_SECONDS
            self._feed.serve()
            waiting = self._unseen(waiting)
            time.sleep(LOOK_SECONDS)
        self._feed.finish()
        return self.latencies_seconds[before:]

    def _call(self, rep: int) -> _Waiting:
        at_ms = int(time.time() * 1000)
        team = rep % self._teams
        day = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(ZONES[team % len(ZONES)])).date().isoformat()
        self._made[rep, day] += 1
        data = {
            "rep_id": _rep(rep),
            "direction": "outbound",
            "state": "ended",
            "outcome": "no_answer",
            "started_at": iso(at_ms),
            "ended_at": iso(at_ms),
            "talk_seconds": 0,
        }
        call = change("call", f"probe-{len(self.arrivals):07}", at_ms, data)
        self.arrivals.append(call)
        key = Keys(NAMESPACE).kpi(f"team:{team_id(team)}", f"rep:{_rep(rep)}@{team_id(team)}")
        sent = time.monotonic()
        self._feed.put(call)
        return _Waiting(sent, key, f"day:{day}:calls", self._made[rep, day])

    def _unseen(self, waiting: list[_Waiting]) -> list[_Waiting]:
        """Look once; note how long those took that are there, and give the others."""
        places = sorted({(call.key, call.field) for call in waiting})
        pipeline = self._client.pipeline(transaction=False)
        for key, field in places:
            pipeline.hget(key, field)
        values = pipeline.execute() if places else []
        now = time.monotonic()
        made = {place: _calls(value) for place, value in zip(places, values, strict=True) if value}
        left = []
        for call in waiting:
            if made.get((call.key, call.field), 0) >= call.calls:
                self.latencies_seconds.append(now - call.sent)
            else:
                left.append(call)
        return left


def _rep(number: int) -> str:
    return f"probe-{number:02}"


def _calls(value: bytes) -> int:
    return int(json.loads(value)["kpis"]["calls"]["value"] or 0)
