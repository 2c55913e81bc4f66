"""What an audit says of itself: how far back it looked, by family, in words, as JSON and as metrics."""

from datetime import UTC, date, datetime

from prometheus_client import CollectorRegistry

from pipeline.audit.report import Covered, Report
from pipeline.audit.schedule import Results

FORGOTTEN, KEPT = date(2025, 10, 2), date(2023, 9, 1)
REPORT = Report(
    covered=[Covered("calls", FORGOTTEN, False), Covered("deals", KEPT, True), Covered("emails", FORGOTTEN, False)]
)


def test_how_far_back_it_looked_is_said_in_words() -> None:
    """A line for each day, and whether older windows are left that nobody compares."""
    assert REPORT.reaches() == [
        "windows from 2023-09-01 on (all that are kept): deals",
        "windows from 2025-10-02 on, older ones were not compared: calls, emails",
    ]


def test_how_far_back_it_looked_is_in_its_json() -> None:
    """By family."""
    assert REPORT.record()["covered"]["calls"] == {"since": "2025-10-02", "all_there_is": False}


def test_how_far_back_it_looked_is_a_metric() -> None:
    """Of the last result only."""
    registry = CollectorRegistry()
    results = Results("shop", registry)
    results.note(REPORT, 0, 1.0)
    results.note(Report(covered=[Covered("deals", KEPT, True)]), 0, 1.0)

    def since(family: str) -> float | None:
        labels = {"namespace": "shop", "family": family}
        return registry.get_sample_value("salespulse_audit_covered_since_timestamp_seconds", labels)

    assert since("deals") == datetime(2023, 9, 1, tzinfo=UTC).timestamp()
    assert since("calls") is None
