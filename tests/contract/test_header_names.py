"""Headers whose names are no UTF-8: each client reads the records, the pipeline refuses them, and the audit agrees."""

import json
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatchBuilder as Builder

from pipeline.config.kafka_options import reader_options
from pipeline.config.settings import load_settings
from pipeline.engine.faust.fetched import BoundedRecords, FetchedRecords
from schemas.cloud_events import carried, events_in
from tests.unit.audit.logs_of import differing
from tests.unit.ledger.world import NOON_MS, World, event, organisation

PARTITION = TopicPartition("crm.events", 0)
CODECS = [0, 1, 2, 3, 4]
TOLD = st.lists(st.tuples(st.binary(min_size=1, max_size=6), st.none() | st.binary(max_size=4)), max_size=3)
Told = list[tuple[bytes, bytes | None]]


class Name(str):
    """A name of any bytes, as a producer in another language writes it."""

    def encode(self, *_: Any) -> bytes:
        """The bytes."""
        return super().encode("utf-8", "surrogateescape")


def batch(records: list[Told], codec: int, first: int) -> bytes:
    """A batch with these headers, as a producer makes it."""
    builder = Builder(2, codec, False, -1, -1, -1, 1_000_000)
    for number, told in enumerate(records):
        headers = [(Name(name.decode("utf-8", "surrogateescape")), value) for name, value in told]
        assert builder.append(number, 7, b"k", b"v", headers) is not None
    made = bytearray(builder.build())
    made[:8] = first.to_bytes(8, "big")
    return bytes(made)


def _named(headers: Any) -> Told:
    return [(name.encode("utf-8", "surrogateescape"), value) for name, value in headers]


@given(st.lists(st.lists(TOLD, min_size=1, max_size=3), min_size=1, max_size=3), st.sampled_from(CODECS), st.booleans())
def test_both_readers_give_every_record_with_its_headers(batches: list[list[Told]], codec: int, middle: bool) -> None:
    """In whatever compression, before, between and after others; a fetch that begins within a batch too."""
    written, first = b"", 3
    for records in batches:
        written += batch(records, codec, first)
        first += len(records)
    told = [each for records in batches for each in records]
    start = 3 + (len(told) > 1 and middle)
    reader_options(load_settings({}))
    ours = FetchedRecords(PARTITION, BoundedRecords(written), [], start, None, None, True, 1)
    theirs: Any = memory_records.MemoryRecords(written)
    by_kafka_python = [record for each in theirs for record in each]

    assert [(r.offset, r.key, r.value, _named(r.headers)) for r in ours] == [
        (number, b"k", b"v", each) for number, each in enumerate(told, 3)
    ][start - 3 :]
    assert ours.next_fetch_offset == first
    assert [(r.offset, _named(r.headers)) for r in by_kafka_python] == list(enumerate(told, 3))


@pytest.mark.parametrize("name", ["a\udcff", "\udcfe", "ce_\udcffid", "sp\udcff", "content-type\udc80"])
@pytest.mark.parametrize("given_", [[], [("ce_specversion", b"1.0")], [("sp", b"tick")]])
@pytest.mark.parametrize("batched", [False, True])
def test_a_record_with_such_a_header_is_refused(name: str, given_: list[tuple[str, bytes]], batched: bool) -> None:
    """In words that repeat nothing of it; nothing of it counts, and its letter can be written."""
    world = World(partitions=2).play(organisation())
    call = event("call", "c1", NOON_MS, rep_id="rep-01", started_at=NOON_MS, direction="outbound")
    value = json.dumps([call] if batched else call).encode()
    world.append("telephony.events", 0, value, key=b"call:c1", headers=[*given_, (name, b"\xff")], forged=True)
    world.run()
    [letter] = world.logs["dead-letters", 0]
    detail = dict(letter.headers)["dlq.detail"]

    assert detail == (
        b"headers.sp: without a proof that the pipeline wrote it"
        if ("sp", b"tick") in given_
        else b"headers: allowed are names in UTF-8"
    )
    assert all(each.encode() for each, _ in letter.headers)
    assert events_in(value, [(name, b"")]) == []
    assert carried([*given_, (name, b"")]) == tuple((each, told) for each, told in given_ if each != "sp")
    assert differing(world) == []


def test_the_stock_reader_raises() -> None:
    """Once it does not, ours can go."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
    builder.append(0, timestamp=1, key=None, value=b"", headers=[("abc", b"")])
    written = bytes(builder.build()).replace(b"abc", b"a\xffc")

    with pytest.raises(UnicodeDecodeError):
        list(BoundedRecords(written).next_batch())
