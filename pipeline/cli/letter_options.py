"""Options that say which dead letters are meant."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import duration_seconds
from pipeline.topics.table import SOURCES
from schemas.dead_letters import REASONS, Origin

if TYPE_CHECKING:
    from pipeline.dead_letters.selection import Selection

ReasonName = StrEnum("ReasonName", {reason: reason for reason in REASONS})  # type: ignore[misc]
TopicName = StrEnum("TopicName", {topic.replace(".", "_"): topic for topic in SOURCES})  # type: ignore[misc]


def instant_ms(text: str) -> int:
    """`2026-11-23T09:00:00Z`, or so long ago: `30m`, `2h`. Epoch milliseconds."""
    from pipeline.clock import now_ms
    from schemas.types import to_ms

    if "-" not in text:
        return now_ms() - int(duration_seconds(text) * 1000)
    given = _instant(text)
    if given is None:
        allowed = "an instant such as 2026-11-23T09:00:00Z, or an age such as 30m, 2h, 3d"
        raise typer.BadParameter(f"{text!r} is not an instant; allowed: {allowed}")
    return to_ms(given)


def _instant(text: str) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if given.tzinfo is None else given


def origin_of(text: str) -> Origin:
    """`crm.events/2/1234`."""
    from pipeline.dead_letters.selection import parse_origin

    try:
        return parse_origin(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Reasons = Annotated[list[ReasonName] | None, typer.Option("--reason", help="Only records refused for this reason.")]
Topics = Annotated[list[TopicName] | None, typer.Option("--topic", help="Only records from this topic.")]
Since = Annotated[
    int | None,
    typer.Option(
        "--since", parser=instant_ms, metavar="INSTANT", help="Appended at or after: an age such as 2h, or an instant."
    ),
]
Until = Annotated[
    int | None,
    typer.Option("--until", parser=instant_ms, metavar="INSTANT", help="Appended before: an age or an instant."),
]
AnOrigin = Annotated[
    Origin,
    typer.Argument(parser=origin_of, metavar="ORIGIN", help="Source topic, partition and offset: crm.events/2/1234."),
]
Origins = Annotated[
    list[Origin] | None,
    typer.Argument(parser=origin_of, metavar="[ORIGIN]...", help="Source topic, partition and offset."),
]


def selection(
    reasons: list[ReasonName] | None,
    topics: list[TopicName] | None,
    since_ms: int | None,
    until_ms: int | None,
    origins: list[Origin] | None = None,
) -> "Selection":
    """The letters that fit all of these."""
    from pipeline.dead_letters.selection import Selection

    names = frozenset(map(str, reasons or ())), frozenset(map(str, topics or ()))
    return Selection(*names, frozenset(origins or ()), since_ms, until_ms)
