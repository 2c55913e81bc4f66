"""The JSON schema of KPI records with every KPI by name: all that a reader needs to show it, and to say what it is."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import msgspec

from pipeline.scores.definition import DEFINITION
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpi_json import FamilyJson
from pipeline.scores.kpi_words import ELSEWHERE, POPULATION
from pipeline.scores.kpis import KPIS, SECTIONS
from pipeline.scores.units import UNITS, parts_of
from schemas.kpis import WindowKind
from schemas.published import fields_of, identified

KINDS: tuple[str, ...] = get_args(WindowKind)
OTHER_UNITS: Mapping[str, str] = {
    "epoch_ms": "an instant, in milliseconds since 1970-01-01 UTC",
    "place": "a place in an order, from 0 on",
}
"""Those of fields that are no KPI."""


@cache
def kpi_schema() -> Mapping[str, Any]:
    """As it is published in `schemas/json/kpi.json`.

    Beside a KPI stand, in keywords of our own: its `population` and, where they differ, how others define it
    (`elsewhere`), in words; its `unit` (the root's `units` says each in words), the `units` of
    numerator and denominator, the `number` and `title` of its section in docs/kpis.md, the `version` of its definition,
    its `family`, the kinds of `windows` that have it, whether `reps` have it, its `timeBasis`, whether `better` is up,
    down or neither, and what it says where `nothing` happened.
    """
    schema = fields_of("kpi")
    fields = schema["properties"]
    fields["kpis"] = {
        "type": "object",
        "description": fields["kpis"]["description"],
        "properties": {kpi.name: _described(kpi) for kpi in KPIS},
        "additionalProperties": False,
    }
    fields["nothing"]["items"] = {"enum": list(DEFINITION.table.families)}
    return identified("kpi", {**schema, "units": {**UNITS, **OTHER_UNITS}})


def _described(kpi: Kpi) -> dict[str, Any]:
    table = DEFINITION.table
    parts = parts_of(kpi)
    return {
        "$ref": "#/$defs/KpiValue",
        "title": SECTIONS[kpi.number],
        "description": f"{kpi.description}. The value is {UNITS[kpi.unit]}.",
        "population": POPULATION[kpi.name],
        **({"elsewhere": ELSEWHERE[kpi.number]} if kpi.number in ELSEWHERE else {}),
        "unit": kpi.unit,
        **({"units": parts} if parts else {}),
        "number": kpi.number,
        "version": kpi.version,
        "family": kpi.family,
        "windows": [kind for kind in KINDS if kpi in table.given_in(kind)],
        "reps": kpi.reps,
        "timeBasis": kpi.basis,
        "better": kpi.better,
        "nothing": msgspec.json.decode(f"{{{FamilyJson(kpi.family, 0, (kpi,)).nothing}}}")[kpi.name],
    }
