"""The JSON schemas of what other programs write and read, as they are committed in `schemas/json/`."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from schemas.alerts import Alert
from schemas.events import CHANGES, adapter
from schemas.kpis import KpiRecord


def _events(domain: str) -> dict[str, Any]:
    return adapter(domain).json_schema()


DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "kpi": KpiRecord.model_json_schema,
    "alert": Alert.model_json_schema,
    **{f"{domain}-events": partial(_events, domain) for domain in CHANGES},
}
NAMES = tuple(sorted(_SCHEMAS))
"""The schemas, by the names of their files: what is published, and what may be sent to each source topic."""


def json_schema(name: str) -> dict[str, Any]:
    """The schema of one record, with every field's description."""
    return {"$schema": DIALECT, **_SCHEMAS[name]()}
