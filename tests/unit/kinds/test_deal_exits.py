"""What came of deals that left a stage: a further one, a loss, or neither; each at its last exit from the stage."""

from typing import Any

import pytest

from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation

START_MS = NOON_MS - 10 * DAY
STAGES = ("new", "qualified", "offer")


def _exits(*steps: str, told: tuple[dict[str, object], ...] = ()) -> tuple[dict[str, int], dict[str, int], int]:
    """Of a deal that is told in these stages, one a day: stages left for a further one, lost in, and all exits."""
    events = [
        event(
            "deal", "1", START_MS + number * DAY, owner_id="rep-01", stage_id=stage, created_at=START_MS,
            amount_minor=1000, currency="EUR",
        )
        for number, stage in enumerate(steps)
    ]  # fmt: skip
    world = World(partitions=1).play(organisation(), events, list(told)).settle()
    sums = [each for cell in world.total().values() for each in cell.items()]
    onward, lost = (
        {name.removeprefix(stem): amount for name, amount in sums if name.startswith(stem)}
        for stem in ("stage_left_on:default:", "stage_left_lost:default:")
    )
    exits = sum(amount for name, amount in sums if name.startswith(("stage_once:", "stage_latest:")))
    return onward, lost, exits


@pytest.mark.parametrize(
    ("steps", "onward", "lost", "exits"),
    [
        (("new",), {}, {}, 0),
        (("new", "qualified"), {"new": 1}, {}, 1),
        (("new", "offer"), {"new": 1}, {}, 1),
        (("offer", "new"), {}, {}, 1),
        (("new", "won"), {"new": 1}, {}, 1),
        (("new", "lost"), {}, {"new": 1}, 1),
        (("new", "lost", "won"), {}, {"new": 1}, 1),
        (("new", "lost", "new"), {}, {}, 0),
        (("new", "lost", "new", "qualified"), {"new": 1}, {}, 1),
        (("new", "lost", "offer"), {}, {"new": 1}, 1),
        (("offer", "won", "new"), {"offer": 1}, {}, 1),
        (("offer", "new", "offer", "lost"), {"new": 1}, {"offer": 1}, 2),
        (("new", "offer", "new", "lost"), {}, {"new": 1}, 2),
        (("new", "nowhere"), {}, {}, 1),
        (("nowhere", "new"), {}, {}, 1),
        (("nowhere", "won"), {"unassigned": 1}, {}, 1),
    ],
)
def test_the_last_exit_says_what_came_of_a_stage(
    steps: tuple[str, ...], onward: dict[str, int], lost: dict[str, int], exits: int
) -> None:
    """A close ends a visit as it closes; opened again in the same stage, the deal has not left it."""
    assert _exits(*steps) == (onward, lost, exits)


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ({"amount_minor": 700, "currency": "EUR"}, {"stage_left_minor": 700, "stage_left_on_minor": 700}),
        ({}, {"stage_left_without_amount": 1}),
        ({"amount_minor": 700, "currency": "USD"}, {"stage_left_unconverted": 1}),
        ({"amount_minor": 0, "currency": "EUR"}, {}),
    ],
)
def test_an_exit_counts_with_what_the_deal_is_worth(told: dict[str, Any], counted: dict[str, int]) -> None:
    """The last amount, or that there is none, or none that a rate converts; a loss is no way on."""
    deals = [
        event(
            "deal", name, START_MS + days * DAY, owner_id="rep-01", stage_id=stage, created_at=START_MS,
            **(told if name == "1" else {"amount_minor": 40, "currency": "EUR"}),
        )
        for name, days, stage in (("1", 0, "new"), ("1", 1, "offer"), ("2", 0, "qualified"), ("2", 1, "lost"))
    ]  # fmt: skip
    world = World(partitions=1).play(organisation(), deals).settle()
    sums = [each for cell in world.total().values() for each in cell.items()]
    names = ("stage_left_minor", "stage_left_on_minor", "stage_left_without_amount", "stage_left_unconverted")

    assert {
        name.partition(":")[0]: n for name, n in sums if name in {f"{each}:default:new" for each in names}
    } == counted
    assert [(name, n) for name, n in sums if name in {f"{each}:default:qualified" for each in names}] == [
        ("stage_left_minor:default:qualified", 40)
    ]


WORTH: dict[str, Any] = {"amount_minor": 700, "currency": "EUR"}


HALVES = [{"rep_id": rep, "share_bp": 5000} for rep in ("rep-01", "rep-02")]


