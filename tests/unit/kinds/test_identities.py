"""Whom events mean by the ids that systems name: by hand, through every kind of object. The audit agrees each time."""

from typing import Any

import pytest

from schemas import blocks, control
from schemas.control import BLOCK, KIND_HEADER, ORG
from tests.unit.audit.logs_of import differing
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, LogRecord, World, event, organisation

pytestmark = pytest.mark.slow
START_MS = NOON_MS - 10 * DAY
DESK = "desk@7"


def means(rep: str, name: str = "i", time_ms: int = 2_000, **data: Any) -> dict[str, Any]:
    """That the id of a desk means a rep."""
    return event("identity", name, time_ms, external_id=DESK, rep_id=rep, **data)


def played(*batches: list[dict[str, Any]]) -> World:
    """A world in which all this was told; pipeline and audit agree on it."""
    world = World().play(organisation(), *batches).settle()
    assert differing(world) == []
    return world


def of(world: World, measure: str) -> dict[tuple[str, str], int]:
    """One measure by team and rep, without zeros."""
    found: dict[tuple[str, str], int] = {}
    for (team, rep, _, _), sums in world.total().items():
        if measure in sums:
            found[team, rep] = found.get((team, rep), 0) + sums[measure]
    return {place: amount for place, amount in found.items() if amount}


ANN, BEN, NOBODY = ("north", "rep-01"), ("south", "rep-02"), ("unassigned", "unassigned")


def told(named: str) -> list[dict[str, Any]]:
    """One of everything that names a rep, by an id."""
    return [
        event("call", "c", NOON_MS, rep_id=named, started_at=NOON_MS, answered_at=NOON_MS + MINUTE,
              ended_at=NOON_MS + 6 * MINUTE, direction="outbound", outcome="answered"),
        event("call", "rung", NOON_MS, rep_id=named, started_at=NOON_MS, direction="inbound", outcome="no_answer",
              legs=[{"rep_id": named, "ended_at": NOON_MS + MINUTE}]),
        event("email", "e", NOON_MS, rep_id=named, sent_at=NOON_MS, direction="outbound"),
        event("meeting", "m", NOON_MS, rep_id=named, booked_at=NOON_MS - DAY, starts_at=NOON_MS - HOUR, status="held"),
        event("activity", "v", NOON_MS, rep_id=named, occurred_at=NOON_MS, kind="visit"),
        event("activity", "l", NOON_MS, rep_id=named, occurred_at=NOON_MS, kind="call", dials=1),
        event("lead", "l", NOON_MS, owner_id=named, created_at=NOON_MS - HOUR),
        event("deal", "d", START_MS, owner_id=named, created_at=START_MS, stage_id="new", amount_minor=1_000,
              account_id="a"),
        event("deal", "d", NOON_MS, stage_id="won"),
        event("deal", "open", NOON_MS, owner_id=named, created_at=START_MS, stage_id="offer", amount_minor=500),
        event("observation", "o", NOON_MS, rep_id=named, observed_at=NOON_MS, name="one_to_one"),
        event("agent", named, NOON_MS - HOUR, state="available"),
        event("agent", named, NOON_MS, state="on_call"),
    ]  # fmt: skip


def test_whoever_is_meant_has_all_that_events_of_the_id_tell() -> None:
    """Calls and their legs, mails, meetings, visits, leads, deals, talks, and what the phone of that id is set to."""
    by_ids = played([means("rep-01")], told(DESK))

    assert by_ids.total() == played(told("rep-01")).total()
    assert {place[:2] for place in by_ids.total()} == {ANN}
    assert {place[:2] for place in played(told(DESK)).total()} == {NOBODY}


def test_what_came_before_it_was_known_is_told_anew() -> None:
    """Told, changed to another rep, ended before it began, ended by nobody, deleted, restored: as if ever so."""
    world = World().play(organisation(), told(DESK))
    for change, place in (
        (means("rep-01"), ANN),
        (means("rep-02", time_ms=3_000), BEN),
        (means("rep-02", time_ms=4_000, valid_to=START_MS - DAY), NOBODY),
        (means("rep-02", time_ms=5_000, valid_to=None), BEN),
        (event("identity", "i", START_MS - DAY, verb="deleted"), NOBODY),
        (event("identity", "i", START_MS, verb="restored"), BEN),
    ):
        world.play([change])

        assert of(world, "dials") == {place: 2}
        assert {each[:2] for each in world.total()} == {place}
    assert differing(world) == []


def test_each_thing_is_of_whoever_is_meant_when_it_counts() -> None:
    """The desk was Ann's until two minutes after noon, and is Ben's since: the call is hers, its talk ended with Ben.

    She had created the deal, booked the meeting and held it; what stands open is of who has the desk now.
    """
    over = NOON_MS + 2 * MINUTE
    world = played(told(DESK), [means("rep-01", valid_to=over), means("rep-02", "j", valid_from=over)])

    assert of(world, "dials") == {ANN: 2}
    assert of(world, "talk_ms") == {BEN: 300_000}
    assert of(world, "won_minor") == {ANN: 1_000}
    assert of(world, "meetings_set") == of(world, "meetings_held") == {ANN: 1}
    assert of(world, "available_ms") == {ANN: 3_600_000}
    assert of(world, "open_deals") == of(world, "agents:on_call") == of(world, "leads_waiting") == {BEN: 1}


