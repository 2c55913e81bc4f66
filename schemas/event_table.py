"""All event types and their fields, as the tables of docs/events.md."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.events import CHANGES, MODELS, TOPICS

WORDS = {"date-time": "time", "date": "day"}
PLAIN = {"integer": "whole number", "number": "number", "boolean": "true or false"}
PATTERNS = {
    r"^[A-Z]{3}$": "currency code",
    r"^[A-Z]{2}$": "country code",
    r"^[A-Za-z0-9_.-]{1,64}$": "name",
    r"^[A-Za-z0-9_+/-]{1,64}$": "time zone",
    r"^\d{1,12}(\.\d{1,12})?$": "decimal text",
    r"^[^\u0000-\u001f\u007f-\u009f]+$": "id",
}
"""What a text of each pattern is called."""


def table() -> Iterator[str]:
    """A section for each kind of object: its topic and types, then a row for each field."""
    for domain, kinds in CHANGES.items():
        for kind, model in kinds.items():
            schema = model.model_json_schema()
            types = [name for name in MODELS if name.startswith(f"{domain}.{kind}.")]
            yield f"### {kind}"
            yield ""
            yield f"Topic `{TOPICS[domain]}`: " + ", ".join(f"`{name}`" for name in types) + "."
            yield ""
            yield "| field | value | |"
            yield "|---|---|---|"
            for name, field in schema["properties"].items():
                said = " ".join(str(field.get("description", "")).split()).replace("|", "\\|")
                yield f"| `{name}` | {_kind_of(field, schema.get('$defs', {}))} | {said} |"
            yield ""


def _kind_of(field: Mapping[str, Any], defined: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        kinds = (_kind_of(each, defined) for each in field["anyOf"] if each != {"type": "null"})
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in field:
        parts = defined[field["$ref"].rpartition("/")[2]].get("properties", {})
        return f"object: {', '.join(f'`{name}`' for name in parts)}"
    if "enum" in field or "const" in field:
        return ", ".join(f"`{each}`" for each in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"list of {_kind_of(field.get('items', {}), defined)}"
    if field.get("type") == "string":
        return WORDS.get(field.get("format", "")) or PATTERNS.get(field.get("pattern", ""), "text")
    return PLAIN.get(str(field.get("type")), "object")
