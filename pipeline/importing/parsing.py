"""Texts of an export as ids, numbers, flags, durations and stamps. Pure; ValueError for a text that is none."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import NumberFormatError, parse_decimal

from pipeline.organisation.minor_units import minor_digits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = time(12)
YES, NO = ("true", "yes", "y", "1"), ("false", "no", "n", "0")


@lru_cache(maxsize=65_536)
def slug(text: str) -> str:
    """A name as an id: lower case without accents, everything else a hyphen."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if any(letter.isalnum() and not letter.isascii() for letter in plain):
        raise ValueError(f"{text!r} cannot be written as an id; list it under values")
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not made or len(made) > 64:
        raise ValueError(f"{text!r} does not yield an id of 1 to 64 characters")
    return made


def number(text: str, locale: str) -> Decimal:
    """A number as people of the locale write it, exact."""
    try:
        read = parse_decimal(text, locale=locale)
    except (NumberFormatError, InvalidOperation) as error:
        raise ValueError(str(error)) from error
    if not read.is_finite():
        raise ValueError(f"{text!r} is not finite")
    return read


def whole(text: str, locale: str) -> int:
    """A number without a fraction."""
    return _exact(number(text, locale))


def money(text: str, locale: str, currency: str) -> int:
    """An amount in minor units of the currency (ISO 4217 says how many a unit has)."""
    return _exact(number(text, locale).scaleb(minor_digits(currency)))


def flag(text: str) -> bool:
    """Yes or no, in one of the usual ways."""
    word = text.casefold()
    if word not in YES + NO:
        raise ValueError(f"{text!r} is neither yes nor no")
    return word in YES


def seconds(text: str, locale: str) -> float:
    """Seconds from `HH:MM:SS`, `MM:SS` or a number of seconds."""
    parts = text.split(":")
    if len(parts) == 1:
        return float(number(text, locale))
    hours, minutes, rest = [0, *map(int, parts)][-3:]
    if len(parts) > 3 or min(hours, minutes, rest) < 0 or max(minutes, rest) > 59:
        raise ValueError(f"{text!r} is not a duration")
    return float(hours * 3600 + minutes * 60 + rest)


def day(text: str, form: str | None) -> date:
    """A calendar date, ISO 8601 where no format is given."""
    return date.fromisoformat(text) if form is None else datetime.strptime(text, form).date()  # noqa: DTZ007


def stamp(text: str, form: str | None) -> datetime:
    """A point in time, with a zone where the text has one; a date alone stands for its noon."""
    if form in ("epoch_seconds", "epoch_ms"):
        count = Decimal(text) * (1 if form == "epoch_ms" else 1000)
        return EPOCH + timedelta(milliseconds=int(count))
    if form is None:
        dateless = len(text) == len("2026-11-23")
        return datetime.combine(date.fromisoformat(text), NOON) if dateless else datetime.fromisoformat(text)
    read = datetime.strptime(text, form)  # noqa: DTZ007
    return read if re.search(r"%[HIcXT]", form) else datetime.combine(read.date(), NOON)


def _exact(read: Decimal) -> int:
    if read != read.to_integral_value():
        raise ValueError(f"{read} has a fraction")
    return int(read)
