"""How deals move the open pipeline: by hand, and against what stood open at each midnight by the raw events."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.kpis import BY_NAME
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

PARTS = BY_NAME["pipeline_change"].numerator
OF_MOVES = ("pipeline_", "deals_pu")
START_MS = NOON_MS - 10 * DAY
FIRST_DAY, TODAY = date(2025, 10, 1).toordinal(), date(2025, 11, 3).toordinal()
MOVED_MS = NOON_MS - 3 * DAY
MOVE = event("membership", "m3", 1000, rep_id="rep-01", team_id="south", valid_from=MOVED_MS)
RATES = [
    event("rate", "r1", 1000, currency="USD", effective_on="2025-10-20", rate="0.9"),
    event("rate", "r2", 1000, currency="USD", effective_on="2025-10-28", rate="0.8"),
]
Moves = dict[tuple[str, str, int], dict[str, int]]


def _deal(days: float, name: str = "d1", /, verb: str = "changed", **data: Any) -> dict[str, Any]:
    """What is told of a deal so many days after its beginning, at noon in Berlin."""
    return event("deal", name, START_MS + int(days * DAY), verb=verb, **data)


def _new(**data: Any) -> dict[str, Any]:
    return _deal(0, owner_id="rep-01", created_at=START_MS, stage_id="new", **data)


def _moves(world: World) -> Moves:
    """By team, rep and day (0: the first one): how the pipeline moved, `new` for `pipeline_new_minor`."""
    found: Moves = {}
    for (team, rep, day, minute), sums in world.total().items():
        if day is not None and minute is None:
            moved = {_short(name): amount for name, amount in sums.items() if name.startswith(OF_MOVES)}
            if moved:
                found[team, rep, day - 739548] = moved
    return found


def _short(measure: str) -> str:
    short = measure.removeprefix("deals_").removeprefix("pipeline_")
    return short.removesuffix("_minor") if measure in PARTS else short


def _play(*events: dict[str, Any], more: tuple[dict[str, Any], ...] = ()) -> Moves:
    return _moves(World().play(organisation(), more, events))


def test_a_deal_comes_changes_and_is_won() -> None:
    """500 on day 0, 800 from day 2 on, 700 from day 3 on, won on day 5 with the 700 of the midnight before."""
    moves = _play(
        _new(amount_minor=500), _deal(2, amount_minor=800), _deal(3, amount_minor=700),
        _deal(5, stage_id="won", amount_minor=900), _deal(6, amount_minor=950),
    )  # fmt: skip

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 2): {"changes": 1, "increased": 300},
        ("north", "rep-01", 3): {"changes": 1, "decreased": -100},
        ("north", "rep-01", 5): {"changes": 1, "won": -700},
    }


def test_edits_of_one_day_are_netted() -> None:
    """Up by 400 and down by 300 is up by 100; there and back is nothing, nor is a deal that came and went at once."""
    moves = _play(
        _new(amount_minor=500), _deal(1, amount_minor=900), _deal(1.1, amount_minor=600),
        _deal(2, amount_minor=1), _deal(2.1, amount_minor=600), _deal(3, stage_id="lost"), _deal(3.1, stage_id="new"),
        _deal(4, "d2", created_at=START_MS + 4 * DAY, owner_id="rep-01", stage_id="new", amount_minor=7),
        _deal(4.2, "d2", stage_id="won"),
    )  # fmt: skip

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 1): {"changes": 1, "increased": 100},
    }


def test_a_deal_is_lost_and_opened_again() -> None:
    """It comes back with what it is worth then; a lost amount that is cleared with the loss is what it was before."""
    moves = _play(_new(amount_minor=500), _deal(1, stage_id="lost", amount_minor=0),
                  _deal(3, stage_id="offer", amount_minor=450))  # fmt: skip

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 1): {"changes": 1, "lost": -500},
        ("north", "rep-01", 3): {"changes": 1, "reopened": 450},
    }


def test_another_owner_takes_a_deal_along() -> None:
    """At the amount of the midnight before, on both sides; what is edited on that day is an edit of the new owner."""
    moves = _play(_new(amount_minor=500), _deal(2, owner_id="rep-02", amount_minor=650))

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 2): {"changes": 1, "reassigned": -500},
        ("south", "rep-02", 2): {"changes": 1, "reassigned": 500, "increased": 150},
    }


def test_an_owner_who_changes_teams_takes_a_deal_along() -> None:
    """On the day of the move, whenever it is told; a closed deal stays where it was closed."""
    closed = (
        _deal(1, "d2", created_at=START_MS + DAY, owner_id="rep-01", stage_id="new", amount_minor=30),
        _deal(2, "d2", stage_id="won"),
    )
    world = World().play(organisation(), [_new(amount_minor=500), *closed], [MOVE])

    assert _moves(world) == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 1): {"changes": 1, "new": 30},
        ("north", "rep-01", 2): {"changes": 1, "won": -30},
        ("north", "rep-01", 7): {"changes": 1, "reassigned": -500},
        ("south", "rep-01", 7): {"changes": 1, "reassigned": 500},
    }


def test_a_move_that_lies_ahead_moves_nothing_until_then() -> None:
    """It is announced for an hour later; when that has come the deal is with the other team."""
    ahead = event("membership", "m3", 1000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + 2 * HOUR)
    world = World().play(organisation(), [ahead], [_new(amount_minor=500)])
    assert list(_moves(world)) == [("north", "rep-01", 0)]

    world.now_ms += 2 * HOUR
    world.tick()
    world.run()
    assert _moves(world)["north", "rep-01", 10] == {"changes": 1, "reassigned": -500}
    assert _moves(world)["south", "rep-01", 10] == {"changes": 1, "reassigned": 500}


@pytest.mark.parametrize(("verb", "told"), [("deleted", {}), ("merged", {"into": "d2"})])
def test_a_deal_that_ended_was_there_until_then(verb: str, told: dict[str, Any]) -> None:
    """It leaves on the day of its end, and what is told of it later says nothing. One that is restored never left."""
    world = World().play(
        organisation(), [_new(amount_minor=500), _deal(4, verb=verb, **told), _deal(5, amount_minor=9)]
    )
    came = {("north", "rep-01", 0): {"changes": 1, "new": 500}}
    assert _moves(world) == {**came, ("north", "rep-01", 4): {"changes": 1, verb: -500}}

    world.play([_deal(6, verb="restored")])
    assert _moves(world) == {**came, ("north", "rep-01", 5): {"changes": 1, "decreased": -491}}


def test_a_day_is_the_teams_own() -> None:
    """An edit at 4:30 in Berlin is one at 23:30 of the day before in New York."""
    edit = _deal(3 - 7.5 / 24, amount_minor=700)
    own: dict[str, Any] = {"created_at": START_MS, "stage_id": "new", "amount_minor": 500}

    assert _play(_deal(0, owner_id="rep-01", **own), edit)["north", "rep-01", 3]["increased"] == 200
    assert _play(_deal(0, owner_id="rep-02", **own), edit)["south", "rep-02", 2]["increased"] == 200


def test_a_deal_keeps_the_rate_of_its_beginning() -> None:
    """In dollars at 0.9, whatever the rate is later; another currency is another amount."""
    moves = _play(_new(amount_minor=1000, currency="USD"), _deal(5, amount_minor=1500), _deal(6, currency="EUR"),
                  _deal(7, stage_id="won"), more=tuple(RATES))  # fmt: skip

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 900},
        ("north", "rep-01", 5): {"changes": 1, "increased": 450},
        ("north", "rep-01", 6): {"changes": 1, "increased": 150},
        ("north", "rep-01", 7): {"changes": 1, "won": -1500},
    }


def test_what_has_no_amount_or_no_rate_is_counted() -> None:
    """It comes and goes with nothing; an amount that is told within a day was its amount from the beginning."""
    moves = _play(
        _new(), _deal(0.9, amount_minor=500), _deal(4, amount_minor=None), _deal(5, stage_id="won"),
        _deal(2, "d2", created_at=START_MS + 2 * DAY, owner_id="rep-01", amount_minor=8, currency="JPY"),
    )  # fmt: skip

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 2): {"changes": 1, "changes_unconverted": 1},
        ("north", "rep-01", 4): {"changes": 1, "decreased": -500},
        ("north", "rep-01", 5): {"changes": 1, "changes_without_amount": 1},
    }


def test_a_deal_is_pushed_and_pulled() -> None:
    """By the midnights, with the amount at the end of the day; neither a first date nor that of a close moves any."""
    moves = _play(
        _new(amount_minor=500), _deal(1, expected_close_on="2025-11-20"),
        _deal(2, expected_close_on="2025-12-31"), _deal(2.1, expected_close_on="2025-12-01", amount_minor=600),
        _deal(3, expected_close_on="2025-12-20"), _deal(3.1, expected_close_on="2025-12-01"),
        _deal(4, expected_close_on="2025-11-10"),
        _deal(5, owner_id="rep-02", expected_close_on="2025-11-15"),
        _deal(6, stage_id="won", expected_close_on="2025-10-30"),
    )  # fmt: skip

    assert moves == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 2): {"changes": 1, "increased": 100, "pushed": 1, "pushed_minor": 600},
        ("north", "rep-01", 4): {"pulled": 1, "pulled_minor": 600},
        ("north", "rep-01", 5): {"changes": 1, "reassigned": -600},
        ("south", "rep-02", 5): {"changes": 1, "reassigned": 600, "pushed": 1, "pushed_minor": 600},
        ("south", "rep-02", 6): {"changes": 1, "won": -600},
    }


def test_a_correction_moves_what_it_corrects() -> None:
    """What was told by mistake never moved anything."""
    mistake = event("deal", "d1", START_MS + 2 * DAY, event_id="oops", amount_minor=5_000_000)
    put_right = event("deal", "d1", START_MS + 3 * DAY, corrects="oops", amount_minor=600)

    assert _play(_new(amount_minor=500), mistake, put_right) == {
        ("north", "rep-01", 0): {"changes": 1, "new": 500},
        ("north", "rep-01", 3): {"changes": 1, "increased": 100},
    }


def test_a_thousand_edits_of_three_days_are_three_changes() -> None:
    """However often a deal is edited, and by however many owners, a day changes once where it stood."""
    edits = [_deal(number / 400, amount_minor=number, owner_id=f"rep-0{number % 2 + 1}") for number in range(1, 1000)]
    moves = _play(_new(amount_minor=500), *edits)

    assert len(moves) <= 2 * 4
    assert sum(_parts(sums) for sums in moves.values()) == 999


def _parts(sums: Mapping[str, int]) -> int:
    return sum(sums.get(_short(part), 0) for part in PARTS)


# Against the open pipeline at each midnight, read off the raw events.

TEAM_ZONES = {"north": "Europe/Berlin", "south": "America/New_York", "unassigned": "Europe/Berlin"}
OPEN, CLOSED = {"new", "qualified", "offer"}, {"won", "lost"}
TIMES = st.integers(-20 * 48, 0).map(lambda halves: NOON_MS + halves * 30 * MINUTE)
TOLD = st.fixed_dictionaries(
    {"at_ms": TIMES},
    optional={
        "owner_id": st.sampled_from(["rep-01", "rep-02", "gone", None]),
        "stage_id": st.sampled_from(["new", "offer", "won", "lost", "elsewhere"]),
        "amount_minor": st.integers(-50, 999) | st.none(),
        "currency": st.sampled_from(["EUR", "USD", "JPY", None]),
        "expected_close_on": st.sampled_from(["2025-11-20", "2025-12-20", None]),
    },
)
Told = dict[str, Any]


def _midnight(zone: str, day: int) -> int:
    at = datetime.combine(date.fromordinal(day), datetime.min.time(), ZoneInfo(zone))
    return round(at.astimezone(UTC).timestamp() * 1000)


def _last(told: list[Told], field: str, until_ms: int, before: bool = True) -> Any:
    """The last that was told of a field by an instant; else, if asked for, the first told later."""
    given = [(each["at_ms"], each[field]) for each in told if field in each]
    known = [value for at_ms, value in given if at_ms <= until_ms]
    return known[-1] if known else given[0][1] if given and before else None


def _open_at(told: list[Told], created_ms: int | None, ended_ms: int | None, at_ms: int) -> tuple[str, str, int] | None:
    """Where a deal stands open at an instant and with what, in the company's currency; None where it does not."""
    fields = ("owner_id", "stage_id", "amount_minor", "currency", "expected_close_on")
    heard = [
        min(each["at_ms"] for each in told if field in each)
        for field in fields
        if any(each.get(field) is not None for each in told)
    ]
    began_ms = created_ms if created_ms is not None else min(heard, default=None)
    if began_ms is None or at_ms < began_ms or (ended_ms is not None and at_ms >= ended_ms):
        return None
    stages = [each["stage_id"] for each in told if "stage_id" in each and each["at_ms"] <= at_ms]
    declared = [stage for stage in stages if stage in OPEN | CLOSED]
    if declared and declared[-1] in CLOSED:
        return None
    owner = _last(told, "owner_id", at_ms)
    amounts = [each["at_ms"] for each in told if each.get("amount_minor") is not None]
    soon = bool(amounts) and amounts[0] <= max(began_ms, min(heard, default=began_ms)) + DAY
    minor = _last(told, "amount_minor", max(at_ms, amounts[0]) if soon else at_ms, before=False)
    return *_place(owner, at_ms), _worth(minor, _last(told, "currency", at_ms), began_ms)


