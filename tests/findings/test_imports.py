"""A later export of the same system, imported after an earlier one."""

from typing import Any

from tests.findings.floor import NOW, Floor
from tests.unit.importing.checked import check_rows
from tests.unit.importing.test_events import DEALS
from tests.unit.ledger.world import DAY, event, organisation

ORGANISATION = [
    *organisation(),
    event("company", "company", 1001, currency="USD"),
    event("membership", "r1", 1000, rep_id="rep-1", team_id="north"),
    event(
        "process",
        "default",
        1001,
        stages=[{"id": "open"}, {"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}],
    ),
]


def export(amount: str, closed: str = "2025-10-20", stage: str = "Won", at_ms: int = NOW + DAY) -> list[dict[str, Any]]:
    """The events of 20 deals that were opened on the 1st of October, imported at `at_ms`."""
    rows = [
        {"id": f"D{n}", "rep": "Rep 1", "stage": stage, "opened": "2025-10-01", "closed": closed, "amount": amount}
        for n in range(20)
    ]
    return check_rows(DEALS, rows, lookups={"office": {"Rep 1": "Centre"}}, now_ms=at_ms).events


def imported(later: list[dict[str, Any]]) -> Floor:
    """20 wins of 100 USD on the 20th of October; a day after that was imported comes a later export."""
    floor = Floor(ORGANISATION).at(NOW, *export("100", at_ms=NOW))
    assert floor.past("day:2025-10-20", "won") == 20
    return floor.at(NOW + DAY, *later)


def test_a_later_export_corrects_amounts() -> None:
    """20 deals of 200 USD are 4,000 USD."""
    assert imported(export("200")).past("year:2025", "bookings") == 20 * 200_00


def test_a_later_export_corrects_closing_dates() -> None:
    """All were won on the 25th, none on the 20th."""
    floor = imported(export("100", closed="2025-10-25"))

    assert (floor.past("day:2025-10-25", "won"), floor.past("day:2025-10-20", "won")) == (20, 0)


def test_a_later_export_opens_deals_again() -> None:
    """None is won, 20 are open."""
    floor = imported(export("100", closed="", stage="Open"))

    assert floor.past("year:2025", "won") == 0
    assert floor.value("now", "open_deals") == 20
