"""One value out of a row: find its text, look it up, map it, read it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from babel.core import get_global

from pipeline.importing import durations, ids, numbers
from pipeline.importing.faults import ONCE, Fault, Place, RowError
from pipeline.importing.formats import Stamp, read_stamp
from pipeline.importing.listing import listed
from pipeline.importing.lookups import Table
from pipeline.importing.map_values import Condition, Value, compile_pattern
from pipeline.importing.moments import At, Day, Instant, has_zone, instant_of, is_utc_midnight, local_day
from pipeline.importing.templates import FILE, ITEM, ROW, Filled, is_item, parse_template
from pipeline.importing.texts import NotReadError, PlainStamp, Row
from schemas.zones import zone_info

T = TypeVar("T")
P = ParamSpec("P")
YES, NO = ("true", "yes", "y", "1"), ("false", "no", "n", "0")
OPENS = frozenset({"created_at", "started_at", "booked_at", "valid_from"})
CLOSES = frozenset({"closed_at", "ended_at", "valid_to"})
AHEAD = frozenset({"starts_at", "valid_from", "valid_to"})
"""Times that may lie ahead: a day of them is not cut at the time of the import."""
NUMBERS = frozenset({"whole", "decimal", "money"})
MADE: Mapping[str, Callable[[str], str]] = {"slug": ids.slug, "hash": ids.hashed, "id": ids.valid_or_hashed}
EVENTS = "#events"
"""What is asked over the times of all events of an object, and no column."""
MOST_LISTED = 8


class Untold:
    """Of a field that a row says nothing of, which is not the same as that there is nothing."""


UNTOLD = Untold()
EMPTIED = Untold()
"""Of an empty text, where nobody says whether it tells anything."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An instant that all rows of an object decide. `name` tells apart what is asked over them."""

    name: str
    latest: bool
    instant: Instant | None


@dataclass
class Context:
    """What a value may need beside its row: lookups, what the map says of all values, and where the row is."""

    lookups: Mapping[str, Table] = field(default_factory=dict)
    zone: Value | None = None
    locale: str | None = None
    nothing: frozenset[str] = frozenset()
    empty: str | None = None
    """What an empty text says: `clears` or `unchanged`; None where the map does not tell."""
    now_ms: int | None = None
    place: Place = ONCE
    item: str | None = None
    """The name of the item of a list that `#item` stands for."""
    day: date | None = None
    """The day of the event, for lookups that are dated."""
    currency: Value | None = None
    """Of amounts that name none of their own: the field of their event."""
    telling: set[str] = field(default_factory=set)
    """Columns with a number that shows how numbers are written in it, and that was read."""
    note_id: Callable[[str, str], None] | None = None
    """Told each id that was made, and the name it was made of."""


def read_value(value: Value, row: Row, context: Context, name: str = "") -> Any:
    """The value of the field `name` as it belongs into the event; instants as Instant or Pending.

    UNTOLD or EMPTIED where the row says nothing, None where it says that there is nothing. RowError where it makes no
    sense.
    """
    if value.event is not None:
        return Pending(EVENTS, value.event == "latest", None)
    if value.parse == "instant" or value.over is not None:
        return _read_instant(value, row, context, name)
    if value.constant is not None and value.parse == "text":
        return value.constant.isoformat() if isinstance(value.constant, date) else value.constant
    text = text_of(value, row, context)
    if not text:
        return _empty(value, text, context)
    return _parsed(value, text, row, context)


def read_moment(value: Value, row: Row, context: Context) -> Instant | Day | None:
    """An instant, or a day where the row has no time of it, whatever `parse` says; None where it has none."""
    text = text_of(value, row, context)
    if not text:
        _empty(value, text, context)
        return None
    stamp = _stamp(value, text, context)
    if stamp.day_only or (value.at is not None and is_utc_midnight(stamp)):
        if value.plus and any(text_of(part, row, context) for part in value.plus):
            raise RowError(Fault(value.name, "is a day, to which no length of time can be added"), text)
        return Day(stamp.local.date(), _zone(value, stamp, row, context))
    zone = None if stamp.offset_seconds is not None else _zone(value, stamp, row, context)
    instant = _guarded(value, text, instant_of, stamp, zone)
    return instant.plus(sum(_milliseconds(part, row, context) for part in value.plus)) if value.plus else instant


def day_of(moment: Instant | Day, value: Value, row: Row, context: Context) -> date:
    """The day on which something happened, in the zone that is declared for it; in UTC where none is."""
    if isinstance(moment, Day):
        return moment.day
    declared = value.zone is not None or context.zone is not None
    zone = _declared_zone(value, row, context) if declared else UTC
    return datetime.fromtimestamp(moment.at_ms / 1000, zone).date()


def at_of(value: Value, name: str) -> At:
    """Which instant a day of this field stands for: the start of it for what opens, the end for what closes."""
    if value.at is not None:
        return value.at
    return "start" if name in OPENS else "end" if name in CLOSES else "noon"


