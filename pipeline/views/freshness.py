"""Who vouches for the figures: one rule, from what Redis holds to a verdict with since when and why. Pure.

The rule asks no clock. How old a heartbeat is comes from Redis, by the time that its key has left to live; where a
figure stands comes from the logs. So neither the reader's clock nor the browser's can make figures look live.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from pipeline.kernel.partitioner import partition_of
from pipeline.topics.table import STAGES
from pipeline.views.wording import clock_time, length, rfc3339
from schemas.heartbeat import Heartbeat

SILENT_MS = 9_000
"""A heartbeat comes every two seconds: after so long without one, nobody holds the partition."""
STILL_MS = 20_000
"""Ticks move every partition's time every five seconds: one that has not moved for so long stands still."""
BEHIND_MS = 60_000
"""So far figures may be behind the clock of their worker, whose clock may differ from the broker's."""
BOARD, ROLLUP = "scoreboard", "rollup"
SOURCES = tuple(stage for stage in STAGES if stage not in (BOARD, ROLLUP))


class Place(NamedTuple):
    """One partition of one stage."""

    stage: str
    partition: int


class State(StrEnum):
    """What is known of figures, from the best to the worst."""

    LIVE = "live"
    FILLING = "filling"
    BEHIND = "behind"
    UNHELD = "unheld"
    EMPTY = "empty"
    NO_WORKER = "no_worker"
    NO_REDIS = "no_redis"


@dataclass(frozen=True, slots=True)
class Beat:
    """The last heartbeat of a partition, and how long ago it was by Redis's own clock."""

    said: Heartbeat
    age_ms: int

    @property
    def up_to_ms(self) -> int:
        """The stream time up to which the partition has done its part; 0: it had nothing to do yet."""
        published_ms = self.said.published_ms
        return self.said.now_ms if published_ms is None else min(self.said.now_ms, published_ms)

    @property
    def still_ms(self) -> int:
        """For how long it has stood there, silence included."""
        return self.said.still_ms + self.age_ms

    @property
    def behind_ms(self) -> int:
        """How far it is behind the clock of its worker."""
        return self.said.at_ms + self.age_ms - self.up_to_ms


