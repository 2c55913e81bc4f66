"""Events: the CloudEvents 1.0 envelope (JSON, structured mode) and the table of all types in it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

from schemas import crm, org, telephony
from schemas.types import Change, Instant, Merge, Nothing, Slug, WireModel

CHANGES: dict[str, dict[str, type[Change]]] = {
    "crm": crm.CHANGES,
    "telephony": telephony.CHANGES,
    "org": org.CHANGES,
}
"""Data model by domain and kind of object. The event type is `<domain>.<kind>.<verb>`."""

MERGEABLE = ("account", "lead", "deal")
VERBS = ("changed", "deleted", "restored", "merged")


class Event(WireModel):
    """One CloudEvent about one object.

    The subject is the object's key, `<kind>:<id>`, and the key of the Kafka record. The order of an object's versions
    is `(time, sequence, ingested, source, digest of the id, digest of the bytes)`.
    """

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
    """Unique within the source; a repeated one is a duplicate."""
    source: Slug
    """The system it comes from, `salesforce`, `aircall`."""
    type: Annotated[str, StringConstraints(max_length=64)]
    subject: Annotated[str, StringConstraints(pattern=r"^[a-z]{3,12}:[A-Za-z0-9_.-]{1,64}$")]
    time: Instant
    """When it happened, by the source's clock; epoch milliseconds once read."""
    sequence: Annotated[int, Field(ge=0, le=2**53)] = 0
    """Orders events of one object with equal times, if the source has such an order."""
    ingested: Instant | None = None
    """When the export was made that the event is of, the same in all its events: of one source a later export wins over
    an earlier one. Absent for what is told as it happens."""
    corrects: Annotated[str, StringConstraints(max_length=200)] | None = None
    """The id of an earlier event of the same source whose history entries this one replaces."""
    data: Any
    """A model of the table above."""


def _subject(kind: str) -> Any:
    return Annotated[str, StringConstraints(pattern=rf"^{kind}:[A-Za-z0-9_.-]{{1,64}}$")]


def _model(domain: str, kind: str, verb: str) -> type[Event]:
    data: Any = {"changed": CHANGES[domain][kind], "merged": Merge}.get(verb, Nothing)
    event_type: Any = Literal[f"{domain}.{kind}.{verb}"]
    name = f"{kind.title()}{verb.title()}"
    namespace = {
        "__doc__": f"`{domain}.{kind}.{verb}`",
        "__module__": __name__,
        # All fields are described: to look for docstrings, pydantic would read the source of every importing module.
        "model_config": ConfigDict(use_attribute_docstrings=False),
        "__annotations__": {
            "type": Annotated[event_type, Field(description="What the event is about, and what happened.")],
            "subject": Annotated[_subject(kind), Field(description="The object's key, and the key of the record.")],
            "data": Annotated[
                data, Field(description="Changed fields: an absent field did not change, a null one was cleared.")
            ],
        },
    }
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


__all__ = ["CHANGES", "MERGEABLE", "MODELS", "VERBS", "Event", "adapter", "iso"]
