"""The audit while events flow: every figure at its own cut, with nothing at rest; and at rest once Redis is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count, islice
from pathlib import Path

import pytest
from redis import Redis

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.quiescence import Quiescence
from pipeline.audit.report import Report
from pipeline.config.settings import Settings
from pipeline.topics.check import create_topics
from tests.harness.audited import rests
from tests.harness.busy_floor import Appended
from tests.harness.eventful_floor import append, happenings
from tests.harness.proofs import CONTROL_KEYS
from tests.harness.repeating import repeating
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until

SEED, EVENTS, BEFORE, DAYS = 11, 800, 100, 4
AT_ONCE_SENT, EVERY_SECONDS = 3, 0.2
AT_ONCE = Quiescence(0)


@contextmanager
def flowing(settings: Settings, events: Iterator[Appended]) -> Iterator[None]:
    """Send a handful of events again and again, for as long as the context lasts."""

    def send() -> bool:
        some = list(islice(events, AT_ONCE_SENT))
        if some:
            append(settings, some)
        return bool(some)

    with repeating(send, EVERY_SECONDS, "events"):
        yield


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(600)
def test_nothing_differs_while_events_flow(kafka_settings: Settings, tmp_path: Path) -> None:
    """Calls, deals, corrections, merges, moves of reps and teams come in all the while: no number differs, of many.

    Nor does one after a flush: there is no rest before all is there again.
    """
    create_topics(kafka_settings)
    given = {
        "NAMESPACE": kafka_settings.namespace, "BROKERS": kafka_settings.brokers,
        "REDIS_URL": kafka_settings.redis_url.get_secret_value(), "PROMETHEUS_REPS": "true",
        "CONTROL_KEYS": CONTROL_KEYS,
    }  # fmt: skip
    env = {f"SALESPULSE_{name}": value for name, value in given.items()}
    now_ms = clock.now_ms()
    events = chain.from_iterable(happenings(now_ms, SEED + turn, EVENTS, DAYS) for turn in count())
    append(kafka_settings, islice(events, BEFORE))
    reports: list[Report] = []
    with WorkerProcess(env, tmp_path / "worker.log", free_port()) as worker:
        worker.until_ready()
        # An audit of everything takes a while, so the first begins when no home is left out any more.
        assert rests(kafka_settings)
        audit = Audit(kafka_settings, [f"http://127.0.0.1:{worker.health_port}/metrics"])
        with flowing(kafka_settings, events):
            wait_until(lambda: _audited(audit, reports), "an audit that compares what all partitions show", 500, 1)
        _forget(kafka_settings)
        after = audit.run(Quiescence(120))

    assert [report.differences for report in reports] == [[]] * len(reports)
    assert not any(report.quiet for report in reports)
    assert (after.quiet, after.differences, after.notes) == (True, [], [])
    assert min(_numbers(after)) > 10_000


def _forget(settings: Settings) -> None:
    """As a flush does, which no worker notices before its next survey."""
    with Redis.from_url(settings.redis_url.get_secret_value(), decode_responses=True) as client:
        client.delete(*client.scan_iter(match=f"*{settings.namespace}*", count=1000))


def _audited(audit: Audit, reports: list[Report]) -> bool:
    """Audit once more; whether it could compare what all partitions show, over ten thousand numbers of each place."""
    report = audit.run(AT_ONCE)
    reports.append(report)
    whole = not report.notes and min(_numbers(report)) > 10_000
    return bool(report.differences) or whole


def _numbers(report: Report) -> list[int]:
    return [report.numbers["redis"], report.numbers["kpi topics"]]
