"""The last result of an audit as metrics, for a textfile collector."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from pipeline.audit.report import Report


def write_metrics(path: Path, namespace: str, report: Report, now_ms: int) -> None:
    """Write the metrics of a result that is of `now_ms` to a file, whole or not at all."""
    registry = CollectorRegistry()
    labels = {"namespace": namespace}
    for name, text, value in (
        ("differences", "Figures that were not what the logs say, at the last audit.", len(report.differences)),
        ("compared_numbers", "Numbers that the last audit compared.", sum(report.numbers.values())),
        (
            "quiet",
            "1 where nothing was under way at the last audit, so that the last event was checked too.",
            report.quiet,
        ),
        ("last_run_timestamp_seconds", "When the last audit ended.", now_ms / 1000),
    ):
        Gauge(f"salespulse_audit_{name}", text, ["namespace"], registry=registry).labels(**labels).set(value)
    write_to_textfile(str(path), registry)
