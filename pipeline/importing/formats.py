"""Dates and times as a declared format writes them, by rules of our own: no machine's zone or language has a say.

Pure; ValueError for a text that is none.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pipeline.importing.numbers import bounded, locale_of, require_short
from pipeline.importing.texts import NotReadError

EPOCHS = {
    "epoch_seconds": Decimal(10**6), "epoch_ms": Decimal(1000), "epoch_us": Decimal(1), "epoch_ns": Decimal("0.001"),
}  # fmt: skip
"""Microseconds in one of each."""
SERIALS = {"excel": datetime(1899, 12, 30), "excel_1904": datetime(1904, 1, 1)}  # noqa: DTZ001 (wall clocks)
FIRST_SURE_SERIAL = 61
"""Days before are one off in spreadsheets, which take 1900 for a leap year."""
NAMED = ("iso", *EPOCHS, *SERIALS)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
ISO = re.compile(
    r"(\d{4})(-?)(\d{2})\2(\d{2})"
    r"(?:[Tt ]\s*(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
UTC_NAMES = ("Z", "UTC", "GMT")
ZONE_NAME = r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)*"
DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "e": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})", "k": r"(?P<H>\d{1,2})", "I": r"(?P<I>\d{1,2})",
    "l": r"(?P<I>\d{1,2})", "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "f": r"(?P<f>\d{1,9})",
    "j": r"(?P<j>\d{1,3})", "z": r"(?P<z>[Zz]|[+-]\d{2}:?\d{2})", "Z": rf"(?P<Z>{ZONE_NAME})", "%": "%",
}  # fmt: skip
WHOLE = {"T": "%H:%M:%S", "D": "%m/%d/%y", "F": "%Y-%m-%d", "R": "%H:%M"}
DAY = ({"Y", "m", "d"}, {"y", "m", "d"}, {"Y", "b", "d"}, {"y", "b", "d"}, {"Y", "j"})


class Stamp(NamedTuple):
    """A wall clock, or a day alone, and what its text says of a zone: an offset, or the name of a zone."""

    local: datetime
    day_only: bool = False
    offset_seconds: int | None = None
    zone: str | None = None
    counted: bool = False
    """Whether it was counted from a beginning, so that a wrong unit gives another time."""


class Format(NamedTuple):
    """A pattern, made for a locale."""

    pattern: "re.Pattern[str]"
    months: dict[str, int]
    halves: dict[str, int]
    day_only: bool
    utc: bool


@lru_cache(maxsize=4096)
def read_stamp(text: str, formats: tuple[str, ...], locale: str) -> Stamp:
    """The stamp that a text is in the first format that reads it; two that read it differently are a contradiction."""
    found: list[tuple[str, Stamp]] = []
    first_error: ValueError | None = None
    for name in formats:
        try:
            found.append((name, _read(text, name, locale)))
        except ValueError as error:
            first_error = first_error or error
    if not found:
        raise first_error or NotReadError("is no time")
    if any(stamp[:4] != found[0][1][:4] for _, stamp in found):
        names = " and ".join(name for name, _ in found)
        raise NotReadError(f"is another time by each of {names}", "leave one of the formats out")
    return found[0][1]


def check_format(name: str, locale: str) -> None:
    """Called for every format of a map; ValueError for one that nobody knows."""
    if name not in NAMED:
        _format(name, locale)


def _read(text: str, name: str, locale: str) -> Stamp:
    if name == "iso":
        return _iso(text)
    if name in EPOCHS:
        return _epoch(text, name)
    if name in SERIALS:
        return _serial(text, name)
    return _by_pattern(text, _format(name, locale), name)


def _iso(text: str) -> Stamp:
    read = ISO.fullmatch(text)
    if read is None:
        raise NotReadError("is no date or time in ISO 8601", "declare its format")
    year, _, month, day, hour, minute, second, fraction, zone = read.groups()
    if hour is None:
        return Stamp(_wall(int(year), int(month), int(day)), day_only=True)
    midnight = (hour, minute, second or "00") == ("24", "00", "00")
    local = _wall(int(year), int(month), int(day), 0 if midnight else int(hour), int(minute), int(second or 0))
    local += timedelta(days=midnight, microseconds=int((fraction or "0")[:6].ljust(6, "0")))
    return Stamp(local, offset_seconds=None if zone is None else _offset(zone))


def _epoch(text: str, name: str) -> Stamp:
    count = _decimal(text, name)
    try:
        return Stamp(EPOCH + timedelta(microseconds=int(count * EPOCHS[name])), offset_seconds=0, counted=True)
    except OverflowError:
        raise NotReadError(f"is too large for {name}", "is it of another unit?") from None


def _serial(text: str, name: str) -> Stamp:
    days = _decimal(text, name)
    if days < FIRST_SURE_SERIAL:
        raise NotReadError("is no day of a spreadsheet after February 1900")
    try:
        local = SERIALS[name] + timedelta(milliseconds=round(days * 86_400_000))
    except OverflowError:
        raise NotReadError("is too large for a day of a spreadsheet") from None
    return Stamp(local, day_only=days == days.to_integral_value())


def _decimal(text: str, name: str) -> Decimal:
    require_short(text)
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise NotReadError(f"is no {name}")
    return bounded(Decimal(text))


def _by_pattern(text: str, form: Format, name: str) -> Stamp:
    read = form.pattern.fullmatch(text)
    if read is None:
        raise NotReadError(f"is not written as {name}")
    part = read.groupdict()
    year = int(part["Y"]) if part.get("Y") else _century(int(part["y"]))
    if part.get("j"):
        day = date(year, 1, 1) + timedelta(days=int(part["j"]) - 1)
        if day.year != year or int(part["j"]) < 1:
            raise NotReadError("is a day that the year does not have")
    else:
        month = int(part["m"]) if part.get("m") else form.months[_bare(part["b"])]
        day = _wall(year, month, int(part["d"])).date()
    hour = _hour(part, form)
    local = _wall(day.year, day.month, day.day, hour, int(part.get("M") or 0), int(part.get("S") or 0))
    local += timedelta(microseconds=int((part.get("f") or "0")[:6].ljust(6, "0")))
    offset, zone = _zone(part, form)
    return Stamp(local, form.day_only, offset, zone)


def _hour(part: dict[str, str], form: Format) -> int:
    if not part.get("I"):
        return int(part.get("H") or 0)
    hour = int(part["I"])
    if not 1 <= hour <= 12:
        raise NotReadError("has an hour that no half of a day has")
    return hour % 12 + form.halves[_bare(part["p"])]


def _zone(part: dict[str, str], form: Format) -> tuple[int | None, str | None]:
    """What the text says of its zone: an abbreviation such as EST is that of several, so none."""
    if part.get("z"):
        return _offset(part["z"]), None
    name = part.get("Z")
    if name is None:
        return (0, None) if form.utc else (None, None)
    if name.upper() in UTC_NAMES:
        return 0, None
    if "/" not in name:
        raise NotReadError("ends with an abbreviation that several zones have", "leave it out, and declare the zone")
    return None, name


def _offset(text: str) -> int:
    if text.upper() in UTC_NAMES:
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 15 or minutes > 59:
        raise NotReadError("has an offset that no zone has")
    return (-1 if text[0] == "-" else 1) * (hours * 3600 + minutes * 60)


def _wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (a wall clock)
    except ValueError:
        raise NotReadError("is a day or time that there is not") from None


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


@lru_cache(maxsize=256)
def _format(name: str, locale: str) -> Format:
    """A pattern as for strptime, made into a regular expression."""
    if "%" not in name:
        raise ValueError(f"unknown format {name!r}; allowed: {', '.join(NAMED)}, or a pattern such as %d.%m.%Y %H:%M")
    for letter, whole in WHOLE.items():
        name = name.replace(f"%{letter}", whole)
    months, halves = _names(locale, "months"), _halves(locale)
    made, given, rest = "", [], re.sub(r"%-(?=[a-zA-Z])", "%", name)
    for literal, letter in re.findall(r"([^%]*)(?:%(.))?", rest):
        made += re.sub(r"(?:\\\s)+|\s+", r"\\s+", re.escape(literal))
        if letter:
            made += _directive(letter, locale, months, halves)
            given.append({"B": "b", "e": "d", "k": "H", "l": "I"}.get(letter, letter))
    last = rest.rpartition("%")[2][1:].strip(" ()[]")
    _check(name, given, last)
    day_only = not {"H", "I"} & set(given)
    return Format(re.compile(made, re.IGNORECASE), months, halves, day_only, last.upper() in UTC_NAMES)


def _check(name: str, given: list[str], last: str) -> None:
    if len(set(given)) != len(given):
        raise ValueError(f"the format {name!r} has a directive twice")
    if not any(day <= set(given) for day in DAY):
        raise ValueError(f"the format {name!r} has no whole day: year, month and day, or year and %j")
    if ("I" in given) != ("p" in given):
        raise ValueError(f"the format {name!r} has %I without %p, or %p without %I")
    if re.fullmatch("[A-Z]{2,5}", last) and last not in UTC_NAMES:
        raise ValueError(f"the format {name!r} ends with {last}; write %Z for a zone, or declare it under zone")


def _directive(letter: str, locale: str, months: dict[str, int], halves: dict[str, int]) -> str:
    if letter in DIRECTIVES:
        return DIRECTIVES[letter]
    if letter in "bB":
        return rf"(?P<b>{_any(months)})\.?"
    if letter in "aA":
        return rf"(?:{_any(_names(locale, 'days'))})\.?"
    if letter == "p":
        return rf"(?P<p>{_any(halves)})"
    known = ", ".join(f"%{each}" for each in sorted([*DIRECTIVES, *WHOLE, *"bBaAp"]))
    raise ValueError(f"unknown directive %{letter}; allowed: {known}")


def _any(names: dict[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=64)
def _names(locale: str, which: str) -> dict[str, int]:
    """Names of months or days in a language, whole and abbreviated, without a point at the end."""
    of = getattr(locale_of(locale), which)
    return {
        _bare(name): number
        for context in of.values()
        for width in ("wide", "abbreviated")
        for number, name in context.get(width, {}).items()
    }


@lru_cache(maxsize=64)
def _halves(locale: str) -> dict[str, int]:
    of = locale_of(locale).day_periods["format"]
    named = {
        _bare(width[half]): hours for width in of.values() for half, hours in (("am", 0), ("pm", 12)) if half in width
    }
    return {"am": 0, "pm": 12, "a.m": 0, "p.m": 12} | named


def _bare(name: str) -> str:
    """A name as patterns match it, which take i, dotless i and dotted I for one."""
    plain = name.casefold().replace("\u0131", "i").replace("\u0307", "")
    return plain.rstrip(".").replace("\u202f", " ").replace("\u00a0", " ")
