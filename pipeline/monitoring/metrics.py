"""The pipeline's own metrics: every one declared here, with its unit in the name, and recorded by a verb.

What the sales floor does is not here: `pipeline/sinks/prometheus.py` reads that from the boards at scrape time.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from pipeline.release import installed_version

MAX_SOURCES = 50
OTHER = "other"
LAG_BUCKETS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300)
SIZE_BUCKETS = (1, 10, 100, 1000, 10_000, 100_000)
LATE = "late"


class Metrics:
    """Counters and gauges of one worker, in the registry that it is given, labelled with the namespace."""

    def __init__(self, registry: CollectorRegistry, namespace: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry
        ProcessCollector(registry=registry)
        self._namespace = namespace
        self._sources: set[str] = set()
        self._child: Callable[..., Any] = lru_cache(maxsize=1024)(self._child_of)
        """The metric of these labels: to ask the client library for it costs more than to count."""
        self._declare()
        self._build_info.labels(namespace, installed_version()).set(1)

    def _declare(self) -> None:
        self._events = self._counter("events", "Events accepted.", "source", "type")
        self._old_events = self._counter(
            "old_events", "Events accepted that happened more than an hour before they came.", "source"
        )
        self._facts = self._counter("facts", "Packed records of facts sent to the scoreboards.")
        self._parts = self._counter("parts", "Packed records of parts sent to the rollups.")
        self._sent = {"facts": self._facts, "parts": self._parts}
        self._dead_letters = self._counter("dead_letters", "Records refused, by reason.", "reason")
        self._duplicates = self._counter("duplicates", "Accepted events that changed nothing.")
        self._tombstones = self._counter("tombstones", "Records with a key and no value, which say nothing.")
        self._forwarded = self._counter("forwarded", "Records found on the wrong partition for their key.")
        self._late_events = self._counter("late_events", "Events refused because they are older than the retention.")
        self._batch_records = self._histogram("batch_records", "Source records in a batch.", SIZE_BUCKETS, "stage")
        self._batch_seconds = self._histogram(
            "batch_seconds", "From the start of a batch's fold until it is durable.", LAG_BUCKETS, "stage"
        )
        self._turn_records = self._histogram("turn_records", "Records that a turn hands out.", SIZE_BUCKETS)
        self._turn_seconds = self._histogram("turn_seconds", "For how long a turn's fold has the loop.", LAG_BUCKETS)
        self._consumer_lag = self._gauge(
            "consumer_lag_records", "From what is durable to the end of the log.", "topic", "partition"
        )
        self._log_bytes = self._counter("state_log_bytes", "Bytes appended to the state logs.", "stage")
        self._log_trims = self._counter("state_log_trims", "State log trims.", "stage")
        self._prefetch_dropped = self._counter("prefetch_dropped_records", "Stale prefetches dropped.", "topic")
        self._handed_over = self._counter("handed_over_records", "Records folded without a fetch.", "topic")
        self._figures = self._counter("figures", "Figures published.", "sink")
        self._publication_lag = self._histogram(
            "publication_lag_seconds",
            "From a figure's stream time to its arrival in the sink.",
            LAG_BUCKETS,
            "sink",
            "stage",
        )
        self._sink_errors = self._counter("sink_errors", "Writes that a sink rejected or did not answer.", "sink")
        self._sink_up = self._gauge("sink_up", "1 while the sink accepts writes.", "sink")
        self._redis_call = self._histogram("redis_call_seconds", "Writes to Redis, there and back.", LAG_BUCKETS)
        self._redis_used = self._gauge("redis_memory_used_ratio", "Share of Redis's maxmemory that is taken.")
        self._deposed = self._counter("deposed", "Partitions found to be published by a newer owner.", "sink")
        self._unknown_owners = self._counter("unknown_owners", "Owners that Redis named and no state log knows.")
        self._unknown_owners.labels(self._namespace)  # An increase from nothing is none.
        self._deposed.labels(self._namespace, "redis")
        self._recovery = self._gauge("recovery_seconds", "Duration of the last recovery.", "stage")
        self._recovered_records = self._counter("recovered_records", "State log records read in recoveries.", "stage")
        self._recovered_bytes = self._counter("recovered_bytes", "State log bytes read in recoveries.", "stage")
        self._partitions = self._gauge("partitions_held", "Partitions this worker holds.", "topic")
        self._loop_lag = self._gauge("loop_lag_seconds", "Latest delay of the event loop.")
        self._series_dropped = self._counter("series_dropped", "Label values in `other`, or left out.", "label")
        for label in ("source", "scope"):
            self._series_dropped.labels(self._namespace, label)
        self._build_info = self._gauge("build_info", "The running version.", "version")

    def _child_of(self, metric: Counter | Gauge | Histogram, *labels: str) -> Counter | Gauge | Histogram:
        return metric.labels(self._namespace, *labels)

    def saw_event(self, source: str, event_type: str, count: int = 1) -> None:
        """Count accepted events; sources beyond the first fifty are `other`, so that nobody can make series at will."""
        if source not in self._sources:
            if len(self._sources) >= MAX_SOURCES:
                self.dropped_series("source")
                source = OTHER
            self._sources.add(source)
        self._child(self._events, source, event_type).inc(count)

    def saw_old(self, source: str, count: int) -> None:
        """Count those of them that say nothing of now. `saw_event` has told of their sources before."""
        known = source if source in self._sources else OTHER
        self._child(self._old_events, known).inc(count)

    def sent(self, topic: str, records: int = 1) -> None:
        """Count what stages send to a topic; of those that other stages read, there is a metric each."""
        counter = self._sent.get(topic)
        if counter is not None:
            self._child(counter).inc(records)

    def refused(self, reason: str) -> None:
        """Count a dead letter. `reason` is one of the closed vocabulary; `late` is counted apart as well."""
        self._child(self._dead_letters, reason).inc()
        if reason == LATE:
            self._child(self._late_events).inc()

    def saw_duplicate(self) -> None:
        """Count an accepted event that changed nothing: heard before, or older than all it says."""
        self._child(self._duplicates).inc()

    def saw_tombstone(self) -> None:
        """Count a record that has a key and no value."""
        self._child(self._tombstones).inc()

    def redis_answered(self, seconds: float) -> None:
        """Note how long Redis took to take guarded writes."""
        self._child(self._redis_call).observe(seconds)

    def redis_used(self, ratio: float) -> None:
        """Note how much of Redis's memory is taken, where it has a limit."""
        self._child(self._redis_used).set(ratio)

    def forwarded(self) -> None:
        """Count a record that a producer with another partitioner put on the wrong partition."""
        self._child(self._forwarded).inc()

    def batch_folded(self, stage: str, records: int) -> None:
        """Count a batch that was folded (called by the engine, as are the five below)."""
        self._child(self._batch_records, stage).observe(records)

    def batch_durable(self, stage: str, seconds: float) -> None:
        """Note how long a batch took from the start of its fold until its delta was acknowledged."""
        self._child(self._batch_seconds, stage).observe(seconds)

    def turned(self, records: int, seconds: float) -> None:
        """Note a turn: what it handed out, and for how long folding it kept everything else waiting."""
        self._child(self._turn_records).observe(records)
        self._child(self._turn_seconds).observe(seconds)

    def lags(self, found: Mapping[tuple[str, int], int]) -> None:
        """Called before a scrape: the lag of each partition held, and of no other."""
        self._consumer_lag.clear()
        for (topic, partition), records in found.items():
            self._consumer_lag.labels(self._namespace, topic, str(partition)).set(records)

    def log_written(self, stage: str, size_bytes: int) -> None:
        """Count what was appended to a state log."""
        self._child(self._log_bytes, stage).inc(size_bytes)

    def log_trimmed(self, stage: str) -> None:
        """Count a trimmed state log."""
        self._child(self._log_trims, stage).inc()

    def recovered(self, stage: str, seconds: float, records: int, size_bytes: int) -> None:
        """Note a recovery: how long it took, and how much of the state logs was read for it."""
        self._child(self._recovery, stage).set(seconds)
        self._child(self._recovered_records, stage).inc(records)
        self._child(self._recovered_bytes, stage).inc(size_bytes)

    def prefetch_dropped(self, topic: str, records: int) -> None:
        """Count records that the gate dropped because they were fetched from the wrong position."""
        self._child(self._prefetch_dropped, topic).inc(records)

    def handed_over(self, topic: str, records: int) -> None:
        """Count records that were folded once they were acknowledged, before a fetch brought them."""
        self._child(self._handed_over, topic).inc(records)

    def published(self, sink: str, stage: str, figures: int, lag_seconds: float) -> None:
        """Note figures of a stage that a sink has taken, and how old what they show was by then."""
        self._child(self._figures, sink).inc(figures)
        self._child(self._publication_lag, sink, stage).observe(max(lag_seconds, 0.0))
        self._child(self._sink_up, sink).set(1)

    def sink_failed(self, sink: str) -> None:
        """Note that a sink did not take what was written."""
        self._child(self._sink_errors, sink).inc()
        self._child(self._sink_up, sink).set(0)

    def was_deposed(self, sink: str) -> None:
        """Note that a later owner publishes one of our partitions."""
        self._child(self._deposed, sink).inc()

    def saw_unknown_owner(self) -> None:
        """Note that a sink named a later owner of one of our partitions, and there is none."""
        self._child(self._unknown_owners).inc()

    def holds(self, topic: str, partitions: int) -> None:
        """Note how many partitions of a source topic this worker holds now."""
        self._child(self._partitions, topic).set(partitions)

    def loop_was_late(self, seconds: float) -> None:
        """Note by how much the event loop was late."""
        self._child(self._loop_lag).set(seconds)

    def dropped_series(self, label: str, count: int = 1) -> None:
        """Count label values that were folded into `other`, or left out."""
        self._child(self._series_dropped, label).inc(count)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"salespulse_{name}", text, ("namespace", *labels), registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"salespulse_{name}", text, ("namespace", *labels), registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"salespulse_{name}", text, ("namespace", *labels), registry=self.registry, buckets=buckets)
