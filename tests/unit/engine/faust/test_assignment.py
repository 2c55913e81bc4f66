"""Who gets which partition: properties over groups of any size, and over what happens to them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.faust.assignment import EvenAssignor, Member, spread

STAGES = ("crm", "facts", "org", "parts", "telephony")
COUNTS = st.integers(1, 12).map(lambda number: {topic: range(number) for topic in STAGES})
NAMES = st.sets(st.sampled_from("abcdefgh"), min_size=1)
Held = dict[str, set[TopicPartition]]


def group(names: set[str], held: Mapping[str, set[TopicPartition]] | None = None) -> dict[str, Member]:
    """Members that read everything, with what they held."""
    return {name: Member(frozenset(STAGES), frozenset((held or {}).get(name, ())), 1) for name in names}


def is_even(found: Held, partitions: Mapping[str, range]) -> None:
    """Each partition has one owner, and no two members differ by more than one: of a topic, and of all."""
    owned = Counter(partition for held in found.values() for partition in held)
    assert owned == Counter(TopicPartition(topic, n) for topic, numbers in partitions.items() for n in numbers)
    for topics in (*([topic] for topic in STAGES), STAGES):
        sizes = [sum(partition.topic in topics for partition in held) for held in found.values()]
        assert max(sizes) - min(sizes) <= 1


@given(COUNTS, NAMES, st.randoms())
def test_every_stage_is_spread_evenly(partitions: dict[str, range], names: set[str], random: object) -> None:
    """Whoever held what before, and whatever is no longer there."""
    choose = random.choice  # type: ignore[attr-defined]
    everything = [TopicPartition(topic, n) for topic in (*STAGES, "gone") for n in range(15)]
    held: Held = {name: set() for name in names}
    for partition in everything:
        held[choose(sorted(names))].add(partition)

    is_even(spread(partitions, group(names, held)), partitions)


@given(COUNTS, NAMES)
def test_what_was_decided_stays(partitions: dict[str, range], names: set[str]) -> None:
    """Asked again with its own answer, it moves nothing."""
    first = spread(partitions, group(names))

    assert spread(partitions, group(names, first)) == first


@given(COUNTS, NAMES, st.sampled_from("abcdefgh"))
def test_a_member_that_comes_or_goes_moves_no_more_than_its_share(
    partitions: dict[str, range], names: set[str], other: str
) -> None:
    """Of each topic a member keeps what it held, as far as the new balance leaves it room."""
    before = spread(partitions, group(names))
    after_names = names ^ {other} or names
    after = spread(partitions, group(after_names, before))

    is_even(after, partitions)
    for name in names & after_names:
        for topic in STAGES:
            had = {partition for partition in before[name] if partition.topic == topic}
            share = len(partitions[topic]) // len(after_names)
            assert len(had & after[name]) >= min(len(had), share)


def test_two_workers_share_each_of_five_stages() -> None:
    """20 partitions: two of each stage for both, where one had all of telephony."""
    partitions = {topic: range(4) for topic in STAGES}
    held = {
        "a": {TopicPartition(topic, n) for topic in ("crm", "facts") for n in range(4)} | {TopicPartition("org", 0)},
        "b": {TopicPartition(topic, n) for topic in ("parts", "telephony") for n in range(4)},
    }
    found = spread(partitions, group({"a", "b"}, held))

    for mine in found.values():
        assert Counter(each.topic for each in mine) == dict.fromkeys(STAGES, 2)


def test_of_two_who_held_a_partition_the_later_keeps_it() -> None:
    """A member that was away says what it held long ago."""
    partition = TopicPartition("crm", 0)
    members = {
        "a": Member(frozenset({"crm"}), frozenset({partition}), 3),
        "b": Member(frozenset({"crm"}), frozenset({partition}), 7),
    }

    assert spread({"crm": range(1)}, members) == {"a": set(), "b": {partition}}


def test_only_who_reads_a_topic_gets_it() -> None:
    """During an upgrade some members may read more than others."""
    members = {"a": Member(frozenset({"crm", "org"})), "b": Member(frozenset({"crm"}))}
    found = spread({"crm": range(2), "org": range(3)}, members)

    assert {each for each in found["a"] if each.topic == "org"} == {TopicPartition("org", n) for n in range(3)}
    assert not [each for each in found["b"] if each.topic == "org"]


def test_members_are_told_in_the_words_of_the_sticky_assignor() -> None:
    """What goes over the wire is aiokafka's: the name, what members say they held, and what they are given."""
    cluster = ClusterMetadata()
    cluster._partitions = {topic: dict.fromkeys(range(4)) for topic in STAGES}
    mine: Any = type("Mine", (EvenAssignor,), {})
    mine.on_assignment(mine.assign(cluster, {"a": mine.metadata(STAGES)})["a"])
    other = ConsumerProtocolMemberMetadata(0, list(STAGES), b"")
    given_out = mine.assign(cluster, {"a": mine.metadata(STAGES), "b": other})

    assert EvenAssignor.name == "sticky"
    assert {
        name: [(topic, len(numbers)) for topic, numbers in each.assignment] for name, each in given_out.items()
    } == {name: [(topic, 2) for topic in STAGES] for name in "ab"}
    assert EvenAssignor.member_assignment is None
