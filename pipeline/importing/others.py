"""Who else told the objects that an import is about to take back: by the logs of the sources."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.importing.logs import LogRecord
from pipeline.sending.event import domain_of, key_of
from schemas.events import TOPICS


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
    keys = {key for subject in own for key in (subject.encode(), key_of(subject))}
    for record in records:
        if record.kind is not None and record.key not in keys:
            continue
        for event in map(_event, record.events):
            subject = str(event.get("subject"))
            if subject in own and (event.get("source") != source or event.get("id") not in own[subject]):
                found.setdefault(subject, set()).add(str(event.get("source")))
    return {subject: sorted(sources) for subject, sources in found.items()}


def _event(value: bytes) -> dict[str, Any]:
    try:
        event = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
