"""What the audit does not see, and what it should not see."""

from pipeline.audit.relay_check import check_passing_on
from pipeline.scores.figures import Figure
from schemas.control import KIND_HEADER, LINK
from tests.findings.audit import audited_measures
from tests.findings.floor import NOW, Floor, call, deal
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import DAY, HOUR, event, organisation


def test_a_touch_that_was_never_passed_on_is_found_in_a_log_without_its_head() -> None:
    """Today's call is there, its link to the lead is not; whether an older record was trimmed changes nothing."""
    floor = Floor()
    floor.at(NOW)
    told = [event("lead", "l1", NOW, owner_id="rep-01", created_at=NOW), call("c", NOW, lead_id="l1")]
    floor.at(NOW, *told)
    logs = floor.world.logs
    logs["crm.events", 0] = [record for record in logs["crm.events", 0] if (KIND_HEADER, LINK) not in record.headers]
    logs["telephony.events", 0] = logs["telephony.events", 0][1:]
    with audited(floor.world) as database:
        differences, _ = check_passing_on(database, None)

    links = [(found.scope, found.window) for found in differences if found.where == "links"]

    assert links == [("lead:l1", "call:c")]


def converted(rate: str) -> Floor:
    """10^15 of the smallest unit, more than which no amount may be, at a rate above 1."""
    usd = event("rate", "usd", 1000, currency="USD", effective_on="2025-01-01", rate=rate)
    return Floor([*organisation(), usd]).at(NOW, deal("d", NOW, "won", amount_minor=10**15, currency="USD"))


def test_an_amount_that_is_too_large_is_too_large_for_the_audit() -> None:
    """1.5 x 10^15 is left out by both."""
    floor = converted("1.5")

    assert audited_measures(floor, "won_minor", "unconverted") == floor.measures("won_minor", "unconverted")


def test_an_absurd_rate_does_not_end_the_audit() -> None:
    """One typing error in a rate; the deal itself counts in both."""
    floor = converted("999999999999.5")

    assert audited_measures(floor, "won", "won_minor") == floor.measures("won", "won_minor")


def test_no_window_keeps_a_former_currency() -> None:
    """A win on Monday, nothing until Thursday, then the company counts in dollars: nothing is left in euros."""
    floor = Floor().at(NOW, deal("d", NOW, "won", amount_minor=100_00))
    shown: dict[tuple[str, str], Figure] = {}

    def publish() -> None:
        for figure in floor.board.board.take(slow=True):
            shown[figure.scope, figure.window] = figure

    for days in range(4):
        floor.at(NOW + days * DAY)
        publish()
    dollars = NOW + 3 * DAY + HOUR
    floor.at(dollars, event("company", "company", dollars, currency="USD"))
    publish()
    euros = [
        window for (scope, window), f in shown.items() if scope == "team:north" and not f.gone and f.currency == "EUR"
    ]

    assert euros == []
