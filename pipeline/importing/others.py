"""Who else told the objects that an import is about to take back: by the logs of the sources."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.importing.logs import LogRecord
from pipeline.sending.event import TOPICS, domain_of


def topics_of(subjects: Iterable[str]) -> list[str]:
    """The source topics that some objects are told on."""
    kinds = {subject.partition(":")[0] for subject in subjects}
    return sorted({TOPICS[domain_of(kind)] for kind in kinds})


def others_of(records: Iterable[LogRecord], own: Mapping[str, set[str]], source: str) -> dict[str, list[str]]:
    """Of the objects in `own` those that somebody else told too, with whom.

    `own` has the ids of the events that the imports of `source` told of each; whatever else comes of an object is
    another's: of another source, or of the same one as it happened.
    """
    found: dict[str, set[str]] = {}
    for record in records:
        subject = (record.key or b"").decode(errors="replace")
        if record.control or subject not in own:
            continue
        event = _event(record.value)
        if event is not None and (event.get("source") != source or event.get("id") not in own[subject]):
            found.setdefault(subject, set()).add(str(event.get("source")))
    return {subject: sorted(sources) for subject, sources in found.items()}


def _event(value: bytes | None) -> dict[str, Any] | None:
    try:
        event = json.loads(value or b"")
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
