"""The maps for usual exports, over the small exports beside them: what they come to was worked out by hand."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pipeline.importing.field_map import read_field_map
from pipeline.importing.findings import Weight
from pipeline.ledger.ledger_policy import LedgerPolicy
from tests.unit.importing.checked import NOW_MS, check_files
from tests.unit.ledger.world import World, event

MAPS = Path(__file__).parents[3] / "deploy" / "import"
EXPORTS = {
    "hubspot/deals.csv": "deals",
    "hubspot/activities.csv": "activities",
    "salesforce/Opportunity.csv": "opportunities",
    "salesforce/OpportunityHistory.csv": "history",
    "pipedrive/deals.csv": "deals",
    "dialer/cdr.csv": "cdr",
    "service-desk/events.jsonl": "events",
    "organisation/reps.csv": "reps",
}
"""Each export, with the name of the map beside it."""


def imported(export: str) -> list[dict[str, Any]]:
    """The events of an export, of which every row is clear."""
    path = MAPS / export
    checked = check_files(read_field_map(path.parent / f"{EXPORTS[export]}.toml"), path)
    assert checked.summary.sendable, checked.said
    assert not checked.summary.causes.refused
    assert {each.name for each in checked.summary.findings if each.weight is not Weight.NOTE} <= {"unknown reps"}
    return checked.events


def played(*exports: str) -> World:
    """A deployment that imported the organisation, and then these; a dollar is a euro."""
    world = World(policy=LedgerPolicy(activity_days=500))
    world.now_ms = NOW_MS
    par = event("rate", "usd", NOW_MS, currency="USD", effective_on="2020-01-01", rate="1")
    return world.play(imported("organisation/reps.csv"), [par]).settle().play(*(imported(each) for each in exports))


def sums(world: World, names: Iterable[str], rep: str | None = None) -> dict[str, int]:
    """Sums of measures, of all or of a rep; those that are none are left out."""
    return {name: found for name in names if (found := world.measure(name, rep=rep))}


def test_each_export_has_a_map_and_each_map_an_export() -> None:
    """Nothing is shipped untried, but the maps of the exports that golden values come from."""
    with_data = {path.relative_to(MAPS).as_posix() for path in MAPS.rglob("*.toml")}
    tried = {f"{Path(export).parent.as_posix()}/{name}.toml" for export, name in EXPORTS.items()}
    assert {each for each in with_data - tried if not each.startswith(("call-center/", "crm-opportunities/"))} == set()


@pytest.mark.parametrize(
    ("exports", "expected"),
    [
        # A is won after 18 days, B lost; C is in contract sent since the 25th. Each passed the stages before.
        (
            ("hubspot/deals.csv",),
            {
                "deals_created": 3, "won": 1, "won_minor": 12_500_00, "lost": 1, "lost_minor": 4_000_00,
                "won_cycle_days": 18, "open_deals": 1, "stage_entered:default:appointment-scheduled": 3,
                "stage_entered:default:qualified-to-buy": 3, "stage_entered:default:contract-sent": 2,
            },
        ),
        # D was deleted: three are left. B went from the first stage to lost. A stage that was passed over was entered:
        # by A on its way to negotiation, by C on its way to a proposal.
        (
            ("salesforce/OpportunityHistory.csv", "salesforce/Opportunity.csv"),
            {
                "deals_created": 3, "won": 1, "won_minor": 18_000_00, "lost": 1, "lost_minor": 9_000_00,
                "won_cycle_days": 18, "open_deals": 1, "stage_entered:default:prospecting": 3,
                "stage_entered:default:needs-analysis": 2, "stage_entered:default:proposal-price-quote": 2,
            },
        ),
        # A came to negotiations, B to a proposal, C to a demo.
        (
            ("pipedrive/deals.csv",),
            {
                "deals_created": 3, "won": 1, "won_minor": 2_400_00, "lost": 1, "lost_minor": 800_50,
                "won_cycle_days": 18, "open_deals": 1, "stage_entered:default:qualified": 3,
                "stage_entered:default:demo-scheduled": 3, "stage_entered:default:proposal-made": 2,
            },
        ),
    ],
    ids=["hubspot", "salesforce", "pipedrive"],
)  # fmt: skip
def test_deals(exports: tuple[str, ...], expected: dict[str, int]) -> None:
    """Created, won and lost, with their amounts and days, and the stages they went through."""
    assert sums(played(*exports), expected) == expected


def test_calls_emails_meetings_and_notes_of_a_crm() -> None:
    """Two dials, one of them connected for 5:12; one email out; a meeting held and one missed; the note counts not."""
    names = (
        "dials",
        "connected",
        "talk_ms",
        "emails",
        "meetings_set",
        "meetings_held",
        "meetings_missed",
        "activities",
    )
    assert sums(played("hubspot/activities.csv"), names) == {
        "dials": 2, "connected": 1, "talk_ms": 312_000, "emails": 1, "meetings_set": 2, "meetings_held": 1,
        "meetings_missed": 1, "activities": 4,
    }  # fmt: skip


def test_calls_of_a_telephone_system() -> None:
    """Two dials, one answered; an inbound call of two legs counts once, and each rep has the talk of their own."""
    world = played("dialer/cdr.csv")
    names = ("calls", "dials", "connected", "offered", "answered", "talk_ms")
    assert sums(world, names) == {
        "calls": 3, "dials": 2, "connected": 2, "offered": 1, "answered": 1, "talk_ms": 180_000 + 300_000 + 120_000
    }  # fmt: skip
    assert sums(world, names, rep="rep-two") == {"calls": 1, "dials": 1, "talk_ms": 120_000}


def test_work_on_tickets() -> None:
    """A reply, a call and a solution of one agent, under either spelling of the address; a note of another."""
    world = played("service-desk/events.jsonl")
    assert sums(world, ("dials", "talk_ms"), rep="rep-one") == {"dials": 1, "talk_ms": 184_000}
    kinds = [event["data"]["kind"] for event in imported("service-desk/events.jsonl")]
    assert kinds == ["task", "call", "note", "task"]
