"""The counting part of the job in Kafka Streams, with its default store (RocksDB) and with the one in memory."""

from functools import partial
from pathlib import Path

from benchmarks.maven import class_path
from benchmarks.peer import Peer
from benchmarks.servers import Servers


def _command(store: str, name: str, servers: Servers) -> list[str]:
    """How one instance with one thread is started."""
    state = servers.directory / name
    java = ["java", "-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", class_path(Path(__file__).parent)]
    return [*java, "benchmarks.Counting", name, servers.brokers, servers.redis_url, store, str(state)]


ROCKSDB = Peer("kafka_streams", partial(_command, "rocksDB", "kafka_streams"), ("dead-letters",))
IN_MEMORY = Peer("kafka_streams_memory", partial(_command, "in_memory", "kafka_streams_memory"), ("dead-letters",))
