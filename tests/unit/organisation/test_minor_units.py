"""Minor units: those of ISO 4217, pinned with the day of their publication, and the same for the audit."""

from datetime import date
from itertools import product
from string import ascii_uppercase

import pytest

from pipeline.audit.currencies import digits_of
from pipeline.organisation.minor_units import MINOR_UNITS, PUBLISHED, minor_digits

DIVERGENT = {
    "AFN": 2, "ALL": 2, "IQD": 3, "IRR": 2, "KPW": 2, "LAK": 2, "LBP": 2, "MGA": 2, "MMK": 2, "RSD": 2, "SOS": 2,
    "SYP": 2, "YER": 2,
}  # fmt: skip
"""Where Unicode's list has other digits than ISO's: what people round to there, not what amounts are counted in."""
USUAL = {"EUR": 2, "USD": 2, "JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3, "CLF": 4}
UNLISTED = {"XAU": 2, "XXX": 2, "DEM": 2, "ZZZ": 2}
"""Gold has no minor unit, the mark is history, the last never was: hundredths."""


@pytest.mark.parametrize(("currency", "digits"), [*DIVERGENT.items(), *USUAL.items(), *UNLISTED.items()])
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    """By hand, from the published list."""
    assert (minor_digits(currency), digits_of(currency)) == (digits, digits)


def test_the_audit_has_the_same_of_every_code_there_could_be() -> None:
    """Two copies, in two forms; where they differ, one of them is of another list."""
    codes = ["".join(letters) for letters in product(ascii_uppercase, repeat=3)]

    assert [code for code in codes if minor_digits(code) != digits_of(code)] == []


def test_the_list_is_whole_and_says_of_when_it_is() -> None:
    """All codes are codes, all digits are digits that ISO gives, and its day is a day."""
    assert len(MINOR_UNITS) > 150
    assert all(len(code) == 3 and code.isupper() and 0 <= digits <= 4 for code, digits in MINOR_UNITS.items())
    assert date.fromisoformat(PUBLISHED) >= date(2026, 1, 1)
