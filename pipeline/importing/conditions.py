"""Whether a row fulfils a condition of a map: resolved once, before rows are read."""

from collections.abc import Callable
from decimal import Decimal

from pipeline.importing import numbers
from pipeline.importing.context import Context
from pipeline.importing.map_values import Condition, compile_pattern
from pipeline.importing.row_texts import column_text, row_error
from pipeline.importing.texts import Row

Holds = Callable[[Row], bool]


def condition_of(condition: Condition, context: Context) -> Holds:
    """What tells whether a row fulfils it; RowError where the row's text makes no sense."""
    find, answer = column_text(condition.column, context), _answer(condition, context)
    nothing, negated = context.nothing, condition.negated

    def holds(row: Row) -> bool:
        text = (find(row) or "").strip()
        return answer("" if text in nothing else text) != negated

    return holds


def _answer(condition: Condition, context: Context) -> Callable[[str], bool]:
    if condition.filled is not None:
        filled = condition.filled
        return lambda text: bool(text) == filled
    if condition.one_of is not None:
        return frozenset(condition.one_of).__contains__
    if condition.matches is not None:
        pattern = compile_pattern(condition.matches)
        return lambda text: pattern is not None and pattern.search(text) is not None
    if condition.in_lookup is not None:
        table = context.lookups[condition.in_lookup]
        return lambda text: table.find(text, context.day) is not None
    return _compared(condition, context)


def _compared(condition: Condition, context: Context) -> Callable[[str], bool]:
    locale = condition.locale or context.locale

    def compared(text: str) -> bool:
        if not text:
            return False
        try:
            read: Decimal = numbers.number(text, locale)
        except ValueError as error:
            raise row_error(condition.column, text, error) from None
        return read > condition.greater if condition.greater is not None else read < (condition.less or 0)

    return compared
