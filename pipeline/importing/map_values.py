"""What a map says of one value: where its text comes from, what is done to it, and how it is read."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from pipeline.importing.durations import UNITS
from pipeline.importing.formats import check_format
from pipeline.importing.moments import At
from pipeline.importing.numbers import locale_of
from pipeline.importing.templates import columns_of, is_column, parse_template

Parse = Literal[
    "text", "slug", "hash", "id", "whole", "decimal", "flag", "money", "currency", "date", "instant", "seconds"
]
TAKES_LOCALE = ("whole", "decimal", "money", "seconds", "date", "instant")


class Declared(BaseModel):
    """Base of everything in a map: a key it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def plain_is_constant(given: object) -> object:
    """A value that is not a table stands for itself."""
    return {"constant": given} if not isinstance(given, (dict, BaseModel)) else given


def one_or_more(given: object) -> object:
    """A text alone is a list of it."""
    return [given] if isinstance(given, str) else given


def _known_locale(name: str) -> str:
    locale_of(name)
    return name


def _good_pattern(pattern: str) -> str:
    compile_pattern(pattern)
    return pattern


def _good_template(template: str) -> str:
    parse_template(template)
    return template


def _require_small(constant: object) -> None:
    """ValueError for a number, wherever it lies in a constant, that no event can hold."""
    if isinstance(constant, Mapping):
        constant = list(constant.values())
    if isinstance(constant, list):
        for each in constant:
            _require_small(each)
    if isinstance(constant, float) and not isfinite(constant):
        raise ValueError("a constant must be finite")
    if isinstance(constant, int) and not -(2**63) <= constant < 2**63:
        raise ValueError("a constant must fit into 64 bits")


Texts = Annotated[list[str], BeforeValidator(one_or_more)]
Locale = Annotated[str, AfterValidator(_known_locale)]
Pattern = Annotated[str, AfterValidator(_good_pattern)]
"""A regular expression."""
Template = Annotated[str, AfterValidator(_good_template)]
"""Text with `{column}` or `{column|slug}` in it."""


class Value(Declared):
    """Where one value comes from (exactly one source) and how it is read.

    Its text goes through `trim`, `pattern`, `case`, `lookup`, `values`, then `parse`. An empty text leaves the field
    out, clears it, or refuses the row where it is `required`.
    """

    column: str | None = None
    first: list[str] | None = None
    """Columns; the text is that of the first that has one."""
    template: Template | None = None
    """Text with `{column}` or `{column|slug}` in it."""
    constant: Any = None
    event: Literal["earliest", "latest"] | None = None
    """The time of the first or last event that the import has of the object."""

    nothing: Texts | None = None
    """Words that stand for an empty text; the map's where absent."""
    trim: str | None = None
    """More letters to take away at both ends, beside spaces."""
    pattern: Pattern | None = None
    """A regular expression; the text becomes what its first group finds, or all of it where it has no group."""
    case: Literal["lower", "upper"] | None = None
    lookup: str | None = None
    """The name of a lookup that the text is a key of."""
    values: dict[str, str] | None = None
    """What each text stands for."""
    otherwise: str | None = None
    """What a text becomes that lookup, values or pattern do not know."""
    unlisted: Literal["refused", "empty", "same"] = "refused"
    """Or else whether such a text refuses the row, is empty, or stays as it is."""

    parse: Parse = "text"
    format: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ("iso",)
    """Of a date or instant; several where a column has several."""
    at: At | None = None
    """Which instant a day stands for; a midnight in UTC is a day then."""
    zone: "Source | None" = None
    """Time zone of a stamp without one; the map's where absent."""
    currency: "Source | None" = None
    """Of money: it decides how many minor units a unit has; that of the event where absent."""
    locale: Locale | None = None
    """How numbers, and names of months, are written: `en` is 1,234.50 and `de` is 1.234,50. The map's where absent."""
    unit: str = "s"
    """Of seconds that are written as a number."""
    plus: "list[Source]" = []
    """Lengths of time to add to an instant; empty ones count as none."""
    over: Literal["earliest", "latest"] | None = None
    """The earliest or latest of an instant over all rows of the object."""
    required: bool = False
    empty: Literal["unchanged", "clears"] | None = None
    """Whether an empty text says nothing, or that there is nothing any more; the map's where absent."""

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str) -> str:
        if unit not in UNITS:
            raise ValueError(f"unknown unit {unit!r}; allowed: {', '.join(UNITS)}")
        return unit

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sources = (self.column, self.first, self.template, self.constant, self.event)
        if sum(given is not None for given in sources) != 1:
            raise ValueError("give exactly one of: column, first, template, constant, event")
        _require_small(self.constant)
        if (self.over or self.event) and self.parse not in ("instant", "text"):
            raise ValueError("earliest and latest are instants; leave parse out")
        for name in self.format:
            check_format(name, self.locale or "en")
        return self

    @property
    def name(self) -> str:
        """What the value is called where it is wrong."""
        return self.column or " or ".join(self.first or ()) or self.template or "constant"

    @cached_property
    def is_fixed(self) -> bool:
        """Whether no row has a say in its text."""
        return self.constant is not None and self.lookup is None and self.values is None

    @cached_property
    def is_plain(self) -> bool:
        """Whether its text is taken as the row has it."""
        return all(done is None for done in (self.trim, self.pattern, self.case, self.lookup, self.values))

    def own_columns(self) -> list[str]:
        """The columns that its text may come from."""
        named = [name for name in (self.column,) if name is not None and is_column(name)]
        return [*named, *(self.first or ()), *(columns_of(parse_template(self.template)) if self.template else ())]

    def parts(self) -> Iterator["Value"]:
        """The values in it."""
        yield from self.plus
        yield from (each for each in (self.zone, self.currency) if each is not None)


Source = Annotated[Value, BeforeValidator(plain_is_constant)]
"""A value in a map; anything that is not a table is a constant."""


class Condition(Declared):
    """What a row must fulfil; exactly one question of a column's text, `not` turns the answer round."""

    column: str
    one_of: Texts | None = Field(None, alias="is")
    filled: bool | None = None
    matches: Pattern | None = None
    """A regular expression that is found in the text."""
    in_lookup: str | None = Field(None, alias="in")
    """The name of a lookup that the text is a key of."""
    greater: float | None = Field(None, allow_inf_nan=False)
    less: float | None = Field(None, allow_inf_nan=False)
    """A number that the text is greater, or less, than; an empty text is neither."""
    locale: Locale | None = None
    negated: bool = Field(False, alias="not")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        questions = (self.one_of, self.filled, self.matches, self.in_lookup, self.greater, self.less)
        if sum(question is not None for question in questions) != 1:
            raise ValueError("give exactly one of: is, filled, matches, in, greater, less")
        return self


def compile_pattern(pattern: str | None) -> "re.Pattern[str] | None":
    """A regular expression of a map; ValueError where it is none."""
    try:
        return None if pattern is None else re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
