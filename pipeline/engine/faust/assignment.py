"""Who gets which partition: every stage spread evenly over the workers, and moved as little as that allows.

aiokafka's sticky assignor balances the sum of all partitions. One worker may then hold a whole stage and do all of its
work, while another holds as many partitions of stages that cost little.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata


class Member(NamedTuple):
    """A member of the group: what it reads, what it held, and as of which generation of the group."""

    topics: frozenset[str]
    held: frozenset[TopicPartition] = frozenset()
    generation: int = -1


def spread(
    partitions: Mapping[str, Iterable[int]], members: Mapping[str, Member]
) -> dict[str, set[TopicPartition]]:  # fmt: skip
    """Every partition for one member that reads its topic.

    Of each topic any two of its members get the same number, give or take one, and of all topics together alike. A
    member keeps what it held up to that number. The same question has the same answer, and what was answered, asked
    again, stays.
    """
    found: dict[str, set[TopicPartition]] = {name: set() for name in members}
    holders = _holders(members)
    for topic in sorted(partitions):
        readers = [name for name in sorted(members) if topic in members[name].topics]
        if readers:
            _spread_topic(
                [TopicPartition(topic, number) for number in sorted(partitions[topic])], readers, holders, found
            )
    return found


def _holders(members: Mapping[str, Member]) -> dict[TopicPartition, str]:
    """Who held each partition last: of two who say so, the one of the later generation."""
    by_generation = sorted(members, key=lambda name: (members[name].generation, name))
    return {partition: name for name in by_generation for partition in members[name].held}


def _spread_topic(
    partitions: Sequence[TopicPartition],
    readers: Sequence[str],
    holders: Mapping[TopicPartition, str],
    found: dict[str, set[TopicPartition]],
) -> None:
    kept: dict[str, list[TopicPartition]] = {name: [] for name in readers}
    for partition in partitions:
        if (holder := holders.get(partition)) in kept:
            kept[holder].append(partition)
    least, more = divmod(len(partitions), len(readers))
    # One more goes to who has least of the other topics, and of those to who would have to give it up.
    order = sorted(readers, key=lambda name: (len(found[name]), -len(kept[name]), name))
    room = {name: least + (place < more) for place, name in enumerate(order)}
    placed = {partition for name in readers for partition in kept[name][: room[name]]}
    for name in readers:
        found[name].update(kept[name][: room[name]])
    waiting = iter([partition for partition in partitions if partition not in placed])
    for name in readers:
        for _ in range(room[name] - min(len(kept[name]), room[name])):
            found[name].add(next(waiting))


class EvenAssignor(StickyPartitionAssignor):  # type: ignore[misc]
    """aiokafka's sticky assignor, in name and in what members tell each other, with `spread` for its rule.

    So workers of this release and of one before may be in one group: whoever leads it decides by its own rule.
    """

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Called in the leader of the group, with what all members said of themselves."""
        said = {name: cls.parse_member_metadata(metadata) for name, metadata in members.items()}
        known = {
            name: Member(frozenset(each.subscription), frozenset(each.partitions), each.generation)
            for name, each in said.items()
        }
        topics = frozenset(topic for member in known.values() for topic in member.topics)
        found = spread({topic: cluster.partitions_for_topic(topic) or () for topic in topics}, known)
        return {
            name: ConsumerProtocolMemberAssignment(cls.version, _by_topic(held), b"") for name, held in found.items()
        }


def _by_topic(held: Iterable[TopicPartition]) -> list[tuple[str, list[int]]]:
    by_topic: dict[str, list[int]] = {}
    for topic, number in sorted(held):
        by_topic.setdefault(topic, []).append(number)
    return sorted(by_topic.items())
