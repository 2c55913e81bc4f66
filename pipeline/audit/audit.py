"""One audit of a deployment: read what it shows, read the logs, compare."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from urllib.error import URLError
from urllib.request import urlopen

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from pipeline.audit.comparison import Comparison
from pipeline.audit.cut import Cut
from pipeline.audit.database import Database
from pipeline.audit.logs import Logs
from pipeline.audit.oracle import DAY_MS, Oracle, Rules
from pipeline.audit.passing_on import check_passing_on
from pipeline.audit.picture import STAGES, Picture, Place
from pipeline.audit.plan import Passed, Unit, at_rest, live
from pipeline.audit.records import DOMAINS, READ, LogReader
from pipeline.audit.redis_picture import redis_picture
from pipeline.audit.report import Report
from pipeline.audit.scrape_picture import scrape_picture
from pipeline.audit.topic_picture import KpiLog
from pipeline.engine.partitioner import partition_of
from pipeline.redis_options import redis_options, refusal
from pipeline.settings import PREFIX, Settings, SetupError

SOURCES = ("crm.events", "telephony.events")
Say = Callable[[str], None]


def rules_of(settings: Settings) -> Rules:
    """What the settings say about the figures."""
    return Rules(
        currency=settings.currency,
        future_ms=settings.future_tolerance_seconds * 1000,
        activity_ms=settings.activity_retention_days * DAY_MS,
        closed_ms=settings.closed_deal_retention_days * DAY_MS,
        finality_ms=settings.finality_hours * 3_600_000,
        pane_days=settings.day_pane_days,
    )


class Audit:
    """Compares everything that a deployment shows with what its logs say."""

    def __init__(self, settings: Settings, scrapes: Sequence[str] = (), say: Say = lambda _line: None) -> None:
        """`scrapes` are the addresses of workers' `/metrics`; `say` is told what is being done."""
        self._settings = settings
        self._scrapes = scrapes
        self._say = say
        self._kpi_logs: dict[str, KpiLog] = {}

    def run(self, wait: Callable[["Audit", Logs], Mapping[str, int] | None]) -> Report:
        """One audit. `wait` returns the ends of the logs once all is worked off and published, None if it is not.

        SetupError where Kafka, Redis or a worker does not answer.
        """
        with Logs(self._settings) as logs, Database() as database:
            settled = wait(self, logs)
            pictures, history = self._pictures(logs)
            ends = logs.ends(READ)
            oracle = Oracle(database, rules_of(self._settings))
            self._read(logs, oracle, ends)
            oracle.settle()
            oracle.cut({log: end for log, end in ends.items() if log.startswith(SOURCES)})
            oracle.cover()
            quiet = settled is not None and not self._moved(database, settled)
            report = Report(quiet=quiet)
            self._say("checking copies and links")
            report.differences, report.numbers["copies and links"] = check_passing_on(database, quiet=quiet)
            comparison = Comparison(database, oracle, self._settings.partitions)
            passed = [Passed(*row) for row in database.rows("FROM passed WHERE log LIKE 'parts/%'")]
            for picture in pictures:
                self._say(f"comparing {picture.name}")
                units = (
                    at_rest(picture.cuts, ends, self._settings.partitions)
                    if quiet
                    else live(picture.cuts, history, passed, self._settings.partitions)
                )
                self._compare(picture, units, comparison, report)
            return report

    def published(self, logs: Logs) -> Mapping[Place, Cut]:
        """The latest cuts on the KPI topics."""
        found = self._read_on(logs)
        return {log.cuts[-1].place: log.cuts[-1] for log in found if log.cuts}

    def _compare(self, picture: Picture, units: Iterable[Unit], comparison: Comparison, report: Report) -> None:
        compared = set()
        for unit in units:
            found = comparison.compare(picture, unit)
            report.differences.extend(found.differences)
            report.numbers[picture.name] = report.numbers.get(picture.name, 0) + found.numbers
            compared |= set(unit.clocks)
        missing = sorted({(stage, n) for stage in STAGES for n in range(self._settings.partitions)} - compared)
        if missing and not picture.partial:
            names = ", ".join(f"{stage} {partition}" for stage, partition in missing)
            report.notes.append(f"{picture.name}: no cut to compare at of {names}")

    def _read(self, logs: Logs, oracle: Oracle, ends: Mapping[str, int]) -> None:
        for log, end in sorted(ends.items()):
            topic, _, number = log.rpartition("/")
            self._say(f"reading {log}")
            reader = LogReader(topic, int(number), self._settings.partitions)
            for record in logs.records(topic, int(number), end):
                reader.read(record)
            rows = reader.rows
            if topic == "crm.events" and rows.appended and rows.appended[0]["pos"] > 0:
                raise SetupError(
                    f"{PREFIX}NAMESPACE: {log} begins at offset {rows.appended[0]['pos']}; deals cannot be worked out "
                    "without what came before"
                )
            oracle.take_in(rows)

    def _moved(self, database: Database, settled: Mapping[str, int]) -> bool:
        """Whether anything but ticks came after the logs were settled."""
        for table in ("event", "link", "copy", "misplaced"):
            for log, pos in database.rows(f"SELECT log, max(pos) FROM {table} GROUP BY log"):
                if log.startswith(tuple(DOMAINS)) and pos >= settled[log]:
                    return True
        return False

    def _read_on(self, logs: Logs) -> list[KpiLog]:
        """The KPI topics, read to their present ends."""
        for log, end in sorted(logs.ends(f"kpis.{stage}" for stage in STAGES).items()):
            topic, _, number = log.rpartition("/")
            known = self._kpi_logs.setdefault(log, KpiLog())
            known.read(logs.records(topic, int(number), end, known.next_offset))
        return list(self._kpi_logs.values())

    def _pictures(self, logs: Logs) -> tuple[list[Picture], list[Cut]]:
        settings = self._settings
        self._say("reading Redis")
        pictures = [self._redis()]
        scrapes = [(address, _fetch(address)) for address in self._scrapes]
        self._say("reading the KPI topics")
        kpi_logs = self._read_on(logs)
        topics = Picture("kpi topics")
        for log in kpi_logs:
            log.show(topics)
        pictures.append(topics)
        history = [cut for log in kpi_logs for cut in log.cuts]
        of_home = partial(partition_of, partitions=settings.partitions)
        for address, text in scrapes:
            cut_at = partial(_cut_at, history)
            pictures.append(scrape_picture(address, text, settings.namespace, of_home, cut_at))
        return pictures, history

    def _redis(self) -> Picture:
        settings = self._settings
        try:
            with Redis.from_url(
                settings.redis_url.get_secret_value(), decode_responses=True, retry=Retry(NoBackoff(), 0),
                socket_timeout=30, **redis_options(settings),
            ) as client:  # fmt: skip
                return redis_picture(client, settings.namespace, settings.partitions)
        except (RedisError, OSError) as error:
            line = refusal(error) or f"{PREFIX}REDIS_URL: no Redis answers there ({type(error).__name__})"
            raise SetupError(line) from None


def _fetch(address: str) -> str:
    try:
        with urlopen(address, timeout=30) as answer:
            return str(answer.read().decode())
    except (URLError, OSError, ValueError) as error:
        raise SetupError(f"--scrape: nothing answers at {address} ({type(error).__name__})") from None


def _cut_at(history: Sequence[Cut], place: Place, offset: int, now_ms: int) -> Cut | None:
    """The cut of a scrape: a published one at the same offset."""
    for cut in history:
        if cut.place == place and cut.offset == offset:
            return replace(cut, now_ms=now_ms)
    return None
