"""What is said of a Kafka that does not answer, and of one that refuses: who must act is not the same."""

from collections.abc import Iterator

import pytest
from kafka import errors

from pipeline.config.settings import SetupError, load_settings
from pipeline.topics.answering import answering


def _all(kind: type[errors.KafkaError]) -> Iterator[type[errors.KafkaError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _all(each)


SETTINGS = load_settings({"SALESPULSE_BROKERS": "kafka.example:9092"})
ANSWERS = sorted({*_all(errors.BrokerResponseError)}, key=lambda kind: kind.__name__)
UNHEARD = (
    errors.KafkaConnectionError, errors.KafkaTimeoutError, errors.NodeNotReadyError, errors.MetadataEmptyBrokerList,
)  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_what_a_broker_answers_is_not_told_as_silence(kind: type[errors.KafkaError]) -> None:
    """Where a broker refused, its error is told by its name, and rights are named where these are it."""
    with pytest.raises(SetupError) as told, answering(SETTINGS, "to let t.facts be read"):
        raise kind("t.facts")

    hint = "; docs/security.md lists the rights" if issubclass(kind, errors.AuthorizationError) else ""
    line = f"SALESPULSE_BROKERS: Kafka at kafka.example:9092 refuses to let t.facts be read: {kind('t.facts')}{hint}"
    assert str(told.value) == line
    assert kind.__name__ in line


@pytest.mark.parametrize("kind", UNHEARD, ids=lambda kind: kind.__name__)
def test_a_broker_that_is_not_heard_refuses_nothing(kind: type[errors.KafkaError]) -> None:
    """Nobody looks for a missing right where nothing listens any more."""
    with pytest.raises(SetupError) as told, answering(SETTINGS):
        raise kind("kafka.example:9092")

    assert str(told.value) == f"SALESPULSE_BROKERS: no Kafka broker responds at kafka.example:9092 ({kind.__name__})"
