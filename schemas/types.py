"""The small types every schema is made of: ids, instants, durations, money."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from schemas.ids import LONGEST_BYTES, kept_id, printable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
"""Dates and instants outside of these years are mistakes."""
LIMIT_MS = (LAST_DAY - FIRST_DAY).days * 86_400_000 + 86_400_000
"""The first instant after them, epoch milliseconds."""


MOMENT = "allowed is a time with its zone, such as 2026-11-23T10:15:00Z"
DAY = "allowed is a day, such as 2026-11-23"

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]+))?)?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):?([0-5][0-9]))"
).fullmatch
"""Date, hour, minute, second, fraction; sign, hours and minutes of the offset. Seconds and the last colon may lack."""


def instant_ms(given: str) -> int:
    """Epoch milliseconds of an RFC 3339 time, whatever is finer cut off; ValueError for anything else.

    The only reader of times on the wire: what it takes does not depend on a library's or Python's version.
    """
    read = _RFC3339(given)
    if read is None:
        raise ValueError(MOMENT)
    day, hour, minute, second, fraction, sign, offset_hours, offset_minutes = read.groups()
    minutes = int(hour) * 60 + int(minute)
    if sign is not None:
        minutes -= int(f"{sign}1") * (int(offset_hours) * 60 + int(offset_minutes))
    try:
        days = date.fromisoformat(day).toordinal() - FIRST_DAY.toordinal()
    except ValueError:
        raise ValueError(MOMENT) from None
    fraction_ms = int(fraction[:3].ljust(3, "0")) if fraction else 0
    return _plausible(days * 86_400_000 + minutes * 60_000 + int(second or 0) * 1000 + fraction_ms)


def _plausible(at_ms: int) -> int:
    if not 0 <= at_ms < LIMIT_MS:
        raise ValueError("instants lie between 1970 and 2199")
    return at_ms


def to_ms(instant: datetime) -> int:
    """Epoch milliseconds of an aware datetime, rounded down."""
    since = instant - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def plausible_ms(instant: datetime) -> int:
    """Epoch milliseconds; ValueError outside of the years in which events happen."""
    return _plausible(to_ms(instant))


def plausible_date(given: date) -> date:
    """The date itself; ValueError outside of the years in which events happen."""
    if not FIRST_DAY <= given <= LAST_DAY:
        raise ValueError("dates lie between 1970 and 2199")
    return given


def seconds_to_ms(seconds: float) -> int:
    """Milliseconds of a duration given in seconds."""
    return round(seconds * 1000)


def _rfc3339(value: object) -> object:
    """Read a date and time; a number in quotes is none, however well it could be guessed."""
    return _EPOCH + timedelta(milliseconds=instant_ms(value)) if isinstance(value, str) else value


def _iso_date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value if len(value) == 10 else "")
    except ValueError:
        raise ValueError(DAY) from None


_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_BYTES, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"}

Id = Annotated[str, AfterValidator(kept_id), WithJsonSchema(_TEXT)]
"""An id of an object, person or source, as a source writes it; once read as it is kept (see `schemas.ids`)."""

SOURCE = "allowed is the name or URI of a system: it begins with a letter, and is nobody's address or telephone number"
_SYSTEM = re.compile(r"[A-Za-z/]|[^\x00-\x7f]").match
_PERSON = re.compile(r"(?:mailto|tel|sips?|sms|callto):|[^/@]+@[^/@]+\.[^/@]+\Z", re.IGNORECASE).match


def system_name(given: str) -> str:
    """The source of an event as it is kept; ValueError for what is no system's name, but somebody's address or number.

    A source stands in labels, states and logs, and is shown to everybody.
    """
    kept = kept_id(given)
    if not _SYSTEM(given) or _PERSON(given):
        raise ValueError(SOURCE)
    return kept


Source = Annotated[
    str,
    AfterValidator(system_name),
    WithJsonSchema({**_TEXT, "pattern": r"^([A-Za-z/]|[^\u0000-\u007f])[^\u0000-\u001f\u007f-\u009f]*$"}),
]
"""The system that an event comes from, a URI or a name; once read as it is kept, as ids are."""

EventId = Annotated[str, AfterValidator(printable), WithJsonSchema(_TEXT)]
"""The id of an event: it is compared, and never part of a key."""

Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
"""The name of a queue, stage or category."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code."""

AmountMinor = Annotated[int, Field(ge=-(10**15), le=10**15)]
"""Money in minor units (cents) of the currency beside it."""

WHOLE_SHARE_BP = 10_000
"""The whole of which a share is a part, in basis points."""
ShareBp = Annotated[int, Field(ge=1, le=WHOLE_SHARE_BP)]
"""A share in basis points: 2500 are 25 %."""

Month = Annotated[int, Field(ge=1, le=12)]

if TYPE_CHECKING:
    Instant = int
    """Epoch milliseconds; on the wire RFC 3339 with a zone. What is finer is cut off."""
    Milliseconds = int
    """A duration in milliseconds; on the wire seconds, with fractions if need be."""
else:
    Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(plausible_ms)]
    Milliseconds = Annotated[float, Field(ge=0, le=7 * 86400, allow_inf_nan=False), AfterValidator(seconds_to_ms)]

LocalDate = Annotated[date, BeforeValidator(_iso_date), AfterValidator(plausible_date)]
"""A calendar date without zone, `2026-11-23`."""


class WireModel(BaseModel):
    """Base of everything that crosses a wire: strict, immutable, tolerant of fields it does not know yet.

    The docstrings of its fields are the descriptions in the JSON schemas.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Change(WireModel):
    """A partial update: a field that is absent is unchanged, one that is null is cleared."""

    PERIOD: ClassVar[tuple[str, str] | None] = None
    """Two fields, of which the second is no earlier than the first where an event gives both."""

    def changes(self) -> dict[str, object]:
        """The fields that were given, by name, null ones as None."""
        return {name: getattr(self, name) for name in self.__pydantic_fields_set__}


class Nothing(WireModel):
    """Data of a deletion or restoration: none."""


class Merge(WireModel):
    """Data of a merge: the subject is merged into another object."""

    into: Id
    """The id of the surviving object, of the same kind."""
