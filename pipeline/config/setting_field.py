"""One setting: what it means and what it takes, told once for the check, the error line and the documentation."""

from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo


def text(default: Any, meaning: str, takes: str, pattern: str | None = None) -> Any:
    """A setting of text: what it takes, in words for people and, where it can be, as the pattern that decides."""
    return Field(default, description=meaning, pattern=pattern, json_schema_extra={"takes": takes})


def whole(default: int, least: int, most: int, meaning: str) -> Any:
    """A whole number within bounds; the unit is in the name of the setting."""
    return Field(default, description=meaning, ge=least, le=most)


def plain(default: Any, meaning: str) -> Any:
    """A setting whose type says what it takes: a switch, a choice, a path."""
    return Field(default, description=meaning)


def takes(field: FieldInfo) -> str:
    """What a setting takes, in words."""
    if isinstance(field.json_schema_extra, dict) and "takes" in field.json_schema_extra:
        return str(field.json_schema_extra["takes"])
    kind = _kind(field)
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if kind is bool:
        return "true or false"
    if kind is int:
        bounds = {type(bound).__name__: bound for bound in field.metadata}
        return f"a whole number from {bounds['Ge'].ge} to {bounds['Le'].le}"
    return "a path" if kind is Path else "text"


def _kind(field: FieldInfo) -> Any:
    """The type of a setting, without the None of one that need not be given."""
    if get_origin(field.annotation) is UnionType:
        return next(part for part in get_args(field.annotation) if part is not type(None))
    return field.annotation
