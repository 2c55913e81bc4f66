"""The JSON schemas of what other programs write and read, as they are committed in `schemas/json/`."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from schemas.alerts import Alert
from schemas.cuts import Cut
from schemas.events import CHANGES, adapter
from schemas.kpis import FORM, KpiRecord
from schemas.notifications import Notification
from schemas.recognition import Achievement, ContestStandings


def _events(domain: str) -> dict[str, Any]:
    return adapter(domain).json_schema()


DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMS: Mapping[str, int] = {"kpi": FORM}
"""The form of what is published, 1 where nothing else is said: it goes up where a reader of the former one errs."""
WORDS = ("title", "description", "population", "elsewhere")
"""Keywords that say nothing to a program."""

_SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "kpi": KpiRecord.model_json_schema,
    "cut": Cut.model_json_schema,
    "alert": Alert.model_json_schema,
    "notification": Notification.model_json_schema,
    "contest": ContestStandings.model_json_schema,
    "achievement": Achievement.model_json_schema,
    **{f"{domain}-events": partial(_events, domain) for domain in CHANGES},
}
NAMES = tuple(sorted(_SCHEMAS))
"""The schemas, by the names of their files: what is published, and what may be sent to each source topic."""


def fields_of(name: str) -> dict[str, Any]:
    """What the model of a record says of its fields."""
    return _SCHEMAS[name]()


def identified(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with its `$id`: the form of the record, and a digest of all that a program reads of the schema."""
    read = json.dumps(_without_words(schema), sort_keys=True)
    digest = hashlib.sha256(read.encode()).hexdigest()[:8]
    return {"$schema": DIALECT, "$id": f"urn:salespulse:schema:{name}:{FORMS.get(name, 1)}.{digest}", **schema}


@cache
def json_schema(name: str) -> Mapping[str, Any]:
    """The schema of one record, with every field's description. That of KPIs names none: see `kpi_schema`."""
    return identified(name, fields_of(name))


def _without_words(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        kept = {key: value for key, value in schema.items() if key not in WORDS or not isinstance(value, str)}
        return {key: _without_words(value) for key, value in kept.items()}
    return [_without_words(each) for each in schema] if isinstance(schema, list | tuple) else schema
