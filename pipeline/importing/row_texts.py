"""The text of a value in a row: found, looked up, mapped. What a map says is resolved once, before rows are read."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from pipeline.importing import ids
from pipeline.importing.context import Context
from pipeline.importing.faults import Fault, RowError
from pipeline.importing.listing import listed
from pipeline.importing.map_values import Value, compile_pattern
from pipeline.importing.remembered import remembered
from pipeline.importing.templates import FILE, ITEM, ROW, Filled, is_item, parse_template
from pipeline.importing.texts import NotReadError, Row

RowText = Callable[[Row], str | None]
"""A text that each row has: None where it has no such column."""
Change = Callable[[str], str]
MADE: Mapping[str, Change] = {"slug": ids.slug, "hash": ids.hashed, "id": ids.valid_or_hashed}
MOST_LISTED = 8


def row_text(value: Value, context: Context) -> RowText:
    """The text a value starts from, after all that is done to it."""
    find, change = source_text(value, context), changes(value, context)
    if change is None:
        return find
    if not value.is_plain and is_pure(value, context):
        change = remembered(change)

    def text(row: Row) -> str | None:
        found = find(row)
        return change(found) if found else found

    return text


def source_text(value: Value, context: Context) -> RowText:
    """The text as the row has it."""
    if value.column is not None:
        return column_text(value.column, context)
    if value.template is not None:
        return filled_text(value.template, context)
    if value.first is not None:
        return _first_text(value, context)
    constant = value.constant.isoformat() if isinstance(value.constant, date) else str(value.constant)
    return lambda _: constant


def changes(value: Value, context: Context) -> Change | None:
    """What is done to a text that is not empty; None for nothing."""
    if value.is_fixed:
        return None
    nothing, steps = nothing_of(value, context), _steps(value, context)
    if not nothing and not steps:
        return None

    def change(text: str) -> str:
        if text in nothing:
            return ""
        for step in steps:
            text = step(text)
        return text

    return change


def nothing_of(value: Value, context: Context) -> frozenset[str]:
    """Words that stand for an empty text."""
    return frozenset(value.nothing) if value.nothing is not None else context.nothing


def is_pure(value: Value, context: Context) -> bool:
    """Whether what is done to its text follows from the text, and not from the day of the event."""
    return value.lookup is None or not context.lookups[value.lookup].dated


def column_text(name: str, context: Context) -> RowText:
    """The text of a column, or of what every row has."""
    if name == ROW:
        return lambda _: str(context.place.number)
    if name == FILE:
        return lambda _: context.place.file or "file"
    if is_item(name):
        within = name.removeprefix(ITEM)
        return lambda row: _text_in(f"{context.item or ''}{within}", row)

    def text(row: Row) -> str | None:
        found = row.get(name)
        return found.strip() if type(found) is str else _text_in(name, row)

    return text


def filled_text(template: str, context: Context) -> RowText:
    """A template with the row's texts in it; empty where one of them is empty, None where one is not there."""
    parts = [
        part if isinstance(part, str) else (column_text(part.column, context), _filters(part, context))
        for part in parse_template(template)
    ]
    nothing = context.nothing

    def filled(row: Row) -> str | None:
        made, absent, empty = "", False, False
        for part in parts:
            if isinstance(part, str):
                made += part
                continue
            find, filters = part
            text = find(row)
            if not text or text in nothing:
                absent, empty = absent or text is None, True
            elif not empty:
                for each in filters:
                    text = each(text)
                made += text
        return None if absent else "" if empty else made

    return filled


def id_maker(column: str, how: str, context: Context) -> Change:
    """What makes an id of a text, as `slug`, `hash` or `id`."""
    make = MADE[how]

    def made(text: str) -> str:
        try:
            found = make(text)
        except ValueError as error:
            raise row_error(column, text, error, "list it under values") from None
        if how == "slug" and context.note_id is not None:
            context.note_id(found, text)
        return found

    return made


