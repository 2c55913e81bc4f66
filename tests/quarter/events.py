"""The events of the quarter as source systems write them: CloudEvents as JSON, each with when it is appended."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

DOMAINS = {"call": "telephony", "email": "crm", "activity": "crm", "lead": "crm", "deal": "crm"}


class Told(NamedTuple):
    """An event, and when it is appended to which log."""

    at_ms: int
    topic: str
    key: str
    value: bytes
    source: str


def iso(at_ms: int) -> str:
    """An instant as source systems write it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03}Z"


def instant_of(text: str) -> int:
    """The other way round."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def told(
    kind: str, name: str, at_ms: int, told_ms: int, source: str, data: dict[str, Any], verb: str = "changed"
) -> Told:
    """An event about one object. Fields of `data` that end with `_at`, and the like, are given as text already."""
    domain = DOMAINS.get(kind, "org")
    subject, moment = f"{kind}:{name}", iso(at_ms)
    value = {
        "specversion": "1.0", "id": f"{name}-{verb}-{told_ms}", "source": source, "type": f"{domain}.{kind}.{verb}",
        "subject": subject, "time": moment, "data": data,
    }  # fmt: skip
    topic = f"{domain}.{'changes' if domain == 'org' else 'events'}"
    return Told(told_ms, topic, subject, json.dumps(value).encode(), source)
