"""The embedded broker: librdkafka's mock cluster, for the demo and for quick tests."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import cimpl

API_VERSION = "2.3"
"""What kafka-python must be told: it cannot negotiate with the mock cluster."""
JOIN_DELAY_MS = 100
"""How long the first worker of a group waits for others; three seconds where nobody says so."""
_PRODUCER = 0
_SAID_BYTES = 512


@contextmanager
def embedded_broker() -> Iterator[str]:
    """Run a broker inside this process for as long as the context lasts; gives its host:port on the loopback.

    It keeps 5 MB a partition, in memory, and makes topics up as they are used. It lacks admin calls, DeleteRecords and
    log-append time; what its acks give as the time of append is made up.
    """
    kafka = _librdkafka()
    said = ctypes.create_string_buffer(_SAID_BYTES)
    options = kafka.rd_kafka_conf_new()
    kafka.rd_kafka_conf_set(options, b"log_level", b"0", said, _SAID_BYTES)
    owner = kafka.rd_kafka_new(_PRODUCER, options, said, _SAID_BYTES)
    if not owner:
        raise RuntimeError(f"the embedded broker does not start: {said.value.decode()}")
    cluster = kafka.rd_kafka_mock_cluster_new(owner, 1)
    try:
        kafka.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, JOIN_DELAY_MS)
        yield kafka.rd_kafka_mock_cluster_bootstraps(cluster).decode()
    finally:
        kafka.rd_kafka_mock_cluster_destroy(cluster)
        kafka.rd_kafka_destroy(owner)


def _librdkafka() -> ctypes.CDLL:
    """The library that the client brings: its Python part can start a mock cluster, and set nothing of it."""
    library = ctypes.CDLL(cimpl.__file__)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    functions: tuple[tuple[str, Any, list[Any]], ...] = (
        ("rd_kafka_conf_new", pointer, []),
        ("rd_kafka_conf_set", ctypes.c_int, [pointer, text, text, text, ctypes.c_size_t]),
        ("rd_kafka_new", pointer, [ctypes.c_int, pointer, text, ctypes.c_size_t]),
        ("rd_kafka_mock_cluster_new", pointer, [pointer, ctypes.c_int]),
        ("rd_kafka_mock_cluster_bootstraps", text, [pointer]),
        ("rd_kafka_mock_group_initial_rebalance_delay_ms", None, [pointer, ctypes.c_int32]),
        ("rd_kafka_mock_cluster_destroy", None, [pointer]),
        ("rd_kafka_destroy", None, [pointer]),
    )
    for name, result, arguments in functions:
        function = library[name]
        function.restype, function.argtypes = result, arguments
        setattr(library, name, function)
    return library
