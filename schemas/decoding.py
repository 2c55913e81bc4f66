"""A fast reader of valid events, made from the models of `schemas.events`; whatever it does not read, they judge."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from types import UnionType
from typing import Annotated, Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

import msgspec
from annotated_types import Ge, Le
from pydantic import StringConstraints

from schemas import types
from schemas.events import CHANGES, LARGEST_SEQUENCE, MODELS, VERBS, sequence_of, subject_of
from schemas.ids import LONGEST_BYTES, kept_id, printable
from schemas.readers import Instants, Memo, matching
from schemas.types import Change, EventId, Id, Instant, LocalDate, Merge, Milliseconds, Source, system_name

DECODED = ("crm", "telephony")
"""Domains whose changes are plain values, so that they can be read fast; the organisation's are not."""


class Given(msgspec.Struct, gc=False):
    """An event as it was given. `data` holds the fields given: instants in ms, durations in ms, dates as ordinals.

    Ids are as they are kept, in `subject` and `source` too; that of the event is as it was written.
    """

    type: str
    subject: str
    time_ms: int
    sequence: int
    ingested_ms: int | None
    source: str
    id: str
    corrects: str | None
    data: dict[str, Any]


_SECONDS = Annotated[float, msgspec.Meta(ge=0, le=7 * 86400)]
_CONVERTED: tuple[tuple[Any, Any, Callable[[], Memo]], ...] = (
    (Instant, str, Instants),
    (Milliseconds, _SECONDS, lambda: Memo(types.seconds_to_ms)),
    (Id, str, lambda: Memo(kept_id)),
    (Source, str, lambda: Memo(system_name)),
    (EventId, str, lambda: Memo(printable)),
    (LocalDate, date, lambda: Memo(lambda given: types.plausible_date(given).toordinal())),
)
"""Schema type, what msgspec reads it as, and what makes the reader that turns this into the value."""


def _of_pattern(hint: Any) -> StringConstraints | None:
    """The constraint of a string that has to match a pattern."""
    found = [part for part in get_args(hint)[1:] if isinstance(part, StringConstraints) and part.pattern is not None]
    return found[0] if get_origin(hint) is Annotated and found else None


def _meta(constraints: Iterable[Any]) -> msgspec.Meta:
    found: dict[str, Any] = {}
    for constraint in constraints:
        if isinstance(constraint, StringConstraints):
            limits = {"min_length": constraint.min_length, "max_length": constraint.max_length}
            found.update({name: limit for name, limit in limits.items() if limit is not None})
        for bound in getattr(constraint, "metadata", [constraint]):
            if isinstance(bound, Ge):
                found["ge"] = bound.ge
            elif isinstance(bound, Le):
                found["le"] = bound.le
    return msgspec.Meta(**found)


def _translated(hint: Any) -> Any:
    """The type that msgspec reads for a schema's type. Patterns are left to readers: there they cost a look-up.

    Lists are left to the models: they are rare, and null is all that is read of them here.
    """
    for schema, read, _ in _CONVERTED:
        if hint == schema:
            return read
    if _of_pattern(hint) is not None:
        return str
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_translated(part) for part in get_args(hint))]  # noqa: UP007  (made at run time)
    if get_origin(hint) is Annotated:
        plain, *constraints = get_args(hint)
        if get_origin(plain) is list:
            return None
        return Annotated[plain, _meta(constraints)]
    return hint


class _Readers:
    """One memo for each type of value, whatever fields have it."""

    def __init__(self) -> None:
        self._memos: list[tuple[Any, Memo]] = []

    def of(self, hint: Any) -> Memo | None:
        """The reader of a type, or of the one that is not null in a union; None: msgspec's value is the value."""
        parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        for part in parts:
            for schema, _, make in _CONVERTED:
                if part == schema:
                    return self._memo(part, make)
            if _of_pattern(part) is not None:
                return self._memo(part, partial(_string_memo, part))
        return None

    def _memo(self, hint: Any, make: Callable[[], Memo]) -> Memo:
        for known, memo in self._memos:
            if known == hint:
                return memo
        made = make()
        self._memos.append((hint, made))
        return made


def _string_memo(hint: Any) -> Memo:
    constraint = _of_pattern(hint)
    assert constraint is not None
    return Memo(matching(constraint))