def text_of(value: Value, row: Row, context: Context) -> str | None:
    """The text a value starts from, after all that is done to it; None where the row has no such column."""
    text = _column(value.column, row, context) if value.column is not None else _source_text(value, row, context)
    if not text or value.is_fixed:
        return text
    if text in (value.nothing if value.nothing is not None else context.nothing):
        return ""
    if value.is_plain:
        return text
    if value.trim is not None:
        text = text.strip(value.trim).strip()
    if value.pattern is not None:
        text = _searched(value, text)
    if value.case is not None:
        text = text.lower() if value.case == "lower" else text.upper()
    if text and value.lookup is not None:
        found = context.lookups[value.lookup].find(text, context.day)
        text = found if found is not None else _unlisted(value, text, f"is not in lookup {value.lookup}")
    if text and value.values is not None:
        text = value.values[text] if text in value.values else _unlisted(value, text, _not_listed(value.values))
    return text


def holds(condition: Condition, row: Row, context: Context) -> bool:
    """Whether a row fulfils a condition."""
    text = (_column(condition.column, row, context) or "").strip()
    if text in context.nothing:
        text = ""
    return _answer(condition, text, context) != condition.negated


def fill(template: str, row: Row, context: Context) -> str | None:
    """A template with the row's texts in it; empty where one of them is empty, None where one is not there."""
    filled, absent, empty = [], False, False
    for part in _template(template):
        if isinstance(part, str):
            filled.append(part)
            continue
        text = _column(part.column, row, context)
        absent, empty = absent or text is None, empty or not text or text in context.nothing
        if text and not empty:
            filled.append(_filtered(part, text, context))
    return None if absent else "" if empty else "".join(filled)


_template = lru_cache(maxsize=4096)(parse_template)


def _answer(condition: Condition, text: str, context: Context) -> bool:
    if condition.filled is not None:
        return bool(text) == condition.filled
    if condition.one_of is not None:
        return text in condition.one_of
    if condition.matches is not None:
        pattern = compile_pattern(condition.matches)
        return pattern is not None and pattern.search(text) is not None
    if condition.in_lookup is not None:
        return context.lookups[condition.in_lookup].find(text, context.day) is not None
    if not text:
        return False
    try:
        read = numbers.number(text, condition.locale or context.locale)
    except ValueError as error:
        raise _error(condition.column, text, error) from None
    return read > condition.greater if condition.greater is not None else read < (condition.less or 0)


def _source_text(value: Value, row: Row, context: Context) -> str | None:
    if value.template is not None:
        return fill(value.template, row, context)
    if value.first is not None:
        texts = [_column(name, row, context) for name in value.first]
        nothing = value.nothing if value.nothing is not None else context.nothing
        filled = next((text for text in texts if text and text not in nothing), None)
        return filled if filled is not None else "" if any(text is not None for text in texts) else None
    return value.constant.isoformat() if isinstance(value.constant, date) else str(value.constant)


def _column(name: str, row: Row, context: Context) -> str | None:
    if name[:1] == "#":
        if name == ROW:
            return str(context.place.number)
        if name == FILE:
            return context.place.file or "file"
        if is_item(name):
            name = f"{context.item or ''}{name.removeprefix(ITEM)}"
    text = row.get(name)
    if text is None:
        if any(row.get(name[:at]) == "" for at, letter in enumerate(name) if letter == "."):
            return ""
        if f"{name}[0]" in row or any(each.startswith(f"{name}[0].") for each in row):
            cure = f'name one of its items, {name}[0], or give the event each = "{name}"'
            raise RowError(Fault(name, "is a list", cure))
        return None
    return text.strip() if type(text) is str else text


def _filtered(part: Filled, text: str, context: Context) -> str:
    for name, argument in part.filters:
        if name == "lookup":
            found = context.lookups[argument].find(text, context.day)
            if found is None:
                raise RowError(Fault(part.column, f"is not in lookup {argument}"), text)
            text = found
        elif name in ("lower", "upper"):
            text = text.lower() if name == "lower" else text.upper()
        else:
            text = _id(part.column, name, text, context)
    return text


def _id(column: str, how: str, text: str, context: Context) -> str:
    try:
        made = MADE[how](text)
    except ValueError as error:
        raise _error(column, text, error, "list it under values") from None
    if context.note_id is not None and how == "slug":
        context.note_id(made, text)
    return made


def _searched(value: Value, text: str) -> str:
    pattern = compile_pattern(value.pattern)
    found = pattern.search(text) if pattern is not None else None
    if found is None:
        return _unlisted(value, text, f"does not match {value.pattern}")
    return (found[1] if found.re.groups else found[0]) or ""


def _unlisted(value: Value, text: str, complaint: str) -> str:
    if value.otherwise is not None:
        return value.otherwise
    if value.unlisted == "refused":
        raise RowError(Fault(value.name, complaint, 'add it, or say otherwise or unlisted = "empty" or "same"'), text)
    return text if value.unlisted == "same" else ""


def _not_listed(values: Mapping[str, str]) -> str:
    names = sorted(values)
    return f"is not one of {listed(names, MOST_LISTED)}"


