"""When something in a row happened: an instant, or a day where the row has no time of it. Resolved once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.core import get_global

from pipeline.importing import durations
from pipeline.importing.clocks import Clocks
from pipeline.importing.context import Context
from pipeline.importing.faults import Fault, RowError
from pipeline.importing.formats import Stamp, read_stamp
from pipeline.importing.map_values import Value
from pipeline.importing.moments import (
    OUTSIDE,
    At,
    Day,
    Instant,
    day_of,
    has_zone,
    instant_of,
    is_utc_midnight,
    local_day,
)
from pipeline.importing.remembered import remembered
from pipeline.importing.row_texts import RowText, require_filled, row_error, row_text
from pipeline.importing.texts import NotReadError, PlainStamp, Row
from schemas.zones import zone_info

RowZone = Callable[[Row], ZoneInfo]
OPENS = frozenset({"created_at", "started_at", "booked_at", "valid_from"})
CLOSES = frozenset({"closed_at", "ended_at", "valid_to"})


class Moments:
    """Reads the moments of one value, whatever `parse` says of it."""

    def __init__(self, value: Value, context: Context) -> None:
        self._value = value
        self._locale = value.locale or context.locale or "en"
        self._declared_zone = _row_zone(value, context)
        self._clocks = Clocks(value.format, midnights=value.at is None)
        self._plus = [(row_text(part, context), _length(part, context)) for part in value.plus]

    def of(self, text: str, row: Row) -> Instant | Day:
        """What a text that is not empty stands for."""
        at_ms = self._clocks.at_ms(text, self._declared_zone, row) if type(text) is str else None
        moment = self._read(text, row) if at_ms is None else Instant(at_ms)
        if not self._plus or isinstance(moment, Day):
            return moment
        added_ms = sum([length(said) for find, length in self._plus if (said := find(row))])
        with self._reading(text):
            return moment.plus(added_ms)

    def stamp(self, text: str) -> Stamp:
        """The wall clock or day of a text."""
        formats = ("iso",) if isinstance(text, PlainStamp) else self._value.format
        with self._reading(text):
            return read_stamp(text, formats, self._locale)

    def day(self, text: str, row: Row) -> date:
        """The day that a text stands for, in the declared zone where it says another one."""
        stamp = self.stamp(text)
        zone = self.zone(stamp, row) if has_zone(stamp) and not is_utc_midnight(stamp) else None
        with self._reading(text):
            return local_day(stamp, zone)

    def zone(self, stamp: Stamp, row: Row) -> ZoneInfo:
        """The zone that a stamp names, else the one that is declared."""
        if stamp.zone is None:
            return self._declared_zone(row)
        try:
            return zone_info(stamp.zone)
        except ValueError as error:
            raise row_error(self._value.name, stamp.zone, error) from None

    def _read(self, text: str, row: Row) -> Instant | Day:
        stamp = self.stamp(text)
        if stamp.day_only or (self._value.at is not None and is_utc_midnight(stamp)):
            if any(find(row) for find, _ in self._plus):
                raise RowError(Fault(self._value.name, "is a day, to which no length of time can be added"), text)
            declared = self.zone(stamp, row)
            with self._reading(text):
                return day_of(stamp, declared)
        zone = None if stamp.offset_seconds is not None else self.zone(stamp, row)
        with self._reading(text):
            instant = instant_of(stamp, zone)
        if type(text) is str:
            self._clocks.learn(text, stamp)
        return instant

    @contextmanager
    def _reading(self, text: str) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise row_error(self._value.name, text, error) from None
        except ArithmeticError:
            raise row_error(self._value.name, text, NotReadError(OUTSIDE)) from None


def row_moment(value: Value, context: Context) -> Callable[[Row], Instant | Day | None]:
    """The moment that a value tells of a row; None where its text is empty."""
    text_of, moments = row_text(value, context), Moments(value, context)

    def moment(row: Row) -> Instant | Day | None:
        text = text_of(row)
        if text:
            return moments.of(text, row)
        require_filled(value)
        return None

    return moment


def row_day(value: Value, context: Context) -> Callable[[Instant | Day, Row], date]:
    """The day on which something happened, in the zone that is declared for it; in UTC where none is."""
    zone = None if value.zone is None and context.zone is None else _row_zone(value, context)

    def day(moment: Instant | Day, row: Row) -> date:
        if isinstance(moment, Day):
            return moment.day
        return datetime.fromtimestamp(moment.at_ms / 1000, UTC if zone is None else zone(row)).date()

    return day


def at_of(value: Value, name: str) -> At:
    """Which instant a day of this field stands for: the start of it for what opens, the end for what closes."""
    if value.at is not None:
        return value.at
    return "start" if name in OPENS else "end" if name in CLOSES else "noon"


def _row_zone(value: Value, context: Context) -> RowZone:
    """The declared zone."""
    source = value.zone or context.zone
    if source is None:
        return _no_zone(value)
    if source.is_fixed:
        fixed = zone_info(str(source.constant))
        return lambda _: fixed
    text_of: RowText = row_text(source, context)

    def zone(row: Row) -> ZoneInfo:
        name = text_of(row) or ""
        if not name:
            raise RowError(Fault(source.name, "is empty, and should be a time zone"))
        try:
            return zone_info(name)
        except ValueError:
            iana = get_global("windows_zone_mapping").get(name)
            cure = f"write {iana} under values" if iana else "write an IANA name such as Europe/Berlin"
            raise RowError(Fault(source.name, "is not a time zone", cure), name) from None

    return zone


def _no_zone(value: Value) -> RowZone:
    def none(_: Row) -> ZoneInfo:
        raise RowError(Fault(value.name, "has no time zone, and neither has the map", "declare zone", of_map=True))

    return none


def _length(part: Value, context: Context) -> Callable[[str], int]:
    """How many milliseconds a text that is not empty adds."""
    locale = part.locale or context.locale

    def length(text: str) -> int:
        try:
            return round(durations.seconds(text, locale, part.unit) * 1000)
        except (ValueError, ArithmeticError) as error:
            raise row_error(part.name, text, error) from None

    return remembered(length)
