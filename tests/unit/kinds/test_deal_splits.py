"""Deals of which reps share the money: by hand, each from what was told."""

import json
from typing import Any

import pytest

from pipeline.intake.verdicts import Judge, Refused
from tests.unit.ledger.world import DAY, MINUTE, NOON_MS, World, event, organisation

START_MS = NOON_MS - 10 * DAY
ANN, BEN = "rep-01", "rep-02"
"""Of team north in Berlin, who owns the deals, and of team south in New York."""
MEASURES = {
    "created": "deals_created_split_minor",
    "created_now": "deals_created_now_split_minor",
    "won": "won_split_minor",
    "open": "open_split_minor",
    "qualified": "open_qualified_split_minor",
    "moved": "pipeline_split_minor",
}


def split(**shares: int) -> list[dict[str, Any]]:
    """A split by percent, of `ann`, `ben` and whoever else."""
    reps = {"ann": ANN, "ben": BEN}
    return [{"rep_id": reps.get(name, name), "share_bp": share * 100} for name, share in shares.items()]


def _deal(days: float, verb: str = "changed", **data: Any) -> dict[str, Any]:
    return event("deal", "d1", START_MS + int(days * DAY), verb=verb, **data)


def _new(**data: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"owner_id": ANN, "created_at": START_MS, "stage_id": "new", "amount_minor": 100_001}
    return _deal(0, **(given | data))


def _moved(world: World, what: str) -> dict[str, int]:
    """By rep and team: what splits moved there of one thing, over all time."""
    found: dict[str, int] = {}
    for (team, rep, _, _), sums in world.total().items():
        if MEASURES[what] in sums:
            place = f"{rep}@{team}"
            found[place] = found.get(place, 0) + sums[MEASURES[what]]
    return {place: amount for place, amount in sorted(found.items()) if amount}


def _play(*events: dict[str, Any]) -> World:
    return World().play(organisation(), events)


