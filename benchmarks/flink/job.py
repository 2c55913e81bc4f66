"""The counting part of the job in Flink SQL on a local mini-cluster, with its state on the heap and in RocksDB."""

from functools import partial
from pathlib import Path

from benchmarks.maven import class_path
from benchmarks.peer import Peer
from benchmarks.servers import Servers

OPENED = ("java.base/java.util", "java.base/java.lang")
"""What Flink's serializers look into, which Java 17 forbids unless it is told."""


def _command(backend: str, name: str, servers: Servers) -> list[str]:
    """How one job with parallelism one is started."""
    java = ["java", "-Xmx3g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    java += [f"--add-opens={package}=ALL-UNNAMED" for package in OPENED]
    java += ["-cp", class_path(Path(__file__).parent), "benchmarks.Counting"]
    return [*java, name, servers.brokers, servers.redis_url, backend, str(servers.directory / name)]


HEAP = Peer("flink_heap", partial(_command, "hashmap", "flink_heap"))
ROCKSDB = Peer("flink_rocksdb", partial(_command, "rocksdb", "flink_rocksdb"))