def test_of_two_that_hold_the_one_that_began_last_is_meant() -> None:
    """Ben stands in for Ann for a while; after it she is meant again."""
    stands_in = means("rep-02", "j", valid_from=NOON_MS - HOUR, valid_to=NOON_MS + 20 * MINUTE)
    later = event("email", "f", NOON_MS + HOUR, rep_id=DESK, sent_at=NOON_MS + HOUR, direction="outbound")
    earlier = event("email", "d", NOON_MS, rep_id=DESK, sent_at=NOON_MS - 2 * HOUR, direction="outbound")

    assert of(played([means("rep-01"), stands_in], told(DESK), [earlier, later]), "emails") == {ANN: 2, BEN: 1}


def test_what_begins_by_itself_moves_what_stands() -> None:
    """From tomorrow on the desk is Ben's: no event tells it then."""
    world = World().play(organisation(), [means("rep-01"), means("rep-02", "j", valid_from=NOON_MS + DAY)], told(DESK))
    assert of(world, "open_deals") == {ANN: 1}

    world.now_ms = NOON_MS + DAY + MINUTE
    world.tick()
    world.run()
    assert of(world, "open_deals") == {BEN: 1}
    assert differing(world) == []


def test_who_is_meant_moves_and_the_id_moves_along() -> None:
    """Objects that name the desk are found when Ann changes teams, though none of them names her."""
    moved = event("membership", "m3", 2_000, rep_id="rep-01", team_id="south", valid_from=NOON_MS - 2 * DAY)
    world = played([means("rep-01")], told(DESK), [moved])

    assert of(world, "dials") == {("south", "rep-01"): 2}
    assert of(world, "deals_created") == {ANN: 2}


def test_a_rep_who_is_told_of_after_the_identity_has_what_the_id_did() -> None:
    """The desk meant somebody whom nobody knew."""
    world = played([means("rep-77")], told(DESK))
    assert {place[:2] for place in world.total()} == {NOBODY}

    world.play([event("rep", "rep-77", 3_000, active=True)])
    assert {place[:2] for place in world.total()} == {("unassigned", "rep-77")}
    assert differing(world) == []


def test_identities_do_not_chain_and_may_give_away_a_reps_own_id() -> None:
    """The desk means `rep-01`, which means Ben in what events name: of the desk it is Ann all the same."""
    other = event("identity", "k", 2_000, external_id="rep-01", rep_id="rep-02")
    world = played([means("rep-01"), other], told(DESK), [event("email", "f", NOON_MS, rep_id="rep-01", sent_at=NOON_MS,
                                                                direction="outbound")])  # fmt: skip

    assert of(world, "emails") == {ANN: 1, BEN: 1}


@pytest.mark.parametrize("shared", [False, True])
def test_a_split_moves_money_to_whom_its_ids_mean(*, shared: bool) -> None:
    """Of 10.00 the desk has 60 %; the whole desk is Ann's, of whom south has a quarter where she is shared."""
    shares: list[dict[str, Any]] = [
        event("membership", f"s-{team}", 3_000, rep_id="rep-01", team_id=team, valid_from=1_000, share_bp=share)
        for team, share in (("north", 7_500), ("south", 2_500))
        if shared
    ]
    split = [{"rep_id": DESK, "share_bp": 6_000}, {"rep_id": "rep-02", "share_bp": 4_000}]
    world = played([means("rep-01"), *shares], told(DESK), [event("deal", "d", START_MS, split=split)])

    found = {
        place: amount + of(world, "won_minor").get(place, 0) for place, amount in of(world, "won_split_minor").items()
    }
    assert found == ({ANN: 450, ("south", "rep-01"): 150, BEN: 400} if shared else {ANN: 600, BEN: 400})


def test_a_shared_rep_may_own_by_another_id() -> None:
    """Without a split: half of Ann is south's, and so is half of the bookings of her desk."""
    shares = [
        event("membership", f"s-{team}", 3_000, rep_id="rep-01", team_id=team, valid_from=1_000, share_bp=5_000)
        for team in ("north", "south")
    ]
    world = played([means("rep-01"), *shares], told(DESK))

    assert sum(world.measure(measure, "north") for measure in ("won_minor", "won_split_minor")) == 500
    assert sum(world.measure(measure, "south") for measure in ("won_minor", "won_split_minor")) == 500


def test_only_ledgers_are_told() -> None:
    """Boards add up reps, and know no other ids: they get no copy, of those that are sent again neither."""
    world = World().play(organisation(), [means("rep-01")])
    world.now_ms += 13 * HOUR
    world.tick()
    world.run()

    assert {topic for (topic, _), log in world.logs.items() for each in log if _copies_it(each)} == {
        "crm.events", "telephony.events",
    }  # fmt: skip


def _copies_it(record: LogRecord) -> bool:
    kind = dict(record.headers).get(KIND_HEADER)
    if kind == BLOCK:
        return any(key == "identity:i" for key, _ in blocks.unpack(record.value or b"").records())
    return kind == ORG and control.unpack(record.value or b"").subject == "identity:i"
