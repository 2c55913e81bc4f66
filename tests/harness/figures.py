"""What the pipeline published, read back from where readers find it: `{(scope, window id): {kpi: record}}`."""

import json
from collections.abc import Mapping
from typing import Any, cast

from kafka import KafkaConsumer, TopicPartition
from redis import Redis

from pipeline.scores.definition import DEFINITION
from pipeline.sinks.past_form import read_legends, unpack
from pipeline.sinks.redis_keys import Keys
from pipeline.topics.log_bounds import end_offsets

Kpis = dict[str, dict[str, Any]]
Figures = dict[tuple[str, str], Kpis]


def in_redis(redis: Redis, namespace: str, only: str | None = None) -> Figures:
    """Every figure in Redis, or those of one scope, the families of a window joined; past windows too."""
    found: Figures = {}
    ours = Keys(namespace)
    keys: list[bytes] = sorted(cast("Any", redis).scan_iter(match=ours.pattern("kpi"), count=1000))
    for key in keys:
        parsed = ours.parse(key.decode())
        assert parsed is not None, key
        (scope,) = parsed.rest
        if only not in (None, scope):
            continue
        held: dict[bytes, bytes] = cast("Any", redis).hgetall(key)
        for name, value in held.items():
            field = name.decode()
            if not field.startswith("_"):
                window = field.rpartition(":")[0]
                found.setdefault((scope, window), {}).update(json.loads(value)["kpis"])
    for (scope, window), families in past_in_redis(redis, namespace, only).items():
        for family in families.values():
            found.setdefault((scope, window), {}).update(family)
    return found


def past_in_redis(redis: Redis, namespace: str, only: str | None = None) -> dict[tuple[str, str], Mapping[str, Kpis]]:
    """The families of every window that is over, as it is kept in Redis."""
    ours = Keys(namespace)
    legends = read_legends({name.decode(): text for name, text in cast("Any", redis).hgetall(ours.legend).items()})
    found = {}
    for key in sorted(cast("Any", redis).scan_iter(match=ours.pattern("past"), count=1000)):
        parsed = ours.parse(key.decode())
        assert parsed is not None, key
        (scope,) = parsed.rest
        if only in (None, scope):
            for window, text in cast("Any", redis).hgetall(key).items():
                found[scope, window.decode()] = unpack(text.decode(), scope, legends).families
    return found


def on_topic(topic: str, partitions: int, options: dict[str, Any]) -> Figures:
    """Every figure on a KPI topic: of each key the record with the highest version, tombstones taken out."""
    consumer = KafkaConsumer(enable_auto_commit=False, **options)
    found: dict[bytes, dict[str, Any] | None] = {}
    try:
        owned = [TopicPartition(topic, n) for n in range(partitions)]
        consumer.assign(owned)
        ends = end_offsets(consumer, owned)
        consumer.seek_to_beginning(*owned)
        while any(consumer.position(each) < ends[each] for each in owned):
            for records in consumer.poll(timeout_ms=500, max_records=5000).values():
                for record in records:
                    _keep_newest(found, record.key, record.value)
    finally:
        consumer.close()
    return {(r["scope"], r["window"]["id"]): spelled_out(r) for r in found.values() if r is not None and "kpis" in r}


def spelled_out(record: dict[str, Any]) -> Kpis:
    """All KPIs of a record, those too of families that are only named because nothing happened."""
    nothing = DEFINITION.texts.nothing(record["window"]["kind"], rep=record["scope"].startswith("rep:"))
    texts = ",".join(nothing[family] for family in record["nothing"])
    return {**record["kpis"], **json.loads(f"{{{texts}}}")}


def _keep_newest(found: dict[bytes, dict[str, Any] | None], key: bytes, value: bytes | None) -> None:
    new = None if value is None else json.loads(value)
    old = found.get(key)
    if new is None or old is None or tuple(new["version"]) >= tuple(old["version"]):
        found[key] = new
