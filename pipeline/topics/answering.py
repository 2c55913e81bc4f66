"""What is asked of Kafka, by clients of kafka-python's."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import KafkaError

from pipeline.config.kafka_options import no_answer
from pipeline.config.settings import Settings


@contextmanager
def answering(settings: Settings) -> Iterator[None]:
    """Ask inside; SetupError where no broker answers."""
    try:
        yield
    except KafkaError as error:
        raise no_answer(settings, error) from None
