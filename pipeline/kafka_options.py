"""How a client reaches Kafka, out of the settings: the options that aiokafka and kafka-python have in common."""

import socket
import ssl
from typing import Any

from pipeline.settings import PREFIX, Settings, SetupError


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword options for aiokafka's clients; read when a client is made. SetupError for an unreadable CA file."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.brokers.split(","),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        options["ssl_context"] = _ssl_context(settings)
    if settings.kafka_security_protocol.startswith("SASL") and settings.kafka_sasl_password is not None:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    return options


def kafka_python_options(settings: Settings) -> dict[str, Any]:
    """Keyword options for kafka-python's clients: the same, and the protocol version where it cannot be negotiated."""
    options = client_options(settings)
    if settings.kafka_api_version is not None:
        options["api_version"] = tuple(map(int, settings.kafka_api_version.split(".")))
    return options


def require_listener(settings: Settings) -> None:
    """Called before a client is made, which would try for long: SetupError where no broker takes a connection."""
    if not any(_listens(broker) for broker in settings.brokers.split(",")):
        raise SetupError(f"{PREFIX}BROKERS: nothing listens at {settings.brokers}")


def _listens(broker: str) -> bool:
    host, _, port = broker.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return True
    except OSError:
        return False


def _ssl_context(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.kafka_ca_file)
    except OSError as error:
        raise SetupError(f"{PREFIX}KAFKA_CA_FILE: cannot use {settings.kafka_ca_file}: {error}") from None
