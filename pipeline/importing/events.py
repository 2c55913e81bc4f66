"""Rows into drafts of events, by a field map: pure. The map is resolved once, before rows are read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from pipeline.importing.conditions import condition_of
from pipeline.importing.context import Context
from pipeline.importing.documents import items_of
from pipeline.importing.drafts import TIME, Draft, told_at
from pipeline.importing.faults import Fault, Place, Refused, RowError
from pipeline.importing.field_map import EventMap, FieldMap
from pipeline.importing.lookups import Table
from pipeline.importing.map_values import Value
from pipeline.importing.moments import At, Day, Instant
from pipeline.importing.numbers import whole
from pipeline.importing.row_moments import at_of, row_day, row_moment
from pipeline.importing.row_texts import filled_text, row_text
from pipeline.importing.row_values import EMPTIED, UNTOLD, Pending, RowValue, currency_code, row_value
from pipeline.importing.texts import Row

OVER = frozenset({"converted", "disqualified"})
"""Statuses that close a lead."""
IN_ORDER = ("started_at", "answered_at", "ended_at")
SHARED_TIMES = (("created_at", "start"), ("started_at", "start"), ("closed_at", "end"), ("ended_at", "end"))
GATHER = "gather"


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
            lookups, field_map.zone, field_map.locale, frozenset(field_map.nothing), field_map.empty, now_ms, note_id
        )
        stages = field_map.closing_stages() | closing
        dated = any(table.dated for table in lookups.values())
        self._readers = [
            _EventReader(number, event_map, self.context, stages, dated=dated)
            for number, event_map in enumerate(field_map.events)
        ]

    def of(self, rows: Iterable[tuple[Place, Row | RowError]]) -> Iterator[Draft | Refused]:
        """All events of some rows, in the order of rows and of the map; of row 0 those that an import gives once."""
        readers = {once: [each for each in self._readers if each.once == once] for once in (False, True)}
        for place, row in rows:
            self.context.place = place
            if isinstance(row, RowError):
                yield Refused(place, row.fault, row.text)
                continue
            for reader in readers[place.number == 0]:
                yield from reader.of(row)


class _EventReader:
    """Reads one event of a map from rows."""

    def __init__(
        self, number: int, event_map: EventMap, context: Context, stages: frozenset[str], *, dated: bool
    ) -> None:
        self.once = event_map.once
        self._number, self._map, self._context, self._stages = number, event_map, context, stages
        self._conditions = [condition_of(condition, context) for condition in event_map.when]
        self._moment = row_moment(event_map.time, context)
        self._day = row_day(event_map.time, context) if dated else None
        self._subject = filled_text(event_map.subject, context)
        self._fields = _readers(event_map.data, event_map, context)
        self._gathered = {name: _readers(values, event_map, context) for name, values in event_map.gather.items()}
        self._sequence = _sequence(event_map.sequence, context)
        self._amounts = _amounts(event_map, context)
        self._is_ordered = any(name in event_map.data for name in IN_ORDER)

    def of(self, row: Row) -> list[Draft | Refused]:
        """Its events of a row."""
        if self._map.each is None:
            return self._of_item(row, None)
        return [made for item in items_of(row, self._map.each) for made in self._of_item(row, item)]

    def _of_item(self, row: Row, item: str | None) -> list[Draft | Refused]:
        context = self._context
        context.item, context.day = item, None
        try:
            for holds in self._conditions:
                if not holds(row):
                    return []
            return [self._draft(row)]
        except RowError as error:
            return [Refused(context.place, error.fault, error.text)]

    def _draft(self, row: Row) -> Draft:
        event_map, context = self._map, self._context
        moment = self._moment(row)
        if moment is None:
            raise RowError(Fault(event_map.time.name, f"is empty, and is the time of {event_map.type}"))
        if self._day is not None:
            context.day = self._day(moment, row)
        subject = self._subject(row)
        if not subject:
            raise RowError(Fault("", f"has nothing for the subject {event_map.subject}"))
        data, emptied = _told(self._fields, row)
        self._refuse_contradictions(data, row)
        closes = _closes(event_map.kind, data, self._stages)
        if isinstance(moment, Day):
            moment = moment.at(event_map.time.at or _default_at(event_map, closes), context.now_ms)
        backwards = self._is_ordered and _in_order(data)
        if isinstance(start := data.get("started_at"), Instant):
            moment = _not_before(moment, start)
        draft = Draft(
            context.place, self._number, event_map.type, subject, moment.at_ms, self._sequence(row), data, closes,
            backwards, event_map.keep, emptied=emptied,
        )  # fmt: skip
        if self._gathered:
            draft.keep, draft.items = GATHER, self._items(row)
        return _opened(draft, event_map.time, moment)

    def _items(self, row: Row) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for list_, fields in self._gathered.items():
            said, _ = _told(fields, row)
            item = {
                name: told_at(told.at_ms) if isinstance(told, Instant) else told
                for name, told in said.items()
                if told is not None
            }
            found |= {list_: item} if item else {}
        return found

    def _refuse_contradictions(self, data: Mapping[str, Any], row: Row) -> None:
        """An amount in one currency beside the name of another one is neither."""
        for name, value, currency in self._amounts if isinstance(data.get("currency"), str) else ():
            if data.get(name) is not None and (read := currency(row)) != data["currency"]:
                cure = "leave currency out of the value, and it is the row's"
                complaint = f"is read in {read}, and its currency is {data['currency']}"
                raise RowError(Fault(value.name, complaint, cure))


def _readers(values: Mapping[str, Value], event_map: EventMap, context: Context) -> list[tuple[str, RowValue]]:
    currency = event_map.data.get("currency")
    return [(name, row_value(value, context, name, currency)) for name, value in values.items()]


def _told(fields: Iterable[tuple[str, RowValue]], row: Row) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a row says, and the fields of which its text is empty without a word on what that means."""
    data: dict[str, Any] = {}
    emptied: tuple[str, ...] = ()
    for name, read in fields:
        told = read(row)
        if told is EMPTIED:
            emptied += (name,)
        elif told is not UNTOLD:
            data[name] = told
    return data, emptied


