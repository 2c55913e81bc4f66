"""What copies of organisation records cost and change on a board: what they concern, and nothing else."""

from typing import Any

import pytest

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from schemas import blocks, control, parts
from schemas.blocks import Block
from schemas.control import BLOCK, KIND_HEADER, ORG, Control, Position
from tests.unit.boards.logs import FactsLog, at, cell, fold, rollup, scoreboard
from tests.unit.boards.work import calls

START_MS = at("2026-11-23 10:00")
Stage = Scoreboard | Rollup
STAGES = pytest.mark.parametrize("kind", ["scoreboard", "rollup"])


def floor(reps: int) -> dict[str, dict[str, Any]]:
    """An organisation of so many reps, each in a team of its own, with a calendar and a zone."""
    week = {"monday": [["09:00", "17:00"]]}
    found: dict[str, dict[str, Any]] = {"company:company": {"time_zone": "Europe/Berlin", "calendar": week}}
    for number in range(reps):
        found[f"team:t{number}"] = {"time_zones": [[None, "Asia/Tokyo"]], "parent_id": "t0", "calendar": week}
        found[f"rep:{number}"] = {"active": True}
        found[f"membership:m{number}"] = {"rep_id": f"{number}", "team_id": f"t{number}"}
    return found


def working(kind: str, log: FactsLog, reps: int) -> Stage:
    """A board with that organisation, and figures of each rep that were taken."""
    stage: Stage = scoreboard() if kind == "scoreboard" else rollup()
    stage.board.generation = 1
    fold(stage, [log.organise(*entry) for entry in floor(reps).items()])
    for number in range(reps):
        if kind == "scoreboard":
            fold(stage, [log.add(START_MS, cell(f"t{number}", f"{number}", START_MS, calls=1, activities=1))])
        else:
            panes = [
                parts.Pane(home, f"rep:{number}@t{number}", at_day, None, number, START_MS, {"calls": 1})
                for home in (f"rep:{number}", "group:t0", "company")
                for at_day in (START_MS // 86_400_000 + 719_163,)
            ]
            fold(stage, [log.append(parts.pack(parts.Parts(1, 0, 1, START_MS, panes)))])
    settle(stage)
    return stage


def settle(stage: Stage) -> None:
    """Take everything that changed."""
    while stage.board.changed:
        stage.board.take(slow=True)
    stage.take_parts()
    stage.store.take_changes()


@STAGES
def test_a_copy_that_changes_nothing_marks_and_stores_nothing(kind: str) -> None:
    """The whole organisation comes again: only its position goes on, so that what is sent again stays dropped."""
    log = FactsLog()
    stage = working(kind, log, 4)
    again = [*(log.organise(*entry) for entry in floor(4).items()), *log.organise_all(floor(4))]
    fold(stage, again)
    assert not stage.board.changed
    assert stage.take_parts() == []
    assert stage.store.take_changes() == {}
    assert stage.store.scalars["copies"]["org.changes/0"] == [again[-1].offset, 0]


@STAGES
def test_a_copy_that_changes_nothing_costs_the_same_on_any_board(kind: str) -> None:
    """Twice a day every record comes again, to boards of thousands of homes."""

    def cost(reps: int) -> int:
        log = FactsLog()
        stage = working(kind, log, reps)
        again = [*(log.organise(*entry) for entry in floor(4).items()), *log.organise_all(floor(4))]
        return calls(lambda: fold(stage, again))

    assert cost(80) == cost(8)


@STAGES
def test_a_block_does_what_its_copies_would(kind: str) -> None:
    """A board that begins with an empty state on a log that lost the single copies has all it needs."""
    log = FactsLog()
    stage, blockwise = (scoreboard(), scoreboard()) if kind == "scoreboard" else (rollup(), rollup())
    fold(stage, [log.organise(*entry) for entry in floor(3).items()])
    sent = log.organise_all(floor(3))
    fold(blockwise, sent)
    assert dict(blockwise.store.items()) == dict(stage.store.items())
    blockwise.store.take_changes()
    fold(blockwise, [log.organise("rep:0", None)])
    fold(blockwise, sent)
    assert blockwise.organisation.get("rep:0") is None


@STAGES
def test_a_membership_costs_the_same_on_any_board(kind: str) -> None:
    """Only the home of the rep is looked up: of one who moves, however many others there are."""

    def cost(reps: int) -> int:
        log = FactsLog()
        stage = working(kind, log, reps)
        moved = log.organise("membership:m1", {"rep_id": "1", "team_id": "t2"})
        return calls(lambda: fold(stage, [moved]))

    assert cost(80) == cost(8)


@STAGES
def test_a_change_that_concerns_many_homes_takes_turns(kind: str) -> None:
    """Another zone of the company, or a team of many reps: never much is done between two yields."""

    def turns(reps: int) -> int:
        log = FactsLog()
        stage = working(kind, log, reps)
        return len(list(stage.fold([log.organise("company:company", {"time_zone": "Asia/Tokyo", "currency": "USD"})])))

    few, many = turns(20), turns(200)
    assert many > 5 * max(few, 1)


NO_COPIES = [
    (ORG, b"strange"),
    (BLOCK, b"strange"),
    (ORG, control.pack(Control("org.changes", 0, Position(10**6, 0), 0, "org", "rep:a b", "rep:a b", {}))),
    (
        BLOCK,
        blocks.pack(Block("org.changes", 0, Position(10**6, 0), 0, next(blocks.cut([("team:t9", {"parent_id": 5})])))),
    ),
]


@STAGES
@pytest.mark.parametrize(("header", "value"), NO_COPIES)
def test_a_copy_that_is_none_ends_a_board(kind: str, header: bytes, value: bytes) -> None:
    """None but the pipeline writes to the logs of boards: where a ledger has a dead letter, here a stranger wrote."""
    log = FactsLog()
    stage = working(kind, log, 1)

    with pytest.raises(ValueError, match=r"not a (control record|block|record of)"):
        fold(stage, [log.append(value, ((KIND_HEADER, header),))])
