"""Pipeline: is it us? Whether figures are fresh, what lies behind, what is refused, and what the workers use."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Section, beside
from deploy.grafana.looks import (
    BEHIND,
    BYTES,
    BYTES_PER_SECOND,
    CORES,
    COUNT,
    FIGURES_OLD,
    FIGURES_SLOW,
    LAG,
    LOOP_SLOW,
    PER_SECOND,
    REDIS_FULL,
    REDIS_SLOW,
    REFUSED_SHARE,
    RESTARTS,
    SLOW_SHARE,
    UP,
)
from deploy.grafana.panels import AnyPanel, Query, curve, number
from deploy.grafana.queries import HERE, figure_age, most, of_processes, quantile, rate, refused_share


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "The pipeline itself: freshness, backlog, refusals, stores and workers."
    return framed("Pipeline", "pipeline", words, [_now(), _fresh(), _intake(), _workers()], teams=False)


def _quantiles(histogram: str, *kept: str) -> list[Query]:
    legend = "".join(f"{{{{{label}}}}} " for label in kept)
    return [Query(quantile(q, histogram, *kept), f"{legend}p{q * 100:.0f}") for q in (0.5, 0.99)]


def _now() -> Section:
    fast = f'salespulse_publication_lag_seconds_bucket{{{HERE},sink="redis",le="1.0"}}'
    every = f'salespulse_publication_lag_seconds_count{{{HERE},sink="redis"}}'
    slow = f"1 - sum(rate({fast}[$__rate_interval])) / sum(rate({every}[$__rate_interval]))"
    begun = of_processes("changes(process_start_time_seconds[30m])")
    figures = [
        number("Oldest figure", Query(f"max({figure_age('stage')})"), FIGURES_OLD,
               "Of the slowest partition; up to 5 s is normal where nothing happens."),
        number("Slower than a second", Query(slow), SLOW_SHARE,
               "Of the figures that reach Redis; the objective is 1 %."),
        number("Behind", Query(f"max(min by (topic, partition) (salespulse_consumer_lag_records{{{HERE}}}))"), BEHIND,
               "Records of the partition that is furthest behind."),
        number("Redis", Query(f'min(salespulse_sink_up{{{HERE},sink="redis"}})'), UP, "Whether it takes figures."),
        number("Board", Query(f"min(salespulse_board_redis_up{{{HERE}}})"), UP, "Whether all that run read Redis."),
        number("Workers", Query(f"count(max by (instance) (salespulse_build_info{{{HERE}}}))"), COUNT, "That answer."),
        number("Restarts, 30 min", Query(f"max({begun})"), RESTARTS, "Of the worker that began most often."),
        number("Events", Query(rate("salespulse_events_total")), PER_SECOND, "Accepted."),
    ]  # fmt: skip
    return Section("Now", [beside(4, *figures)])


def _fresh() -> Section:
    lag, call = "salespulse_publication_lag_seconds", "salespulse_redis_call_seconds"
    loop = [Query(most("salespulse_loop_lag_seconds", "instance"), "{{instance}}")]
    recovery = [Query(most("salespulse_recovery_seconds", "stage"), "{{stage}}")]
    memory = [Query(most("salespulse_redis_memory_used_ratio"), "of maxmemory")]
    late: list[AnyPanel] = [
        curve("Publication lag", _quantiles(lag, "sink", "stage"), FIGURES_SLOW,
              "From a figure's now to its place in the sink."),
        curve("Age of figures", [Query(figure_age("stage"), "{{stage}}")], FIGURES_OLD,
              "Of the slowest partition; up to 5 s is normal where nothing happens."),
        curve("Loop lag", loop, LOOP_SLOW, "How late the event loop of a worker is: it lacks processor time then."),
    ]  # fmt: skip
    why: list[AnyPanel] = [
        curve("Redis round trip", _quantiles(call), REDIS_SLOW, "Guarded writes, there and back."),
        curve("Redis memory", memory, REDIS_FULL, "No curve where Redis has no limit."),
        curve("Last take-over", recovery, LAG, "How long it took until figures moved on."),
    ]
    return Section("Fresh?", [beside(9, *late), beside(7, *why)])


def _intake() -> Section:
    refused = [
        Query(rate("salespulse_dead_letters_total", "reason"), "{{reason}}"),
        Query(rate("salespulse_late_events_total"), "late, of those"),
    ]
    behind = f"max by (topic) (min by (topic, partition) (salespulse_consumer_lag_records{{{HERE}}}))"
    held = [Query(f"sum by (topic) (salespulse_partitions_held{{{HERE}}})", "{{topic}}")]
    furthest = "Records that are not durable yet, of the partition furthest behind."
    upper: list[AnyPanel] = [
        curve("Events", [Query(rate("salespulse_events_total", "source"), "{{source}}")], PER_SECOND, "Accepted."),
        curve("Refused events", refused, PER_SECOND,
              "Dead letters, by reason; late ones are older than the retention."),
        curve("Share refused", [Query(refused_share(), "of what arrives")], REFUSED_SHARE, "In five minutes."),
        curve("Behind", [Query(behind, "{{topic}}")], BEHIND, furthest),
    ]  # fmt: skip
    lower: list[AnyPanel] = [
        curve("Turn", _quantiles("salespulse_turn_seconds"), LAG, "For how long a turn's fold has the loop."),
        curve("Durable", _quantiles("salespulse_batch_seconds", "stage"), LAG,
              "From the start of a batch's fold until it is durable."),
        curve("Partitions held", held, COUNT, "A line that falls has lost a worker nobody stands in for."),
    ]  # fmt: skip
    return Section("Intake", [beside(8, *upper), beside(8, *lower)])


def _workers() -> Section:
    written = [Query(rate("salespulse_state_log_bytes_total", "stage"), "{{stage}}")]
    figures = [Query(rate("salespulse_figures_total", "sink"), "{{sink}}")]
    processor = [Query(of_processes("rate(process_cpu_seconds_total[$__rate_interval])"), "{{instance}}")]
    memory = [Query(of_processes("process_resident_memory_bytes"), "{{instance}}")]
    panels: list[AnyPanel] = [
        curve("Processor", processor, CORES, "Of one core; a worker uses no more than one."),
        curve("Memory", memory, BYTES, "Resident, by worker."),
        curve("State logs", written, BYTES_PER_SECOND, "Appended, by stage."),
        curve("Figures", figures, PER_SECOND, "Written, by sink."),
    ]
    return Section("Workers", [beside(8, *panels)], collapsed=True)
