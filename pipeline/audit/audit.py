"""One audit of a deployment: read what it shows, read the logs, compare."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast
from urllib.error import URLError
from urllib.request import urlopen

from redis import Redis
from redis.exceptions import RedisError

from pipeline import clock
from pipeline.audit.achievements import latest_achievements
from pipeline.audit.alerts import SilenceRules, latest_alerts
from pipeline.audit.comparison import Comparison
from pipeline.audit.contests import TOPIC, latest_contests
from pipeline.audit.cut import Cut
from pipeline.audit.database import ROWS_AT_ONCE, THREADS, Database
from pipeline.audit.logs import Logs
from pipeline.audit.oracle import DAY_MS, Oracle, Rules
from pipeline.audit.own_records import OwnRecords
from pipeline.audit.picture import STAGES, Picture, Place
from pipeline.audit.plan import Plan
from pipeline.audit.positions import Positions
from pipeline.audit.quiescence import any_behind
from pipeline.audit.records import DOMAINS, READ, LogReader
from pipeline.audit.redis_picture import redis_cuts, redis_picture, whole_homes
from pipeline.audit.relay_check import check_passing_on
from pipeline.audit.report import Covered, Difference, Report
from pipeline.audit.scrape_picture import scrape_picture
from pipeline.audit.topic_picture import KpiLog
from pipeline.config.redis_options import asking_client, refusal
from pipeline.config.settings import PREFIX, Settings, SetupError, control_keys_of
from pipeline.kernel.partitioner import partition_of
from pipeline.sinks.redis_keys import Keys, other_layout

LOOKS = 3
SENT_SECONDS = 15
PAUSE_SECONDS = 0.5
WHOLE = ("crm.events", "org.changes")
"""Logs that are never trimmed."""
SOURCES = ("crm.events", "telephony.events")
ALERTS = "alerts"
RECOGNITION = "recognition"
Say = Callable[[str], None]
Wait = Callable[["Audit", Logs], Mapping[str, int] | None]


def rules_of(settings: Settings) -> Rules:
    """What the settings say about the figures."""
    return Rules(
        currency=settings.currency,
        future_ms=settings.future_tolerance_seconds * 1000,
        activity_ms=settings.activity_retention_days * DAY_MS,
        closed_ms=settings.closed_deal_retention_days * DAY_MS,
        finality_ms=settings.finality_hours * 3_600_000,
        pane_days=settings.day_pane_days,
        stalled_days=settings.stalled_deal_days,
        publish_teams=settings.publish_teams,
        publish_reps=settings.publish_reps,
        publish_members=settings.publish_members,
        publish_reps_families=settings.publish_reps_families,
    )


def silence_rules_of(settings: Settings) -> SilenceRules:
    """What the settings say about alerts."""
    return SilenceRules(feed_silence_minutes=settings.feed_silence_minutes)


def own_records_of(settings: Settings) -> OwnRecords:
    """What the settings say about the pipeline's own records."""
    keys, jump_ms = control_keys_of(settings), settings.append_jump_hours * 3_600_000
    return OwnRecords(keys, settings.namespace, settings.partitions, jump_ms)


