from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.minor_units import minor_digits
from pipeline.organisation.money import convert, spread


def test_minor_units_follow_the_currency() -> None:
    """EUR has cents, JPY has none, KWD has thousandths."""
    assert [minor_digits(currency) for currency in ("EUR", "JPY", "KWD")] == [2, 0, 3]
    assert convert(1000, "USD", "JPY", Decimal(150)) == 1500
    assert convert(1500, "JPY", "USD", Decimal("0.01")) == 1500


def test_halves_go_to_the_even_unit() -> None:
    """What lies exactly between two minor units goes to the even one, for both signs."""
    assert [convert(amount, "USD", "EUR", Decimal("0.5")) for amount in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


def test_without_a_rate_there_is_no_amount() -> None:
    """Only the own currency needs no rate."""
    assert convert(5, "USD", "EUR", None) is None
    assert convert(5, "EUR", "EUR", None) == 5


def test_a_rate_that_makes_an_impossible_amount_counts_as_unknown() -> None:
    """A slip of the decimal point must not become a number that no record can carry."""
    assert convert(10**9, "USD", "EUR", Decimal(10**6)) == 10**15
    assert convert(10**9, "USD", "EUR", Decimal(999_999_999_999)) is None
    assert convert(-(10**9), "USD", "EUR", Decimal(999_999_999_999)) is None


@given(st.integers(-(10**15), 10**15), st.integers(1, 3660))
def test_shares_add_up_exactly(amount_minor: int, days: int) -> None:
    """An amount spread over days adds up to itself, and no two shares differ by more than one minor unit."""
    shares = spread(amount_minor, days)

    assert (sum(shares), len(shares)) == (amount_minor, days)
    assert max(shares) - min(shares) <= 1
