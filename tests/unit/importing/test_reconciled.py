"""An export against a deployment: exactly what was dropped, altered and deleted is found; once corrected, nothing."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.checking import Check
from pipeline.importing.faults import Place
from pipeline.importing.logged import Logged
from pipeline.importing.logs import LogRecord
from pipeline.importing.manifest import TOPIC
from pipeline.importing.month_totals import organisation_of, totals_of
from pipeline.importing.reconciled import Found, ranges_of, reconcile
from pipeline.importing.spool import Spool
from pipeline.importing.tellings import event_of_telling
from pipeline.importing.verdicts import EVER, Memory
from pipeline.measures import ACTIVITIES, LOST, WON, WON_MINOR
from pipeline.sending.event import Outgoing
from schemas.events import iso
from tests.unit.importing.test_runs import DEAL, MAP, STARTS_MS, Deployment, Rows
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, event, organisation

APPENDED_MS = NOON_MS + HOUR
ALTERED = {"owner": "rep-03", "amount": "99", "stage": "lost", "closed": iso(STARTS_MS + 19 * DAY)}
"""Columns, with a value that no row has."""
LOSSES = st.tuples(st.integers(1, 10), st.sampled_from(["drop", "delete", *ALTERED]))
"""A row, and what happens to it."""


def row(number: int) -> dict[str, str]:
    """One deal that was won, and its meeting; all rows differ."""
    return {
        "id": str(number), "opened": iso(STARTS_MS + number * HOUR), "closed": iso(STARTS_MS + 9 * DAY + number),
        "owner": "rep-01", "stage": "won", "amount": str(number), "held": "yes",
    }  # fmt: skip


def found(deployment: Deployment, rows: Rows, memory: Memory = EVER, *, apply: bool = False) -> Found:
    """Reconcile, as the command does."""
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        check = Check(MAP, EVER, spool, APPENDED_MS)
        check.read([(Place(number), each) for number, each in enumerate(rows, 2)], {}, None)
        with Logged(Path(folder), EVER, APPENDED_MS) as logged:
            kinds = logged.take_export(spool.objects())
            records = (each for each in deployment.records if each[0] != TOPIC)
            logged.take_log((LogRecord(*each, APPENDED_MS, control=False) for each in records), kinds)
            ranges = ranges_of(logged.objects())
            made = reconcile(logged.objects(), ranges, "crm", 0, memory, APPENDED_MS)
    for subject, events in made.events.items() if apply else ():
        for each in events:
            deployment.send(Outgoing(event_of_telling(each, "crm", subject)))
    return made


@given(
    st.integers(3, 12),
    st.lists(LOSSES, max_size=4, unique_by=lambda loss: loss[0]),
    st.booleans(),
)
def test_exactly_what_was_lost_is_found(count: int, losses: list[tuple[int, str]], imported: bool) -> None:
    """Rows that never arrived, that arrived otherwise, and that are no longer there; imported, or as it happened."""
    everything = [row(number) for number in range(count)]
    lost = {number: what for number, what in losses if 0 < number < count - 1}
    arrived = [
        {**each, lost[number]: ALTERED[lost[number]]} if lost.get(number) in ALTERED else each
        for number, each in enumerate(everything)
        if lost.get(number) != "drop"
    ]
    exported = [each for number, each in enumerate(everything) if lost.get(number) != "delete"]
    deployment = Deployment()
    deployment.import_(arrived)
    if not imported:
        deployment.records = [_live(each) for each in deployment.records if each[0] != TOPIC]
    made = found(deployment, exported, apply=True)

    def objects(*what: str) -> set[str]:
        return {f"deal:{number}" for number, loss in lost.items() if loss in what}

    assert {subject for subject in made.missed if subject.startswith("deal:")} == objects("drop")
    assert {subject for subject in made.changed if subject.startswith("deal:")} == objects(*ALTERED)
    assert {subject for subject in made.deleted if subject.startswith("deal:")} == objects("delete")
    assert {subject.replace("meeting:m", "deal:") for subject in made.changed if subject.startswith("meeting:")} == (
        objects("owner")
    )
    assert made.forgotten == []
    again = found(deployment, exported)
    assert (again.count, again.forgotten, again.events) == (0, [], {})


def _live(record: tuple[str, bytes, bytes]) -> tuple[str, bytes, bytes]:
    topic, key, value = record
    said = {name: text for name, text in json.loads(value).items() if name != "ingested"}
    return topic, key, json.dumps(said).encode()


def test_what_came_after_the_export_is_not_held_against_it() -> None:
    """A stage that a webhook told later stays; one that it told before is corrected."""
    deployment = Deployment()
    deployment.import_([DEAL])
    deployment.live(event("deal", "1", NOON_MS, source="webhook", stage_id="new"))

    assert list(found(deployment, [DEAL], apply=True).changed) == ["deal:1"]
    assert found(deployment, [DEAL]).count == 0


def test_an_object_beyond_the_time_of_the_export_is_not_missed_from_it() -> None:
    """An export of a month says nothing of the others."""
    deployment = Deployment()
    deployment.import_([row(number) for number in range(5)])

    assert found(deployment, [row(2), row(4)]).deleted == ["deal:3", "meeting:m3"]


def test_what_is_forgotten_is_told_apart() -> None:
    """A meeting that is older than activities are remembered cannot be told any more; its deal can."""
    made = found(Deployment(), [{**DEAL, "held": "yes"}], EVER._replace(activity_days=5))

    assert (made.missed, made.forgotten) == (["deal:1"], ["meeting:m1"])


def test_an_export_adds_up_by_the_rules_of_the_pipeline() -> None:
    """Won, lost, amount and activities by month, as the deployment's organisation reads them."""
    rows = [row(1), row(2), {**row(3), "stage": "lost", "closed": iso(STARTS_MS + 17 * DAY), "held": "no"}]
    told = [(json.dumps(each).encode(), NOON_MS) for each in organisation()]
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        check = Check(MAP, EVER, spool, APPENDED_MS)
        check.read([(Place(number), each) for number, each in enumerate(rows, 2)], {}, None)
        totals = totals_of(spool.objects(), organisation_of(told, "EUR", APPENDED_MS), APPENDED_MS)
    deployment = Deployment()
    deployment.import_(rows)
    figures: dict[tuple[Any, ...], dict[str, int]] = deployment.figures()
    sums = {
        name: sum(cell.get(measure, 0) for (_, _, day, _), cell in figures.items() if day is not None)
        for name, measure in {"won": WON, "lost": LOST, "bookings": WON_MINOR, "activities": ACTIVITIES}.items()
    }

    assert sorted(totals) == ["2025-10"]
    assert dict(totals["2025-10"]) == sums == {"won": 2, "lost": 1, "bookings": 300, "activities": 2}
