from typing import Any

import pytest

from pipeline.kernel.sketch import bucket
from tests.unit.kinds.test_calls import _sums
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

START_MS = NOON_MS - 10 * DAY


def _deal(time_ms: int, name: str = "d1", /, **data: Any) -> dict[str, Any]:
    return event("deal", name, time_ms, **data)


def _new(**data: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"owner_id": "rep-01", "created_at": START_MS, "stage_id": "new", **data}
    return _deal(START_MS, **given)


def _play(*events: dict[str, Any]) -> World:
    return World().play(organisation(), events)


def _of(world: World, prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): n for name, n in sorted(_sums(world).items()) if name.startswith(prefix)}


def test_an_open_deal_stands_for_its_owner() -> None:
    """It was created, entered its stage, and stands open in it, with its amount."""
    world = _play(_new(amount_minor=500))

    assert world.total() == {
        ("north", "rep-01", 739548, START_MS // MINUTE): {
            "deals_created": 1,
            "deals_created_minor": 500,
            "deals_created_now_minor": 500,
            "stage_entered:default:new": 1,
        },
        ("north", "rep-01", 739548, None): {
            "pipeline_changes": 1,
            "pipeline_new_minor": 500,
            "stage_entered_minor:default:new": 500,
        },
        ("north", "rep-01", None, None): {
            "open_deals": 1,
            "open_minor": 500,
            "open_stage:default:new": 1,
            "open_stage_minor:default:new": 500,
            "untouched:739548": 1,
            "untouched_minor:739548": 500,
        },
    }


