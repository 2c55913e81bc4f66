"""Lengths of time: numbers of a unit, clocks, ISO 8601 and words. Pure; ValueError for a text that is none."""

import re
from decimal import Decimal
from functools import lru_cache

from pipeline.importing.numbers import MINUS, bounded, number, require_short
from pipeline.importing.texts import NotReadError, PlainNumber

UNITS = {"ms": Decimal("0.001"), "s": Decimal(1), "min": Decimal(60), "h": Decimal(3600), "d": Decimal(86_400)}
WORDS = {
    "ms": ("ms", "msec", "millis", "milliseconds", "millisecond"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
UNIT_OF = {word: unit for unit, words in WORDS.items() for word in words}
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2})(?:[.,](\d+))?")
ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")
PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)\.?[\s,]*")


@lru_cache(maxsize=4096, typed=True)
def seconds(text: str, locale: str | None, unit: str = "s") -> float:
    """Seconds from `HH:MM:SS`, `MM:SS`, `PT1M30S`, `1h 2m`, `90s`, or a number of the unit; negative where it is."""
    require_short(text)
    if isinstance(text, PlainNumber):
        return float(number(text, locale) * UNITS[unit])
    sign, rest = (-1, text[1:].lstrip()) if text[:1] in MINUS and text else (1, text)
    for read in (_clock, _iso, _words):
        found = read(rest)
        if found is not None:
            return float(sign * bounded(found))
    return float(number(text, locale) * UNITS[unit])


def _clock(text: str) -> Decimal | None:
    read = CLOCK.fullmatch(text)
    if read is None:
        return None
    hours, minutes, whole, fraction = read.groups()
    if int(whole) > 59 or (hours is not None and int(minutes) > 59):
        raise NotReadError("is no clock: minutes and seconds end at 59")
    return int(hours or 0) * 3600 + int(minutes) * 60 + Decimal(f"{whole}.{fraction or 0}")


def _iso(text: str) -> Decimal | None:
    read = ISO.fullmatch(text.upper())
    if read is None or not any(read.groups()):
        return None
    days, hours, minutes, rest = (Decimal((part or "0").replace(",", ".")) for part in read.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + rest


def _words(text: str) -> Decimal | None:
    """`1h 2m`: each unit once, larger ones first."""
    lower, total, largest = text.casefold(), Decimal(0), Decimal(10**9)
    if not re.fullmatch(rf"(?:{PART.pattern})+", lower):
        return None
    for count, word in PART.findall(lower):
        size = UNITS.get(UNIT_OF.get(word, ""))
        if size is None or size >= largest:
            raise NotReadError("is no duration", "write HH:MM:SS, PT1M30S, 1h 2m, 90s or a number")
        total, largest = total + Decimal(count.replace(",", ".")) * size, size
    return total
