"""What a run was made on and with, for the results file."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import redis

from benchmarks.bytewax_job import REQUIREMENTS
from benchmarks.servers import Servers
from tests.servers.kafka import fetch_jars

JAVA_PEERS = {"kafka_streams": "kafka-streams", "flink": "flink-clients"}
"""The projects of the peers, with the artifact that tells their version."""
LIBRARIES = ("aiokafka", "confluent-kafka", "faust-streaming", "msgspec", "pydantic", "redis")


def machine(job_core: int | None) -> dict[str, Any]:
    """Processor, cores, memory, system, and how busy it was before the run."""
    cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in cpu.splitlines() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "cores_of_the_job": "all" if job_core is None else 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_average_1m": round(os.getloadavg()[0], 2),
    }


def versions(servers: Servers) -> dict[str, str]:
    """Python, Java, the libraries that matter, the servers, and the peers."""
    with redis.Redis.from_url(servers.redis_url) as client:
        server = client.info("server")
    return {
        "python": platform.python_version(),
        "java": _java(),
        "kafka": next(fetch_jars().glob("kafka_2.13-*.jar")).stem.rpartition("-")[2],
        **_server_version(server),
        **{name: version(name) for name in LIBRARIES},
        **{name: _in_pom(project, name) for project, name in JAVA_PEERS.items()},
        "bytewax": REQUIREMENTS[0].partition("==")[2],
    }


def _server_version(server: Mapping[str, Any]) -> dict[str, str]:
    """Valkey tells the version of Redis that it stands in for, too."""
    if "valkey_version" in server:
        return {"valkey-server": str(server["valkey_version"])}
    return {"redis-server": str(server["redis_version"])}


def _java() -> str:
    told = subprocess.run(["java", "-version"], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return told.stderr.splitlines()[0].split('"')[1]


def _in_pom(project: str, artifact: str) -> str:
    pom = Path(__file__).with_name(project) / "pom.xml"
    found = re.search(rf"<artifactId>{artifact}</artifactId>\s*<version>([^<]+)</version>", pom.read_text())
    assert found is not None, artifact
    return found[1]