def _place(owner: str | None, at_ms: int) -> tuple[str, str]:
    if owner is None:
        return "unassigned", ""
    if owner == "gone":
        return "unassigned", "unassigned"
    return ("north", owner) if owner == "rep-01" and at_ms < MOVED_MS else ("south", owner)


def _worth(minor: int | None, currency: str | None, began_ms: int) -> int:
    if minor is None or currency == "JPY":
        return 0
    if currency != "USD":
        return minor
    began = datetime.fromtimestamp(began_ms / 1000, ZoneInfo("Europe/Berlin")).date()
    if began < date(2025, 10, 20):
        return 0
    return round(minor * (9 if began < date(2025, 10, 28) else 8) / 10)


def test_a_deal_that_was_taken_back_moved_nothing() -> None:
    """An import that is undone deletes it at the instant of what it told last; a CRM deletes it later."""
    own = _deal(0, owner_id="rep-01", created_at=START_MS, stage_id="new", amount_minor=500)
    edit = _deal(3, amount_minor=700)

    assert _play(own, edit, _deal(3, verb="deleted", sequence=2)) == {}
    assert _play(own, edit, _deal(5, verb="deleted"))["north", "rep-01", 5]["deleted"] == -700


@given(st.lists(TOLD, min_size=1, max_size=10), st.none() | TIMES, st.none() | TIMES)
def test_the_parts_sum_to_what_stands_at_the_midnights(
    told: list[Told], created_ms: int | None, ended_ms: int | None
) -> None:
    """Of each rep in each team, at each midnight of the team: all moves up to then come to what stands open there.

    A deal that is deleted at the very instant of anything that was told of it was taken back, and never stood.
    """
    told = sorted(told, key=lambda each: each["at_ms"])
    given_once = [
        event("deal", "d1", each["at_ms"], sequence=number, created_at=created_ms,
              **{name: value for name, value in each.items() if name != "at_ms"})
        for number, each in enumerate(told, 1)
    ]  # fmt: skip
    if ended_ms is not None:
        given_once.append(event("deal", "d1", ended_ms, verb="deleted"))
    total = World(partitions=1).play(organisation(), [*RATES, MOVE], given_once).settle().total()

    moved = {
        (team, rep, day): sum(sums.get(part, 0) for part in PARTS)
        for (team, rep, day, minute), sums in total.items()
        if day is not None and minute is None
    }
    places = {("north", "rep-01"), ("south", "rep-01"), ("south", "rep-02"), ("unassigned", "unassigned"),
              ("unassigned", "")}  # fmt: skip
    assert {(team, rep) for team, rep, _ in moved} <= places
    # Each event says when it was created, be it that nobody knows: what the last one says of it holds.
    said = {told[-1]["at_ms"], created_ms} | {each["at_ms"] for each in told if len(each) > 1}
    if ended_ms is not None and ended_ms in said:
        assert moved == {}
        return
    for team, rep in places:
        stood = 0
        for day in range(FIRST_DAY, TODAY + 1):
            found = _open_at(told, created_ms, ended_ms, _midnight(TEAM_ZONES[team], day + 1) - 1)
            stands = found[2] if found is not None and found[:2] == (team, rep) else 0
            assert moved.get((team, rep, day), 0) == stands - stood, (team, rep, date.fromordinal(day))
            stood = stands