def _amounts(event_map: EventMap, context: Context) -> list[tuple[str, Value, Callable[[Row], str]]]:
    """Amounts with a currency of their own."""
    return [
        (name, value, currency_code(value.currency, context))
        for name, value in event_map.data.items()
        if value.parse == "money" and value.currency is not None
    ]


def _opened(draft: Draft, time: Value, moment: Instant) -> Draft:
    """Instants as texts; what is not known yet apart."""
    data = draft.data
    for name, told in data.items():
        if type(told) is Instant:
            data[name] = told_at(told.at_ms)
        elif type(told) is Pending:
            draft.open[name] = told
    for name in draft.open:
        del data[name]
    if time.over is not None:
        draft.open[TIME] = Pending(time.name, time.over == "latest", moment)
    return draft


def _sequence(value: Value, context: Context) -> Callable[[Row], int]:
    constant = value.constant
    if isinstance(constant, int):
        return lambda _: constant
    text_of, locale = row_text(value, context), value.locale or context.locale

    def sequence(row: Row) -> int:
        text = text_of(row)
        if not text:
            raise RowError(Fault(value.name, "is empty, and is the sequence"))
        try:
            return whole(text, locale)
        except ValueError as error:
            raise RowError(Fault(value.name, f"{error}, and is the sequence"), text) from None

    return sequence


def _closes(kind: str, data: Mapping[str, Any], stages: frozenset[str]) -> bool | None:
    if kind == "deal" and isinstance(stage := data.get("stage_id"), str):
        return stage in stages
    if kind == "lead" and isinstance(status := data.get("status"), str):
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
