"""Events: the CloudEvents 1.0 envelope (JSON, structured mode) and the table of all types in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, WithJsonSchema

from schemas import crm, org, telephony
from schemas.ids import ALLOWED, LONGEST_BYTES, kept_id
from schemas.types import Change, EventId, Instant, Merge, Nothing, Source, WireModel

CHANGES: dict[str, dict[str, type[Change]]] = {
    "crm": crm.CHANGES,
    "telephony": telephony.CHANGES,
    "org": org.CHANGES,
}
"""Data model by domain and kind of object. The event type is `<domain>.<kind>.<verb>`."""

TOPICS = {"crm": "crm.events", "telephony": "telephony.events", "org": "org.changes"}
"""Where the events of a domain go, by logical name."""
MERGEABLE = ("account", "lead", "deal")
VERBS = ("changed", "deleted", "restored", "merged")
LARGEST_SEQUENCE = 2**53
_DIGITS = r"^[0-9]{1,16}$"


def sequence_of(given: int | str) -> int:
    """The number that a sequence stands for: CloudEvents write it as text. ValueError for another text."""
    if isinstance(given, str) and not (given.isascii() and given.isdigit() and len(given) <= 16):
        raise ValueError(f"allowed is a whole number up to {LARGEST_SEQUENCE}, as a number or in digits")
    return int(given)


def _sequence(given: object) -> object:
    return sequence_of(given) if isinstance(given, str) else given


Sequence = Annotated[
    int,
    Field(ge=0, le=LARGEST_SEQUENCE),
    BeforeValidator(_sequence),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": LARGEST_SEQUENCE},
                {"type": "string", "pattern": _DIGITS},
            ]
        }
    ),
]
"""A whole number, or its digits as text."""


def subject_of(kind: str, given: str) -> str:
    """The key of an object of a kind, with its id as it is kept; ValueError for another kind, or where the id is none.

    The first colon ends the kind: an id may have others.
    """
    prefix, colon, written = given.partition(":")
    if prefix != kind or not colon:
        raise ValueError(f"allowed is {kind}: and an id, {ALLOWED}")
    return f"{kind}:{kept_id(written)}"


class Event(WireModel):
    """One CloudEvent about one object.

    The subject is the object's key, `<kind>:<id>`, and the key of the Kafka record. Ids are given as the source writes
    them and are kept as `schemas.ids` says. The order of an object's versions is `(time, sequence, ingested, source,
    digest of the id, digest of the bytes)`.
    """

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: EventId
    """Unique within the source; a repeated one is a duplicate."""
    source: Source
    """The system it comes from, a URI or a name: `https://crm.example.test/eu`, `salesforce`."""
    type: Annotated[str, StringConstraints(max_length=64)]
    subject: str
    time: Instant
    """When it happened, by the source's clock; epoch milliseconds once read."""
    sequence: Sequence = 0
    """Orders events of one object with equal times, if the source has such an order."""
    ingested: Instant | None = None
    """When the export was made that the event is of, the same in all its events: of one source a later export wins over
    an earlier one. Absent for what is told as it happens."""
    corrects: EventId | None = None
    """The id of an earlier event of the same source whose history entries this one replaces."""
    data: Any
    """A model of the table above."""


def _subject(kind: str) -> Any:
    read: Callable[[str], str] = partial(subject_of, kind)
    written = rf"^{kind}:[^\u0000-\u001f\u007f-\u009f]+$"
    length = len(kind) + 1 + LONGEST_BYTES
    return Annotated[
        str, AfterValidator(read), WithJsonSchema({"type": "string", "maxLength": length, "pattern": written})
    ]


def _nothing(given: object) -> object:
    """A deletion has no data, and may say so in any way."""
    return {} if given is None else given


SAID_OF_DATA = "Changed fields: an absent field did not change, a null one was cleared."
SAID_OF_NO_DATA = "Nothing: it may be absent, null or empty."


def _model(domain: str, kind: str, verb: str) -> type[Event]:
    told: Any = {"changed": CHANGES[domain][kind], "merged": Merge}.get(verb)
    data: Any = Annotated[Nothing, BeforeValidator(_nothing)] if told is None else told
    event_type: Any = Literal[f"{domain}.{kind}.{verb}"]
    name = f"{kind.title()}{verb.title()}".replace("_", "")
    namespace: dict[str, Any] = {
        "__doc__": f"`{domain}.{kind}.{verb}`",
        "__module__": __name__,
        # All fields are described: to look for docstrings, pydantic would read the source of every importing module.
        "model_config": ConfigDict(use_attribute_docstrings=False),
        "__annotations__": {
            "type": Annotated[event_type, Field(description="What the event is about, and what happened.")],
            "subject": Annotated[_subject(kind), Field(description="The object's key, and the key of the record.")],
            "data": Annotated[data, Field(description=SAID_OF_DATA if told else SAID_OF_NO_DATA)],
        },
    }
    if told is None:
        namespace["data"] = Nothing()
    return type(name, (Event,), namespace)


MODELS: dict[str, type[Event]] = {
    f"{domain}.{kind}.{verb}": _model(domain, kind, verb)
    for domain, kinds in CHANGES.items()
    for kind in kinds
    for verb in VERBS
    if verb != "merged" or kind in MERGEABLE
}
"""Every known event type and its model."""


def adapter(domain: str) -> TypeAdapter[Event]:
    """The parser of one domain's events: a union told apart by `type`; pydantic.ValidationError for anything else."""
    models = [model for name, model in MODELS.items() if name.startswith(f"{domain}.")]
    union = models[0]
    for model in models[1:]:
        union = union | model  # type: ignore[assignment]
    parser: TypeAdapter[Event] = TypeAdapter(Annotated[union, Field(discriminator="type")])  # type: ignore[arg-type]
    return parser


def iso(instant_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds, as events carry it."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
