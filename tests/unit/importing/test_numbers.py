"""Numbers and amounts: as the declared locale writes them, or not at all."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.numbers import currency_code, money, number, whole
from pipeline.importing.texts import NotReadError, PlainNumber

LOCALES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pt_BR",
    "de_CH",
    "de_AT",
    "en_IN",
    "hi",
    "pl",
    "sv",
    "ru",
    "ja",
    "tr",
    "fi",
)
DECIMALS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4)


@given(DECIMALS, st.sampled_from(LOCALES), st.booleans())
def test_what_a_locale_writes_is_read_in_it(value: Decimal, locale: str, grouped: bool) -> None:
    """With and without groups of digits, positive and negative, exact."""
    text = format_decimal(value, format=None, locale=locale, decimal_quantization=False, group_separator=grouped)

    assert number(text, locale) == value


@given(DECIMALS, st.sampled_from(LOCALES), st.sampled_from(LOCALES), st.booleans())
def test_what_another_locale_writes_is_read_as_the_declared_one_would_or_refused(
    value: Decimal, written: str, declared: str, grouped: bool
) -> None:
    """A text is never read as a number that the declared locale would not write like that."""
    text = format_decimal(value, locale=written, decimal_quantization=False, group_separator=grouped)
    try:
        read = number(text, declared)
    except NotReadError:
        return
    again = {
        format_decimal(read, locale=declared, decimal_quantization=False, group_separator=groups)
        for groups in (True, False)
    }

    assert _plain(text) in {_plain(each) for each in again} or _trailing(text) or read == value


def _plain(text: str) -> str:
    return text.replace("−", "-").replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


def _trailing(text: str) -> bool:
    """Zeros at the end of a fraction, which nobody writes again."""
    return text.endswith("0")


@given(DECIMALS)
def test_without_a_locale_nothing_is_read_that_a_comma_would_read_otherwise(value: Decimal) -> None:
    """What both write alike is read; what only a point explains is read; what both read differently is not."""
    for text in (f"{value:,}", f"{value}", f"{value:f}"):
        try:
            assert number(text, None) == value
        except NotReadError:
            assert number(text, "de") != value


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("1,12", "en"), ("1234,50", "en"), ("1,5", "en"), ("1,2,3", "en"), ("12,34,567", "en"), ("1234.50", "de"),
        ("1.5", "de"), ("1'234.50", "en"), ("1 234", "en"), ("1.234.5", "de"), ("NaN", "en"),
        ("Infinity", "en"), ("1e5", "en"), ("1E+05", "en"), ("twelve", "en"), ("", "en"), ("-", "en"), ("()", "en"),
        ("1..2", "en"), (".", "en"), ("0x10", "en"), ("1_000", "en"), ("--1", "en"), ("(-1)", "en"), ("10.000", None),
        ("1,234", None),
    ],
)  # fmt: skip
def test_what_a_locale_does_not_write_is_refused(text: str, locale: str | None) -> None:
    """Nothing is guessed, nothing rounded, nothing dropped."""
    with pytest.raises(NotReadError):
        number(text, locale)


def test_who_writes_another_way_is_told_what_to_declare() -> None:
    """The cure names the other way of writing."""
    with pytest.raises(NotReadError, match="is no number as en writes it") as caught:
        number("1234,50", "en")

    assert caught.value.cure == 'declare locale = "de" if all are written so'


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("(250.00)", "en", "-250"), ("250.00-", "en", "-250"), ("−5", "en", "-5"), ("+5", "en", "5"),
        ("1 234,50", "fr", "1234.50"), ("1\u202f234,50", "fr", "1234.50"), ("1'234.50", "de_CH", "1234.50"),
        ("1’234.50", "de_CH", "1234.50"), ("12,34,567.5", "en_IN", "1234567.5"), (".50", "en", "0.5"),
        ("١٬٢٣٤٫٥", "ar_EG", "1234.5"), ("1234.50", None, "1234.50"), ("12", None, "12"),
    ],
)  # fmt: skip
def test_numbers_in_the_usual_forms(text: str, locale: str | None, value: str) -> None:
    """Parentheses and a minus at the end are negative; any space and either apostrophe parts groups."""
    assert number(text, locale) == Decimal(value)


@given(st.sampled_from(LOCALES), st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False)))
def test_a_number_of_json_is_the_same_in_every_locale(locale: str, value: float) -> None:
    """Its file says how it is written."""
    assert float(number(PlainNumber(repr(value)), locale)) == value


@pytest.mark.parametrize(
    ("text", "locale", "currency", "minor"),
    [
        ("1,234.50", "en", "USD", 123_450), ("1.234,50", "de", "EUR", 123_450), ("12", "en", "JPY", 12),
        ("1.234", "en", "KWD", 1_234), ("-3", "en", "EUR", -300), ("10.000", "en", "EUR", 1_000),
        ("$1,234.50", "en", "USD", 123_450), ("-$5", "en", "USD", -500), ("$-5", "en", "USD", -500),
        ("($5.00)", "en", "USD", -500), ("1.234,50 EUR", "de", "EUR", 123_450), ("1.234,50 €", "de", "EUR", 123_450),
        ("USD 1000", "en", "USD", 100_000), ("usd 1000", "en", "USD", 100_000),
        ("CA$5", "en", "CAD", 500), ("£5", "en", "GBP", 500), ("¥150000", "en", "JPY", 150_000),
    ],
)  # fmt: skip
def test_money_is_exact_in_minor_units_of_its_currency(text: str, locale: str, currency: str, minor: int) -> None:
    """How many minor units a unit has is the currency's business, how it is written the locale's."""
    assert money(text, locale, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.005", "USD"), ("1000.005", "USD"), ("1.5", "JPY"), ("€5", "USD"), ("5 EUR", "USD"), ("$5 USD", "USD"),
        ("NaN", "USD"), ("", "USD"), ("five", "USD"), ("5 apples", "USD"), ("£5", "EUR"), ("C$5", "USD"),
    ],
)  # fmt: skip
def test_money_that_is_none_or_another_is_refused(text: str, currency: str) -> None:
    """Nothing is rounded, and a sign of another currency is a contradiction."""
    with pytest.raises(NotReadError):
        money(text, "en", currency)


def test_whole_numbers_have_no_fraction() -> None:
    """A zero behind the point is none."""
    assert whole("5.0", "en") == 5
    with pytest.raises(NotReadError, match="has a fraction"):
        whole("5.5", "en")


@pytest.mark.parametrize(("text", "code"), [("eur", "EUR"), ("€", "EUR"), ("USD", "USD"), ("£", "GBP"), ("₹", "INR")])
def test_a_currency_is_a_code_or_an_unambiguous_sign(text: str, code: str) -> None:
    """In any case."""
    assert currency_code(text) == code


@pytest.mark.parametrize("text", ["$", "¥", "euro", "kr", "?", "E"])
def test_a_sign_of_several_currencies_is_none(text: str) -> None:
    """A dollar is that of twenty countries."""
    with pytest.raises(NotReadError, match="no sign of one alone"):
        currency_code(text)
