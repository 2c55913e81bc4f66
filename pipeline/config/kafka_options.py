"""How a client reaches Kafka, out of the settings: the options that aiokafka and kafka-python have in common."""

import asyncio
import socket
import ssl
from typing import Any

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from kafka.record import default_records, memory_records

from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.config.tls import tls_context
from schemas.header_names import AnyNames

ANSWER_SECONDS = 5
CLOSE_SECONDS = 0.5


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword options for aiokafka's clients; read when a client is made. SetupError for an unreadable CA file."""
    return {"bootstrap_servers": settings.brokers.split(","), **security_options(settings)}


def security_options(settings: Settings) -> dict[str, Any]:
    """Those of them that say how to speak: encryption and login."""
    options: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        options["ssl_context"] = tls_context(settings.kafka_ca_file, "KAFKA_CA_FILE")
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


class TolerantBatch(default_records.DefaultRecordBatch):  # type: ignore[misc]
    """A batch that is read to its end, whatever the names of its headers hold."""

    def _read_msg(self) -> Any:
        try:
            return super()._read_msg()
        except UnicodeDecodeError:
            self._buffer: bytearray = AnyNames(self._buffer)
            return super()._read_msg()


def reader_options(settings: Settings) -> dict[str, Any]:
    """Those for kafka-python's consumers: they commit nothing, and see no more of a transaction than the workers do.

    From then on they read records whose headers have names of any bytes, as the workers do.
    """
    memory_records.DefaultRecordBatch = TolerantBatch
    return {**kafka_python_options(settings), "enable_auto_commit": False, "isolation_level": "read_committed"}


def require_listener(settings: Settings) -> None:
    """Called outside any loop before a client is made, which would try for long and not say why.

    Raises:
        SetupError: where no broker takes a connection, or none lets us in.
    """
    brokers = settings.brokers.split(",")
    broker: str | None = next(filter(_listens, brokers), None)
    if broker is None:
        raise SetupError(f"{PREFIX}BROKERS: {_unreachable(brokers)}")
    if settings.kafka_security_protocol != "PLAINTEXT":
        try:
            asyncio.run(_log_in(broker, security_options(settings)))
        except (KafkaError, OSError) as error:
            raise SetupError(_refusal(error, broker, settings)) from None


def _unreachable(brokers: list[str]) -> str:
    """Why no broker takes a connection: that a name is unknown is another thing than that nothing listens."""
    if unknown := sorted({host for host in (broker.rpartition(":")[0] for broker in brokers) if not _resolves(host)}):
        names = "the host names" if len(unknown) > 1 else "the host name"
        return f"{names} {', '.join(unknown)} cannot be resolved (DNS)"
    return f"cannot connect to {','.join(brokers)}"


def _resolves(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host.strip("[]"), None))
    except OSError:
        return False


def _listens(broker: str) -> bool:
    host, _, port = broker.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS):
            return True
    except OSError:
        return False


async def _log_in(broker: str, options: dict[str, Any]) -> None:
    """Connect as a client does, and leave; raises what would keep it out."""
    host, _, port = broker.rpartition(":")
    connection = AIOKafkaConnection(host, int(port), request_timeout_ms=ANSWER_SECONDS * 1000, **options)
    try:
        await connection.connect()
    finally:
        # Where there was no connection, there is nothing that would tell of its end.
        await asyncio.wait([connection.close()], timeout=CLOSE_SECONDS)


def _refusal(error: Exception, broker: str, settings: Settings) -> str:
    if isinstance(error, SaslAuthenticationFailed):
        user = settings.kafka_sasl_username
        return f"{PREFIX}KAFKA_SASL_PASSWORD: Kafka at {broker} rejects user {user!r} or the password"
    if isinstance(error, UnsupportedSaslMechanismError):
        mechanism = settings.kafka_sasl_mechanism
        return f"{PREFIX}KAFKA_SASL_MECHANISM: Kafka at {broker} does not support {mechanism}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{PREFIX}KAFKA_CA_FILE: the certificate of Kafka at {broker} is not trusted ({error.verify_message})"
    protocol = settings.kafka_security_protocol
    return f"{PREFIX}KAFKA_SECURITY_PROTOCOL: no Kafka broker with {protocol} responds at {broker}"
