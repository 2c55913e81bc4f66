"""The rule that tells who vouches for figures: over any heartbeats, with a slow reading of the same words beside it."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernel.partitioner import partition_of
from pipeline.topics.table import STAGES
from pipeline.views.freshness import (
    BEHIND_MS,
    SILENT_MS,
    STILL_MS,
    Beat,
    Evidence,
    Place,
    State,
    of_home,
    overall,
)  # fmt: skip
from schemas.heartbeat import Heartbeat

NOON_MS = 1_795_435_200_000
PARTITIONS = 4
PLACES = [Place(stage, partition) for stage, partition in product(STAGES, range(PARTITIONS))]
HOMES = frozenset({"company", "team:north", "team:south", "rep:7"})


def beat(age_ms: int = 500, behind_ms: int = 3000, still_ms: int = 1000, published_behind_ms: int = 0) -> Beat:
    """A heartbeat of `age_ms` ago, said at noon less that."""
    at_ms = NOON_MS - age_ms
    now_ms = NOON_MS - behind_ms
    return Beat(Heartbeat(at_ms, now_ms, still_ms, PARTITIONS, now_ms - published_behind_ms), age_ms)


def everything() -> Evidence:
    """All partitions held, all homes whole."""
    return Evidence(True, {place: beat() for place in PLACES}, HOMES)


def without(evidence: Evidence, *places: Place) -> Evidence:
    """The same, where some partitions were never heard of."""
    return replace(evidence, beats={place: said for place, said in evidence.beats.items() if place not in places})


def with_beat(evidence: Evidence, place: Place, said: Beat) -> Evidence:
    """The same, where one partition says something else."""
    return replace(evidence, beats={**evidence.beats, place: said})


def test_live_is_what_everybody_vouches_for() -> None:
    """All held, moving and whole: live, up to the partition that is least far, which is so long ago."""
    verdict = overall(with_beat(everything(), PLACES[3], beat(behind_ms=7000)))

    assert (verdict.state, verdict.live, verdict.since_ms, verdict.why) == (State.LIVE, True, None, "")
    assert (verdict.up_to_ms, verdict.age_ms) == (NOON_MS - 7000, 7000)


@given(st.dictionaries(st.sampled_from(PLACES), st.integers(0, 100_000), min_size=len(PLACES)))
def test_live_needs_every_partition(ages: dict[Place, int]) -> None:
    """Whatever the ages of the heartbeats: live exactly where none is older than the limit."""
    verdict = overall(replace(everything(), beats={place: beat(age) for place, age in ages.items()}))
    silent = [place for place, age in ages.items() if age > SILENT_MS]

    assert verdict.live == (not silent)
    if silent and len(silent) < len(PLACES):
        assert verdict.state is State.UNHELD
        assert verdict.since_ms == NOON_MS - max(ages.values())
    if len(silent) == len(PLACES):
        assert verdict.state is State.NO_WORKER
        assert verdict.since_ms == NOON_MS - min(ages.values())


@given(st.sampled_from(PLACES), st.sampled_from(sorted(HOMES)))
def test_a_home_asks_only_what_it_is_made_of(lost: Place, home: str) -> None:
    """Sources concern all; a scoreboard its teams and every larger scope; a rollup its own scopes."""
    own = partition_of(home, PARTITIONS)
    concerned = {
        "scoreboard": own == lost.partition if home.startswith("team:") else True,
        "rollup": own == lost.partition and not home.startswith("team:"),
    }.get(lost.stage, True)

    assert of_home(without(everything(), lost), home).live == (not concerned)
    assert not overall(without(everything(), lost)).live


@pytest.mark.parametrize(
    ("evidence", "state", "since_ms", "why"),
    [
        (Evidence(), State.EMPTY, None, "Redis holds no figures and no worker reports: start a worker"),
        (Evidence(alive=True), State.NO_WORKER, None, "a worker has started, and holds no partition yet"),
        (
            Evidence(homes=HOMES), State.NO_WORKER, None,
            "no worker reports",
        ),
        (
            replace(everything(), homes=frozenset()), State.EMPTY, None,
            "Redis holds no figures: nothing has been published yet, or it was just emptied",
        ),
        (
            replace(everything(), filling=frozenset({"company"})), State.FILLING, None,
            "figures of company are still being written to Redis",
        ),
        (
            replace(everything(), down_since_ms=NOON_MS - 4, down_why="Redis does not respond: gone"),
            State.NO_REDIS, NOON_MS - 4, "Redis does not respond: gone",
        ),
        (
            without(everything(), *(Place("telephony", n) for n in range(PARTITIONS)), Place("crm", 2)),
            State.UNHELD, None, "no worker holds crm 2, the stage telephony",
        ),
        (
            with_beat(everything(), Place("crm", 1), beat(still_ms=STILL_MS, behind_ms=21_000)),
            State.BEHIND, NOON_MS - 21_000, "no progress, of a worker or of Kafka: crm 1",
        ),
        (
            with_beat(everything(), Place("scoreboard", 0), beat(published_behind_ms=BEHIND_MS)),
            State.BEHIND, NOON_MS - 63_000, "1:03 behind, and catching up: scoreboard 0",
        ),
    ],
)  # fmt: skip
def test_each_trouble_has_its_line(evidence: Evidence, state: State, since_ms: int | None, why: str) -> None:
    """One line that says what is wrong, and since when where that is known."""
    verdict = overall(evidence)

    assert (verdict.state, verdict.since_ms, verdict.why) == (state, since_ms, why)


@given(st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_no_clock_of_the_reader_is_asked(age_ms: int, skew_ms: int) -> None:
    """A worker whose clock is wrong by any amount, with the broker's alike, gives the same verdict."""

    def shifted(said: Beat) -> Beat:
        moved = replace_times(said.said, skew_ms)
        return Beat(moved, said.age_ms)

    evidence = with_beat(everything(), PLACES[0], beat(age_ms))
    moved = replace(evidence, beats={place: shifted(said) for place, said in evidence.beats.items()})

    assert overall(moved).state is overall(evidence).state
    assert overall(moved).age_ms == overall(evidence).age_ms


def replace_times(said: Heartbeat, by_ms: int) -> Heartbeat:
    """A heartbeat at another time."""
    published_ms = None if said.published_ms is None else said.published_ms + by_ms
    return Heartbeat(said.at_ms + by_ms, said.now_ms + by_ms, said.still_ms, said.partitions, published_ms)


def test_a_partition_with_nothing_to_do_is_not_behind() -> None:
    """Where no record has come yet there is no stream time: it stands nowhere, and vouches."""
    idle = Beat(Heartbeat(NOON_MS, 0, 10**9, PARTITIONS), 0)

    assert overall(with_beat(everything(), Place("rollup", 3), idle)).live


def test_a_home_that_was_never_published_is_being_written() -> None:
    """Asked for a home that Redis has no figures of, while all else is well."""
    assert of_home(everything(), "team:new").state is State.FILLING
