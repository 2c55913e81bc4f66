"""The rule that everything rests on: whatever way the same events come, the same figures come out."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger.ledger_policy import LedgerPolicy
from tests.unit.ledger.any_events import CURRENCIES, NAMED, REPS, TEAMS, any_event
from tests.unit.ledger.world import HOUR, World, event, organisation

EVENTS = st.lists(any_event(), min_size=8, max_size=30)


def _in_order(events: list[dict[str, Any]]) -> World:
    return World(partitions=1).play(organisation(), events)


@given(EVENTS, st.randoms(use_true_random=False), st.integers(1, 3), st.sampled_from([1, 2, 7, 1000]))
def test_order_repeats_batches_and_partitions_do_not_matter(
    events: list[dict[str, Any]], random: Random, partitions: int, batch: int
) -> None:
    """Events in any order, repeated, in batches of any size, over any partitions, give the same cells."""
    expected = _in_order(events).total()
    shuffled = [*organisation(), *events, *random.choices(events, k=len(events) // 2)]
    random.shuffle(shuffled)
    cut = random.randrange(len(shuffled) + 1)
    policy = LedgerPolicy(part_cells=random.choice([1, 3, 256]), slice_objects=random.choice([1, 500]))
    world = World(partitions=partitions, batch=batch, policy=policy).play(shuffled[:cut], shuffled[cut:])

    assert world.total() == expected


@given(EVENTS)
def test_facts_add_up_to_what_the_objects_contribute(events: list[dict[str, Any]]) -> None:
    """The sum of all facts sent, one event at a time, is what the objects contribute at the end."""
    world = World().play(organisation(), *([one] for one in events))

    assert world.total() == world.stated()


@given(EVENTS, st.randoms(use_true_random=False))
def test_a_fold_made_anew_from_its_store_goes_on_alike(events: list[dict[str, Any]], random: Random) -> None:
    """A fold that is restored from its store between any two batches gives the same cells."""
    expected = _in_order(events).total()
    world = World().play(organisation())
    for one in events:
        world.play([one])
        if random.random() < 0.5:
            for topic, partition in world.stages:
                world.restart(topic, partition)

    assert world.total() == expected


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_wrong_partition_does_not_matter(events: list[dict[str, Any]], random: Random) -> None:
    """Events that a producer put on whatever partition are forwarded, and give the same cells."""
    expected = _in_order(events).total()
    world = World(partitions=3).play(organisation())
    for one in events:
        world.produce([one], partition=random.randrange(3))
    world.run()

    assert world.total() == expected


@given(EVENTS)
def test_what_is_mapped_afterwards_is_told_anew(events: list[dict[str, Any]]) -> None:
    """Reps, teams and stages that nobody knew count as if they had been known, once the organisation is told."""
    world = World().play(*([one] for one in events), organisation())

    assert world.total() == world.stated() == _in_order(events).total()


SYSTEMS = ("@crm", "@dialer")


def _by_ids(one: dict[str, Any], random: Random) -> dict[str, Any]:
    """An event of somebody's system: whoever is named goes by one of two ids there, and a phone by the first."""
    if one["type"].startswith("org"):
        return one
    if one["subject"].startswith("agent:"):
        return one | {"subject": one["subject"] + SYSTEMS[0]}
    return one | {"data": _named_otherwise(one["data"], random)}


def _named_otherwise(said: Any, random: Random) -> Any:
    if isinstance(said, list):
        return [_named_otherwise(each, random) for each in said]
    if isinstance(said, dict):
        return {name: _named_otherwise(each, random) for name, each in said.items()} | {
            name: said[name] + random.choice(SYSTEMS) for name in ("rep_id", "owner_id") if said.get(name)
        }
    return said


@given(EVENTS, st.randoms(use_true_random=False))
def test_what_is_told_of_reps_by_other_ids_is_what_is_told_by_their_own(
    events: list[dict[str, Any]], random: Random
) -> None:
    """Each event may name a rep as another system does; whom its ids mean is told before, in between or after."""
    own = [one | {"id": str(number)} for number, one in enumerate(events) if "identity" not in one["type"]]
    by_ids = [_by_ids(one, random) for one in own]
    for rep in ("rep-01", "rep-02", "rep-03", "crm-7", "desk@7", "unheard"):
        for system in SYSTEMS:
            told = event("identity", f"{system}-{rep}", 1000, external_id=f"{rep}{system}", rep_id=rep)
            by_ids.insert(random.randrange(len(by_ids) + 1), told)
    cut = random.randrange(len(by_ids))

    assert World().play(organisation(), by_ids[:cut], by_ids[cut:]).total() == _in_order(own).total()


AHEAD = st.none() | st.integers(-4, 40).map(lambda hours: World().now_ms + hours * HOUR)
SCHEDULED = (
    st.builds(
        lambda name, rep, team, since, until: event(
            "membership", name, 5000, rep_id=rep, team_id=team, valid_from=since, valid_to=until
        ),
        st.sampled_from(["m1", "m2", "s1", "s2"]),
        REPS,
        TEAMS,
        AHEAD,
        AHEAD,
    )
    | st.builds(
        lambda name, currency, day, rate: event("rate", name, 5000, currency=currency, effective_on=day, rate=rate),
        st.sampled_from(["r1", "r2"]),
        CURRENCIES,
        st.sampled_from(["2025-11-01", "2025-11-04", "2025-11-05"]),
        st.sampled_from(["0.5", "2", "3"]),
    )
    | st.builds(
        lambda name, named, rep, since, until: event(
            "identity", name, 5000, external_id=named, rep_id=rep, valid_from=since, valid_to=until
        ),
        st.sampled_from(["i1", "i2"]),
        NAMED,
        REPS,
        AHEAD,
        AHEAD,
    )
)


@given(EVENTS, st.lists(SCHEDULED, min_size=1, max_size=6), st.lists(st.integers(1, 20), min_size=1, max_size=4))
def test_what_is_scheduled_falls_due_by_ticks_alone(
    events: list[dict[str, Any]], scheduled: list[dict[str, Any]], hours: list[int]
) -> None:
    """As time goes on, the facts go on adding up to what the objects contribute at that time."""
    world = World().play(organisation(), events, scheduled)
    for step in hours:
        world.now_ms += step * HOUR
        world.tick()
        world.run()
        if step % 2:
            world.restart("crm.events", 0)

        assert world.total() == world.stated()
