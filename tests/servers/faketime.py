"""Another clock: of a process, by libfaketime, and of the records of a topic, by whoever sends them."""

from collections.abc import Iterable
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from tests.servers.components import missing


def library() -> Path | None:
    """libfaketime, where it is installed."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def faked(offset: str) -> dict[str, str]:
    """The environment in which a process believes that it is earlier or later; only its wall clock is moved."""
    return {**_environment(), "FAKETIME": offset}


def faked_by(file: Path) -> dict[str, str]:
    """The same with the offset in a file, which may be written anew: a process that runs heeds it a second later."""
    return {**_environment(), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1"}


def _environment() -> dict[str, str]:
    found = library()
    if found is None:
        missing("libfaketime is not there (Debian package faketime)")
    return {"LD_PRELOAD": str(found), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def stamped(brokers: str, topics: Iterable[str], how: str) -> None:
    """Let these topics take a record's time from whoever sends it (`CreateTime`), or from the broker's clock again.

    A worker that starts wants the latter (`LogAppendTime`) of source topics; one that runs does not ask again.
    """
    configs = {"message.timestamp.type": how, "message.timestamp.after.max.ms": str(2**62)}
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs) for name in topics])
    finally:
        admin.close()
