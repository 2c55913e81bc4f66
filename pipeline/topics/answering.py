"""What is asked of Kafka, by clients of kafka-python's."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import AuthorizationError, BrokerResponseError, KafkaError, RetriableError

from pipeline.config.settings import PREFIX, Settings, SetupError


@contextmanager
def answering(settings: Settings, what: str = "the request") -> Iterator[None]:
    """Ask inside; `what` is what a broker would refuse: "to let t.facts be read".

    SetupError where no broker answers, or one refuses.
    """
    try:
        yield
    except KafkaError as error:
        raise SetupError(f"{PREFIX}BROKERS: {_failure(settings.brokers, what, error)}") from None


def _failure(brokers: str, what: str, error: KafkaError) -> str:
    if isinstance(error, RetriableError) and not isinstance(error, BrokerResponseError):
        return f"no Kafka broker responds at {brokers} ({type(error).__name__})"
    rights = "; docs/security.md lists the rights" if isinstance(error, AuthorizationError) else ""
    return f"Kafka at {brokers} refuses {what}: {error}{rights}"
