"""The records of the KPI topics, as another program reads them."""

from collections.abc import Iterator

from pipeline.audit.logs import Logs
from pipeline.config.settings import Settings
from pipeline.kernel.partitioner import partition_of
from pipeline.sinks.kpi_topic import home_of_record

TOPICS = ("kpis.scoreboard", "kpis.rollup")


def kpi_records(settings: Settings) -> Iterator[tuple[str, int, bytes, bytes | None]]:
    """Logical topic, partition, key and value of every record there is."""
    with Logs(settings) as logs:
        for log, end in sorted(logs.ends(TOPICS).items()):
            topic, _, number = log.rpartition("/")
            for record in logs.records(topic, int(number), end):
                yield topic, int(number), record.key, record.value


def on_foreign_partitions(settings: Settings) -> list[str]:
    """The keys that stand on a partition that is not their home's."""
    return [
        key.decode()
        for _, partition, key, value in kpi_records(settings)
        if (home := home_of_record(key, value)) and partition_of(home, settings.partitions) != partition
    ]
