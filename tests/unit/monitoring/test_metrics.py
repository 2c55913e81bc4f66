"""The pipeline's own metrics: names, units, labels, and what their verbs record."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from pipeline.engine.kafka.metrics import EngineMetrics
from pipeline.monitoring.metrics import MAX_SOURCES, Metrics


@pytest.fixture
def metrics() -> Metrics:
    """Metrics in a registry of their own."""
    return Metrics(CollectorRegistry(), "acme")


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, {"namespace": "acme", **labels})


def test_events_are_counted_by_source_and_type(metrics: Metrics) -> None:
    """Each accepted event adds to its own series."""
    metrics.saw_event("aircall", "telephony.call.changed", 3)

    assert _value(metrics, "salespulse_events_total", source="aircall", type="telephony.call.changed") == 3


def test_sources_are_bounded(metrics: Metrics) -> None:
    """However many sources events name, they make a bounded number of series, and the rest is counted as dropped."""
    for number in range(MAX_SOURCES + 20):
        metrics.saw_event(f"source-{number}", "crm.deal.changed")

    assert _value(metrics, "salespulse_events_total", source="other", type="crm.deal.changed") == 20
    assert _value(metrics, "salespulse_series_dropped_total", label="source") == 20


def test_old_events_are_counted_by_the_sources_that_are_known(metrics: Metrics) -> None:
    """Under the same names as the events themselves, so that a share can be formed."""
    metrics.saw_event("dialer", "telephony.call.changed", 5)
    metrics.saw_old("dialer", 2)
    metrics.saw_old("source-51", 1)

    assert _value(metrics, "salespulse_old_events_total", source="dialer") == 2
    assert _value(metrics, "salespulse_old_events_total", source="other") == 1


def test_late_events_are_counted_twice_over(metrics: Metrics) -> None:
    """A late event is a dead letter by reason and a late event."""
    metrics.refused("late")
    metrics.refused("not_json")

    assert _value(metrics, "salespulse_dead_letters_total", reason="late") == 1
    assert _value(metrics, "salespulse_late_events_total") == 1


def test_a_failed_sink_is_down_until_it_takes_figures(metrics: Metrics) -> None:
    """`sink_up` follows what the sink last did."""
    metrics.sink_failed("redis")
    assert _value(metrics, "salespulse_sink_up", sink="redis") == 0

    metrics.published("redis", "scoreboard", 4, 0.03)
    assert _value(metrics, "salespulse_sink_up", sink="redis") == 1
    assert _value(metrics, "salespulse_figures_total", sink="redis") == 4


def test_lags_are_of_what_is_held(metrics: Metrics) -> None:
    """A partition that went to another worker has no lag here any more."""
    metrics.lags({("facts", 0): 7, ("facts", 1): 0})
    metrics.lags({("facts", 1): 3})

    assert _value(metrics, "salespulse_consumer_lag_records", topic="facts", partition="0") is None
    assert _value(metrics, "salespulse_consumer_lag_records", topic="facts", partition="1") == 3


def test_the_engine_can_record_into_it(metrics: Metrics) -> None:
    """The metrics have the verbs that the engine calls."""
    engine: EngineMetrics = metrics
    engine.batch_folded("crm", 10)
    engine.batch_durable("crm", 0.02)
    engine.recovered("crm", 1.5, 100, 5000)
    engine.log_written("crm", 100)
    engine.log_trimmed("crm")
    engine.prefetch_dropped("crm.events", 2)
    engine.handed_over("facts", 3)

    assert _value(metrics, "salespulse_recovery_seconds", stage="crm") == 1.5
    assert _value(metrics, "salespulse_batch_records_count", stage="crm") == 1
    assert _value(metrics, "salespulse_handed_over_records_total", topic="facts") == 3


def test_every_series_carries_the_namespace_and_none_is_a_created_stamp(metrics: Metrics) -> None:
    """Shipped rules keep working beside other deployments, and `_created` series do not double the scrape.

    What everybody's processes are measured by has its usual names and labels.
    """
    metrics.saw_event("aircall", "telephony.call.changed")
    samples = [line for line in generate_latest(metrics.registry).decode().splitlines() if not line.startswith("#")]

    assert samples
    assert all('namespace="acme"' in line for line in samples if not line.startswith("process_"))
    assert any(line.startswith("process_start_time_seconds ") for line in samples)
    assert not any("_created" in line for line in samples)
