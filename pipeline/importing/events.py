"""Rows into events, by a field map: pure. What all rows of an object decide is left open until all were read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from pipeline.importing.documents import items_of
from pipeline.importing.faults import Fault, Place, Refused, RowError
from pipeline.importing.field_map import EventMap, FieldMap
from pipeline.importing.lookups import Table
from pipeline.importing.moments import At, Day, Instant
from pipeline.importing.numbers import whole
from pipeline.importing.texts import Row
from pipeline.importing.values import (
    EMPTIED,
    UNTOLD,
    Context,
    Pending,
    at_of,
    currency_of,
    day_of,
    fill,
    holds,
    read_moment,
    read_value,
    text_of,
)
from pipeline.sending.event import content_of, id_of
from schemas.events import iso

_iso = lru_cache(maxsize=4096)(iso)
"""Several times of an event are the same ones."""
OVER = frozenset({"converted", "disqualified"})
"""Statuses that close a lead."""
IN_ORDER = ("started_at", "answered_at", "ended_at")
SHARED_TIMES = (("created_at", "start"), ("started_at", "start"), ("closed_at", "end"), ("ended_at", "end"))
TIME = "time"
GATHER = "gather"


@dataclass(slots=True)
class Draft:
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
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the row adds to lists of the event."""
    open: dict[str, Pending] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    """Fields of which the text is empty, and nobody says whether that tells anything."""


class Drafting:
    """Makes drafts of rows by a map, stretch after stretch. `closing` are stages that end a deal, beside the map's."""

    def __init__(
        self,
        field_map: FieldMap,
        lookups: Mapping[str, Table],
        now_ms: int,
        closing: frozenset[str] = frozenset(),
        note_id: Callable[[str, str], None] | None = None,
    ) -> None:
        self.context = Context(
            lookups, field_map.zone, field_map.locale, frozenset(field_map.nothing), field_map.empty, now_ms,
            note_id=note_id,
        )  # fmt: skip
        self._map = field_map
        self._stages = field_map.closing_stages() | closing
        self._dated = any(table.dated for table in lookups.values())

    def of(self, rows: Iterable[tuple[Place, Row | RowError]]) -> Iterator[Draft | Refused]:
        """All events of some rows, in the order of rows and of the map; of row 0 those that an import gives once."""
        for place, row in rows:
            self.context.place = place
            if isinstance(row, RowError):
                yield Refused(place, row.fault, row.text)
                continue
            for number, event_map in enumerate(self._map.events):
                if event_map.once == (place.number == 0):
                    yield from self._of_row(number, event_map, row)

    def _of_row(self, number: int, event_map: EventMap, row: Row) -> Iterator[Draft | Refused]:
        context = self.context
        items = [None] if event_map.each is None else items_of(row, event_map.each)
        for item in items:
            context.item, context.day = item, None
            try:
                if all(holds(condition, row, context) for condition in event_map.when):
                    yield _draft(number, event_map, row, context, self._stages, self._dated)
            except RowError as error:
                yield Refused(context.place, error.fault, error.text)


