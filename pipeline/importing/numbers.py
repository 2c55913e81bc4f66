"""Numbers and amounts as a declared locale writes them. Pure; ValueError, with a cure, for a text that is none."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_symbol, list_currencies

from pipeline.importing.texts import NotReadError, PlainNumber
from pipeline.organisation.minor_units import minor_digits

MINUS = "-−"
SPACES = " \u00a0\u202f\u2009"
"""Whatever a locale takes to part groups of digits with, a file may have any of these spaces for it."""
APOSTROPHES = "'’"
SIGNS = r"[$¢£¤¥฿₠-₿﷼＄￡￥]"
MARK = rf"(?:[^\W\d_]{{1,5}}\.?|[A-Za-z]{{0,3}}{SIGNS})"
AMOUNT = re.compile(
    rf"(?P<sign>[{MINUS}+]?)\s*(?P<before>{MARK})?\s*(?P<sign2>[{MINUS}+]?)(?P<digits>[.,٫]?\d(?:.*\d)?)\s*"
    rf"(?P<after>{MARK})?(?P<sign3>[{MINUS}]?)"
)
MOST_LETTERS, MOST_PLACES, MOST_DECIMALS = 400, 20, 400
"""Of a number that anything counts: what is longer takes minutes to be made a whole number, or a text."""
ZEROS = "0٠۰०"
"""No group of digits begins with one."""
PARTED = re.compile(r"\d[.,]\d")
ANOTHER_LOCALE = "declare locale ="
"""How the cure begins of a number that another locale would read."""
AMBIGUOUS_SIGNS = frozenset("$¥")


class Notation(NamedTuple):
    """How a locale writes numbers."""

    pattern: "re.Pattern[str]"
    point: str


@lru_cache(maxsize=64)
def locale_of(name: str) -> Locale:
    """The locale of that name, `de` or `de_CH`; ValueError for one that nobody knows."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        raise ValueError(f"unknown locale {name!r}") from None


@lru_cache(maxsize=64)
def notation_of(name: str, digits: str) -> Notation:
    """Of a locale, with the symbols that belong to these digits (`latn` are those of ASCII)."""
    locale = locale_of(name)
    symbols = locale.number_symbols.get(digits) or locale.number_symbols["latn"]
    point, group = symbols["decimal"], symbols["group"]
    first, others = locale.decimal_formats[None].grouping
    groups = next((letters for letters in (SPACES, APOSTROPHES) if group in letters), group)
    parts = f"[{re.escape(groups)}]"
    grouped = rf"(?![{ZEROS}])\d{{1,{others}}}(?P<group>{parts})(?:\d{{{others}}}(?P=group))*\d{{{first}}}"
    pattern = rf"(?P<whole>{grouped}|\d+)?(?:{re.escape(point)}(?P<fraction>\d+))?"
    return Notation(re.compile(pattern), point)


def number(text: str, locale: str | None) -> Decimal:
    """A number as people of the locale write it, exact; `(1)` and `1-` are minus one.

    Where no locale is declared it is `en`; a text that means something else where a comma is the decimal point is
    refused then.
    """
    require_short(text)
    if isinstance(text, PlainNumber):
        return _plain(text)
    sign, digits = _signed(text)
    read = _unsigned(digits, locale or "en")
    if read is None:
        raise _not_read(digits, locale or "en")
    if locale is None and (other := _unsigned(digits, "de")) is not None and other != read:
        raise NotReadError(
            "is one number with a decimal point and another with a decimal comma", 'declare locale = "en" or "de"'
        )
    return sign * bounded(read)


def require_short(text: str) -> None:
    """Called before a text is looked at as a number; NotReadError for one that is none, it is so long."""
    if len(text) > MOST_LETTERS:
        raise NotReadError("is too long for a number")


def bounded(read: Decimal) -> Decimal:
    """The number; NotReadError for one that is larger, or finer, than anything that is counted."""
    if read.adjusted() > MOST_PLACES or int(read.as_tuple().exponent) < -MOST_DECIMALS:
        raise NotReadError("is larger or finer than anything that is counted")
    return read


def is_telling(text: str) -> bool:
    """Whether a number shows by which letters it is parted, and so what its column is written in."""
    return not isinstance(text, PlainNumber) and PARTED.search(text) is not None


