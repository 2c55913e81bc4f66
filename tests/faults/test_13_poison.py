"""Fault 13: records that no schema reads, among those that are right; and all the ways producers may pack records.

That nearly all are bad, and a worker halts (fault 14), is in tests/integration/test_dead_letters.py and below.
"""

import asyncio
import gzip
from collections import Counter

import pytest

from pipeline import clock
from pipeline.dead_letters.letter import read_letter
from pipeline.dead_letters.topic import DeadLetterTopic
from pipeline.engine.kafka import fail_stop
from schemas.events import iso
from tests.faults.bombs import send_bombs
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.feed import Feed
from tests.faults.poison import KINDS
from tests.faults.sent import Sent
from tests.faults.stream import Stream
from tests.faults.verdict import judge, refused

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

LARGE_BYTES = 900_000
LARGE = [
    Sent("crm.events", b"deal:large", b"x" * LARGE_BYTES, "too_large"),
    Sent("telephony.events", b"call:deep", b"[" * 100_000, "too_large"),
    Sent("crm.events", b"deal:packed", gzip.compress(b'{"specversion": "1.0"}'), "invalid_json"),
    Sent("crm.events", b"", '{"specversion": "1.0"}'.encode("utf-16"), "invalid_json"),
]


def letters(cluster: Cluster) -> Counter[str]:
    """How many records the dead-letter topic holds of each origin."""
    with DeadLetterTopic(cluster.settings) as topic:
        found = (read_letter(record) for record in topic.records())
        return Counter(str(letter.origin) for letter in found if letter is not None)


def send(cluster: Cluster, records: list[Sent]) -> None:
    """Send records besides the stream, and note what must become of them."""
    cluster.feed.send(records)
    cluster.feed.flush()
    cluster.stream.refused.update(sent.refused for sent in records if sent.refused is not None)


def test_fault_13_each_bad_record_is_a_dead_letter_once(begin: Begin, seed: int) -> None:
    """One of a hundred, of every kind, and some large ones: the worker goes on, and every figure is right."""
    cluster = begin(workers=1, stream=Stream(seed, poison=0.01))
    cluster.feed.start(rate=100)
    send(cluster, LARGE)
    clock.pause(60)
    judge(cluster, least=200)

    assert not cluster.fleet.ended
    written = letters(cluster)
    assert sum(cluster.stream.refused.values()) == len(written) == sum(written.values())


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_every_codec_of_producers_is_read(begin: Begin, codec: str) -> None:
    """A producer may compress as it likes."""
    cluster = begin(workers=1)
    with Feed(cluster.settings, cluster.stream, {"compression.codec": codec, "linger.ms": 50}) as feed:
        feed.start(rate=100)
        clock.pause(5)
        feed.stop()
    judge(cluster, least=200)


def test_fault_13_a_batch_that_unpacks_to_gigabytes_is_one_letter(begin: Begin) -> None:
    """Of every codec and on every source: the worker stays small, also when it reads them again; the audit agrees."""
    cluster = begin(workers=1)
    cluster.feed.start(rate=60)
    clock.pause(3)
    sent = asyncio.run(send_bombs(cluster.settings, times=200))
    cluster.stream.refused["oversized_batch"] += sent
    clock.pause(3)
    cluster.fleet.kill("w1")
    cluster.fleet.join("w1")
    clock.pause(3)
    judge(cluster, least=200)

    assert sent == 12
    assert max(each.rss_mib for each in cluster.fleet.samples) < 300
    with DeadLetterTopic(cluster.settings) as topic:
        assert sum(len(record.value or b"") for record in topic.records()) < 100_000


def test_fault_14_nothing_but_bad_records_halts_the_workers(begin: Begin) -> None:
    """Both end with the line that tells how to go on; told so, they take the records for dead letters and go on."""
    cluster = begin(dead_letter_limit_records=100)
    fleet = cluster.fleet
    cluster.feed.start(rate=60)
    clock.pause(3)
    send(cluster, [KINDS[0](clock.now_ms(), number) for number in range(2000)])
    for _ in range(3):
        line = fleet.next_end().last_line
        assert "worker stops: telephony.events: " in line
        assert "SALESPULSE_DEAD_LETTERS_PASS_BEFORE=" in line
    assert refused(cluster).total() < 2000

    for name in ("w1", "w2"):
        fleet.kill(name)
        fleet.join(name, SALESPULSE_DEAD_LETTERS_PASS_BEFORE=iso(clock.now_ms()))
    judge(cluster, least=200)
    assert all(ended.code == fail_stop.EXIT_CODE for ended in fleet.ended)
