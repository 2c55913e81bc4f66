"""The JSON schemas of what other programs read, as they are committed in `schemas/json/`."""

from typing import Any

from schemas.alerts import Alert
from schemas.kpis import KpiRecord
from schemas.types import WireModel

MODELS: dict[str, type[WireModel]] = {"kpi": KpiRecord, "alert": Alert}
"""Models by the name of their file."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(name: str) -> dict[str, Any]:
    """The schema of one record, with every field's description."""
    return {"$schema": DIALECT, **MODELS[name].model_json_schema(mode="validation")}
