"""Sources that fell silent, and records that were refused lately. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.doctor.finding import Examined, warning

FEEDS, LETTERS = "feeds", "dead letters"
RECENT_MS = 86_400_000
CAUSES = 3


class Refused(NamedTuple):
    """A dead letter that was not replayed: when it was refused, where it came from, and why."""

    refused_ms: int
    topic: str
    reason: str
    detail: str


def examine_feeds(alerts: Sequence[Mapping[str, Any]]) -> Examined:
    """Of the open alerts, those of sources that are expected and silent."""
    silent = sorted({str(alert["scope"]).removeprefix("feed:") for alert in alerts if alert["kind"] == "feed_silent"})
    findings = tuple(
        warning(f"nothing is heard from {source}, which is expected now", "look at that system and its connector")
        for source in silent
    )
    return Examined(FEEDS, f"{len(silent)} silent" if silent else "none is silent", findings)


def unread_letters(line: str) -> Examined:
    """Where the topic cannot be read: that it can not, and not that there are none."""
    cure = "doctor needs Read on it, as the worker's user of deploy/security has"
    return Examined(LETTERS, "not read", (warning(line, cure),), answered=False)


def examine_letters(letters: Iterable[Refused], now_ms: int) -> Examined:
    """Refused records of the last day, by their most frequent causes."""
    causes = Counter(
        (each.topic, each.reason, each.detail) for each in letters if each.refused_ms >= now_ms - RECENT_MS
    )
    findings = tuple(
        warning(
            f"{count:,} records of {topic} were refused: {reason}, {detail}",
            f"salespulse dead-letters list --reason {reason}",
        )
        for (topic, reason, detail), count in causes.most_common(CAUSES)
    )
    return Examined(LETTERS, f"{causes.total():,} in the last 24 hours", findings)