def _empty(value: Value, text: str | None, context: Context) -> Any:
    if value.required:
        raise RowError(Fault(value.name, "is empty"))
    says = value.empty or context.empty
    if text is None or says == "unchanged":
        return UNTOLD
    return None if says == "clears" else EMPTIED


def _parsed(value: Value, text: str, row: Row, context: Context) -> Any:
    if value.parse in ("slug", "hash", "id"):
        return _id(value.name, value.parse, text, context)
    if value.parse == "date":
        return _date(value, text, row, context)
    if value.parse == "text":
        return text
    read = _guarded(value, text, READERS[value.parse], value, text, row, context)
    if value.parse in NUMBERS and value.name not in context.telling and numbers.is_telling(text):
        context.telling.add(value.name)
    return read


def currency_of(value: Value, row: Row, context: Context) -> str:
    """The currency of an amount of this row."""
    source = value.currency or context.currency
    assert source is not None
    text = text_of(source, row, context)
    if not text:
        raise RowError(Fault(source.name, "is empty beside an amount", "declare a currency for it"))
    try:
        return numbers.currency_code(text)
    except ValueError as error:
        raise _error(source.name, text, error) from None


def _locale(value: Value, context: Context) -> str | None:
    return value.locale or context.locale


def _flag(text: str) -> bool:
    word = text.casefold()
    if word not in YES + NO:
        raise NotReadError("is neither yes nor no", "map it to yes or no under values")
    return word in YES


READERS: Mapping[str, Callable[[Value, str, Row, Context], Any]] = {
    "whole": lambda value, text, _, context: numbers.whole(text, _locale(value, context)),
    "decimal": lambda value, text, _, context: format(numbers.number(text, _locale(value, context)), "f"),
    "flag": lambda _, text, *__: _flag(text),
    "money": lambda value, text, row, context: numbers.money(
        text, _locale(value, context), currency_of(value, row, context)
    ),
    "currency": lambda _, text, *__: numbers.currency_code(text),
    "seconds": lambda value, text, _, context: durations.seconds(text, _locale(value, context), value.unit),
}


def _date(value: Value, text: str, row: Row, context: Context) -> str:
    stamp = _stamp(value, text, context)
    zone = None
    if has_zone(stamp) and not is_utc_midnight(stamp):
        zone = _zone(value, stamp, row, context)
    return local_day(stamp, zone).isoformat()


def _read_instant(value: Value, row: Row, context: Context, name: str) -> Any:
    moment = read_moment(value, row, context)
    if moment is None:
        if value.over is not None:
            return Pending(value.name, value.over == "latest", None)
        return _empty(value, text_of(value, row, context), context)
    if isinstance(moment, Day):
        moment = moment.at(at_of(value, name), None if name in AHEAD else context.now_ms)
    return moment if value.over is None else Pending(value.name, value.over == "latest", moment)


def _stamp(value: Value, text: str, context: Context) -> Stamp:
    formats = ("iso",) if isinstance(text, PlainStamp) else value.format
    return _guarded(value, text, read_stamp, text, formats, value.locale or context.locale or "en")


def _zone(value: Value, stamp: Stamp, row: Row, context: Context) -> ZoneInfo:
    if stamp.zone is not None:
        return _guarded(value, stamp.zone, zone_info, stamp.zone)
    return _declared_zone(value, row, context)


def _declared_zone(value: Value, row: Row, context: Context) -> ZoneInfo:
    source = value.zone or context.zone
    if source is None:
        raise RowError(Fault(value.name, "has no time zone, and neither has the map", "declare zone", of_map=True))
    name = str(source.constant) if source.is_fixed else text_of(source, row, context) or ""
    if not name:
        raise RowError(Fault(source.name, "is empty, and should be a time zone"))
    try:
        return zone_info(name)
    except ValueError:
        iana = get_global("windows_zone_mapping").get(name)
        cure = f"write {iana} under values" if iana else "write an IANA name such as Europe/Berlin"
        raise RowError(Fault(source.name, "is not a time zone", cure), name) from None


def _milliseconds(part: Value, row: Row, context: Context) -> int:
    """A length of time to add; an empty one is none."""
    text = text_of(part, row, context)
    if not text:
        return 0
    return _guarded(part, text, _rounded, text, _locale(part, context), part.unit)


def _rounded(text: str, locale: str | None, unit: str) -> int:
    return round(durations.seconds(text, locale, unit) * 1000)


def _guarded(value: Value, text: str, read: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    try:
        return read(*args, **more)
    except (ValueError, ArithmeticError) as error:
        raise _error(value.name, text, error) from None


def _error(column: str, text: str, error: Exception, cure: str = "") -> RowError:
    if isinstance(error, RowError):
        return error
    plain = isinstance(error, NotReadError) or not isinstance(error, ArithmeticError)
    complaint = str(error) if plain else "is no number that can be counted with"
    return RowError(Fault(column, complaint, getattr(error, "cure", "") or cure), text)
