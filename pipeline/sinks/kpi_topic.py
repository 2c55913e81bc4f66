"""The compacted KPI topics: one record per scope and window, and each partition's cut, for other programs to read.

A record goes to the partition of the same number as the input's, so that each partition has one writer. A former owner
may still append: the next one reads what was appended and publishes those keys again; readers take the higher version.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from pipeline.engine.kafka.outlet import Records, Sent
from pipeline.kernel.time_slice import TimeSlice
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.figures import record
from pipeline.scores.home import home_of
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.sinks.sink import Batch, Bookmark, Owner, Shown, SinkDown, Survey
from schemas.described import Headers, headers_of
from schemas.published import json_schema

CUT = "cut"
_json = msgspec.json.Encoder().encode

SendAll = Callable[[str, int, Records], Awaitable[list[Sent]]]
"""The engine's `send_all(topic, partition, records)` for a logical topic."""
Reader = Callable[[], AbstractAsyncContextManager[AIOKafkaConsumer]]


class KpiTopic:
    """The sink on the KPI topics of all stages, for all leases of a worker."""

    name = "kpi_topic"
    fast = False
    carries_parts = False

    def __init__(
        self, send_all: SendAll, reader: Reader, full_name: Callable[[str], str], definition: Definition = DEFINITION
    ) -> None:
        self._send_all = send_all
        self._reader = reader
        self._full_name = full_name
        self._texts = definition.texts
        self._headers = headers_of(kpi_schema()["$id"])
        self._trusted: set[Owner] = set()
        """Owners who know everything that stands in their partition up to their own last record."""

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:  # noqa: ARG002
        if owner in self._trusted:
            return Survey(bookmark)
        try:
            foreign, end = await self._read(owner, bookmark.next_offset)
        except KafkaError as error:
            if not (error.retriable or isinstance(error, KafkaTimeoutError)):
                raise
            raise SinkDown(f"no broker tells what stands in the topic ({type(error).__name__})") from error
        self._trusted = {each for each in self._trusted if each[:2] != owner[:2]} | {owner}
        moved = Bookmark(bookmark.published, end, bookmark.now_ms)
        # A topic that ends before our own last record was created anew: it has nothing of what was published.
        since = bookmark.published if bookmark.next_offset <= end else -1
        return Survey(moved, since, frozenset(home for home, _, _ in foreign), frozenset(foreign))

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        expected = bookmark.next_offset
        for first_offset, records in await self._append(owner, batch):
            if first_offset != expected:
                # Somebody else's records lie between: they are read at the next survey.
                self._trusted.discard(owner)
                break
            expected += records
        else:
            bookmark = Bookmark(bookmark.published, expected, bookmark.now_ms)
        if batch.complete:
            return Bookmark(batch.position, bookmark.next_offset, batch.now_ms)
        return bookmark

    def missing(self) -> Sequence[str]:
        return ()  # What brokers lack, the engine says.

    async def close(self) -> None:
        """Nothing of its own is open."""

    async def _append(self, owner: Owner, batch: Batch) -> list[tuple[int, int]]:
        """Returns the first offset and the number of records of each run of them that is acknowledged."""
        records: list[tuple[bytes, bytes | None, Headers]] = []
        time_slice = TimeSlice()
        for figure in batch.figures:
            key = f"{figure.scope}|{figure.window}".encode()
            nothing = self._texts.nothing(figure.kind, rep=figure.scope.startswith("rep:"))
            records.append((key, None, ()) if figure.gone else (key, record(figure, nothing), self._headers))
            await time_slice.pause()
        if batch.cut is not None:
            value = _json({"kind": CUT, **batch.cut})
            records.append((f"{CUT}|{owner.partition}".encode(), value, headers_of(json_schema(CUT)["$id"])))
        sent = await self._send_all(f"kpis.{owner.stage}", owner.partition, records)
        return [((await each.ack).offset, each.records) for each in sent]

    async def _read(self, owner: Owner, start: int) -> tuple[set[tuple[str, str, str]], int]:
        """The windows (home, scope, id) that somebody wrote from `start` on, and the end of the partition."""
        partition = TopicPartition(self._full_name(f"kpis.{owner.stage}"), owner.partition)
        windows: set[tuple[str, str, str]] = set()
        async with self._reader() as consumer:
            consumer.assign([partition])
            end = int((await consumer.end_offsets([partition]))[partition])
            if start < 0 or start >= end:
                return windows, end
            consumer.seek(partition, start)
            while await consumer.position(partition) < end:
                for found in (await consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                    if home := home_of_record(found.key, found.value):
                        scope, _, window = found.key.decode(errors="replace").partition("|")
                        windows.add((home, scope, window))
        return windows, end


def home_of_record(key: bytes, value: bytes | None) -> str:
    """The home that a record of the topic is about: as its value says, or as its key does for a tombstone."""
    scope, _, _ = key.decode(errors="replace").partition("|")
    if scope == CUT:
        return ""
    try:
        fields: dict[str, Any] = msgspec.json.decode(value or b"{}", type=dict[str, Any])
        home = fields["home"]
    except (msgspec.MsgspecError, KeyError):
        home = None
    return home if isinstance(home, str) else home_of(scope)