def test_a_won_deal_counts_at_its_close() -> None:
    """Value, cycle in local days and sketches lie in the cell of the close; nothing stands open."""
    world = _play(_new(amount_minor=500), _deal(NOON_MS, stage_id="won", amount_minor=800))
    close = world.total()["north", "rep-01", 739558, NOON_MS // MINUTE]

    assert close["won"] == close["won_cycles"] == 1
    assert (close["won_minor"], close["won_cycle_days"]) == (800, 10)
    assert (close[f"deal_size~{bucket(800)}"], close[f"won_cycle~{bucket(10)}"]) == (1, 1)
    assert not _of(world, "open_")
    assert _of(world, "deals_created_minor") == {"": 500}


def test_a_win_counts_in_the_cohort_of_the_creation_too() -> None:
    """Whenever it came, and as long as it stands: a deal that is opened again, or lost after all, is no win of it."""
    created = ("north", "rep-01", 739548, START_MS // MINUTE)
    won = (_new(), _deal(NOON_MS, stage_id="won"))

    assert _play(*won).total()[created]["deals_created_won"] == 1
    for stage in ("offer", "lost"):
        assert "deals_created_won" not in _play(*won, _deal(NOON_MS + 1, stage_id=stage)).total()[created]
    assert _play(_deal(NOON_MS, stage_id="won", owner_id="rep-01")).measure("deals_created_won") == 0


def test_a_win_below_nothing_is_an_adjustment_and_no_deal_size() -> None:
    """It counts as won and takes its amount from bookings; at 0, or corrected, it is a deal like any other."""
    credit = (_new(amount_minor=500), _deal(NOON_MS, stage_id="won", amount_minor=-300))
    world = _play(*credit)

    assert (world.measure("won"), world.measure("won_minor")) == (1, -300)
    assert (world.measure("won_adjustments"), world.measure("won_adjustments_minor")) == (1, 300)
    assert _of(world, "deal_size~") == {}
    for amount in (0, 700):
        corrected = _play(*credit, _deal(NOON_MS + 1, amount_minor=amount))
        assert (corrected.measure("won_adjustments"), corrected.measure("won_adjustments_minor")) == (0, 0)
        assert _of(corrected, "deal_size~") == {str(bucket(amount)): 1}
    lost = _play(_new(amount_minor=-5), _deal(NOON_MS, stage_id="lost"))
    assert lost.measure("won_adjustments") == 0


def test_an_amount_below_nothing_is_no_part_of_the_shares_of_stages() -> None:
    """A credit of 300 enters and leaves stages as a deal without an amount does; at 0 it is one of them again."""
    stages = (_new(amount_minor=-300), _deal(NOON_MS, stage_id="offer"), _deal(NOON_MS + 1, stage_id="won"))
    world = _play(*stages)

    for prefix in ("stage_entered", "stage_converted", "stage_left", "stage_left_on"):
        assert _of(world, f"{prefix}_minor:") == {}
    entered = {"default:new": 1, "default:qualified": 1, "default:offer": 1}
    assert _of(world, "stage_entered_without_amount:") == entered  # Qualified is implied by the offer.
    assert _of(world, "stage_left_without_amount:") == {"default:new": 1, "default:offer": 1}
    corrected = _play(*stages, _deal(NOON_MS + 2, amount_minor=0))
    assert _of(corrected, "stage_entered_without_amount:") == _of(corrected, "stage_left_without_amount:") == {}


def test_an_amount_edited_after_the_win_corrects_the_close() -> None:
    """The latest amount counts, in the window of the close."""
    world = _play(_new(amount_minor=500), _deal(NOON_MS, stage_id="won"), _deal(NOON_MS + HOUR // 2, amount_minor=900))

    assert world.total()["north", "rep-01", 739558, NOON_MS // MINUTE]["won_minor"] == 900


def test_a_lost_deal_has_the_amount_it_had_before() -> None:
    """Systems set the amount of lost deals to 0: the last one before that counts."""
    world = _play(_new(amount_minor=500), _deal(NOON_MS, stage_id="lost", amount_minor=0))

    assert (world.measure("lost"), world.measure("lost_minor"), world.measure("lost_cycle_days")) == (1, 500, 10)


def test_close_and_opening_follow_the_owner_of_the_time() -> None:
    """Created for the first owner, won for the owner at close; a later change of owner moves neither."""
    world = _play(
        _new(),
        _deal(NOON_MS - DAY, owner_id="rep-02"),
        _deal(NOON_MS, stage_id="won"),
        _deal(NOON_MS + 1, owner_id="rep-01"),
    )

    assert (world.measure("deals_created", "north"), world.measure("won", "south")) == (1, 1)


def test_an_open_deal_follows_its_present_owner() -> None:
    """What stands open stands for the owner of now."""
    world = _play(_new(), _deal(NOON_MS, owner_id="rep-02"))

    assert (world.measure("open_deals", "north"), world.measure("open_deals", "south")) == (0, 1)
    assert world.measure("stage_entered:default:new", "north") == 1


def test_a_jump_fills_the_stages_it_skips() -> None:
    """Skipped stages are entered when the one behind them is, and are converted."""
    world = _play(_new(), _deal(NOON_MS, stage_id="offer"))

    assert _of(world, "stage_entered:default:") == {"new": 1, "qualified": 1, "offer": 1}
    assert _of(world, "stage_converted:default:") == {"new": 1, "qualified": 1}
    assert _of(world, "open_qualified") == {"": 1, "_without_amount": 1}


def test_going_back_and_forth_enters_a_stage_once() -> None:
    """Regression takes nothing back, and entering again does not count."""
    world = _play(
        _new(),
        _deal(NOON_MS, stage_id="offer"),
        _deal(NOON_MS + 1, stage_id="new"),
        _deal(NOON_MS + 2, stage_id="offer"),
    )

    assert _of(world, "stage_entered:default:") == {"new": 1, "qualified": 1, "offer": 1}
    assert _of(world, "open_stage:default:") == {"offer": 1}


def test_a_loss_ends_the_stage_it_was_in() -> None:
    """A lost deal converted the stages before the last one reached, and lost that."""
    world = _play(_new(), _deal(NOON_MS - DAY, stage_id="qualified"), _deal(NOON_MS, stage_id="lost"))

    assert _of(world, "stage_converted:default:") == {"new": 1}
    assert _of(world, "stage_lost:default:") == {"qualified": 1}
    assert _of(world, "stage_entered:default:") == {"new": 1, "qualified": 1}
    assert _of(world, "stage_closed:default:") == {"lost": 1}


def test_reopening_takes_the_close_back() -> None:
    """A reopened deal stands open again, and was reopened once; closing anew counts once, at the new time."""
    world = _play(_new(), _deal(NOON_MS - DAY, stage_id="won"), _deal(NOON_MS - HOUR, stage_id="offer"))
    assert (world.measure("won"), world.measure("open_deals"), world.measure("reopened")) == (0, 1, 1)

    world.play([_deal(NOON_MS, stage_id="won")])
    won = [place for place, sums in world.total().items() if "won" in sums]
    assert won == [("north", "rep-01", 739558, NOON_MS // MINUTE)]
    assert world.measure("reopened") == 1


def test_from_won_to_lost_closes_anew_and_from_won_to_won_does_not() -> None:
    """The close is when the run of won or of lost stages began that it is in."""
    stages = [
        {"id": "new"},
        {"id": "won", "kind": "won"},
        {"id": "paid", "kind": "won"},
        {"id": "lost", "kind": "lost"},
    ]
    world = _play(event("process", "default", 5000, stages=stages), _new(), _deal(NOON_MS - DAY, stage_id="won"))
    world.play([_deal(NOON_MS, stage_id="paid")])
    assert [place[2] for place, sums in world.total().items() if "won" in sums] == [739557]

    world.play([_deal(NOON_MS + 1, stage_id="lost")])
    assert [place[2] for place, sums in world.total().items() if "lost" in sums] == [739558]
    assert (world.measure("won"), world.measure("reopened")) == (0, 0)


def test_a_late_stage_change_is_put_in_its_place() -> None:
    """A close that is entered late, before another stage change, is a win that was reopened."""
    world = _play(_new(), _deal(NOON_MS, stage_id="offer"))
    world.play([_deal(NOON_MS - DAY, stage_id="won")])

    assert (world.measure("open_deals"), world.measure("won"), world.measure("reopened")) == (1, 0, 1)


def test_an_unknown_process_or_stage_is_open_and_unassigned_until_known() -> None:
    """A deal in a stage that nobody described stands open, and is restated when the process is."""
    world = _play(
        _new(process_id="other", stage_id="signed"), _deal(START_MS, "d2", created_at=START_MS, stage_id="odd")
    )
    assert _of(world, "open_stage:") == {"default:unassigned": 1, "unassigned:unassigned": 1}
    assert world.measure("unknown_stages") == 2

    world.play([event("process", "other", stages=[{"id": "signed", "kind": "won"}])])
    assert (world.measure("won"), world.measure("open_deals"), world.measure("unknown_stages")) == (1, 1, 1)


def test_a_deal_without_a_creation_time_stands_open_since_it_was_heard_of() -> None:
    """It was not created at any known time, and no stage was entered at one; a win counts, without a cycle."""
    world = _play(_deal(NOON_MS - DAY, owner_id="rep-01", stage_id="new", amount_minor=500))
    assert {place[2:] for place in world.total()} == {(None, None), (739557, None)}
    assert world.total()["north", "rep-01", 739557, None] == {"pipeline_changes": 1, "pipeline_new_minor": 500}

    world.play([_deal(NOON_MS, stage_id="won")])
    assert (world.measure("won"), world.measure("won_cycles")) == (1, 0)


def test_a_close_before_the_creation_is_a_cycle_of_no_days() -> None:
    """A negative cycle is clamped and counted."""
    world = _play(_new(created_at=NOON_MS - HOUR), _deal(NOON_MS - 2 * DAY, stage_id="won"))

    assert (world.measure("won_cycles"), world.measure("won_cycle_days"), world.measure("negative_cycles")) == (1, 0, 1)


def test_money_is_converted_at_the_rate_of_its_day() -> None:
    """Created and won amounts take the rates of their days, what stands open the newest; without one they wait."""
    world = _play(_new(amount_minor=1000, currency="USD"))
    assert (world.measure("unconverted"), world.measure("open_deals"), world.measure("open_minor")) == (2, 1, 0)

    world.play(
        [
            event("rate", "r1", currency="USD", effective_on="2025-01-01", rate="0.9"),
            event("rate", "r2", currency="USD", effective_on="2025-11-03", rate="0.8"),
        ]
    ).settle()
    assert (world.measure("unconverted"), world.measure("deals_created_minor"), world.measure("open_minor")) == (
        0,
        900,
        800,
    )

    world.play([_deal(NOON_MS, stage_id="won")])
    assert world.measure("won_minor") == 800


def test_a_new_company_currency_restates_all_money() -> None:
    """Everything is given in the currency that the company has now."""
    world = _play(
        _new(amount_minor=1000, currency="EUR"),
        event("rate", "r1", currency="EUR", effective_on="2025-01-01", rate="150"),
    )
    world.play([event("company", "company", 5000, currency="JPY")])

    assert world.measure("open_minor") == 1500


def test_a_deleted_deal_leaves_nothing() -> None:
    """Neither what it was nor what stood open; but how it moved the open pipeline while it was there."""
    world = _play(_new(amount_minor=5, account_id="a1"), _deal(NOON_MS, stage_id="won"))
    assert world.measure("new_customers") == 1

    assert world.play([event("deal", "d1", NOON_MS + 1, verb="deleted")]).total() == {
        ("north", "rep-01", 739548, None): {"pipeline_changes": 1, "pipeline_new_minor": 5},
        ("north", "rep-01", 739558, None): {"pipeline_changes": 1, "pipeline_deleted_minor": -5},
    }


def test_the_first_win_makes_a_new_customer() -> None:
    """An account is a new customer once, at its first win, whichever deal that turns out to be."""
    later = [
        _deal(START_MS, "d2", created_at=START_MS, owner_id="rep-02", account_id="a1"),
        _deal(NOON_MS, "d2", stage_id="won"),
    ]
    world = _play(*later)
    assert world.measure("new_customers", "south") == 1

    world.play([_new(account_id="a1"), _deal(NOON_MS - DAY, stage_id="won")])
    assert (world.measure("new_customers", "south"), world.measure("new_customers", "north")) == (0, 1)

    world.play([_deal(NOON_MS + 1, account_id="a2")])
    assert (world.measure("new_customers", "south"), world.measure("new_customers", "north")) == (1, 1)


def test_a_merged_account_passes_its_wins_on() -> None:
    """Two accounts that turn out to be one are one customer, and two again when that was a mistake."""
    won = [
        one
        for n in (1, 2)
        for one in (
            _deal(START_MS, f"d{n}", created_at=START_MS, owner_id=f"rep-0{n}", account_id=f"a{n}"),
            _deal(NOON_MS - n * HOUR, f"d{n}", stage_id="won"),
        )
    ]
    world = _play(*won)
    assert world.measure("new_customers") == 2

    world.play([event("account", "a2", verb="merged", into="a1")])
    assert (world.measure("new_customers"), world.measure("new_customers", "south")) == (1, 1)

    world.play([event("account", "a2", NOON_MS + 1, verb="restored")])
    assert world.measure("new_customers") == 2


def test_a_circle_of_merges_ends() -> None:
    """Accounts merged into each other around a circle come to rest, and none of them is a customer."""
    world = _play(_new(account_id="a1"), _deal(NOON_MS, stage_id="won"))
    for loser, winner in (("a1", "a2"), ("a2", "a3"), ("a3", "a1")):
        world.play([event("account", loser, verb="merged", into=winner)])

    assert world.measure("new_customers") == 0
    world.play([event("account", "a3", NOON_MS + 1, verb="restored")])
    assert world.measure("new_customers") == 1


YEN = event("rate", "jpy", 1000, currency="JPY", effective_on="2020-01-01", rate="0.006")


@pytest.mark.parametrize(
    ("told", "minor"),
    [
        pytest.param([(0, {"amount_minor": 500})], 500, id="with the creation"),
        pytest.param([(1, {"amount_minor": 500})], 500, id="a moment later"),
        pytest.param([(DAY, {"amount_minor": 500})], 500, id="at the end of the day"),
        pytest.param([(DAY + 1, {"amount_minor": 500})], None, id="too late"),
        pytest.param([(0, {"amount_minor": 0}), (1, {"amount_minor": 500})], 0, id="nothing is an amount"),
        pytest.param([(1, {"amount_minor": 500}), (2, {"amount_minor": 700})], 500, id="the first of several"),
        pytest.param([(1, {"amount_minor": None}), (2, {"amount_minor": 700})], 700, id="none is no amount"),
        pytest.param([(1, {"amount_minor": 1000}), (2, {"currency": "JPY"})], 600, id="its currency comes apart"),
    ],
)
def test_the_created_amount_is_the_first_told_within_a_day(
    told: list[tuple[int, dict[str, Any]]], minor: int | None
) -> None:
    """And a deal of which nobody said so in that time has none."""
    world = _play(YEN, _new(), *(_deal(START_MS + after_ms, **data) for after_ms, data in told))

    assert world.measure("deals_created_minor") == (minor or 0)
    assert world.measure("deals_created_without_amount") == int(minor is None)


@pytest.mark.parametrize(
    ("told", "minor"),
    [
        pytest.param([{"amount_minor": 500}], 500, id="kept"),
        pytest.param([{"amount_minor": 500}, {"amount_minor": 0}], 500, id="set to nothing"),
        pytest.param([{"amount_minor": 500}, {"amount_minor": None}], 500, id="cleared"),
        pytest.param([{"amount_minor": 500}, {"amount_minor": -1}], 500, id="below nothing"),
        pytest.param([{"amount_minor": 0}], None, id="never above nothing"),
        pytest.param([], None, id="never told"),
        pytest.param(
            [{"amount_minor": 1000, "currency": "JPY"}, {"amount_minor": 0, "currency": "EUR"}], 600, id="both cleared"
        ),
        pytest.param(
            [{"amount_minor": 1000, "currency": "EUR"}, {"currency": "JPY"}, {"amount_minor": 0}], 600,
            id="its currency was corrected while it stood",
        ),
        pytest.param([{"amount_minor": 1000}, {"currency": "JPY"}], 600, id="it stands still"),
    ],
)  # fmt: skip
def test_a_lost_deal_has_the_last_amount_above_0_in_its_currency_of_then(
    told: list[dict[str, Any]], minor: int | None
) -> None:
    """Both as they last stood: what comes with the loss says what the system clears, not what was lost."""
    events = [_deal(START_MS + DAY + number, **data) for number, data in enumerate(told)]
    world = _play(YEN, _new(), *events, _deal(NOON_MS, stage_id="lost"))

    assert world.measure("lost_minor") == (minor or 0)
    assert world.measure("lost_without_amount") == int(minor is None)
    assert world.measure("deals_created_now_minor") == (minor or 0)


def test_each_deal_without_an_amount_or_a_rate_is_counted_beside_its_sum() -> None:
    """Of three of each sort one has an amount, one has none, one no rate; 0 is an amount."""
    values: list[dict[str, Any]] = [{"amount_minor": 0}, {}, {"amount_minor": 5, "currency": "CHF"}]
    stages = {"won": "won", "offer": "open_qualified"}
    world = _play(
        *(_new(stage_id=stage, **value) | {"subject": f"deal:{stage}-{number}"}
          for stage in stages for number, value in enumerate(values))
    )  # fmt: skip

    for part in ("won", "open", "open_qualified"):
        assert (world.measure(f"{part}_without_amount"), world.measure(f"{part}_unconverted")) == (1, 1)
    for part in ("deals_created", "deals_created_now"):
        assert (world.measure(f"{part}_without_amount"), world.measure(f"{part}_unconverted")) == (2, 2)
    assert world.measure("unconverted") == 2 + 1 + 1


def _days(world: World, kind: str, stage: str) -> list[tuple[int, int]]:
    """The local days on which time in a stage counts, with it in hours."""
    name = f"stage_{kind}_ms:default:{stage}"
    return sorted((place[2] or 0, sums[name] // HOUR) for place, sums in world.total().items() if name in sums)


def test_a_stage_that_was_left_counts_at_its_exit() -> None:
    """Nine days new, counted when it was left, once; of the stage that it is in now nothing."""
    world = _play(_new(), _deal(NOON_MS - DAY, stage_id="qualified"))

    assert _days(world, "once", "new") == [(739557, 9 * 24)]
    assert _of(world, "stage_once:") == {f"default:new~{bucket(9 * 24 * 60)}": 1}
    assert not _of(world, "stage_latest") | _of(world, "stage_total")


def test_the_owner_of_the_exit_has_the_time() -> None:
    """However long the deal was another one's before."""
    world = _play(_new(), _deal(NOON_MS - DAY, owner_id="rep-02"), _deal(NOON_MS, stage_id="qualified"))

    assert world.measure("stage_once_ms:default:new", "south") == 10 * DAY


def test_going_back_begins_another_visit() -> None:
    """Two days and one day in offer: the last visit has one, both have three, counted once, at the last exit."""
    world = _play(
        _new(stage_id="offer"),
        _deal(START_MS + 2 * DAY, stage_id="new"),
        _deal(START_MS + 5 * DAY, stage_id="offer"),
    )
    assert _days(world, "once", "offer") == [(739550, 48)]

    world.play([_deal(START_MS + 6 * DAY, stage_id="won")])
    assert not _days(world, "once", "offer")
    assert _days(world, "latest", "offer") == [(739554, 24)]
    assert _days(world, "total", "offer") == [(739554, 72)]
    assert _days(world, "once", "new") == [(739553, 72)]
    assert _of(world, "stage_fell_back:default:") == {"offer": 1}
    assert _of(world, "stage_came_back:default:") == {"offer": 1}
    assert _of(world, "stage_skipped:default:") == {"new": 1, "qualified": 1}


def test_opened_again_in_its_stage_a_deal_goes_on_in_it() -> None:
    """Four days, two of them closed, and three days: five days in one visit, and the exit at the loss is taken back."""
    world = _play(
        _new(),
        _deal(START_MS + 2 * DAY, stage_id="lost"),
        _deal(START_MS + 4 * DAY, stage_id="new"),
        _deal(START_MS + 7 * DAY, stage_id="qualified"),
    )

    assert _days(world, "once", "new") == [(739555, 5 * 24)]
    assert not _of(world, "stage_came_back:")


def test_opened_again_in_another_stage_a_deal_left_its_own_with_the_close() -> None:
    """It was in offer for two days; that it is new then is a way back."""
    world = _play(
        _new(stage_id="offer"),
        _deal(START_MS + 2 * DAY, stage_id="lost"),
        _deal(START_MS + 4 * DAY, stage_id="new"),
    )

    assert _days(world, "once", "offer") == [(739550, 48)]
    assert _of(world, "stage_fell_back:") == {"default:offer": 1}


def test_a_renamed_stage_is_one_stage_with_one_visit() -> None:
    """Told under the former id and then under the new one, it was not left in between."""
    renamed = [{"id": "fresh", "former_ids": ["new"]}, {"id": "offer"}]
    world = _play(
        _new(),
        event("process", "default", START_MS + DAY, stages=renamed, valid_from=START_MS + DAY),
        _deal(START_MS + 2 * DAY, stage_id="fresh"),
        _deal(START_MS + 3 * DAY, stage_id="offer"),
    )

    assert _days(world, "once", "fresh") == [(739551, 72)]


def test_a_deal_that_goes_to_and_fro_stays_as_small_as_its_stages() -> None:
    """Whatever it went through: each stage is told once of time, once of each turn."""
    told = [_deal(NOON_MS - 500_000 + number, stage_id=("new", "offer")[number % 2]) for number in range(400)]
    world = _play(_new(), *told)
    stages = [name for sums in world.total().values() for name in sums if name.startswith("stage_")]

    assert len(stages) == len(set(stages)) == 23
    assert _of(world, "stage_fell_back:default:") == {"offer": 1}
    assert _of(world, "stage_came_back:default:") == {"new": 1, "offer": 1}
