"""The list of kinds is whole: it says as much of objects as the schemas of their events do."""

from collections.abc import Iterator
from typing import Annotated, get_args, get_origin

import pytest
from pydantic import BaseModel

from pipeline.kinds import KINDS, Kind, kind_named
from schemas import links
from schemas.events import CHANGES
from schemas.types import Instant

AHEAD = {("meeting", "starts_at"), ("survey", "ends_at")}
"""Times of events that may lie ahead."""
BY_NAME = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def _model(kind: Kind) -> type[BaseModel]:
    return CHANGES[kind.domain][kind.name]


def test_every_kind_that_has_events_has_a_file() -> None:
    """Kinds and schemas name the same objects of the same domains; those of the organisation are no kinds."""
    declared = {(domain, name) for domain, models in CHANGES.items() if domain != "org" for name in models}

    assert {(kind.domain, kind.name) for kind in KINDS} == declared
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@BY_NAME
def test_a_kind_names_fields_that_its_events_have(kind: Kind) -> None:
    """Histories and the names of others are fields of the schema."""
    assert kind.histories | kind.names <= _model(kind).model_fields.keys()


def _instants(model: type[BaseModel], within: str = "") -> Iterator[str]:
    """The instants of a model, and those of the parts of its lists."""
    for name, field in model.model_fields.items():
        if Instant in get_args(field.annotation):
            yield within + name
        for part in get_args(field.annotation):
            if get_origin(part) is Annotated and get_origin(get_args(part)[0]) is list:
                yield from _instants(get_args(get_args(part)[0])[0], f"{name}.")


@BY_NAME
def test_every_time_either_has_passed_or_may_lie_ahead(kind: Kind) -> None:
    """No instant of an event is forgotten when it is judged whether it lies ahead."""
    instants = set(_instants(_model(kind)))

    assert {(kind.name, name) for name in instants} - AHEAD == {(kind.name, name) for name in kind.past}


@BY_NAME
def test_whoever_names_another_object_can_say_something_of_it(kind: Kind) -> None:
    """A kind either names others and says something of them, or does neither."""
    assert bool(kind.names) == (kind.say is not kind_named("").say)


def test_whom_links_are_for_are_kinds() -> None:
    """A link goes to the log that owns its subject."""
    assert {kind_named(name).log for name in ("lead", "deal", "account")} == {"crm.events"}
    assert kind_named("call").log == "telephony.events"
    assert set(links.PAYLOADS) == {"touch", "win", "became", "logged", "merge"}
