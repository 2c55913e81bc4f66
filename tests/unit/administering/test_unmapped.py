"""Ids that events name and the organisation does not know."""

from typing import Any

from pipeline.administering.unmapped import Naming
from pipeline.importing.logs import LogRecord
from pipeline.intake.verdicts import judges
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.sending.event import Outgoing
from tests.unit.administering.organisations import DAY, HOUR, NOW_MS, told_of
from tests.unit.ledger.world import event

TOLD = told_of(
    (
        event("team", "north", NOW_MS - DAY),
        event("rep", "ada", NOW_MS - DAY),
        event("process", "default", NOW_MS - DAY, stages=[{"id": "new"}, {"id": "won", "kind": "won"}]),
        event("process", "other", NOW_MS - DAY, stages=[{"id": "first"}]),
        event("identity", "i", NOW_MS - DAY, external_id="crm-7", rep_id="ada", valid_from=NOW_MS - 4 * HOUR),
        event("identity", "j", NOW_MS - DAY, external_id="crm-8", rep_id="gone"),
    )
)


def unmapped(*events: dict[str, Any]) -> list[tuple[str, str, int, int, int]]:
    """What some events name that nobody knows: kind, id, how many, and how many hours ago the first and last."""
    policy = LedgerPolicy()
    naming = Naming(TOLD.organisation("EUR", NOW_MS), judges(policy.retention, policy.future_tolerance_ms))
    outgoing = map(Outgoing, events)
    naming.take(LogRecord(each.topic, each.key, each.value, NOW_MS, control=False) for each in outgoing)
    return [
        (each.kind, each.id, each.events, (NOW_MS - each.first_ms) // HOUR, (NOW_MS - each.last_ms) // HOUR)
        for each in naming.all()
    ]


def test_reps_and_teams_are_counted_by_events() -> None:
    """Those of every kind of event; what most name comes first, and what is known is not there."""
    ago = [NOW_MS - number * HOUR for number in range(6)]

    assert unmapped(
        event("call", "1", ago[2], rep_id="ada", team_id="north"),
        event("call", "2", ago[3], rep_id="bob", team_id="nroth"),
        event("email", "3", ago[5], rep_id="bob"),
        event("deal", "4", ago[1], owner_id="eve"),
    ) == [
        ("rep", "bob", 2, 5, 3),
        ("rep", "eve", 1, 1, 1),
        ("team", "nroth", 1, 3, 3),
    ]  # fmt: skip


def test_an_id_that_means_somebody_who_is_known_is_mapped() -> None:
    """As of when the event happened; one that means somebody whom nobody knows is listed by the id that events name."""
    ago = [NOW_MS - number * HOUR for number in range(6)]

    assert unmapped(
        event("email", "1", ago[3], rep_id="crm-7"),
        event("email", "2", ago[5], rep_id="crm-7"),
        event("email", "3", ago[1], rep_id="crm-8"),
    ) == [("rep", "crm-7", 1, 5, 5), ("rep", "crm-8", 1, 1, 1)]


def test_a_stage_belongs_to_the_process_of_its_deal() -> None:
    """Which may be told after it, or never: then it is the default one."""
    ago = [NOW_MS - number * HOUR for number in range(6)]

    assert unmapped(
        event("deal", "1", ago[2], stage_id="first"),
        event("deal", "2", ago[3], stage_id="first"),
        event("deal", "2", ago[1], process_id="other"),
        event("deal", "3", ago[4], stage_id="new", process_id="third"),
        event("deal", "4", ago[4], stage_id="won"),
    ) == [("stage", "default:first", 1, 2, 2), ("stage", "third:new", 1, 4, 4)]


def test_what_the_pipeline_refused_names_nobody() -> None:
    """It counts nowhere, mapped or not."""
    assert unmapped(event("call", "1", NOW_MS + DAY, rep_id="bob")) == []
