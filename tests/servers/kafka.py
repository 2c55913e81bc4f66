"""A real Apache Kafka broker (KRaft, one node) from its Maven jars, which are kept in .cache/ of the repository."""

import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.servers.components import missing, require_command
from tests.servers.process import ServerProcess, free_port

POM = Path(__file__).with_name("pom.xml")
CACHE = POM.parents[2] / ".cache"
# Quick to start and small, for machines of two cores.
JVM_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)


def jars_folder() -> Path:
    """Where the jars of this pom are kept; another pom has another folder."""
    return CACHE / f"kafka-{zlib.crc32(POM.read_bytes()):08x}"


def fetch_jars() -> Path:
    """The folder with the broker's jars; Maven copies them there the first time. Raises when it cannot."""
    jars = jars_folder()
    if jars.exists():
        return jars
    CACHE.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=CACHE))
    copy = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}")
    try:
        subprocess.run(["mvn", "-q", "-B", "-f", str(POM), *copy], check=True, stdin=subprocess.DEVNULL)
        fresh.rename(jars)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return jars


def require_jars() -> Path:
    """The broker's jars, or the test is skipped or fails, as `components.missing` says."""
    require_command("java", "openjdk-17-jre-headless")
    if not jars_folder().exists():
        require_command("mvn", "maven")
    try:
        return fetch_jars()
    except subprocess.CalledProcessError as error:
        missing(f"Maven could not fetch Apache Kafka: {error}")


class KafkaServer:
    """A broker with its data under `directory`, on a free port that stays the same over restarts.

    `overrides` are lines of server.properties, such as `auto.create.topics.enable`, `format_options` are given to the
    tool that formats its storage, `jvm_options` to the Java that runs it.
    """

    def __init__(
        self,
        directory: Path,
        jars: Path,
        overrides: dict[str, str] | None = None,
        format_options: Sequence[str] = (),
        jvm_options: Sequence[str] = JVM_OPTIONS,
    ) -> None:
        self.directory = directory
        self.port = free_port()
        self._classpath = f"{jars}{os.sep}*"
        self._properties = directory / "server.properties"
        self._overrides = overrides or {}
        self._format_options = format_options
        broker = ("java", *jvm_options, "-cp", self._classpath, "kafka.Kafka", str(self._properties))
        self.process = ServerProcess(broker, directory / "kafka.log")

    @property
    def bootstrap(self) -> str:
        """Its host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def admin_options(self) -> dict[str, str | int | float | bool]:
        """How confluent_kafka reaches it with all rights."""
        return {"bootstrap.servers": self.bootstrap, "log_level": 0}

    def start(self) -> None:
        """Start the broker, formatting its storage the first time; return once it answers."""
        if not self._properties.exists():
            self._format()
        self.process.start(self.answers, limit_seconds=90)

    def stop(self) -> None:
        """Shut it down in good order."""
        self.process.stop()

    def restart(self) -> None:
        """Stop it in good order and start it again, with its data."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End it the hard way; `start` brings it back with what it had written."""
        self.process.kill()

    def pause(self) -> None:
        """Freeze it: connections stay, nothing is answered."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self.process.resume()

    def answers(self) -> bool:
        """Whether the broker tells who it is."""
        try:
            return bool(AdminClient(self.admin_options).list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def _format(self) -> None:
        controller = free_port()
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"CLIENTS://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENTS://127.0.0.1:{self.port}",
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.directory / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "log.retention.check.interval.ms": "5000",
            **self._overrides,
        }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in sorted(lines.items())))
        tool = ("kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", str(self._properties))
        subprocess.run(
            ["java", *JVM_OPTIONS, "-cp", self._classpath, *tool, *self._format_options],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    fetch_jars()