@pytest.mark.parametrize(
    ("steps", "counted"),
    [
        # What a deal is worth counts in every cohort that it belongs to, those of skipped stages too.
        ([(0, "offer", WORTH)], {"entered_minor:new": 700, "converted_minor:new": 700, "entered_minor:qualified": 700,
                                 "converted_minor:qualified": 700, "entered_minor:offer": 700}),
        # An amount that changes later changes the cohort of before, on both sides of the line.
        ([(0, "new", WORTH), (1, "qualified", {"amount_minor": 900})],
         {"entered_minor:new": 900, "converted_minor:new": 900, "entered_minor:qualified": 900}),
        # Of a lost one the last above nothing: systems clear what is lost.
        ([(0, "new", WORTH), (1, "lost", {"amount_minor": 0})], {"entered_minor:new": 700, "lost_minor:new": 700}),
        # Without an amount, and without a rate.
        ([(0, "new", {})], {"entered_without_amount:new": 1}),
        ([(0, "new", {"amount_minor": 5, "currency": "USD"})], {"entered_unconverted:new": 1}),
        # A deal that is deleted, or merged into another, belongs to no cohort.
        ([(0, "new", WORTH), (1, "deleted", {})], {}),
        ([(0, "new", WORTH), (1, "merged", {"into": "2"})], {}),
        # A split shares money of deals, and no cohort: all of it is the owner's.
        ([(0, "new", {**WORTH, "split": HALVES})], {"entered_minor:new": 700}),
    ],
)  # fmt: skip
def test_a_cohort_counts_with_what_its_deals_are_worth(
    steps: list[tuple[int, str, dict[str, Any]]], counted: dict[str, int]
) -> None:
    """By the entry of each stage, as the deal is now."""
    told = []
    for days, stage, more in steps:
        verb = stage if stage in ("deleted", "merged") else "changed"
        said = more if verb != "changed" else {"owner_id": "rep-01", "stage_id": stage, "created_at": START_MS, **more}
        told.append(event("deal", "1", START_MS + days * DAY, verb=verb, **said))
    world = World(partitions=1).play(organisation(), told).settle()
    found = {
        f"{name.removeprefix('stage_').partition(':')[0]}:{name.rpartition(':')[2]}": n
        for cell in world.total().values()
        for name, n in cell.items()
        if name.startswith(("stage_entered_", "stage_converted_", "stage_lost_"))
    }

    assert found == counted


def test_a_process_may_say_that_what_was_skipped_was_not_entered() -> None:
    """It counts as skipped then, and in no cohort; what the process said before and after holds for all time."""
    jump = event("deal", "1", START_MS, owner_id="rep-01", stage_id="offer", created_at=START_MS, **WORTH)
    world = World(partitions=1).play(organisation(), [jump])

    def found() -> dict[str, int]:
        names = ("stage_entered:", "stage_converted:", "stage_skipped:", "stage_entered_minor:")
        sums = [each for cell in world.total().values() for each in cell.items()]
        return {f"{name.partition(':')[0]}:{name.rpartition(':')[2]}": n for name, n in sums if name.startswith(names)}

    world.settle()
    implied = found()
    world.play([event("process", "default", NOON_MS, implied=False)]).settle()
    assert found() == {
        "stage_skipped:new": 1, "stage_skipped:qualified": 1, "stage_entered:offer": 1,
        "stage_entered_minor:offer": 700,
    }  # fmt: skip
    world.play([event("process", "default", NOON_MS + 1, implied=True)]).settle()
    assert found() == implied
    assert implied["stage_converted:new"] == implied["stage_skipped:new"] == 1


def test_a_deal_is_opened_again_in_a_stage() -> None:
    """Each time, in the stage of that time; a correction of a close opens nothing."""
    told = [
        event("deal", "1", START_MS + number * DAY, owner_id="rep-01", stage_id=stage, created_at=START_MS)
        for number, stage in enumerate(("new", "lost", "new", "won", "lost", "offer", "won", "offer"))
    ]
    world = World(partitions=1).play(organisation(), told).settle()
    sums = [each for cell in world.total().values() for each in cell.items()]

    assert sum(amount for name, amount in sums if name == "reopened") == 3
    assert sum(amount for name, amount in sums if name == "stage_reopened:default:new") == 1
    assert sum(amount for name, amount in sums if name == "stage_reopened:default:offer") == 2


def test_another_process_is_no_further_stage() -> None:
    """Whatever comes first there."""
    other = (
        event("process", "renewal", 1000, stages=[{"id": stage} for stage in STAGES]),
        event("deal", "1", START_MS + 2 * DAY, stage_id="offer", process_id="renewal"),
    )

    assert _exits("new", told=other) == ({}, {}, 1)


def test_a_stage_that_the_process_has_no_more_lies_before_all_that_it_has() -> None:
    """As it does for conversion."""
    shorter = event("process", "default", 2000, stages=[{"id": "new"}], valid_from=START_MS + 12 * 3_600_000)

    assert _exits("qualified", "new", told=(shorter,)) == ({"qualified": 1}, {}, 1)
