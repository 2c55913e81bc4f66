"""Drafts: events of rows as far as rows tell them, and the CloudEvent that becomes of one. Pure."""

from functools import lru_cache
from typing import Any

import msgspec

from pipeline.importing.faults import Place
from pipeline.importing.row_values import Pending
from pipeline.organisation.days import DAY_MS
from pipeline.sending.event import content_of, id_of
from schemas.events import iso
from schemas.types import LIMIT_MS

TIME = "time"


class Draft(msgspec.Struct):
    """One event of a row. `open` has what is not known before all rows were read: fields, or the event's time."""

    place: Place
    number: int
    """Which event of the map it is."""
    type: str
    subject: str
    time_ms: int
    sequence: int
    data: dict[str, Any]
    closes: bool | None = None
    """Whether it closes its object, opens it, or says nothing of that."""
    backwards: bool = False
    """Whether something in it ends before it begins."""
    keep: str | None = None
    """Which of all such drafts of an object is kept: the earliest, the latest, or one that gathers the items of all."""
    items: dict[str, dict[str, Any]] = {}
    """What the row adds to lists of the event."""
    open: dict[str, Pending] = {}
    emptied: tuple[str, ...] = ()
    """Fields of which the text is empty, and nobody says whether that tells anything."""


def event_of(draft: Draft, source: str, ingested_ms: int) -> tuple[dict[str, Any], bytes]:
    """The CloudEvent of a draft in which nothing is open any more, and its JSON; its id follows from its content."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "source": source,
        "type": draft.type,
        "subject": draft.subject,
        "time": told_at(draft.time_ms),
        "sequence": draft.sequence,
        "data": draft.data,
    }
    content = content_of(event)
    event["id"] = id_of(content)
    event["ingested"] = told_at(ingested_ms)
    return event, content[:-1] + f',"id":"{event["id"]}","ingested":"{event["ingested"]}"}}'.encode()


def told_at(instant_ms: int) -> str:
    """An instant as events tell it, in three parts that repeat; outside of the years of events as `iso` tells it."""
    if not 0 <= instant_ms < LIMIT_MS:
        return iso(instant_ms)
    day, of_day_ms = divmod(instant_ms, DAY_MS)
    minute, of_minute_ms = divmod(of_day_ms, 60_000)
    return _day(day) + _minute(minute) + _second(of_minute_ms)


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return iso(number * DAY_MS)[:11]


@lru_cache(maxsize=4096)
def _minute(number: int) -> str:
    return iso(number * 60_000)[11:17]


@lru_cache(maxsize=4096)
def _second(at_ms: int) -> str:
    return iso(at_ms)[17:]
