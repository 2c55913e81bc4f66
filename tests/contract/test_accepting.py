"""Whoever sends to a broker that does not take it says so alike."""

import pytest

from pipeline.config.settings import Settings, SetupError
from pipeline.sending.producer import SendError, accepting_producer
from pipeline.topics.check import create_topics


def test_what_a_broker_does_not_take_is_an_error_of_its_setting(embedded_settings: Settings) -> None:
    """With the address, and the broker's reason."""
    create_topics(embedded_settings)
    said = f"SALESPULSE_BROKERS: {embedded_settings.brokers} did not accept all records: too large"

    with pytest.raises(SetupError, match=f"^{said}$"), accepting_producer(embedded_settings):
        raise SendError("too large")
