"""The JSON schema of KPI records with every KPI by name: what it is, its unit, and which version of it."""

from typing import Any

from pipeline.scores.definition import DEFINITION
from pipeline.scores.kpis import KPIS, SECTIONS
from pipeline.views.kpi_page import UNITS
from schemas.published import json_schema

ID = "urn:salespulse:schema:kpi-record"


def kpi_schema() -> dict[str, Any]:
    """As it is published in `schemas/json/kpi.json`.

    Beside a KPI stand, in keywords of our own, its `unit`, the `number` and `title` of its section in docs/kpis.md, the
    `version` of its definition, its `timeBasis`, and whether `better` is up, down or neither.
    """
    schema: dict[str, Any] = {**json_schema("kpi"), "$id": ID}
    fields = schema["properties"]
    fields["kpis"] = {
        "type": "object",
        "description": fields["kpis"]["description"],
        "properties": {
            kpi.name: {
                "$ref": "#/$defs/KpiValue",
                "title": SECTIONS[kpi.number],
                "description": f"{kpi.description}. The value is {UNITS[kpi.unit]}.",
                "unit": kpi.unit,
                "number": kpi.number,
                "version": kpi.version,
                "timeBasis": kpi.basis,
                "better": kpi.better,
            }
            for kpi in KPIS
        },
        "additionalProperties": False,
    }
    fields["nothing"]["items"] = {"enum": list(DEFINITION.table.families)}
    return schema
