"""`salespulse doctor`: what is wrong with an installation, and what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    end,
    print_json,
    settings_of,
    tell,
)

if TYPE_CHECKING:
    from pipeline.doctor.examination import Examination


def doctor(
    scrape: Annotated[
        list[str] | None,
        typer.Option(help="Also read these metrics: of workers, and of a scheduled audit, http://host:9100/metrics."),
    ] = None,
    as_json: Json = False,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Examine an installation with a worker's settings: Kafka, topics, rights, Redis, workers, feeds, dead letters.

    Each finding says what to do. Reads only, at any time. Exits with 1 if anything is found.
    """
    from pipeline.clock import now_ms
    from pipeline.doctor.examination import examine

    settings = settings_of(settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace)
    examination = examine(settings, scrape or (), now_ms)
    if as_json:
        print_json(_record(examination))
    else:
        for line in _lines(examination):
            tell(line)
    if not examination.sound:
        end(NONE_FOUND)


def _lines(examination: "Examination") -> list[str]:
    lines = []
    for part in examination.parts:
        lines.append(f"{part.part:<13} {part.state:<8} {part.summary}")
        for finding in part.findings:
            lines += [f"  {finding.level}: {finding.line}", f"    -> {finding.cure}"]
    return [*lines, *examination.holders]


def _record(examination: "Examination") -> dict[str, object]:
    return {
        "sound": examination.sound,
        "parts": [
            {
                "part": part.part,
                "state": part.state,
                "summary": part.summary,
                "findings": [
                    {"level": str(finding.level), "line": finding.line, "cure": finding.cure}
                    for finding in part.findings
                ],
            }
            for part in examination.parts
        ],
        "workers": list(examination.holders),
    }
