"""The field map: how a row of somebody's export becomes events, declared in TOML.

A map names its source system, how its files are written, optional lookup files, the time zone of stamps that have none,
and one `[[event]]` per event a row may give. docs/import.md explains it by example.
"""

import codecs
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from pipeline.config.settings import SetupError
from pipeline.importing.map_values import Condition, Declared, Locale, Pattern, Source, Template, Texts, Value
from pipeline.importing.templates import Filled, columns_of, is_column, parse_template
from schemas.events import MODELS
from schemas.zones import zone_info

CLOSING = frozenset({"won", "lost", "closedwon", "closedlost"})
"""Stages that end a deal wherever no process says which do."""

NO_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
"""Codecs of Python that no export is written in; some of them give halves of letters."""


class EventMap(Declared):
    """One event that a row gives, or, with `once`, the import as a whole gives before its first row."""

    type: str
    subject: Template
    """As in `deal:{id}`."""
    time: Source
    sequence: Source = Value(constant=0)
    """Orders events of one object with equal times: a number, or a column of numbers."""
    once: bool = False
    each: str | None = None
    """The name of a list in a row: one event for each of its items, which `#item` stands for."""
    when: list[Condition] = Field(default_factory=list)
    keep: Literal["earliest", "latest"] | None = None
    """Of all events that it gives of one object, only this one."""
    gather: dict[str, dict[str, Source]] = Field(default_factory=dict)
    """Lists of the event, such as the legs of a call, to which each row of the object adds an item: one event for all
    rows, with the data of the last one."""
    data: dict[str, Source] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _currency_is_read_as_one(cls, given: Any) -> Any:
        data = given.get("data") if isinstance(given, dict) else None
        currency = data.get("currency") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(currency, dict) or "constant" in currency:
            return given
        return {**given, "data": {**data, "currency": {"parse": "currency", **currency}}}

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.type not in MODELS:
            raise ValueError(f"unknown event type {self.type!r}; allowed: {', '.join(sorted(MODELS))}")
        fields = MODELS[self.type].model_fields["data"].annotation
        known = sorted(getattr(fields, "model_fields", {}))
        for name in sorted(self.data.keys() - set(known)):
            raise ValueError(f"{self.type} has no field {name!r}; allowed: {', '.join(known)}")
        for name, item in self.gather.items():
            inner = _item_fields(fields, name) if name in known else []
            if not inner or self.keep is not None:
                raise ValueError(
                    f"{self.type} gathers nothing in {name!r}; it must be a list of it, and keep be absent"
                )
            for unknown in sorted(item.keys() - set(inner)):
                raise ValueError(f"{name} has no field {unknown!r}; allowed: {', '.join(inner)}")
        for name, value in self.data.items():
            if value.parse == "money" and value.currency is None and "currency" not in self.data:
                raise ValueError(f"{name}: money needs a currency: of its own, or the field currency of the event")
        if self.time.event is not None:
            raise ValueError("the time of an event cannot follow from the times of events")
        return self

    @property
    def kind(self) -> str:
        """The kind of object it is about."""
        return self.type.split(".")[1]

    def values(self) -> Iterator[Value]:
        """All values of it."""
        yield self.time
        yield self.sequence
        yield from self.data.values()
        for item in self.gather.values():
            yield from item.values()


class Lookup(Declared):
    """Another file of the export, next to the imported one, that tells `value` for `key`.

    With `valid_from` or `valid_to` it tells it for a time: that of the event decides.
    """

    file: str = Field(pattern=r"^[^\x00]+$")
    key: str
    value: str
    ignore_case: bool = False
    valid_from: str | None = None
    """The column with the first day on which a row holds; unbounded where empty."""
    valid_to: str | None = None
    """The column with the last day on which it holds."""

    def columns(self) -> list[str]:
        """The columns of its file that it reads."""
        return [name for name in (self.key, self.value, self.valid_from, self.valid_to) if name is not None]


