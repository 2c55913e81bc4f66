"""The field map: how a row of somebody's export becomes events, declared in TOML.

A map names its source system, optional lookup files, the time zone of stamps that have none, and one `[[event]]` per
event a row may give. docs/import.md explains it by example.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pipeline.config.settings import SetupError
from schemas.events import MODELS

Parse = Literal["text", "slug", "whole", "decimal", "flag", "money", "date", "instant", "seconds"]


class _Declared(BaseModel):
    """Base of everything in a map: a key it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _plain_is_constant(given: object) -> object:
    return {"constant": given} if not isinstance(given, (dict, BaseModel)) else given


class Value(_Declared):
    """Where one value comes from (exactly one of column, constant, template) and how it is read.

    The text of a column or template goes through `lookup`, then `values`, then `parse`. An empty text leaves the
    field out, or refuses the row where it is `required`.
    """

    column: str | None = None
    constant: Any = None
    template: str | None = None
    """Text with `{column}` or `{column|slug}` in it."""
    lookup: str | None = None
    """The name of a lookup that the text is a key of."""
    values: dict[str, str] | None = None
    """What each text stands for; a text that is not listed becomes `otherwise`, or refuses the row."""
    otherwise: str | None = None
    parse: Parse = "text"
    format: str | None = None
    """Of an instant or date, as for strptime, or `epoch_seconds`, `epoch_ms`; ISO 8601 where absent."""
    zone: "Source | None" = None
    """Time zone of an instant without one; the map's where absent."""
    currency: str | None = None
    """Of money: it decides how many minor units a unit has."""
    locale: str = "en"
    """How numbers and money are written: `en` is 1,234.50 and `de` 1.234,50."""
    plus: "list[Source]" = []
    """Seconds to add to an instant; empty ones count as none."""
    required: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(given is not None for given in (self.column, self.constant, self.template)) != 1:
            raise ValueError("give exactly one of: column, constant, template")
        if self.parse == "money" and self.currency is None:
            raise ValueError("money needs a currency")
        return self


Source = Annotated[Value, BeforeValidator(_plain_is_constant)]
"""A value in a map; anything that is not a table is a constant."""


class Condition(_Declared):
    """What a row must fulfil: the column's text is one of `is`, or (un)filled."""

    column: str
    one_of: list[str] | None = Field(None, alias="is")
    filled: bool | None = None

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.one_of is None) == (self.filled is None):
            raise ValueError("give exactly one of: is, filled")
        return self


class EventMap(_Declared):
    """One event that a row gives, or, with `once`, the import as a whole gives before its first row."""

    type: str
    subject: str
    """A template, `deal:{id}`."""
    time: Source
    sequence: int = Field(0, ge=0)
    once: bool = False
    when: list[Condition] = []
    data: dict[str, Source] = {}

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.type not in MODELS:
            raise ValueError(f"unknown event type {self.type!r}; allowed: {', '.join(sorted(MODELS))}")
        fields = MODELS[self.type].model_fields["data"].annotation
        known = sorted(getattr(fields, "model_fields", {}))
        for name in sorted(self.data.keys() - set(known)):
            raise ValueError(f"{self.type} has no field {name!r}; allowed: {', '.join(known)}")
        return self


class Lookup(_Declared):
    """Another file of the export, next to the imported one, that tells `value` for `key`."""

    file: str
    key: str
    value: str


class FieldMap(_Declared):
    """A whole map, checked."""

    source: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    delimiter: str = Field(",", min_length=1, max_length=1)
    zone: Source | None = None
    """Time zone of stamps that have none; they may also stand for a date alone, which means noon in it."""
    lookups: dict[str, Lookup] = {}
    events: list[EventMap] = Field(alias="event", min_length=1)

    @model_validator(mode="after")
    def _lookups_exist(self) -> Self:
        for value in self.every_value():
            if value.lookup is not None and value.lookup not in self.lookups:
                raise ValueError(f"no lookup {value.lookup!r}; declared: {', '.join(sorted(self.lookups)) or 'none'}")
        return self

    def every_value(self) -> Iterator[Value]:
        """All values of the map, nested ones too."""
        waiting = [*([self.zone] if self.zone else []), *(value for event in self.events for value in _values(event))]
        while waiting:
            value = waiting.pop()
            yield value
            waiting += [*value.plus, *([value.zone] if value.zone else [])]

    def columns(self) -> set[str]:
        """The columns the map reads from a row."""
        texts = [event.subject for event in self.events if not event.once]
        names = {condition.column for event in self.events for condition in event.when}
        for value in self.every_value():
            names |= {value.column} if value.column else set()
            texts += [value.template] if value.template else []
        return names | {name for text in texts for name in template_columns(text)}


def _values(event: EventMap) -> list[Value]:
    return [event.time, *event.data.values()]


def template_columns(template: str) -> list[str]:
    """The columns named in a template."""
    return [name.partition("|")[0] for _, name, _, _ in Formatter().parse(template) if name is not None]


def read_field_map(path: Path) -> FieldMap:
    """Read and check a map; SetupError with one line that says where it is wrong."""
    try:
        return FieldMap.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SetupError(f"--map: cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"--map: {path} is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"]) or "map"
        raise SetupError(f"--map: {path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