def _data(model: type[Change] | type[Merge], readers: _Readers) -> tuple[Any, Mapping[str, Memo]]:
    """The dictionary of a model's fields, and the readers of those that need one."""
    hints = get_type_hints(model, include_extras=True)
    fields: dict[str, Any] = {}
    read: dict[str, Memo] = {}
    for name, field in model.model_fields.items():
        bounds = [bound for bound in field.metadata if isinstance(bound, Ge | Le)]
        fields[name] = Annotated[int, _meta(bounds)] | None if bounds else _translated(hints[name])
        reader = readers.of(hints[name])
        if reader is not None:
            read[name] = reader
    return TypedDict(f"{model.__name__}Given", fields, total=model is Merge), read  # type: ignore[operator]


class _Nothing(TypedDict):
    pass


_Sequence = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEQUENCE)] | str


def _struct(name: str, data: Any, readers: Mapping[str, Memo]) -> Any:
    """What msgspec reads an event type as. The class knows the type's name and what is left to do."""
    kind = name.split(".")[1]
    given = ("data", _Nothing | None, None) if data is _Nothing else ("data", data)
    return msgspec.defstruct(
        name.title().replace(".", ""),
        [
            ("specversion", Literal["1.0"]),
            ("id", str),
            ("source", str),
            ("subject", str),
            ("time", str),
            given,
            ("sequence", _Sequence, 0),
            ("ingested", str | None, None),
            ("corrects", str | None, None),
        ],
        tag_field="type",
        tag=name,
        namespace={
            "type": name,
            "readers": readers,
            "subject_fits": staticmethod(re.compile(rf"{kind}:[A-Za-z0-9_.-]{{1,64}}").fullmatch),
            "subject_read": staticmethod(partial(subject_of, kind)),
        },
        gc=False,
        kw_only=True,
    )


SURELY_FLAT_BYTES = 400
"""The models take what is nested 200 deep; what is so short is not deeper."""
MOST_READ_BYTES = 4096
MOST_OPENED = 100


def _is_usual(value: bytes) -> bool:
    """Whether the models take all values of its size and depth, of one that is not surely flat.

    They refuse what is nested too deep and numbers of more than 4,300 digits, also in fields that nobody knows, which
    are passed over here.
    """
    return len(value) <= MOST_READ_BYTES and value.count(b"[") + value.count(b"{") <= MOST_OPENED


class Decoder:
    """Reads the events of one domain."""

    def __init__(self, domain: str) -> None:
        readers = _Readers()
        structs = []
        for kind, model in CHANGES[domain].items():
            given = {"changed": _data(model, readers), "merged": _data(Merge, readers)}
            for verb in VERBS:
                name = f"{domain}.{kind}.{verb}"
                if name in MODELS:
                    structs.append(_struct(name, *given.get(verb, (_Nothing, {}))))
        self._decode = msgspec.json.Decoder(Union[tuple(structs)]).decode  # noqa: UP007
        self._sources = _memo_of(readers, Source)
        self._event_ids = _memo_of(readers, EventId)
        self._instants = _memo_of(readers, Instant)

    def read(self, value: bytes) -> Given | None:
        """The event, every value as the models give it; None for what the models are to judge."""
        if len(value) > SURELY_FLAT_BYTES and not _is_usual(value):
            return None
        try:
            if not value.isascii():
                value.decode()
            event = self._decode(value)
            event_id, subject, data = event.id, event.subject, event.data
            # Most ids of events are plain; they are new each time, so that a memo would be of no use.
            if not (event_id.isascii() and event_id.isprintable() and 0 < len(event_id) <= LONGEST_BYTES):
                printable(event_id)
            if not event.subject_fits(subject):
                subject = event.subject_read(subject)
            readers = event.readers
            if data is None:
                data = {}
            for field, given in data.items():  # the keys stay as they are, so the values may change meanwhile
                reader = readers.get(field)
                if reader is not None:
                    data[field] = reader[given]
            time_ms, source, sequence = self._instants[event.time], self._sources[event.source], event.sequence
            ingested_ms = self._instants[event.ingested] if event.ingested is not None else None
            corrects = self._event_ids[event.corrects] if event.corrects is not None else None
            if isinstance(sequence, str):
                sequence = sequence_of(sequence)
                if sequence > LARGEST_SEQUENCE:
                    return None
        except (ValueError, msgspec.MsgspecError, RecursionError):
            return None
        return Given(event.type, subject, time_ms, sequence, ingested_ms, source, event_id, corrects, data)


def _memo_of(readers: _Readers, hint: Any) -> Memo:
    memo = readers.of(hint)
    assert memo is not None
    return memo