def event_of(draft: Draft, source: str, ingested_ms: int) -> tuple[dict[str, Any], bytes]:
    """The CloudEvent of a draft in which nothing is open any more, and its JSON; its id follows from its content."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "source": source,
        "type": draft.type,
        "subject": draft.subject,
        "time": _iso(draft.time_ms),
        "sequence": draft.sequence,
        "data": draft.data,
    }
    content = content_of(event)
    event["id"] = id_of(content)
    event["ingested"] = _iso(ingested_ms)
    return event, content[:-1] + f',"id":"{event["id"]}","ingested":"{event["ingested"]}"}}'.encode()


def _draft(number: int, event_map: EventMap, row: Row, context: Context, stages: frozenset[str], dated: bool) -> Draft:
    moment = read_moment(event_map.time, row, context)
    if moment is None:
        raise RowError(Fault(event_map.time.name, f"is empty, and is the time of {event_map.type}"))
    if dated:
        context.day = day_of(moment, event_map.time, row, context)
    subject = fill(event_map.subject, row, context)
    if not subject:
        raise RowError(Fault("", f"has nothing for the subject {event_map.subject}"))
    context.currency = event_map.data.get("currency")
    data = {name: read_value(value, row, context, name) for name, value in event_map.data.items()}
    emptied = tuple(name for name, told in data.items() if told is EMPTIED)
    data = {name: told for name, told in data.items() if told is not UNTOLD and told is not EMPTIED}
    _refuse_contradictions(event_map, data, row, context)
    closes = _closes(event_map, data, stages)
    if isinstance(moment, Day):
        moment = moment.at(event_map.time.at or _default_at(event_map, closes), context.now_ms)
    backwards = _in_order(data)
    if isinstance(start := data.get("started_at"), Instant):
        moment = _not_before(moment, start)
    draft = Draft(
        context.place, number, event_map.type, subject, moment.at_ms, _sequence(event_map, row, context), data,
        closes, backwards, event_map.keep, emptied=emptied,
    )  # fmt: skip
    if event_map.gather:
        draft.keep, draft.items = GATHER, _items(event_map, row, context)
    return _opened(draft, event_map, moment)


def _items(event_map: EventMap, row: Row, context: Context) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for list_, values in event_map.gather.items():
        said = {name: read_value(value, row, context, name) for name, value in values.items()}
        item = {
            name: _iso(told.at_ms) if isinstance(told, Instant) else told
            for name, told in said.items()
            if told is not None and told is not UNTOLD and told is not EMPTIED
        }
        found |= {list_: item} if item else {}
    return found


def _opened(draft: Draft, event_map: EventMap, moment: Instant) -> Draft:
    """Instants as texts; what is not known yet apart."""
    for name, told in draft.data.items():
        if isinstance(told, Instant):
            draft.data[name] = _iso(told.at_ms)
        elif isinstance(told, Pending):
            draft.open[name] = told
    for name in draft.open:
        del draft.data[name]
    if event_map.time.over is not None:
        draft.open[TIME] = Pending(event_map.time.name, event_map.time.over == "latest", moment)
    return draft


def _sequence(event_map: EventMap, row: Row, context: Context) -> int:
    if isinstance(event_map.sequence.constant, int):
        return event_map.sequence.constant
    text = text_of(event_map.sequence, row, context)
    if not text:
        raise RowError(Fault(event_map.sequence.name, "is empty, and is the sequence"))
    try:
        return whole(text, event_map.sequence.locale or context.locale)
    except ValueError as error:
        raise RowError(Fault(event_map.sequence.name, f"{error}, and is the sequence"), text) from None


def _closes(event_map: EventMap, data: Mapping[str, Any], stages: frozenset[str]) -> bool | None:
    if event_map.kind == "deal" and isinstance(stage := data.get("stage_id"), str):
        return stage in stages
    if event_map.kind == "lead" and isinstance(status := data.get("status"), str):
        return status in OVER
    return None


def _default_at(event_map: EventMap, closes: bool | None) -> At:
    """Of a day that is an event's time: the end for what closes, the start for what opens, else noon."""
    if closes or event_map.type.endswith(".deleted"):
        return "end"
    for name, at in SHARED_TIMES:
        value = event_map.data.get(name)
        if value is not None and value.own_columns() == event_map.time.own_columns() != []:
            return at_of(value, name) if value.at is not None else ("end" if at == "end" else "start")
    return "noon"


def _in_order(data: dict[str, Any]) -> bool:
    """Move what ends before it begins to the later of its two instants, where it has two; whether some is left."""
    told = [name for name in IN_ORDER if isinstance(data.get(name), Instant)]
    backwards = False
    for before, after in pairwise(told):
        data[after] = _not_before(data[after], data[before])
        backwards = backwards or data[after].at_ms < data[before].at_ms
    return backwards


def _not_before(instant: Instant, start: Instant) -> Instant:
    if instant.at_ms >= start.at_ms or instant.later_ms is None or instant.later_ms < start.at_ms:
        return instant
    return Instant(instant.later_ms)


def _refuse_contradictions(event_map: EventMap, data: Mapping[str, Any], row: Row, context: Context) -> None:
    """An amount in one currency beside the name of another one is neither."""
    beside = data.get("currency")
    if not isinstance(beside, str):
        return
    for name, value in event_map.data.items():
        if value.parse == "money" and value.currency is not None and data.get(name) is not None:
            read = currency_of(value, row, context)
            if read != beside:
                cure = "leave currency out of the value, and it is the row's"
                raise RowError(Fault(value.name, f"is read in {read}, and its currency is {beside}", cure))
