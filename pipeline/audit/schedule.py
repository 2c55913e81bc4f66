"""An audit on a schedule: the metrics of its last result, on a port or in a file for a textfile collector."""

from datetime import UTC, datetime, time
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, start_http_server, write_to_textfile

from pipeline.audit.report import Report


class Results:
    """The metrics of the last result. `port` serves them on all addresses, `file` gets them, whole or not at all."""

    def __init__(
        self, namespace: str, registry: CollectorRegistry, port: int | None = None, file: Path | None = None
    ) -> None:
        self._namespace = namespace
        self._file = file
        self._registry = registry
        self._differences = self._gauge("differences", "Differences found by the last completed audit.")
        self._compared = self._gauge("compared_numbers", "Numbers compared, by place.", "place")
        self._covered = self._gauge(
            "covered_since_timestamp_seconds",
            "Windows that began earlier were not compared, by family; midnight UTC of the local day.",
            "family",
        )
        self._not_compared = self._gauge("not_compared", "Number of things that could not be compared.")
        self._quiet = self._gauge("quiet", "1 if the pipeline was idle, so that the last event was checked too.")
        self._seconds = self._gauge("duration_seconds", "Duration of the last audit.")
        self._succeeded = self._gauge("last_success_timestamp_seconds", "When an audit last completed.")
        self._ran = self._gauge("last_run_timestamp_seconds", "When the last audit ended, completed or not.")
        self._could_run = self._gauge("could_run", "1 if the last audit completed.")
        if port is not None:
            start_http_server(port, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"salespulse_audit_{name}", text, ["namespace", *labels], registry=self._registry)

    def note(self, report: Report | None, now_ms: int, seconds: float) -> None:
        """Called after each audit, with None for one that could not run: the last result stays beside that."""
        self._could_run.labels(self._namespace).set(report is not None)
        self._ran.labels(self._namespace).set(now_ms / 1000)
        if report is not None:
            self._differences.labels(self._namespace).set(len(report.differences))
            self._not_compared.labels(self._namespace).set(len(report.notes))
            self._quiet.labels(self._namespace).set(report.quiet)
            self._seconds.labels(self._namespace).set(seconds)
            self._succeeded.labels(self._namespace).set(now_ms / 1000)
            self._compared.clear()
            for place, numbers in report.numbers.items():
                self._compared.labels(self._namespace, place).set(numbers)
            self._covered.clear()
            for each in report.covered:
                day = datetime.combine(each.since, time(), UTC)
                self._covered.labels(self._namespace, each.family).set(day.timestamp())
        if self._file is not None:
            write_to_textfile(str(self._file), self._registry)
