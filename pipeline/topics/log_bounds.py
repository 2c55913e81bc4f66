"""Where logs begin and end, by a consumer of kafka-python's.

It leaves out of its question a partition whose leader it does not know yet, as right after its metadata came anew, and
then finds no answer. Here it is asked again.
"""

from collections.abc import Callable, Collection
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import LeaderNotAvailableError
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

LIMIT_SECONDS = 30.0
"""So long leaders may be unknown."""
WAIT = wait_random_exponential(multiplier=0.05, max=1.0)


def first_offsets(
    consumer: KafkaConsumer, places: Collection[TopicPartition], limit_seconds: float = LIMIT_SECONDS
) -> dict[TopicPartition, int]:
    """The offset of the first record that is still there, by partition; LeaderNotAvailableError if it stays unknown."""
    return _told(consumer.beginning_offsets, places, limit_seconds)


def end_offsets(
    consumer: KafkaConsumer, places: Collection[TopicPartition], limit_seconds: float = LIMIT_SECONDS
) -> dict[TopicPartition, int]:
    """The offset of the next record, by partition; LeaderNotAvailableError if it stays unknown."""
    return _told(consumer.end_offsets, places, limit_seconds)


def _told(
    ask: Callable[[list[TopicPartition]], Any], places: Collection[TopicPartition], limit_seconds: float
) -> dict[TopicPartition, int]:
    asking = Retrying(retry=retry_if_exception_type(KeyError), wait=WAIT, stop=stop_after_delay(limit_seconds))
    try:
        return {place: int(offset) for place, offset in asking(ask, list(places)).items()}
    except RetryError as error:
        raise LeaderNotAvailableError(f"no leader of {error.last_attempt.exception()}") from None