def test_money_of_a_win_is_shared_and_the_deal_is_the_owners() -> None:
    """60 and 40 % of 1,000.01: the odd cent goes to the larger remainder. What the deal counts, its owner counts."""
    world = _play(_new(split=split(ann=60, ben=40)), _deal(10, stage_id="won"))
    closed_ms = START_MS + 10 * DAY
    close = world.total()["north", ANN, 739558, closed_ms // MINUTE]

    assert _moved(world, "won") == {"rep-01@north": -40_000, "rep-02@south": 40_000}
    assert (close["won"], close["won_minor"]) == (1, 100_001)
    assert world.total()["south", BEN, 739558, closed_ms // MINUTE] == {"won_split_minor": 40_000}


def test_what_was_created_is_shared_by_the_split_of_then() -> None:
    """The amount of then and that of now alike; a split that comes later moves neither."""
    early = _play(_new(split=split(ann=50, ben=50)), _deal(2, amount_minor=200_000), _deal(3, split=[]))
    late = _play(_new(), _deal(2, split=split(ann=50, ben=50)))

    assert _moved(early, "created") == {"rep-01@north": -50_000, "rep-02@south": 50_000}
    assert _moved(early, "created_now") == {"rep-01@north": -100_000, "rep-02@south": 100_000}
    assert _moved(late, "created") == _moved(late, "created_now") == {}


def test_what_stands_open_is_shared_by_the_split_of_now() -> None:
    """In a qualified stage that is qualified pipeline too; stage, count and stalled money stay with the owner."""
    world = _play(_new(), _deal(1, split=split(ann=50, ben=50), stage_id="offer"), _deal(2, split=split(ben=100)))
    stands = world.total()["north", ANN, None, None]

    assert _moved(world, "open") == _moved(world, "qualified") == {"rep-01@north": -100_001, "rep-02@south": 100_001}
    assert stands["open_deals"] == stands["open_stage:default:offer"] == 1
    assert stands["open_stage_minor:default:offer"] == 100_001
    assert world.total()["south", BEN, None, None].keys() == {"open_split_minor", "open_qualified_split_minor"}


@pytest.mark.parametrize("ended", [[], None])
def test_a_split_ends(ended: list[Any] | None) -> None:
    """With an empty one, or one that is cleared: from then on all is the owner's again."""
    world = _play(_new(split=split(ann=50, ben=50)), _deal(2, split=ended), _deal(3, stage_id="won"))

    assert _moved(world, "won") == _moved(world, "open") == {}
    assert _moved(world, "created")


def test_the_split_at_the_close_holds() -> None:
    """Whatever is told of a time after it; one that is told later of a time before it does."""
    told = (_new(), _deal(3, stage_id="won"), _deal(4, split=split(ben=100)))

    assert _moved(_play(*told), "won") == {}
    assert _moved(_play(*told, _deal(2.5, split=split(ben=100))), "won")["rep-02@south"] == 100_001


def test_another_owner_changes_nothing_of_a_split() -> None:
    """What the reps of it have is as it was; the whole comes from whoever owns the deal."""
    world = _play(_new(split=split(ann=70, ben=30)), _deal(2, owner_id=BEN), _deal(3, stage_id="won"))
    won = world.measure("won_minor", rep=BEN) + world.measure("won_split_minor", rep=BEN)

    assert _moved(world, "won") == {"rep-01@north": 70_001, "rep-02@south": -70_001}
    assert won == 30_000


def test_what_moves_the_open_pipeline_is_by_midnights() -> None:
    """As the split begins, as it changes, as the amount does, and as the deal leaves."""
    world = _play(
        _new(amount_minor=1_000), _deal(1, split=split(ann=50, ben=50)), _deal(2, amount_minor=2_000),
        _deal(3, split=split(ann=90, ben=10)), _deal(3.1, split=split(ann=80, ben=20)), _deal(5, stage_id="lost"),
    )  # fmt: skip
    days = {
        (rep, day - 739548): sums["pipeline_split_minor"]
        for (_, rep, day, minute), sums in world.total().items()
        if day is not None and minute is None and "pipeline_split_minor" in sums
    }

    given = {1: 500, 2: 500, 3: -600, 5: -400}
    assert days == {**{(BEN, day): n for day, n in given.items()}, **{(ANN, day): -n for day, n in given.items()}}


def test_a_deal_that_is_reopened_deleted_or_merged_takes_its_split_along() -> None:
    """A win that is taken back gives nothing; one that is restored gives it again."""
    won = (_new(split=split(ann=50, ben=50)), _deal(2, stage_id="won"))
    other = event("deal", "d2", START_MS, owner_id=BEN, created_at=START_MS, stage_id="new")

    assert _moved(_play(*won, _deal(3, stage_id="offer")), "won") == {}
    assert _moved(_play(*won, _deal(3, "deleted")), "won") == {}
    assert _moved(_play(*won, other, _deal(3, "merged", into="d2")), "won") == {}
    assert _moved(_play(*won, _deal(3, "deleted"), _deal(4, "restored")), "won") == {
        "rep-01@north": -50_000, "rep-02@south": 50_000,
    }  # fmt: skip


def test_a_deleted_deal_gave_its_shares_until_then() -> None:
    """They left the open pipeline with it."""
    world = _play(_new(split=split(ann=50, ben=50)), _deal(3, "deleted"))
    moved = [
        (day - 739548, sums["pipeline_split_minor"])
        for (_, rep, day, _), sums in sorted(world.total().items(), key=str)
        if rep == BEN and day is not None
    ]

    assert moved == [(0, 50_000), (3, -50_000)]


def test_a_split_is_corrected() -> None:
    """The event that corrects another one takes its place."""
    wrong = event("deal", "d1", START_MS + DAY, event_id="wrong", split=split(ben=100))
    right = event("deal", "d1", START_MS + DAY, event_id="right", corrects="wrong", split=split(ann=75, ben=25))

    assert _moved(_play(_new(), wrong, right), "open") == {"rep-01@north": -25_000, "rep-02@south": 25_000}


def test_reps_are_where_they_are_at_the_time() -> None:
    """Whoever is known later, or moves, takes the shares of that time along; two whom nobody knows are one."""
    told = (_new(split=split(cid=30, eve=30, ann=40)), _deal(2, stage_id="won"))
    joined = event("membership", "m9", 1000, rep_id="cid", team_id="south", valid_from=START_MS + DAY)
    world = _play(*told)

    assert _moved(world, "won") == {"rep-01@north": -60_000, "unassigned@unassigned": 60_000}
    assert _moved(world.play([joined]), "won") == {
        "cid@south": 30_000, "rep-01@north": -60_000, "unassigned@unassigned": 30_000,
    }  # fmt: skip
    assert _moved(world, "created")["cid@unassigned"] == 30_000


def test_the_whole_is_converted_before_it_is_parted() -> None:
    """100.01 USD at 0.9 are 90.01 EUR: 45.01 and 45.00. What no rate converts is shared by nobody."""
    rate = event("rate", "r1", 1000, currency="USD", effective_on="2025-01-01", rate="0.9")
    told = _deal(0, owner_id=ANN, created_at=START_MS, stage_id="new", amount_minor=10_001, currency="USD",
                 split=split(ann=50, ben=50))  # fmt: skip

    assert _moved(_play(told), "open") == {}
    assert _moved(_play(rate, told).settle(), "open") == {"rep-01@north": -4_500, "rep-02@south": 4_500}


def test_a_deal_without_an_owner_may_be_shared() -> None:
    """What nobody owns is given to those who share it."""
    world = _play(_deal(0, created_at=START_MS, stage_id="new", amount_minor=100, split=split(ann=50, ben=50)))

    assert _moved(world, "open") == {"@unassigned": -100, "rep-01@north": 50, "rep-02@south": 50}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (split(ann=60, ben=30), "data.split: allowed are shares that add up to 10000, or none"),
        ([*split(ann=50), *split(ann=50)], "data.split: allowed is one share a rep"),
        ([{"rep_id": ANN, "share_bp": 0}], "data.split.0.share_bp: allowed is 1 or more"),
        ([{"rep_id": ANN, "share_bp": 33.5}], "data.split.0.share_bp: allowed is a whole number"),
        ([{"share_bp": 10_000}], "data.split.0.rep_id: missing"),
        ([{"rep_id": str(n), "share_bp": 1} for n in range(21)], "data.split: allowed are 20 entries at most"),
    ],
)
def test_what_is_no_split_is_refused(given: list[Any], words: str) -> None:
    """In words that say what is allowed."""
    value = json.dumps(event("deal", "d1", NOON_MS, split=given)).encode()

    assert Judge("crm", 300_000).judge(value, NOON_MS) == Refused("invalid_event", words)
