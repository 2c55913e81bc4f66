"""One value out of a row: find its text, look it up, map it, read it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.importing import parsing
from pipeline.importing.field_map import Value
from schemas.events import iso
from schemas.types import to_ms

Row = Mapping[str, str]


class RowError(ValueError):
    """Raised when a row cannot be read as the map says; the message names the column and the text."""


@dataclass(frozen=True)
class Context:
    """What a value may need beside its row: the lookups, read, and the default zone of stamps."""

    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: Value | None = None


def read_value(value: Value, row: Row, context: Context) -> Any:
    """The value as it belongs into the event; None where the row has none. RowError where it makes no sense."""
    if value.constant is not None and value.parse == "text":
        return value.constant.isoformat() if isinstance(value.constant, date) else value.constant
    if value.parse == "instant":
        instant_ms = read_instant_ms(value, row, context)
        return None if instant_ms is None else iso(instant_ms)
    text = _text(value, row, context)
    if not text:
        _refuse_if_required(value)
        return None
    try:
        return _parse(text, value)
    except (ValueError, ArithmeticError) as error:
        raise RowError(
            f"{_name(value)}: {text!r} is not a valid {value.parse} {value.format or ''}".rstrip()
        ) from error


def read_instant_ms(value: Value, row: Row, context: Context) -> int | None:
    """An instant in epoch milliseconds, whatever the value's `parse` says; None where the row has none."""
    text = _text(value, row, context)
    if not text:
        _refuse_if_required(value)
        return None
    try:
        stamp = parsing.stamp(text, value.format)
    except (ValueError, ArithmeticError) as error:
        raise RowError(f"{_name(value)}: {text!r} is not a valid instant ({value.format or 'ISO 8601'})") from error
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=_zone(value, row, context))
    at_ms = to_ms(stamp) + sum(_milliseconds(part, row, context) for part in value.plus)
    try:
        iso(at_ms)
    except (ValueError, ArithmeticError, OSError) as error:
        raise RowError(f"{_name(value)}: {text!r} is out of range") from error
    return at_ms


def fill(template: str, row: Row) -> str:
    """A template with the row's texts in it; empty where one of them is empty."""
    filled = []
    for literal, name, _, _ in Formatter().parse(template):
        filled.append(literal)
        if name is None:
            continue
        column, _, form = name.partition("|")
        text = row.get(column, "").strip()
        if not text:
            return ""
        try:
            filled.append(parsing.slug(text) if form == "slug" else text)
        except ValueError as error:
            raise RowError(f"{column}: {error}") from error
    return "".join(filled)


def _name(value: Value) -> str:
    return value.column or value.template or "constant"


def _refuse_if_required(value: Value) -> None:
    if value.required:
        raise RowError(f"{_name(value)} is empty")


def _text(value: Value, row: Row, context: Context) -> str:
    """The text a value starts from, looked up and mapped as it says."""
    text = _source_text(value, row)
    if text and value.lookup is not None:
        text = _one_of(value, text, context.lookups[value.lookup], f"not in lookup {value.lookup}", None)
    if text and value.values is not None:
        listed = f"not one of {', '.join(sorted(value.values))}"
        text = _one_of(value, text, value.values, listed, value.otherwise)
    return text


def _source_text(value: Value, row: Row) -> str:
    if value.column is not None:
        return row.get(value.column, "").strip()
    if value.template is not None:
        return fill(value.template, row)
    return value.constant.isoformat() if isinstance(value.constant, date) else str(value.constant)


def _one_of(value: Value, text: str, known: Mapping[str, str], complaint: str, otherwise: str | None) -> str:
    found = known.get(text, otherwise)
    if found is None:
        raise RowError(f"{_name(value)}: {text!r} is {complaint}")
    return found


def _parse(text: str, value: Value) -> Any:
    readers: dict[str, Any] = {
        "text": lambda: text,
        "slug": lambda: parsing.slug(text),
        "whole": lambda: parsing.whole(text, value.locale),
        "decimal": lambda: format(parsing.number(text, value.locale), "f"),
        "flag": lambda: parsing.flag(text),
        "money": lambda: parsing.money(text, value.locale, value.currency or ""),
        "date": lambda: parsing.day(text, value.format).isoformat(),
        "seconds": lambda: parsing.seconds(text, value.locale),
    }
    return readers[value.parse]()


def _milliseconds(part: Value, row: Row, context: Context) -> int:
    """A length of time to add, given in seconds; an empty one is none."""
    text = _text(part, row, context)
    try:
        return round(parsing.seconds(text, part.locale) * 1000) if text else 0
    except (ValueError, ArithmeticError) as error:
        raise RowError(f"{_name(part)}: {text!r} is not a duration in seconds or HH:MM:SS") from error


def _zone(value: Value, row: Row, context: Context) -> ZoneInfo:
    source = value.zone or context.zone
    if source is None:
        raise RowError(f"{_name(value)} has no time zone, and neither does the map")
    name = _text(source, row, context)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise RowError(f"{_name(value)}: {name!r} is not a time zone") from None
