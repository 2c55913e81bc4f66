"""Where logs begin and end: a partition whose leader a consumer does not know yet is asked for again."""

from typing import Any

import pytest
from kafka import TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import LeaderNotAvailableError

from pipeline.topics.log_bounds import end_offsets, first_offsets

PLACES = [TopicPartition("facts", number) for number in range(3)]


class Forgetful:
    """As kafka-python answers: of one partition nothing is known before it was asked so often."""

    def __init__(self, asked_before: float) -> None:
        self.asked_before = asked_before
        self.asked = 0

    def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Where each ends: ten times its number."""
        assert isinstance(places, list)
        self.asked += 1
        if PLACES[1] in places and self.asked <= self.asked_before:
            raise KeyError(PLACES[1])
        return {place: place.partition * 10 for place in places}

    beginning_offsets = end_offsets


@pytest.mark.parametrize("bounds", [first_offsets, end_offsets])
@pytest.mark.parametrize("asked_before", [0, 2])
def test_it_is_asked_until_all_is_told(bounds: Any, asked_before: int) -> None:
    """Of any collection of partitions, none among them."""
    consumer = Forgetful(asked_before)

    assert bounds(consumer, dict.fromkeys(PLACES)) == {PLACES[0]: 0, PLACES[1]: 10, PLACES[2]: 20}
    assert consumer.asked == asked_before + 1
    assert bounds(consumer, []) == {}


@pytest.mark.parametrize("bounds", [first_offsets, end_offsets])
def test_what_stays_unknown_is_a_fault_of_kafka(bounds: Any) -> None:
    """By the name of the partition; whoever asks says that Kafka does not answer."""
    with pytest.raises(LeaderNotAvailableError, match=r"facts.*partition=1"):
        bounds(Forgetful(float("inf")), PLACES, limit_seconds=0.2)


def test_the_library_leaves_out_whose_leader_is_unknown() -> None:
    """And so has no answer for it."""
    cluster = _Cluster()
    fetcher = Fetcher.__new__(Fetcher)
    fetcher._manager = _Manager(cluster)

    grouped = fetcher._group_list_offset_requests(dict.fromkeys(PLACES, -1))

    assert {place for places in grouped.values() for place in places} == {PLACES[0], PLACES[2]}
    assert cluster.asked_anew


class _Cluster:
    """What a client knows of a cluster: the leaders of all partitions but one."""

    asked_anew = False

    def leader_for_partition(self, place: TopicPartition) -> int | None:
        return None if place == PLACES[1] else 7

    def add_topic(self, topic: str) -> None:
        """It is to be asked for."""

    def request_update(self) -> None:
        self.asked_anew = True


class _Manager:
    """What a fetcher has of its cluster."""

    def __init__(self, cluster: _Cluster) -> None:
        self.cluster = cluster