class Audit:
    """Compares everything that a deployment shows with what its logs say."""

    def __init__(self, settings: Settings, scrapes: Sequence[str] = (), say: Say = lambda _line: None) -> None:
        """`scrapes` are addresses of workers' `/metrics` and `/metrics/reps`; `say` is told what is being done.

        SetupError without control keys.
        """
        self._settings = settings
        self._scrapes = scrapes
        self._own = own_records_of(settings)
        self._say = say
        self._kpi_logs: dict[str, KpiLog] = {}
        self._scraped_texts: list[tuple[str, str]] = []

    def run(self, wait: Wait) -> Report:
        """One audit. `wait` returns how far the source logs are worked off once all is published, None if it is not.

        SetupError where Kafka, Redis or a worker does not answer.
        """
        with Logs(self._settings) as logs, Database(self._settings.audit_memory_mb, threads=THREADS) as database:
            settled, pictures = self._look(logs, wait)
            done = logs.committed(DOMAINS)
            for picture in pictures:
                if settled is not None:
                    picture.whole = None
                else:
                    picture.beside = None
            published = self.published(logs)
            sent = self._sent(logs, published, wait=settled is None)
            ends = logs.ends(READ)
            oracle = Oracle(database, rules_of(self._settings))
            positions = self._read(logs, oracle, ends)
            oracle.settle()
            # Ticks that nobody has worked off yet tell of a later time than the figures are of.
            whole = {log: end for log, end in {**ends, **(settled or {})}.items() if log.startswith(SOURCES)}
            oracle.cut(whole)
            oracle.cover()
            report = Report(quiet=settled is not None, covered=_covered(database))
            self._say("checking copies and links")
            report.differences, report.numbers["copies and links"] = check_passing_on(
                database, None if report.quiet else done
            )
            pictures += self._scraped(published)
            plan = Plan(
                positions, sent, self._settings.partitions, self._home_partition, ends, whole if settled else None
            )
            comparison = Comparison(
                database, oracle, positions, self._settings.partitions, silence_rules_of(self._settings)
            )
            for picture in pictures:
                self._say(f"comparing {picture.name}")
                self._compare(picture, plan, comparison, report)
            return report

    def published(self, logs: Logs) -> Mapping[Place, Cut]:
        """The latest cuts on the KPI topics."""
        found = self._read_on(logs)
        return {log.cuts[-1].place: log.cuts[-1] for log in found if log.cuts}

    def in_redis(self) -> Mapping[Place, Cut]:
        """The cuts in Redis."""
        with self._asking_redis() as client:
            return redis_cuts(client, self._settings.namespace, self._settings.partitions)

    def refilled(self, logs: Logs) -> frozenset[str]:
        """The homes on the KPI topics that Redis lost, or never had, and does not yet have whole."""
        published = {home for log in self._read_on(logs) for home in log.homes()}
        with self._asking_redis() as client:
            return frozenset(published - whole_homes(client, Keys(self._settings.namespace)))

    def _compare(self, picture: Picture, plan: Plan, comparison: Comparison, report: Report) -> None:
        compared = set()
        left_out: set[str] = set()
        report.numbers[picture.name] = 0
        report.differences += [
            Difference(picture.name, each.scope, each.window, "record", "", each.text[:80], "a figure")
            for each in picture.unreadable
        ]
        report.differences += plan.impossible(picture)
        for unit in plan.units(picture):
            found = comparison.compare(picture, unit)
            report.differences.extend(found.differences)
            report.numbers[picture.name] += found.numbers
            for name, places in found.beside.items():
                report.numbers[name] = report.numbers.get(name, 0) + places
            compared |= set(unit.clocks)
            left_out |= found.left_out
        if left_out:
            report.notes.append(f"{picture.name}: {len(left_out)} homes are being refilled and were not compared")
        missing = sorted({(stage, n) for stage in STAGES for n in range(self._settings.partitions)} - compared)
        if missing and not picture.partial:
            names = ", ".join(f"{stage} {partition}" for stage, partition in missing)
            report.notes.append(f"{picture.name}: no published cut to compare at for {names}")

    def _home_partition(self, home: str) -> int:
        return partition_of(home, self._settings.partitions)

    def _read(self, logs: Logs, oracle: Oracle, ends: Mapping[str, int]) -> Positions:
        positions = Positions()
        for log, end in sorted(ends.items()):
            topic, _, number = log.rpartition("/")
            self._say(f"reading {log}")
            reader = LogReader(topic, int(number), self._settings.partitions, self._own)
            for record in logs.records(topic, int(number), end):
                reader.read(record)
                if len(reader) >= ROWS_AT_ONCE:
                    oracle.take_in(reader.hand_over())
            if topic in WHOLE and reader.transit.head:
                raise SetupError(
                    f"{PREFIX}NAMESPACE: {log} starts at offset {reader.transit.head}; figures cannot be recomputed "
                    "without the earlier records"
                )
            oracle.take_in(reader.hand_over())
            positions.logs[log] = reader.transit
        return positions

    def _look(self, logs: Logs, wait: Wait) -> tuple[Mapping[str, int] | None, list[Picture]]:
        """Take pictures at rest; where something moves meanwhile, once more, and then as things are."""
        for _ in range(LOOKS):
            settled = wait(self, logs)
            pictures = self._pictures(logs)
            if settled is None or not any_behind(logs, settled, DOMAINS):
                return settled, pictures
        return None, pictures

    def _read_on(self, logs: Logs) -> list[KpiLog]:
        """The KPI topics, read to their present ends."""
        for log, end in sorted(logs.ends(f"kpis.{stage}" for stage in STAGES).items()):
            topic, _, number = log.rpartition("/")
            known = self._kpi_logs.setdefault(log, KpiLog())
            known.read(logs.records(topic, int(number), end, known.next_offset))
        return list(self._kpi_logs.values())

    def _sent(self, logs: Logs, published: Mapping[Place, Cut], *, wait: bool) -> Mapping[int, Sequence[Cut]]:
        """The cuts of each scoreboard of which all parts are in the log: a later one was published since.

        With `wait`, once that is so of those published when the pictures were taken, or has not become so for long.
        """
        until = clock.elapsed_seconds() + (SENT_SECONDS if wait else 0)
        boards = {place: cut for place, cut in published.items() if cut.stage == STAGES[0]}
        while True:
            later = self.published(logs)
            if all(later[place].offset > cut.offset for place, cut in boards.items()):
                break
            if clock.elapsed_seconds() >= until:
                break
            clock.pause(PAUSE_SECONDS)
        found = [log.cuts for log in self._kpi_logs.values() if log.cuts and log.cuts[-1].stage == STAGES[0]]
        return {cuts[-1].partition: cuts[:-1] for cuts in found}

    def _pictures(self, logs: Logs) -> list[Picture]:
        self._say("reading Redis")
        redis = self._redis()
        self._scraped_texts = [(address, _fetch(address)) for address in self._scrapes]
        self._say("reading the KPI topics")
        if redis.beside is not None and (logs.has(ALERTS) or not self._settings.embedded):
            for name, end in sorted(logs.ends([ALERTS]).items()):
                redis.beside.alerts += latest_alerts(logs.records(ALERTS, int(name.rpartition("/")[2]), end))
        if redis.beside is not None and (logs.has(RECOGNITION) or not self._settings.embedded):
            redis.beside.recognised_in += (TOPIC,)
            for name, end in sorted(logs.ends([RECOGNITION]).items()):
                told = list(logs.records(RECOGNITION, int(name.rpartition("/")[2]), end))
                redis.beside.contests += latest_contests(told)
                redis.beside.achievements += latest_achievements(told)
        topics = Picture("kpi topics")
        for log in self._read_on(logs):
            log.show(topics)
        return [redis, topics]

    def _scraped(self, published: Mapping[Place, Cut]) -> list[Picture]:
        def cut_at(place: Place, offset: int, now_ms: int) -> Cut | None:
            known = published.get(place)
            seen = known.seen if known is not None and known.offset == offset else {}
            return replace(known, offset=offset, now_ms=now_ms, seen=seen) if known is not None else None

        namespace = self._settings.namespace
        return [
            scrape_picture(address, text, namespace, self._home_partition, cut_at)
            for address, text in self._scraped_texts
        ]

    def _redis(self) -> Picture:
        with self._asking_redis() as client:
            return redis_picture(client, self._settings.namespace, self._settings.partitions)

    @contextmanager
    def _asking_redis(self) -> Iterator[Redis]:
        settings = self._settings
        try:
            with asking_client(settings, answer_seconds=30) as client:
                if line := other_layout(cast("str | None", client.get(Keys(settings.namespace).layout))):
                    raise SetupError(line)
                yield client
        except (RedisError, OSError) as error:
            line = refusal(error) or f"{PREFIX}REDIS_URL: no Redis responds there ({type(error).__name__})"
            raise SetupError(line) from None


def _fetch(address: str) -> str:
    try:
        with urlopen(address, timeout=30) as answer:
            return str(answer.read().decode())
    except (URLError, OSError, ValueError) as error:
        raise SetupError(f"--scrape: no response from {address} ({type(error).__name__})") from None


def _covered(database: Database) -> list[Covered]:
    """How far back each family of KPIs could be compared: windows that begin before are left out, or are gone."""
    query = """
        SELECT family, DATE '1970-01-01' + (first_day - 719163)::INTEGER, reason FROM coverage ORDER BY family
    """
    return [Covered(family, day, reason == "expired") for family, day, reason in database.rows(query)]