def whole(text: str, locale: str | None) -> int:
    """A number without a fraction."""
    read = number(text, locale)
    if read != read.to_integral_value():
        raise NotReadError("has a fraction")
    return int(read)


@lru_cache(maxsize=4096, typed=True)
def money(text: str, locale: str | None, currency: str) -> int:
    """An amount in minor units of the currency (ISO 4217 says how many a unit has).

    A sign or code of the currency may stand beside it; that of another one is a contradiction.
    """
    require_short(text)
    read = number(text if isinstance(text, PlainNumber) else _bare(text, locale or "en", currency), locale)
    minor = read.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise NotReadError(f"is finer than {currency} is, which has {minor_digits(currency)} decimals")
    return int(minor)


def currency_code(text: str) -> str:
    """The ISO 4217 code that a code in any case or an unambiguous sign stands for."""
    code = text.upper()
    if re.fullmatch("[A-Z]{3}", code):
        return code
    known = _signs().get(text)
    if known is None:
        raise NotReadError("is no ISO 4217 code of a currency, and no sign of one alone", "list it under values")
    return known


def _plain(text: str) -> Decimal:
    read = Decimal(text)
    if not read.is_finite():
        raise NotReadError("is not finite")
    return bounded(read)


def _signed(text: str) -> tuple[int, str]:
    """The sign of a text and what stands behind it."""
    inner = text.strip()
    if inner.startswith("(") and inner.endswith(")"):
        return -1, inner[1:-1].strip()
    if inner[:1] in MINUS and inner:
        return -1, inner[1:].lstrip()
    if inner[-1:] in MINUS and inner:
        return -1, inner[:-1].rstrip()
    return 1, inner[1:] if inner[:1] == "+" else inner


def _unsigned(digits: str, locale: str) -> Decimal | None:
    numbering = "latn" if digits.isascii() else _numbering(digits, locale)
    read = notation_of(locale, numbering).pattern.fullmatch(digits)
    if read is None or not (read["whole"] or read["fraction"]):
        return None
    plain = "".join(letter for letter in read["whole"] or "0" if letter.isdecimal())
    return Decimal(f"{plain}.{read['fraction'] or '0'}")


def _numbering(digits: str, locale: str) -> str:
    """The locale's own digits where the text has such, else ASCII ones with symbols beyond it."""
    if any(letter.isdecimal() and not letter.isascii() for letter in digits):
        return str(locale_of(locale).default_numbering_system)
    return "latn"


def _not_read(digits: str, locale: str) -> NotReadError:
    other = "de" if notation_of(locale, "latn").point == "." else "en"
    cure = f'{ANOTHER_LOCALE} "{other}" if all are written so' if _unsigned(digits, other) is not None else ""
    return NotReadError(f"is no number as {locale} writes it", cure)


def _bare(text: str, locale: str, currency: str) -> str:
    """The amount without the mark of its currency."""
    around = text.strip()
    closed = around.startswith("(") and around.endswith(")")
    read = AMOUNT.fullmatch(around[1:-1].strip() if closed else around)
    if read is None:
        return text
    marks = [mark for mark in (read["before"], read["after"]) if mark]
    if not marks:
        return text
    if len(marks) > 1 or not _marks(marks[0], locale, currency):
        raise NotReadError(f"names another currency than {currency}", "read the currency of the row")
    signs = f"{read['sign']}{read['sign2']}{read['sign3']}"
    bare = f"{signs}{read['digits'].strip()}"
    return f"({bare})" if closed else bare


def _marks(mark: str, locale: str, currency: str) -> bool:
    return mark.upper() == currency or mark in _marks_of(locale, currency)


@lru_cache(maxsize=1024)
def _marks_of(locale: str, currency: str) -> frozenset[str]:
    symbols = {get_currency_symbol(currency, locale=name) for name in ("en", locale_of(locale))}
    narrow = {symbol[-1] for symbol in symbols if re.fullmatch(SIGNS, symbol[-1])}
    return frozenset(symbols | narrow)


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    """Signs that stand for one currency alone."""
    found = {get_currency_symbol(code, locale="en"): code for code in sorted(list_currencies(locale="en"))}
    return {sign: code for sign, code in found.items() if not sign.isalpha() and sign not in AMBIGUOUS_SIGNS}