def require_filled(value: Value) -> None:
    """Called for a value whose text is empty or absent: RowError where the map requires it."""
    if value.required:
        raise RowError(Fault(value.name, "is empty"))


def row_error(column: str, text: str, error: Exception, cure: str = "") -> RowError:
    """The refusal of a row for a text that could not be read."""
    if isinstance(error, RowError):
        return error
    plain = isinstance(error, NotReadError) or not isinstance(error, ArithmeticError)
    complaint = str(error) if plain else "is no number that can be counted with"
    return RowError(Fault(column, complaint, getattr(error, "cure", "") or cure), text)


def _text_in(name: str, row: Row) -> str | None:
    text = row.get(name)
    if type(text) is str:
        return text.strip()
    return _lacking(name, row) if text is None else text


def _lacking(name: str, row: Row) -> str | None:
    """Of a column that a row does not have: empty where what it lies in is empty."""
    if any(row.get(name[:at]) == "" for at, letter in enumerate(name) if letter == "."):
        return ""
    if f"{name}[0]" in row or any(each.startswith(f"{name}[0].") for each in row):
        cure = f'name one of its items, {name}[0], or give the event each = "{name}"'
        raise RowError(Fault(name, "is a list", cure))
    return None


def _first_text(value: Value, context: Context) -> RowText:
    columns = [column_text(name, context) for name in value.first or ()]
    nothing = nothing_of(value, context)

    def first(row: Row) -> str | None:
        texts = [find(row) for find in columns]
        filled = next((text for text in texts if text and text not in nothing), None)
        return filled if filled is not None else "" if any(text is not None for text in texts) else None

    return first


def _filters(part: Filled, context: Context) -> list[Change]:
    return [_filter(part.column, name, argument, context) for name, argument in part.filters]


def _filter(column: str, name: str, argument: str, context: Context) -> Change:
    if name == "lookup":
        table = context.lookups[argument]

        def found(text: str) -> str:
            told = table.find(text, context.day)
            if told is None:
                raise RowError(Fault(column, f"is not in lookup {argument}"), text)
            return told

        return found
    if name in ("lower", "upper"):
        return str.lower if name == "lower" else str.upper
    return id_maker(column, name, context)


def _steps(value: Value, context: Context) -> list[Change]:
    """What is done to a text, one after the other; all but the search take an empty one as it is."""
    steps: list[Change] = []
    if value.trim is not None:
        steps.append(partial(_trimmed, value.trim))
    if value.pattern is not None:
        steps.append(partial(_searched, value))
    if value.case is not None:
        steps.append(str.lower if value.case == "lower" else str.upper)
    if value.lookup is not None:
        steps.append(_looked_up(value, value.lookup, context))
    if value.values is not None:
        steps.append(partial(_listed, value, value.values))
    return steps


def _trimmed(letters: str, text: str) -> str:
    return text.strip(letters).strip()


def _searched(value: Value, text: str) -> str:
    pattern = compile_pattern(value.pattern)
    found = pattern.search(text) if pattern is not None else None
    if found is None:
        return _unlisted(value, text, f"does not match {value.pattern}")
    return (found[1] if found.re.groups else found[0]) or ""


def _looked_up(value: Value, name: str, context: Context) -> Change:
    table = context.lookups[name]

    def found(text: str) -> str:
        told = table.find(text, context.day) if text else ""
        return told if told is not None else _unlisted(value, text, f"is not in lookup {name}")

    return found


def _listed(value: Value, values: Mapping[str, str], text: str) -> str:
    if not text or text in values:
        return values[text] if text else ""
    return _unlisted(value, text, f"is not one of {listed(sorted(values), MOST_LISTED)}")


def _unlisted(value: Value, text: str, complaint: str) -> str:
    if value.otherwise is not None:
        return value.otherwise
    if value.unlisted == "refused":
        raise RowError(Fault(value.name, complaint, 'add it, or say otherwise or unlisted = "empty" or "same"'), text)
    return text if value.unlisted == "same" else ""
