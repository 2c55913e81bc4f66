"""Another program: it knows the JSON schemas and headers of what is published, and imports nothing of ours."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from jsonschema import Draft202012Validator

Shown = dict[tuple[str, str, str], str]
"""By scope, id of the window and path, `bookings.value` or `stage_open.stages.default:offer.amount_minor`: the text."""
Given = tuple[bytes, bytes | None, Iterable[tuple[str, bytes]]]
"""Key, value and headers of a record."""
NOT_COMPUTED = "–"


class SchemaReader:
    """Shows every figure of KPI records as text with its unit; what is absent it does not show."""

    def __init__(self, schemas: Iterable[Mapping[str, Any]]) -> None:
        self._schemas = {schema["$id"]: schema for schema in schemas}
        self.others: list[dict[str, Any]] = []
        """Records that are no figures."""

    def show(self, records: Iterable[Given]) -> Shown:
        """The figures of all records; a later record of a key replaces the earlier one, a tombstone takes it back."""
        found: dict[bytes, Shown] = {}
        for key, value, headers in records:
            if value is None:
                found.pop(key, None)
                continue
            said = dict(headers)
            assert said["content-type"] == b"application/json"
            schema, record = self._schemas[said["schema"].decode()], json.loads(value)
            Draft202012Validator(schema).validate(record)
            if "kpis" not in schema["properties"]:
                self.others.append(record)
            else:
                found[key] = {(record["scope"], record["window"]["id"], path): t for path, t in _texts(schema, record)}
        return {place: text for shown in found.values() for place, text in shown.items()}


def _texts(schema: Mapping[str, Any], record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    rep = record["scope"].startswith("rep:")
    for name, kpi in schema["properties"]["kpis"]["properties"].items():
        given = record["kpis"].get(name)
        there = record["window"]["kind"] in kpi["windows"] and (kpi["reps"] or not rep)
        if given is None and there and kpi["family"] in record["nothing"]:
            given = kpi["nothing"]
        if given is not None:
            yield from _fields(schema, record, kpi, _resolved(schema, kpi), given, name)


def _fields(
    schema: Mapping[str, Any], record: Mapping[str, Any], kpi: Mapping[str, Any], model: Mapping[str, Any],
    given: Mapping[str, Any], path: str,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    for name, value in given.items():
        field = model["properties"][name]
        if isinstance(value, list):
            listed = next(_resolved(schema, each["items"]) for each in _variants(field) if "items" in each)
            for number, each in enumerate(value):
                yield from _fields(schema, record, kpi, listed, each, f"{path}.{name}.{number}")
            continue
        inner = next((_resolved(schema, each) for each in _variants(field) if _is_object(schema, each)), None)
        if isinstance(value, dict) and inner is not None and "properties" in inner:
            yield from _fields(schema, record, kpi, inner, value, f"{path}.{name}")
        elif isinstance(value, dict) and inner is not None:
            each_model = inner["additionalProperties"]
            for key, each in value.items():
                if isinstance(each, dict):
                    model_of = _resolved(schema, each_model)
                    yield from _fields(schema, record, kpi, model_of, each, f"{path}.{name}.{key}")
                else:
                    yield f"{path}.{name}.{key}", _text(each, field["unit"], record)
        elif isinstance(value, bool):
            yield f"{path}.{name}", "yes" if value else "no"
        elif isinstance(value, str) or (value is None and not field.keys() & {"unit", "unitOf"}):
            yield f"{path}.{name}", NOT_COMPUTED if value is None else value
        else:
            yield f"{path}.{name}", _text(value, _unit(schema, kpi, field, name, path), record)


def _unit(schema: Mapping[str, Any], kpi: Mapping[str, Any], field: Mapping[str, Any], name: str, path: str) -> str:
    if "unit" in field:
        return str(field["unit"])
    if field["unitOf"] == "goal":
        return str(schema["properties"]["kpis"]["properties"][path.rpartition(".")[2]]["unit"])
    return str(kpi["units"].get(name, kpi["unit"]) if "units" in kpi else kpi["unit"])


def _text(value: float | None, unit: str, record: Mapping[str, Any]) -> str:
    if value is None:
        return NOT_COMPUTED
    match unit:
        case "minor" | "minor_per_day":
            digits = record["currency_digits"]
            text = f"{value / 10**digits:,.{digits}f} {record['currency']}"
            return text if unit == "minor" else f"{text} a day"
        case "ratio":
            return f"{100 * value:,.2f} %"
        case "epoch_ms":
            return datetime.fromtimestamp(value / 1000, UTC).isoformat()
        case "milliseconds":
            return f"{value:,} ms"
        case "seconds":
            return f"{value:,.1f} s"
        case "days":
            return f"{value:,.4f} d"
        case "points" | "deviations":
            return f"{value:+,.2f}"
        case "count" | "place":
            return f"{value:,}"
    raise ValueError(f"{unit} is no unit of the schema")


def _variants(field: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from field.get("anyOf", (field,))


def _resolved(schema: Mapping[str, Any], field: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in field:
        return field
    found: Mapping[str, Any] = schema["$defs"][field["$ref"].removeprefix("#/$defs/")]
    return found


def _is_object(schema: Mapping[str, Any], field: Mapping[str, Any]) -> bool:
    return bool(_resolved(schema, field).get("type") == "object")
