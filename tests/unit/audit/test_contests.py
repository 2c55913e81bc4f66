"""Contests told late, otherwise or taken back, reps who move, events that are corrected: the audit agrees."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.unit.audit.logs_of import cut_through
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

FEW = settings(max_examples=min(12, settings().max_examples // 3), deadline=None)
WEEK: dict[str, Any] = {"kpi": "dials", "first_day": "2025-10-30", "last_day": "2025-11-05"}
OTHERWISE: list[dict[str, Any]] = [
    {"team_ids": ["north", "south"]}, {"team_ids": ["south"], "rep_ids": ["rep-01"]}, {"rep_ids": ["rep-02", "rep-09"]},
    {"among": "teams", "team_ids": ["north", "south", "nobody"], "rep_ids": None}, {"kpi": "connect_rate"},
    {"last_day": "2025-11-02", "settlement_hours": 0}, {"first_day": "2025-11-06", "last_day": "2025-11-07"},
    {"kpi": "talk_time", "least_sample": 1}, {"kpi": "bookings"}, {"kpi": None}, {"kpi": "avg_deal_size"},
]  # fmt: skip
CAREERS = [
    {"hired_on": "2025-11-01"}, {"hired_on": "2025-09-30"}, {"hired_on": "2025-10-30"}, {"left_on": "2025-10-31"},
    {"active": False},
]  # fmt: skip
RAMPS: list[dict[str, Any]] = [
    {"ramp": [5000]}, {"ramp": [5000, 10_000, 0]}, {"ramp": [0], "team_id": "north"}, {"ramp": [], "team_id": "north"},
    {"ramp": [2500, 2500], "effective_on": "2025-11-01"}, {"ramp": None},
]  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("contest"), st.sampled_from("ab"), st.sampled_from(OTHERWISE)),
        st.tuples(st.just("end"), st.sampled_from("ab"), st.sampled_from(["deleted", "restored"])),
        st.tuples(st.just("call"), st.integers(0, 5), st.sampled_from([-6, -3, 0])),
        st.tuples(st.just("uncall"), st.integers(0, 5)),
        st.tuples(st.just("deal"), st.sampled_from(["won", "lost"]), st.sampled_from([None, 900])),
        st.tuples(
            st.just("member"), st.sampled_from(["rep-01", "rep-02"]), st.sampled_from(["north", "south"]),
            st.sampled_from([-9, -2, 1]),
        ),
        st.tuples(st.just("rep"), st.sampled_from(["rep-01", "rep-02"]), st.sampled_from(CAREERS)),
        st.tuples(st.just("ramp"), st.sampled_from("xy"), st.sampled_from(RAMPS)),
        st.tuples(st.just("gone"), st.sampled_from(["deleted", "restored"])),
        st.tuples(st.just("pass"), st.sampled_from([HOUR, 5 * DAY])),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


def told(number: int, kind: str, *what: Any) -> dict[str, Any]:
    """What a step tells."""
    at_ms = NOON_MS + number
    if kind == "contest":
        return event("contest", what[0], at_ms, **what[1])
    if kind == "end":
        return event("contest", what[0], at_ms, verb=what[1])
    if kind == "call":
        n, on = what
        began_ms = NOON_MS + on * DAY
        return event(
            "call", f"c-{n}", at_ms, rep_id=f"rep-0{n % 3 + 1}", direction="outbound", started_at=began_ms,
            answered_at=began_ms + 9000, ended_at=began_ms + HOUR, outcome="answered" if n % 2 else "no_answer",
        )  # fmt: skip
    if kind == "uncall":
        return event("call", f"c-{what[0]}", at_ms, verb="deleted")
    if kind == "deal":
        worth = {"amount_minor": what[1], "currency": "EUR", "created_at": NOON_MS - DAY}
        return event("deal", f"d{number % 3}", at_ms, owner_id="rep-01", stage_id=what[0], **worth)
    if kind == "member":
        rep, team, day = what
        return event("membership", f"m-{number}", at_ms, rep_id=rep, team_id=team, valid_from=NOON_MS + day * DAY)
    if kind == "rep":
        return event("rep", what[0], at_ms, **what[1])
    if kind == "ramp":
        return event("proration", what[0], at_ms, **what[1])
    return event("rep", "rep-01", at_ms, verb=what[0])


def played(plan: list[Any]) -> tuple[World, RecognisingBoards]:
    """A world in which contests and calls are told, with boards that read on after every step."""
    world = World(partitions=1)
    world.play(
        organisation(), [event("contest", "a", 1000, **WEEK, team_ids=["north"])],
        [event("contest", "b", 1000, **WEEK, among="teams", team_ids=["north", "south"])],
        [told(0, "call", n, day) for n, day in ((0, 0), (1, -2), (4, -3), (3, 0))],
    )  # fmt: skip
    boards = RecognisingBoards(world).read()
    boards.follow(plan, told)
    world.now_ms += 20_000
    for _ in range(2):
        world.now_ms += 5000
        world.tick()
        world.run()
        boards.read()
    return world, boards


def differing(plan: list[Any], changed: str = "SELECT 1") -> tuple[list[Any], int]:
    """What the audit finds, by its own definition with a statement run over it, and how many numbers it compared."""
    world, boards = played(plan)
    with Database() as database:
        oracle = Oracle(database, Rules())
        database.execute(changed)
        cut_through(oracle, world)
        oracle.cover()
        return recognition_differences(database, world, boards)[:2]


@FEW
@given(STEPS)
def test_whatever_becomes_of_contests_the_audit_has_the_same_standings(plan: list[Any]) -> None:
    """Who takes part, places, values and samples, when it begins and ends, and what it is called."""
    assert differing(plan)[0] == []


def test_whoever_is_in_ramp_as_it_begins_has_no_place() -> None:
    """Rep 1, hired on the first day, is in it where there is no ramp: three numbers of each who has a place."""
    hired = ("rep", "rep-01", {"hired_on": "2025-10-30"})
    assert differing([hired]) == ([], 2 * 5 + 3 * (1 + 2))
    assert differing([hired, ("ramp", "x", {"ramp": [5000]})]) == ([], 2 * 5 + 3 * 2)


def test_all_of_a_contest_is_compared() -> None:
    """Five things of each contest, and three of everybody who takes part."""
    assert differing([]) == ([], 2 * 5 + 3 * (1 + 2))


def test_the_audit_sees_a_wrong_value() -> None:
    """Here it counts emails where the pipeline counts dials."""
    found, _ = differing([], "UPDATE definition SET above = ['emails'] WHERE kpi = 'dials'")

    assert {(each.scope, each.path, each.kpi, each.shown, each.expected) for each in found} >= {
        ("contest:a", "rep:rep-01", "value", "2.0", "0.0")
    }
