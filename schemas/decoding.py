"""A fast reader of valid events, made from the models of `schemas.events`; whatever it does not read, they judge."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, Union, get_args, get_origin, get_type_hints

import msgspec
from annotated_types import Ge, Le
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from schemas import types
from schemas.events import CHANGES, MODELS, VERBS, Event
from schemas.types import Change, Instant, LocalDate, Merge, Milliseconds

DECODED = ("crm", "telephony")
"""Domains whose changes are plain values, so that they can be read fast; the organisation's are not."""


class Given(NamedTuple):
    """An event as it was given. `data` holds the fields given: instants in ms, durations in ms, dates as ordinals."""

    type: str
    subject: str
    time_ms: int
    sequence: int
    source: str
    id: str
    corrects: str | None
    data: dict[str, Any]


_TIME = Annotated[datetime, msgspec.Meta(tz=True)]
_SECONDS = Annotated[float, msgspec.Meta(ge=0, le=7 * 86400)]
_CONVERTED: tuple[tuple[Any, Any, Callable[[Any], Any]], ...] = (
    (Instant, _TIME, types.plausible_ms),
    (Milliseconds, _SECONDS, types.seconds_to_ms),
    (LocalDate, date, lambda given: types.plausible_date(given).toordinal()),
)
"""Schema type, what msgspec reads it as, and how that becomes the value."""


def _meta(constraints: Iterable[Any]) -> msgspec.Meta:
    found: dict[str, Any] = {}
    for constraint in constraints:
        if isinstance(constraint, StringConstraints):
            pattern = None if constraint.pattern is None else str(constraint.pattern).removesuffix("$") + r"\Z"
            limits = {"min_length": constraint.min_length, "max_length": constraint.max_length, "pattern": pattern}
            found.update({name: limit for name, limit in limits.items() if limit is not None})
        elif isinstance(constraint, FieldInfo):
            found.update(_bounds(constraint.metadata))
        else:
            found.update(_bounds([constraint]))
    return msgspec.Meta(**found)


def _bounds(constraints: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for constraint in constraints:
        if isinstance(constraint, Ge):
            found["ge"] = constraint.ge
        elif isinstance(constraint, Le):
            found["le"] = constraint.le
    return found


def _translated(hint: Any) -> Any:
    """The type that msgspec reads for a schema's type."""
    for schema, read, _ in _CONVERTED:
        if hint == schema:
            return read
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_translated(part) for part in get_args(hint))]  # noqa: UP007  (made at run time)
    if get_origin(hint) is Annotated:
        plain, *constraints = get_args(hint)
        return Annotated[plain, _meta(constraints)]
    return hint


def _data(model: type[Change]) -> tuple[Any, list[tuple[str, Callable[[Any], Any]]]]:
    """The dictionary of a change's fields, and those that have to be converted."""
    hints = get_type_hints(model, include_extras=True)
    fields: dict[str, Any] = {}
    converted: list[tuple[str, Callable[[Any], Any]]] = []
    for name, field in model.model_fields.items():
        hint = hints[name]
        read = _translated(hint)
        if field.metadata:
            read = Annotated[int, _meta(field.metadata)] | None
        fields[name] = read
        converted += [(name, convert) for schema, _, convert in _CONVERTED if schema in get_args(hint)]
    return TypedDict(f"{model.__name__}Given", fields, total=False), converted  # type: ignore[operator]


def _struct(name: str, data: Any) -> Any:
    hints = get_type_hints(Event, include_extras=True)
    subject = get_type_hints(MODELS[name], include_extras=True)["subject"]
    return msgspec.defstruct(
        name.title().replace(".", ""),
        [
            ("specversion", Literal["1.0"]),
            ("id", _translated(hints["id"])),
            ("source", _translated(hints["source"])),
            ("subject", _translated(subject)),
            ("time", _TIME),
            ("data", data),
            ("sequence", _translated(hints["sequence"]), 0),
            ("corrects", _translated(hints["corrects"]), None),
        ],
        tag_field="type",
        tag=name,
    )


class _Into(TypedDict):
    into: _translated(get_type_hints(Merge, include_extras=True)["into"])  # type: ignore[valid-type]


class _Nothing(TypedDict):
    pass


class Decoder:
    """Reads the events of one domain."""

    def __init__(self, domain: str) -> None:
        self._converted: dict[str, list[tuple[str, Callable[[Any], Any]]]] = {}
        structs = []
        for kind, model in CHANGES[domain].items():
            changed, converted = _data(model)
            for verb in VERBS:
                name = f"{domain}.{kind}.{verb}"
                if name in MODELS:
                    structs.append(_struct(name, {"changed": changed, "merged": _Into}.get(verb, _Nothing)))
                    self._converted[name] = converted if verb == "changed" else []
        self._decode = msgspec.json.Decoder(Union[tuple(structs)]).decode  # noqa: UP007

    def read(self, value: bytes) -> Given | None:
        """The event, every value as the models give it; None for what the models are to judge."""
        try:
            if not value.isascii():
                value.decode()
            event = self._decode(value)
            name, data = event.__struct_config__.tag, event.data
            for field, convert in self._converted[name]:
                given = data.get(field)
                if given is not None:
                    data[field] = convert(given)
            time_ms = types.plausible_ms(event.time)
        except (ValueError, msgspec.MsgspecError, RecursionError):
            return None
        return Given(name, event.subject, time_ms, event.sequence, event.source, event.id, event.corrects, data)
