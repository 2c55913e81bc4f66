"""Amounts, rates and minor units."""

from typing import Any

import pytest

from pipeline.importing.numbers import money
from tests.findings.audit import audited_measures
from tests.findings.floor import NOW, TODAY, Floor, deal, ms
from tests.unit.ledger.world import DAY, HOUR, event, organisation


def rate(currency: str, value: str, since: str = "2020-01-01") -> dict[str, Any]:
    """What one unit of a currency is worth from a day on."""
    return event("rate", f"{currency}-{since}", 1000, currency=currency, effective_on=since, rate=value)


def dinars() -> Floor:
    """A deal of 1,000,000.00 RSD was won, which ISO 4217 counts in hundredths; a dinar is 0.0085 euros."""
    floor = Floor([*organisation(), rate("RSD", "0.0085")])
    return floor.at(NOW, deal("d", NOW, "won", amount_minor=1_000_000_00, currency="RSD"))


def test_a_dinar_has_a_hundred_para() -> None:
    """1,000,000.00 RSD at 0.0085 are 8,500.00 EUR."""
    assert dinars().value(TODAY, "bookings") == 8_500_00


def test_a_dinar_has_a_hundred_para_for_the_audit() -> None:
    """The same 8,500.00 EUR."""
    assert audited_measures(dinars(), "won_minor") == {("north", "rep-01", "won_minor"): 8_500_00}


@pytest.mark.parametrize(
    ("currency", "text", "minor"), [("RSD", "1250.50", 125_050), ("IQD", "12.345", 12_345), ("ALL", "0.01", 1)]
)
def test_an_import_takes_the_minor_units_of_iso_4217(currency: str, text: str, minor: int) -> None:
    """Two digits for dinar and lek, three for the Iraqi dinar."""
    assert money(text, "en", currency) == minor


def two_wins_one_without_a_rate() -> dict[Any, Any]:
    """Wins of 1,000 EUR and of 1,000 USD, an open deal of 5,000 USD, all a day old; no rate for USD."""
    dollars = {"currency": "USD"}
    return (
        Floor()
        .at(
            NOW,
            deal("d1", NOW, "won", amount_minor=1000_00),
            deal("d2", NOW, "won", amount_minor=1000_00, **dollars),
            deal("d3", NOW, "offer", amount_minor=5000_00, **dollars),
        )
        .figures()
    )


def test_the_average_is_over_deals_with_an_amount() -> None:
    """One win of two has an amount, of 1,000 EUR; the other is left out of sum and number, and counted."""
    figures = two_wins_one_without_a_rate()

    assert figures["team:north", TODAY, "won"]["value"] == 2
    assert figures["team:north", TODAY, "unconverted"]["value"] == 1
    average = figures["team:north", TODAY, "avg_deal_size"]
    assert (average["value"], average["n"]) == (1000_00, 1)


def test_velocity_takes_the_average_over_deals_with_an_amount() -> None:
    """1 open qualified deal x win rate 1 x 1,000 EUR / 1 day."""
    assert two_wins_one_without_a_rate()["team:north", "90d", "pipeline_velocity"]["value"] == 1000_00


def test_open_deals_without_a_rate_are_counted() -> None:
    """One open deal whose 5,000 USD are missing from the open amount of 0."""
    figures = two_wins_one_without_a_rate()

    assert figures["team:north", "now", "open_deals"]["value"] == 1
    assert figures["team:north", "now", "open_pipeline"]["value"] == 0
    assert figures.get(("team:north", "now", "unconverted"), {}).get("value") == 1


def test_a_lost_amount_has_the_currency_it_had_then() -> None:
    """1,000,000 JPY at 0.006 are 6,000.00 EUR; the CRM clears amount and currency as it closes the deal."""
    floor = Floor([*organisation(), rate("JPY", "0.006")])
    floor.at(NOW, deal("d", NOW, "offer", amount_minor=1_000_000, currency="JPY"))
    floor.at(NOW + HOUR, event("deal", "d", NOW + HOUR, stage_id="lost", amount_minor=0, currency="EUR"))

    assert floor.figures()["team:north", TODAY, "win_rate_value"]["denominator"] == 6_000_00


def test_a_rate_holds_by_the_companys_zone() -> None:
    """At 16:30 of the 3rd in Berlin, the company's zone, a win in Tokyo has the 3rd's rate: 1, not the 4th's 2."""
    floor = Floor(
        [
            *organisation(),
            event("team", "tokyo", 1000, time_zone="Asia/Tokyo"),
            event("membership", "m4", 1000, rep_id="rep-04", team_id="tokyo"),
            rate("USD", "1"),
            rate("USD", "2", "2025-11-04"),
        ]
    )
    won = ms("2025-11-03T15:30")
    floor.at(won, deal("d", won, "won", owner_id="rep-04", amount_minor=100_00, currency="USD"))

    assert floor.value("24h", "bookings", "company") == 100_00


def test_a_rate_of_0_is_refused() -> None:
    """An amount without a rate is left out and counted; the record is a dead letter."""
    floor = Floor([*organisation(), rate("USD", "0")])
    floor.at(NOW, deal("d", NOW, "won", amount_minor=100_00, currency="USD"))

    assert floor.world.reasons() == ["invalid_event"]
    assert floor.value(TODAY, "unconverted") == 1


def test_the_created_amount_is_the_first_one_told() -> None:
    """Creation and amount come as two events, a millisecond apart: 500 EUR were created."""
    floor = Floor()
    floor.at(NOW, deal("d", NOW - 2, "new", created_at=NOW - 2), event("deal", "d", NOW - 1, amount_minor=500_00))

    assert floor.value(TODAY, "deals_created") == 1
    assert floor.value(TODAY, "deals_created_amount") == 500_00


def test_the_created_deals_present_amount_stands_beside_it() -> None:
    """Created with 500 EUR, an hour later worth 700 EUR."""
    floor = Floor().at(NOW, deal("d", NOW, "new", created_at=NOW, amount_minor=500_00))
    floor.at(NOW + HOUR, event("deal", "d", NOW + HOUR, amount_minor=700_00))

    assert floor.value(TODAY, "deals_created_amount") == 500_00
    assert floor.value(TODAY, "deals_created_amount_now") == 700_00


@pytest.mark.parametrize("window", ["5m", "24h"])
def test_rolling_windows_have_no_acquisition_cost(window: str) -> None:
    """30,000 EUR for November are 1,000 EUR a day; an hour has no part of it that anybody knows, so no CAC either."""
    month: dict[str, Any] = {"period_start": "2025-11-01", "period_end": "2025-11-30"}
    figures = (
        Floor()
        .at(
            NOW,
            event("cost", "c", NOW, team_id="north", amount_minor=30_000_00, **month),
            deal("d", NOW, "won", account_id="a", amount_minor=100_00, created_at=NOW - 5 * DAY),
        )
        .figures()
    )

    assert figures["company", TODAY, "cac"]["value"] == 1000_00
    assert not figures.keys() & {("company", window, "cost"), ("company", window, "cac")}