@dataclass(frozen=True, slots=True)
class Evidence:
    """What Redis holds about who vouches.

    `alive` tells that some worker was heard within half a minute, `homes` are all that were published, `filling` those
    of them whose keys are not whole. `down_since_ms` is when Redis was first found not to answer, and `down_why` why;
    whatever else is here was known before.
    """

    alive: bool = False
    beats: Mapping[Place, Beat] = field(default_factory=dict)
    homes: frozenset[str] = frozenset()
    filling: frozenset[str] = frozenset()
    down_since_ms: int | None = None
    down_why: str = ""

    @property
    def partitions(self) -> int:
        """How many partitions each stage has; 0 where no worker has said so."""
        return max((beat.said.partitions for beat in self.beats.values()), default=0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of some figures.

    `since_ms` is since when they have stood still (None: it is not known, or they do not), `why` one line for people,
    `up_to_ms` the instant up to which every event is in them (0: not known), `age_ms` how long ago that was.
    """

    state: State
    since_ms: int | None = None
    why: str = ""
    up_to_ms: int = 0
    age_ms: int | None = None

    @property
    def live(self) -> bool:
        """Whether somebody vouches for them now."""
        return self.state is State.LIVE


def overall(evidence: Evidence) -> Verdict:
    """Of all figures together: as good as the worst of them."""
    return _judge(evidence, _places(evidence, STAGES), evidence.filling)


def of_home(evidence: Evidence, home: str) -> Verdict:
    """Of the figures of one home: only what they are made of is asked."""
    filling = evidence.filling & {home}
    if home not in evidence.homes:
        filling = frozenset({home})
    return _judge(evidence, _places_of(evidence, home), filling)


def stale(evidence: Evidence, scopes: Mapping[str, str]) -> frozenset[str]:
    """Those of some scopes, given with their homes, whose figures nobody vouches for now."""
    if overall(evidence).live and evidence.homes.issuperset(scopes.values()):
        return frozenset()
    judged = {home: of_home(evidence, home).live for home in set(scopes.values())}
    return frozenset(scope for scope, home in scopes.items() if not judged[home])


def as_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict for programs."""
    return {
        "state": str(verdict.state),
        "live": verdict.live,
        "since": rfc3339(verdict.since_ms or 0),
        "why": verdict.why,
        "up_to": rfc3339(verdict.up_to_ms),
        "age_seconds": None if verdict.age_ms is None else round(verdict.age_ms / 1000, 1),
    }


def in_words(verdict: Verdict) -> str:
    """A verdict for people, in one line."""
    if verdict.live:
        return "live"
    since = f" since {clock_time(verdict.since_ms)}" if verdict.since_ms else ""
    return f"not live{since}: {verdict.why}"


def _places(evidence: Evidence, stages: Iterable[str]) -> list[Place]:
    return [Place(stage, partition) for stage in stages for partition in range(evidence.partitions)]


def _places_of(evidence: Evidence, home: str) -> list[Place]:
    """What the figures of a home are made of: all sources, and its partition; larger scopes are of every team."""
    sources = _places(evidence, SOURCES)
    if not evidence.partitions:
        return sources
    own = partition_of(home, evidence.partitions)
    if home.startswith("team:"):
        return [*sources, Place(BOARD, own)]
    return [*sources, *_places(evidence, [BOARD]), Place(ROLLUP, own)]


def _judge(evidence: Evidence, places: Sequence[Place], filling: frozenset[str]) -> Verdict:
    beats = evidence.beats
    held = [beats[place] for place in places if place in beats]
    up_to_ms = min((beat.up_to_ms for beat in held if beat.up_to_ms), default=0)
    # Of all workers the one that was heard last knows best what time it is.
    clock_ms = max((beat.said.at_ms + beat.age_ms for beat in beats.values()), default=0)
    age_ms = max(clock_ms - up_to_ms, 0) if up_to_ms else None
    state, since_ms, why = _state(evidence, places, filling)
    return Verdict(state, since_ms, why, up_to_ms, age_ms)


def _state(evidence: Evidence, places: Sequence[Place], filling: frozenset[str]) -> tuple[State, int | None, str]:
    """The first thing that is wrong, from the worst: no later question has an answer while an earlier one is open."""
    if evidence.down_since_ms is not None:
        return State.NO_REDIS, evidence.down_since_ms, evidence.down_why or "Redis does not respond"
    beats = evidence.beats
    if not any(beat.age_ms <= SILENT_MS for beat in beats.values()):
        return _nobody(evidence)
    if silent := [place for place in places if place not in beats or beats[place].age_ms > SILENT_MS]:
        return State.UNHELD, _since(evidence, silent), f"no worker holds {_named(silent, evidence.partitions)}"
    if late := _late(evidence, places):
        return State.BEHIND, *late
    return _contents(evidence, filling)


def _contents(evidence: Evidence, filling: frozenset[str]) -> tuple[State, int | None, str]:
    """All is held and up to date: whether Redis has all of it."""
    if not evidence.homes:
        return State.EMPTY, None, "Redis holds no figures: nothing has been published yet, or it was just emptied"
    if filling:
        return State.FILLING, None, f"figures of {_some(sorted(filling))} are still being written to Redis"
    return State.LIVE, None, ""


def _late(evidence: Evidence, places: Sequence[Place]) -> tuple[int, str] | None:
    """Since when partitions that are held make no progress, or are far behind, and which; None where none is."""
    beats = evidence.beats
    if still := [place for place in places if beats[place].said.now_ms and beats[place].still_ms > STILL_MS]:
        why = f"no progress, of a worker or of Kafka: {_named(still, evidence.partitions)}"
        return min(beats[place].up_to_ms for place in still), why
    if behind := [place for place in places if beats[place].up_to_ms and beats[place].behind_ms > BEHIND_MS]:
        most_ms = max(beats[place].behind_ms for place in behind)
        why = f"{length(most_ms / 1000)} behind, and catching up: {_named(behind, evidence.partitions)}"
        return min(beats[place].up_to_ms for place in behind), why
    return None


def _nobody(evidence: Evidence) -> tuple[State, int | None, str]:
    """No partition is held: whether a worker is on its way, and since when there has been none."""
    since_ms = _since(evidence, list(evidence.beats)) if evidence.beats else None
    if not evidence.beats and not evidence.homes and not evidence.alive:
        return State.EMPTY, None, "Redis holds no figures and no worker reports: start a worker"
    if evidence.alive and not evidence.beats:
        return State.NO_WORKER, since_ms, "a worker has started, and holds no partition yet"
    return State.NO_WORKER, since_ms, "no worker reports"


def _since(evidence: Evidence, places: Sequence[Place]) -> int | None:
    """When the last of these was still held; None where one was never heard of."""
    if any(place not in evidence.beats for place in places):
        return None
    said = [evidence.beats[place].said.at_ms for place in places]
    # Where nobody holds anything, figures moved until the last beat; where one partition is missing, until its own.
    return max(said) if len(places) == len(evidence.beats) else min(said)


def _named(places: Sequence[Place], partitions: int) -> str:
    """Partitions in words: a whole stage by its name, else each with its number."""
    by_stage: dict[str, list[int]] = {}
    for stage, partition in places:
        by_stage.setdefault(stage, []).append(partition)
    return _some([_of_stage(stage, numbers, partitions) for stage, numbers in by_stage.items()])


def _of_stage(stage: str, numbers: Sequence[int], partitions: int) -> str:
    if len(numbers) == partitions:
        return f"the stage {stage}"
    return f"{stage} {', '.join(str(number) for number in numbers)}"


def _some(names: Sequence[str], most: int = 5) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
