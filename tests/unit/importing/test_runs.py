"""Runs of an import, broken off anywhere and run again: they end as if nothing had happened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import SetupError
from pipeline.importing.checking import Check
from pipeline.importing.faults import Place
from pipeline.importing.field_map import FieldMap
from pipeline.importing.journal import Journal
from pipeline.importing.logs import LogRecord
from pipeline.importing.manifest import DONE, TOPIC, Run, standing
from pipeline.importing.others import others_of
from pipeline.importing.pacing import Pacing
from pipeline.importing.run import send_run
from pipeline.importing.runs import SOURCE, concerned, import_run, record_rows, undo_run
from pipeline.importing.spool import Spool
from pipeline.importing.taking_back import Forgotten, Plan, plan, settling_events, unfinished_events
from pipeline.importing.verdicts import EVER
from pipeline.sending.event import Outgoing
from schemas.events import iso
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

MAP = FieldMap.model_validate({
    "source": "crm", "zone": "UTC",
    "event": [
        {
            "type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "opened"}, "sequence": 1,
            "data": {
                "stage_id": "new", "owner_id": {"column": "owner"},
                "created_at": {"column": "opened", "parse": "instant"},
            },
        },
        {
            "type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "closed"}, "sequence": 2,
            "when": [{"column": "closed", "filled": True}],
            "data": {
                "stage_id": {"column": "stage"}, "currency": "EUR",
                "amount_minor": {"column": "amount", "parse": "money"},
            },
        },
        {
            "type": "crm.meeting.changed", "subject": "meeting:m{id}", "time": {"column": "opened"},
            "when": [{"column": "held", "is": ["yes"]}],
            "data": {
                "rep_id": {"column": "owner"}, "deal_id": {"column": "id"}, "status": "held",
                "booked_at": {"column": "opened", "parse": "instant"},
                "starts_at": {"column": "opened", "parse": "instant"},
            },
        },
    ],
})  # fmt: skip
Rows = list[dict[str, str]]
STARTS_MS = NOON_MS - 20 * DAY


class BrokenError(Exception):
    """Raised where a run is killed."""


@st.composite
def exports(draw: st.DrawFn) -> Rows:
    """An export of some deals."""
    rows = []
    for name in draw(st.lists(st.sampled_from(["1", "2", "3"]), max_size=3, unique=True)):
        opened = draw(st.integers(0, 5))
        closed = draw(st.none() | st.integers(opened + 1, 9))
        rows.append({
            "id": name, "opened": iso(STARTS_MS + opened * DAY),
            "closed": "" if closed is None else iso(STARTS_MS + closed * DAY),
            "owner": draw(st.sampled_from(["rep-01", "rep-02"])), "stage": draw(st.sampled_from(["won", "lost"])),
            "amount": draw(st.sampled_from(["10", "25.50", ""])), "held": draw(st.sampled_from(["yes", "no"])),
        })  # fmt: skip
    return rows


@dataclass
class Deployment:
    """Topics in memory, as an import reads and writes them; the figures of a world over those of the sources."""

    records: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    now_ms: int = NOON_MS
    left: int = 10**9
    """So many records are taken until whoever sends is killed."""

    def put(self, topic: str, key: bytes, value: bytes) -> None:
        """Take one record; as a producer does."""
        self.left -= 1
        if self.left < 0:
            raise BrokenError
        self.records.append((topic, key, value))

    def send(self, outgoing: Outgoing) -> None:
        """Take an event."""
        self.put(outgoing.topic, outgoing.key, outgoing.value)

    def flush(self) -> None:
        """Everything was taken at once."""

    def live(self, *events: dict[str, Any]) -> None:
        """What somebody else tells."""
        for each in events:
            self.send(Outgoing(each))

    def figures(self) -> Any:
        """The cells of everything that was sent."""
        world = World()
        world.now_ms = NOON_MS + DAY
        sent = [json.loads(value) for topic, _, value in self.records if topic != TOPIC]
        return world.play(organisation(), sent).settle().total()

    def runs(self) -> dict[str, Run]:
        """The runs in the manifest."""
        with TemporaryDirectory() as folder, self._journal(folder) as journal:
            return journal.runs

    def import_(
        self, rows: Rows, replaces: str | None = None, *, force: bool = False, killed_after: int = 10**9
    ) -> tuple[str, Plan]:
        """Import an export, as the command does."""
        self.now_ms += HOUR
        with TemporaryDirectory() as folder, Spool(Path(folder)) as spool, self._journal(folder) as journal:
            run = import_run(journal, "crm", json.dumps(rows), ["x.csv"], self.now_ms, replaces)
            check = Check(MAP, EVER, spool, run.ingested_ms)
            summary = check.read([(Place(number), row) for number, row in enumerate(rows, 2)], {}, None)
            assert not summary.causes.refused
            run = record_rows(journal, run, spool, summary.rows, summary.events.total())
            return run.id, self._sent(journal, run, list(spool.events()), force, killed_after)

    def undo(self, which: str, *, force: bool = False, killed_after: int = 10**9) -> Plan:
        """Undo an import, as the command does."""
        self.now_ms += HOUR
        with TemporaryDirectory() as folder, self._journal(folder) as journal:
            run = undo_run(journal, which, self.now_ms)
            journal.add(run, ())
            return self._sent(journal, run, [], force, killed_after)

    def _sent(self, journal: Journal, run: Run, rows: list[bytes], force: bool, killed_after: int) -> Plan:
        subjects = concerned(journal, run)
        made = plan(journal, run, subjects, self._others, Forgotten(EVER, None, self.now_ms), force=force)
        pacing = Pacing(0, lambda: 0, lambda _: None, lambda _: None, lambda _: None)
        self.left = killed_after
        values = [*rows, *unfinished_events(journal, run), *settling_events(journal, run, subjects)]
        send_run(run, journal, values, self, pacing, lambda _: None)
        self.left = 10**9
        return made

    def _others(self, own: Mapping[str, set[str]]) -> Mapping[str, Sequence[str]]:
        logs = (
            LogRecord(topic, key, value, NOON_MS, control=False) for topic, key, value in self.records if topic != TOPIC
        )
        return others_of(logs, own, "crm")

    def _journal(self, folder: str) -> Journal:
        journal = Journal(Path(folder))
        for topic, key, value in self.records:
            if topic == TOPIC:
                journal.take(key, value)
        return journal


def attempts(killed: Sequence[int]) -> Iterator[int]:
    """After how many records each attempt is killed; the last one is not."""
    yield from killed
    yield 10**9


def fresh(*exports_: Rows) -> Any:
    """The figures of a deployment that saw only these."""
    deployment = Deployment()
    for rows in exports_:
        deployment.import_(rows)
    return deployment.figures()


KILLED = st.lists(st.integers(0, 25), max_size=3)


@given(exports(), exports(), KILLED)
def test_a_replaced_import_gives_the_figures_of_the_second_alone(old: Rows, new: Rows, killed: list[int]) -> None:
    """However often it is killed in the middle; and once more changes nothing."""
    deployment = Deployment()
    deployment.import_(old)
    for after in attempts(killed):
        try:
            which, _ = deployment.import_(new, SOURCE, killed_after=after)
        except BrokenError:
            continue

    assert deployment.figures() == fresh(new)
    assert deployment.runs()[which].state == DONE
    _, again = deployment.import_(new, SOURCE)
    assert (again.deleted, again.corrected) == ([], [])
    assert deployment.figures() == fresh(new)


@given(exports(), exports(), KILLED)
def test_an_import_that_is_undone_leaves_the_one_before(old: Rows, new: Rows, killed: list[int]) -> None:
    """However often it is killed in the middle; undone again there is nothing to do, imported again it counts."""
    deployment = Deployment()
    deployment.import_(old)
    which, _ = deployment.import_(new)
    for after in attempts(killed):
        try:
            deployment.undo(which, killed_after=after)
        except BrokenError:
            continue

    assert deployment.figures() == fresh(old)
    assert deployment.undo(which).events == 0
    assert deployment.figures() == fresh(old)
    deployment.import_(new)
    assert deployment.figures() == fresh(old, new)


@given(exports(), exports(), st.integers(0, 25))
def test_one_that_was_broken_off_can_be_undone(old: Rows, new: Rows, after: int) -> None:
    """Nothing was told that the manifest does not have."""
    deployment = Deployment()
    deployment.import_(old)
    try:
        deployment.import_(new, SOURCE, killed_after=after)
    except BrokenError:
        begun = [run.id for run in deployment.runs().values() if run.state != DONE]
        for which in begun:
            deployment.undo(which)
        assert deployment.figures() == fresh(old)


@given(exports(), exports(), exports())
def test_what_replaced_something_can_be_replaced_and_undone(one: Rows, two: Rows, three: Rows) -> None:
    """The third stands alone; without it the second does, without that the first."""
    deployment = Deployment()
    first, _ = deployment.import_(one)
    second, _ = deployment.import_(two, first)
    third, _ = deployment.import_(three, second)

    assert deployment.figures() == fresh(three)
    assert standing(deployment.runs().values()) == {third}
    deployment.undo(third)
    assert deployment.figures() == fresh(two)
    deployment.undo(second)
    assert deployment.figures() == fresh(one)
    assert standing(deployment.runs().values()) == {first}


DEAL = {
    "id": "1", "opened": iso(STARTS_MS), "closed": iso(STARTS_MS + DAY), "owner": "rep-01", "stage": "won",
    "amount": "10", "held": "no",
}  # fmt: skip


def test_what_others_told_too_is_left_unless_somebody_says_so() -> None:
    """It is named with who told it; with --force it goes."""
    deployment = Deployment()
    which, _ = deployment.import_([DEAL, {**DEAL, "id": "2"}])
    deployment.live(event("deal", "1", NOON_MS, source="webhook", product="p"))
    left = deployment.undo(which)

    assert (left.shared, left.deleted) == ({"deal:1": ["webhook"]}, ["deal:2"])
    assert deployment.figures() == fresh([DEAL])
    assert fresh([DEAL]) != fresh([])
    assert deployment.undo(which, force=True).deleted == ["deal:1"]
    assert deployment.figures() == fresh([])


def test_the_same_source_as_it_happens_is_another() -> None:
    """A webhook of the same system told it too."""
    deployment = Deployment()
    which, _ = deployment.import_([DEAL])
    deployment.live(event("deal", "1", NOON_MS, source="crm", product="p"))

    assert deployment.undo(which).shared == {"deal:1": ["crm"]}


@pytest.mark.parametrize("kind", ["deal", "meeting"])
def test_what_is_forgotten_is_told(kind: str) -> None:
    """An activity that is older than the deployment remembers, and a deal that ended so long ago."""
    deployment = Deployment()
    which, _ = deployment.import_([{**DEAL, "held": "yes"}])
    memory = EVER._replace(activity_days=5) if kind == "meeting" else EVER._replace(closed_deal_days=5)
    later_ms = deployment.now_ms + 10 * DAY
    with TemporaryDirectory() as folder, deployment._journal(folder) as journal:
        run = undo_run(journal, which, later_ms)
        journal.add(run, ())
        subjects = concerned(journal, run)
        made = plan(journal, run, subjects, lambda _: {}, Forgotten(memory, None, later_ms), force=False)

    gone = {"deal": "deal:1", "meeting": "meeting:m1"}[kind]
    assert made.forgotten == [gone]
    assert made.deleted == [subject for subject in ("deal:1", "meeting:m1") if subject != gone]


def test_what_cannot_be_undone_is_one_line() -> None:
    """An unknown id, the undoing of something, what was replaced, what is of another source."""
    deployment = Deployment()
    with pytest.raises(SetupError, match="there is no import x; allowed: none was made yet"):
        deployment.undo("x")
    first, _ = deployment.import_([DEAL])
    second, _ = deployment.import_([DEAL], first)
    with pytest.raises(SetupError, match=f"{first} was replaced by {second}: undo that one"):
        deployment.undo(first)
    deployment.undo(second)
    (undone,) = [run.id for run in deployment.runs().values() if run.verb == "undo"]
    with pytest.raises(SetupError, match=f"{undone} undoes {second}"):
        deployment.undo(undone)
    with pytest.raises(SetupError, match=f"--replace: {undone} is no import"):
        deployment.import_([DEAL], undone)
    with pytest.raises(SetupError, match=r"--replace: there is no import x; allowed: .*, source"):
        deployment.import_([DEAL], "x")