class FieldMap(Declared):
    """A whole map, checked."""

    source: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    """Of CSV; a comma where absent, or what a `sep=` line of the file says."""
    encoding: str | None = None
    """Of text; UTF-8 where absent, or what a byte order mark says."""
    records: str | None = None
    """The name of the list of rows in a JSON file that is an object, `results`."""
    sheet: str | None = None
    """The sheet of a workbook; its first one where absent."""
    footer: Pattern | None = None
    """A regular expression of the first text of a row with which the table ends."""
    extra_cells: Literal["refused", "ignored"] = "refused"
    """What becomes of a row with more cells than the header has names."""
    zone: Source | None = None
    """Time zone of stamps that have none."""
    locale: Locale | None = None
    nothing: Texts = Field(default_factory=list)
    """Words that stand for an empty text: `NULL`, `N/A`, `-`, `0000-00-00`."""
    empty: Literal["unchanged", "clears"] | None = None
    """Whether an empty text says nothing, or that there is nothing any more; where absent it says nothing, unless the
    object had a value before: then nothing is sent."""
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    events: list[EventMap] = Field(alias="event", min_length=1)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        try:
            known = codecs.lookup(encoding or "utf-8").name not in NO_ENCODINGS
            "".encode(encoding or "utf-8")
        except (LookupError, ValueError):
            known = False
        if not known:
            raise ValueError(f"unknown encoding {encoding!r}; allowed: such as windows-1252, utf-16, latin-1")
        return encoding

    @model_validator(mode="after")
    def _lookups_exist(self) -> Self:
        for name in self._lookups_named():
            if name not in self.lookups:
                raise ValueError(f"no lookup {name!r}; declared: {', '.join(sorted(self.lookups)) or 'none'}")
        return self

    @model_validator(mode="after")
    def _zones_exist(self) -> Self:
        zones = [self.zone, *(value.zone for value in self.every_value())]
        for zone in (each for each in zones if each is not None):
            plain = zone.lookup is None and zone.values is None
            named = [*(zone.values or {}).values(), *([zone.otherwise] if zone.otherwise else [])]
            for name in named + ([str(zone.constant)] if zone.constant is not None and plain else []):
                zone_info(name)
        return self

    def _lookups_named(self) -> Iterator[str]:
        yield from (value.lookup for value in self.every_value() if value.lookup is not None)
        yield from (each.in_lookup for event in self.events for each in event.when if each.in_lookup is not None)
        texts = [*(event.subject for event in self.events), *(value.template or "" for value in self.every_value())]
        for part in (part for text in texts for part in parse_template(text) if isinstance(part, Filled)):
            yield from (argument for name, argument in part.filters if name == "lookup")

    def every_value(self) -> Iterator[Value]:
        """All values of the map, nested ones too."""
        waiting = [*([self.zone] if self.zone else []), *(value for event in self.events for value in event.values())]
        while waiting:
            value = waiting.pop()
            yield value
            waiting += value.parts()

    def columns(self) -> set[str]:
        """The columns the map reads from a row, those of the items of lists aside."""
        names = {condition.column for event in self.events for condition in event.when}
        for event in self.events:
            names.update(columns_of(parse_template(event.subject)) if not event.once else ())
        for value in self.every_value():
            names.update(value.own_columns())
        return {name for name in names if is_column(name)}

    def closing_stages(self) -> frozenset[str]:
        """Stages that end a deal, as far as the map knows."""
        declared = [event.data.get("stages") for event in self.events if event.kind == "process"]
        kinds = {
            str(stage.get("id")): stage.get("kind", "open")
            for stages in declared
            if stages is not None and isinstance(stages.constant, list)
            for stage in stages.constant
            if isinstance(stage, dict)
        }
        return frozenset(stage for stage in CLOSING | kinds.keys() if kinds.get(stage) != "open")


def _item_fields(model: Any, name: str) -> list[str]:
    """The fields of an item of a list of an event's data; none where it is no list of objects."""
    waiting = [model.model_fields[name].annotation]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, BaseModel):
            return sorted(each.model_fields)
        waiting += get_args(each)
    return []


def read_field_map(path: Path) -> FieldMap:
    """Read and check a map; SetupError with one line that says where it is wrong."""
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"--map: cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, too deep, or a number without end
        raise SetupError(f"--map: {path} is not TOML: {error}") from None
    try:
        return FieldMap.model_validate(declared)
    except ValidationError as error:
        raise SetupError(f"--map: {path}: {_first_line(error)}") from None


def _first_line(error: ValidationError) -> str:
    first: dict[str, Any] = dict(error.errors(include_url=False)[0])
    if first["type"] == "extra_forbidden":
        first["msg"] = "there is no such key; docs/import.md lists them"
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"]) or "map"
    return f"{where}: {' '.join(first['msg'].removeprefix('Value error, ').split())}"
