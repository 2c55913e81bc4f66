"""Best periods and milestones of reps who move and of events that are corrected, deleted and late: the audit agrees."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from schemas.events import iso
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.unit.audit.logs_of import cut_through
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

FEW = settings(max_examples=min(12, settings().max_examples // 3), deadline=None)
RULE: dict[str, Any] = {"kpi": "dials", "best": ["day", "week", "month"], "milestones": [1, 3, 10], "streaks": [1]}
OTHERWISE: list[dict[str, Any]] = [
    {"whose": "teams"}, {"whose": None}, {"kpi": "won", "milestones": [1, 2]}, {"best": ["day"]}, {"kpi": "bookings"},
    {"milestones": [2, 900]}, {"best": None}, {"kpi": None},
    {"streaks": [1, 2]}, {"streaks": None},
]  # fmt: skip
HOURS: list[dict[str, Any]] = [
    {"sunday": [["22:00", "06:00"]], "monday": [["09:00", "12:00"]], "friday": [["09:00", "12:00"]]},
    {**{day: [["09:00", "17:00"]] for day in ("monday", "tuesday", "thursday", "saturday")}, "holidays": "DE"}, {},
]  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("rule"), st.sampled_from("ab"), st.sampled_from(OTHERWISE)),
        st.tuples(st.just("end"), st.sampled_from("ab"), st.sampled_from(["deleted", "restored"])),
        st.tuples(st.just("call"), st.integers(0, 30), st.integers(-30, 0)),
        st.tuples(st.just("uncall"), st.integers(0, 60)),
        st.tuples(st.just("uncall"), st.integers(40, 59)),
        st.tuples(st.just("deal"), st.sampled_from(["won", "lost"]), st.sampled_from([None, 900])),
        st.tuples(st.just("member"), st.sampled_from(["rep-01", "rep-02"]), st.sampled_from([-20, -2, 1])),
        st.tuples(st.just("meant"), st.sampled_from(["rep-01", "rep-02"]), st.sampled_from([-20, -2, None])),
        st.tuples(st.just("zone"), st.sampled_from(["Asia/Tokyo", "America/New_York"])),
        st.tuples(st.just("special"), st.integers(-25, 1)),
        st.tuples(st.just("hours"), st.sampled_from(["north", "south", "company"]), st.sampled_from(HOURS)),
        st.tuples(st.just("away"), st.integers(-25, 1), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("hired"), st.integers(-25, -3)),
        st.tuples(st.just("weeks"), st.sampled_from(["sunday", "monday"])),
        st.tuples(st.just("pass"), st.sampled_from([HOUR, 2 * DAY])),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip


def date_of(on: int) -> str:
    """A day by its distance from the Monday of the world."""
    return iso(NOON_MS + on * DAY)[:10]


def call(number: int, on: int, at_ms: int = NOON_MS) -> dict[str, Any]:
    """A dial of one of two reps on a day before."""
    began_ms = NOON_MS + on * DAY
    rep = f"rep-0{number % 2 + 1}"
    return event("call", f"c-{number}", at_ms, rep_id=rep, direction="outbound", started_at=began_ms)


def told(number: int, kind: str, *what: Any) -> dict[str, Any]:
    """What a step tells."""
    at_ms = NOON_MS + number
    if kind == "rule":
        return event("recognition", what[0], at_ms, **what[1])
    if kind == "end":
        return event("recognition", what[0], at_ms, verb=what[1])
    if kind == "call":
        return call(what[0], what[1], at_ms)
    if kind == "uncall":
        return event("call", f"c-{what[0]}", at_ms, verb="deleted")
    if kind == "deal":
        worth = {"amount_minor": what[1], "currency": "EUR", "created_at": NOON_MS - DAY}
        return event("deal", f"d{number % 3}", at_ms, owner_id="rep-01", stage_id=what[0], **worth)
    if kind == "member":
        rep, day = what
        return event("membership", f"m-{number}", at_ms, rep_id=rep, team_id="south", valid_from=NOON_MS + day * DAY)
    if kind == "meant":
        rep, day = what
        other = {"rep-01": "rep-02", "rep-02": "rep-01"}[rep]
        bounds: dict[str, Any] = {} if day is None else {"valid_from": NOON_MS + day * DAY}
        return event("identity", f"i-{number % 2}", at_ms, external_id=rep, rep_id=other, **bounds)
    if kind == "special":
        opening: dict[str, Any] = {"open_until": "12:00"} if number % 3 == 0 else {}
        team: dict[str, Any] = {"team_id": "north"} if number % 2 else {}
        return event("special_day", f"s-{number}", at_ms, day=date_of(what[0]), **team, **opening)
    if kind == "hours":
        return event("company" if what[0] == "company" else "team", what[0], at_ms, calendar=what[1])
    if kind == "away":
        first, length, half = what
        days: dict[str, Any] = {"first_day": date_of(first), "last_day": date_of(first + length)}
        return event("absence", f"a-{number}", at_ms, rep_id="rep-01", **days, until_noon=half)
    if kind == "hired":
        return event("rep", "rep-01", at_ms, hired_on=date_of(what[0]))
    if kind == "zone":
        return event("team", "north", at_ms, time_zone=what[0])
    return event("company", "company", at_ms, week_start=what[0])


def differing(plan: list[Any], changed: str = "SELECT 1") -> tuple[list[Any], int]:
    """What the audit finds, by its own definition with a statement run over it, and how many numbers it compared."""
    world = World(partitions=1)
    world.play(
        organisation(), [event("recognition", "a", 1000, **RULE)],
        [event("recognition", "b", 1000, **RULE, whose="teams")], [call(n, -n) for n in range(30)],
        [call(40 + n, -(n // 2)) for n in range(20)],
    )  # fmt: skip
    boards = RecognisingBoards(world).read()
    boards.follow(plan, told)
    world.now_ms += 20_000
    world.tick()
    world.run()
    boards.read()
    with Database() as database:
        oracle = Oracle(database, Rules())
        database.execute(changed)
        cut_through(oracle, world)
        oracle.cover()
        found, _, numbers = recognition_differences(database, world, boards)
        return found, numbers


@FEW
@given(STEPS)
def test_whatever_becomes_of_events_and_rules_the_audit_has_the_same_achievements(plan: list[Any]) -> None:
    """Of whom what was best, on which day a count was reached, and nothing else."""
    assert differing(plan)[0] == []


def test_what_is_forgotten_stays_with_the_team_that_had_it_and_the_audit_says_nothing_of_teams() -> None:
    """Whose reps were in another team all along, as it is told after their calls were forgotten."""
    moved = [("member", rep, -40) for rep in ("rep-01", "rep-02")]

    found, numbers = differing([("pass", 36 * DAY), ("pass", HOUR), *moved])
    assert found == []
    assert numbers < differing(moved)[1]


def test_what_is_forgotten_stays_with_the_rep_whom_its_id_meant_and_the_audit_says_nothing_of_them() -> None:
    """The calls of one rep were the other's all along, as it is told after they were forgotten."""
    meant = [("meant", "rep-01", None)]

    found, numbers = differing([("pass", 36 * DAY), ("pass", HOUR), *meant])
    assert found == []
    assert numbers < differing(meant)[1]


def test_all_that_is_achieved_is_compared() -> None:
    """A best day and week, three milestones and a streak, of two reps and their teams: three things of each."""
    assert differing([]) == ([], 3 * 4 * 6)


def test_the_audit_sees_a_wrong_achievement() -> None:
    """Here it counts emails where the pipeline counts dials: nobody achieved anything."""
    found, _ = differing([], "UPDATE definition SET above = ['emails'] WHERE kpi = 'dials'")

    assert {each.expected for each in found} == {"absent"}
    assert len(found) == 3 * 4 * 6
