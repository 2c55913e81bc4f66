"""What a value of a row is read as, resolved once, before rows are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.importing import durations, numbers
from pipeline.importing.context import Context
from pipeline.importing.faults import Fault, RowError
from pipeline.importing.map_values import Value
from pipeline.importing.moments import Day, Instant
from pipeline.importing.remembered import remembered
from pipeline.importing.row_moments import Moments, at_of
from pipeline.importing.row_texts import (
    changes,
    id_maker,
    is_pure,
    require_filled,
    row_error,
    row_text,
    source_text,
)
from pipeline.importing.texts import NotReadError, Row

RowValue = Callable[[Row], Any]
YES, NO = ("true", "yes", "y", "1"), ("false", "no", "n", "0")
AHEAD = frozenset({"starts_at", "valid_from", "valid_to"})
"""Times that may lie ahead: a day of them is not cut at the time of the import."""
NUMBERS = frozenset({"whole", "decimal"})
EVENTS = "#events"
"""What is asked over the times of all events of an object, and no column."""


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


def row_value(value: Value, context: Context, name: str, currency: Value | None) -> RowValue:
    """The value of the field `name` as it belongs into the event; instants as Instant or Pending.

    UNTOLD or EMPTIED where the row says nothing, None where it says that there is nothing. RowError where it makes no
    sense. `currency` is that of amounts that name none of their own.
    """
    if value.event is not None:
        pending = Pending(EVENTS, value.event == "latest", None)
        return lambda _: pending
    if value.parse == "instant" or value.over is not None:
        return _instant(value, context, name)
    if value.constant is not None and value.parse == "text":
        constant = value.constant.isoformat() if isinstance(value.constant, date) else value.constant
        return lambda _: constant
    if value.parse == "money":
        return _money(value, context, value.currency or currency)
    if value.parse == "date":
        return _date(value, context)
    return _plain(value, context)


def currency_code(source: Value, context: Context) -> Callable[[Row], str]:
    """The currency of an amount of a row."""
    text_of = row_text(source, context)

    def code(row: Row) -> str:
        text = text_of(row)
        if not text:
            raise RowError(Fault(source.name, "is empty beside an amount", "declare a currency for it"))
        try:
            return numbers.currency_code(text)
        except ValueError as error:
            raise row_error(source.name, text, error) from None

    return code


def _plain(value: Value, context: Context) -> RowValue:
    """Of a value for which its text is all that counts: what comes of a text is remembered."""
    find, change = source_text(value, context), changes(value, context)
    parse = _parser(value, context)

    def read(text: str) -> Any:
        changed = text if change is None or not text else change(text)
        return parse(changed) if changed else _empty(value, changed, context)

    again = remembered(read) if is_pure(value, context) and not (value.is_plain and value.parse == "text") else read

    def plain(row: Row) -> Any:
        text = find(row)
        return again(text) if text is not None else _empty(value, None, context)

    return plain


def _parser(value: Value, context: Context) -> Callable[[str], Any]:
    if value.parse == "text":
        return _same
    if value.parse in ("slug", "hash", "id"):
        return id_maker(value.name, value.parse, context)
    locale, reader = value.locale or context.locale, READERS[value.parse]

    def parse(text: str) -> Any:
        try:
            read = reader(text, locale, value.unit)
        except (ValueError, ArithmeticError) as error:
            raise row_error(value.name, text, error) from None
        if value.parse in NUMBERS and numbers.is_telling(text):
            context.telling.add(value.name)
        return read

    return parse


def _money(value: Value, context: Context, source: Value | None) -> RowValue:
    text_of, locale = row_text(value, context), value.locale or context.locale
    currency_of = None if source is None else currency_code(source, context)

    def amount(row: Row) -> Any:
        text = text_of(row)
        if not text:
            return _empty(value, text, context)
        assert currency_of is not None
        currency = currency_of(row)
        try:
            read = numbers.money(text, locale, currency)
        except (ValueError, ArithmeticError) as error:
            raise row_error(value.name, text, error) from None
        if value.name not in context.telling and numbers.is_telling(text):
            context.telling.add(value.name)
        return read

    return amount


def _date(value: Value, context: Context) -> RowValue:
    text_of, moments = row_text(value, context), Moments(value, context)

    def day(row: Row) -> Any:
        text = text_of(row)
        if not text:
            return _empty(value, text, context)
        return moments.day(text, row).isoformat()

    return day


def _instant(value: Value, context: Context, name: str) -> RowValue:
    text_of, moments, at = row_text(value, context), Moments(value, context), at_of(value, name)
    now_ms = None if name in AHEAD else context.now_ms

    def instant(row: Row) -> Any:
        text = text_of(row)
        moment = moments.of(text, row) if text else None
        if moment is None:
            empty = _empty(value, text, context)
            return empty if value.over is None else Pending(value.name, value.over == "latest", None)
        if isinstance(moment, Day):
            moment = moment.at(at, now_ms)
        return moment if value.over is None else Pending(value.name, value.over == "latest", moment)

    return instant


def _empty(value: Value, text: str | None, context: Context) -> Any:
    require_filled(value)
    says = value.empty or context.empty
    if text is None or says == "unchanged":
        return UNTOLD
    return None if says == "clears" else EMPTIED


def _same(text: str) -> str:
    return text


def _flag(text: str) -> bool:
    word = text.casefold()
    if word not in YES + NO:
        raise NotReadError("is neither yes nor no", "map it to yes or no under values")
    return word in YES


READERS: Mapping[str, Callable[[str, str | None, str], Any]] = {
    "whole": lambda text, locale, _: numbers.whole(text, locale),
    "decimal": lambda text, locale, _: format(numbers.number(text, locale), "f"),
    "flag": lambda text, _, __: _flag(text),
    "currency": lambda text, _, __: numbers.currency_code(text),
    "seconds": durations.seconds,
}
