"""The summary of an import as people and scripts read it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.importing.checking import Summary
from pipeline.importing.findings import Weight
from schemas.events import iso


def lines_of(summary: Summary) -> Iterator[str]:
    """What the export holds, a line each."""
    yield f"{summary.rows:,} rows, {summary.objects:,} objects"
    if summary.first_ms is not None and summary.last_ms is not None:
        yield f"from {iso(summary.first_ms)} to {iso(summary.last_ms)}"


def complaints_of(summary: Summary) -> Iterator[str]:
    """What somebody has to act on, and then what is to be known."""
    for cause in summary.causes.all():
        yield cause.line()
    if summary.causes.beyond:
        yield f"{summary.causes.beyond:,} more refusals, of other causes"
    for finding in summary.findings:
        yield finding.line if finding.weight is not Weight.NOTE else f"note: {finding.line}"


def shown_of(summary: Summary) -> Iterator[Mapping[str, Any]]:
    """Rows with the events they become."""
    for place, row, events in summary.shown:
        yield {"row": str(place), "texts": dict(row), "events": events}


def json_of(summary: Summary, sent: Counter[str]) -> dict[str, Any]:
    """The summary for scripts; `sent` is what was sent, or would be."""
    instants = {
        name: None if at_ms is None else iso(at_ms)
        for name, at_ms in (("first", summary.first_ms), ("last", summary.last_ms))
    }
    causes = [
        {
            "count": cause.count, "rows": [str(place) for place in cause.places], "texts": cause.texts,
            "column": cause.fault.column, "complaint": cause.fault.complaint, "cure": cause.fault.cure,
            "of_map": cause.fault.of_map,
        }
        for cause in summary.causes.all()
    ]  # fmt: skip
    findings = [
        {"name": finding.name, "count": finding.count, "weight": finding.weight.value, "line": finding.line}
        for finding in summary.findings
    ]
    shown = list(shown_of(summary))
    return {
        "rows": summary.rows, "objects": summary.objects, "events": dict(sorted(summary.events.items())), **instants,
        "sent": dict(sorted(sent.items())), "refused": summary.causes.refused, "causes": causes, "findings": findings,
        **({"shown": shown} if shown else {}),
    }  # fmt: skip
