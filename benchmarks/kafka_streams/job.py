"""The counting part of the job in Kafka Streams, with its default store (RocksDB) and with the one in memory."""

from functools import partial
from pathlib import Path

from benchmarks.maven import class_path
from benchmarks.peer import Peer
from benchmarks.servers import Servers


def _command(store: str, job: str, name: str, servers: Servers) -> list[str]:
    """How one instance with one thread is started."""
    state = servers.directory / name
    java = ["java", "-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", class_path(Path(__file__).parent)]
    return [*java, "benchmarks.Counting", name, servers.brokers, servers.redis_url, store, str(state), job]


def _peer(name: str, store: str, job: str) -> Peer:
    return Peer(name, partial(_command, store, job, name), ("dead-letters",))


ROCKSDB = _peer("kafka_streams", "rocksDB", "whole")
IN_MEMORY = _peer("kafka_streams_memory", "in_memory", "whole")
MINUTES = _peer("kafka_streams_minutes", "rocksDB", "minutes")
