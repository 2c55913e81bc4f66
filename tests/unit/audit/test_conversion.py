"""Amounts in other currencies: the audit converts as the pipeline does, to the last unit, and has the same limits."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.organisation.minor_units import MINOR_UNITS
from pipeline.organisation.money import convert
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import MINUTE, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

CURRENCIES = sorted(MINOR_UNITS)[::4]
RATE = "0.500000000001"
"""As it was sent; the log then says something else, as one of a former release may."""
MOST = 10**15
AMOUNTS = st.integers(-MOST, MOST) | st.integers(-1000, 1000) | st.sampled_from([0, MOST, -MOST, MOST // 2 + 1])
FRACTION = st.integers(0, 10**12 - 1).map(lambda digits: f"{digits:012}")
RATES = (
    st.sampled_from(["0", "0.000", "0.5", "1", "1.5", "999999999999.999999999999", "0.000000000001", "10000000000"])
    | st.tuples(st.integers(0, 10**12 - 1), FRACTION).map(lambda parts: f"{parts[0]}.{parts[1]}")
    | st.tuples(st.integers(0, 20), FRACTION).map(lambda parts: f"{parts[0]}.{parts[1]}")
)


def floor(amounts: Iterable[int], into: str) -> World:
    """A deal won a minute in each of the currencies, and a rate for each."""
    rates = [event("rate", name, 1000, currency=name, effective_on="2020-01-01", rate=RATE) for name in CURRENCIES]
    deals = [
        event(
            "deal", name, NOON_MS - number * MINUTE, owner_id="rep-01", stage_id="won", amount_minor=minor,
            currency=name, created_at=NOON_MS - number * MINUTE,
        )
        for number, (name, minor) in enumerate(zip(CURRENCIES, amounts, strict=True))
    ]  # fmt: skip
    company = event("company", "company", 2000, currency=into)
    return World(partitions=1).play([*organisation(), company, *rates], deals).settle()


@settings(max_examples=min(10, settings().max_examples))
@given(st.data(), st.sampled_from(CURRENCIES))
def test_the_audit_converts_whatever_rate_the_log_holds(data: st.DataObject, into: str) -> None:
    """Rates of nothing, of twelve digits and of twelve decimals: the same amounts, and the same ones left out."""
    amounts = [data.draw(AMOUNTS) for _ in CURRENCIES]
    rates = [data.draw(RATES) for _ in CURRENCIES]
    with audited(floor(amounts, into)) as database:
        for name, rate in zip(CURRENCIES, rates, strict=True):
            database.execute(
                "UPDATE copy SET payload = replace(payload, ?, ?) WHERE subject = ?", [RATE, rate, f"rate:{name}"]
            )
        for script in ("organisation", "object", "claim", "cell"):
            database.run(script)
        rows = database.rows(
            "SELECT minute, measure, amount FROM cell WHERE measure IN ('won_minor', 'won_unconverted')"
        )
    found = {(NOON_MS // MINUTE - minute, measure): amount for minute, measure, amount in rows}
    told = zip(amounts, CURRENCIES, rates, strict=True)
    due = [convert(minor, name, into, Decimal(rate)) for minor, name, rate in told]

    assert found == {
        (number, "won_unconverted" if minor is None else "won_minor"): 1 if minor is None else minor
        for number, minor in enumerate(due)
        if minor != 0
    }


@pytest.mark.parametrize("rate", ["0", "0.000", "10000000000.1", "999999999999.5"])
def test_a_rate_that_makes_no_amount_is_a_dead_letter(rate: str) -> None:
    """It says which field is wrong and how; the amounts in its currency are left out and counted."""
    world = floor([1] * len(CURRENCIES), "EUR")
    world.play([event("rate", "USN", 3000, currency="USN", effective_on="2025-11-01", rate=rate)])

    assert world.reasons() == ["invalid_event"]
    detail = dict(world.logs["dead-letters", 0][0].headers)["dlq.detail"]
    assert detail == b"data.rate: an exchange rate is above 0 and at most 10^10"
