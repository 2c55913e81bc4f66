"""Who belongs to a team now: whatever becomes of teams, reps and memberships, boards and audit name the same reps."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.audit.logs_of import audited, folded, worked_out
from tests.unit.boards.logs import fold, scoreboard
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

FEW = settings(max_examples=min(15, settings().max_examples // 3))
TEAMS, REPS = ("north", "south"), ("rep-01", "rep-02", "rep-03")
DAYS = st.sampled_from(["2025-11-02", "2025-11-03", "2025-11-04"])
"""Yesterday, today, tomorrow."""
HIRED = DAYS | st.sampled_from(["2025-10-03", "2025-10-04", "2025-08-31"])
RAMPS = st.sampled_from([None, [], [5000], [10_000, 0], [0, 10_000, 2500]])
Told = dict[str, Any]
Present = set[tuple[str, str]]
NOBODY: tuple[Present, Present] = (set(), set())


@st.composite
def changes(draw: st.DrawFn) -> Told:
    """Something becomes of a team, a rep or a membership: it changes, ends or is back."""
    names = {
        "team": TEAMS, "rep": REPS, "membership": ("m1", "m2", "m3"), "absence": ("a1", "a2", "a3"),
        "proration": ("p1", "p2"),
    }  # fmt: skip
    kinds = ["team", "rep", "rep", "membership", "membership", "absence", "absence", "absence", "proration"]
    kind = draw(st.sampled_from(kinds))
    name, time_ms = draw(st.sampled_from(names[kind])), NOON_MS - DAY + draw(st.integers(0, 5))
    verb = draw(st.sampled_from(["changed", "changed", "deleted", "restored"]))
    data: Told = {}
    if verb == "changed" and kind == "rep":
        data["active"] = draw(st.booleans() | st.just(True))
        data |= {"hired_on": draw(st.none() | HIRED), "left_on": draw(st.none() | DAYS)}
        if data["hired_on"] and data["left_on"] and data["left_on"] < data["hired_on"]:
            data["left_on"] = None
    if verb == "changed" and kind == "membership":
        moments = st.none() | st.sampled_from([NOON_MS - DAY, NOON_MS, NOON_MS + DAY])
        data = {"rep_id": draw(st.sampled_from(REPS)), "team_id": draw(st.sampled_from(TEAMS))}
        data |= {"valid_from": draw(moments), "valid_to": draw(moments)}
    if verb == "changed" and kind == "proration":
        data = {"ramp": draw(RAMPS), "team_id": draw(st.none() | st.sampled_from(TEAMS))}
        data["effective_on"] = draw(st.none() | DAYS)
    if verb == "changed" and kind == "absence":
        data = {"rep_id": draw(st.sampled_from(REPS)), **draw(ABSENCES)}
    return event(kind, name, time_ms, verb=verb, **data)


ABSENCES: st.SearchStrategy[dict[str, Any]] = st.sampled_from([
    {"first_day": "2025-11-02", "last_day": "2025-11-03"}, {"first_day": "2025-11-03"}, {"first_day": "2025-11-04"},
    {"first_day": "2025-11-03", "last_day": "2025-11-03", "from_noon": True},
    {"first_day": "2025-11-01", "last_day": "2025-11-03", "until_noon": True},
    {"starts_at": NOON_MS - 2 * HOUR, "ends_at": NOON_MS + HOUR},
    {"starts_at": NOON_MS - 2 * HOUR, "ends_at": NOON_MS - HOUR},
])  # fmt: skip


def on_boards(world: World) -> tuple[Present, Present]:
    """Whom a scoreboard's ranks show, and who is said to be in ramp."""
    board = scoreboard()
    fold(board, world.logs["facts", 0])
    homes = [f"team:{team}" for team in TEAMS]
    return {(home, rep) for home in homes for rep in board.beside(home).ranked}, {
        (home, rep) for home in homes for rep in board.beside(home).ramping
    }


def in_sql(world: World) -> tuple[Present, Present]:
    """Who belongs to a team and is not in ramp, and who is, as the audit has it."""
    with audited(world) as database:
        database.execute("INSERT INTO bound VALUES ('facts/0', 1000000)")
        homes = [{"home": f"team:{team}", "log": "facts/0", "now_ms": world.now_ms} for team in TEAMS]
        database.fill("home", homes)
        for script in ("organisation", "scope", "attendance", "ramp", "present"):
            database.run(script)
        return set(database.rows("SELECT home, rep FROM present ANTI JOIN ramping USING (home, rep)")), set(
            database.rows("SELECT home, rep FROM ramping")
        )


def ramping_found(world: World, shown: Present) -> list[tuple[str, int, int]]:
    """What the audit finds where these are shown as in ramp."""
    with audited(world) as database:
        database.execute("INSERT INTO bound VALUES ('facts/0', 1000000)")
        homes = [{"home": f"team:{team}", "log": "facts/0", "now_ms": world.now_ms} for team in TEAMS]
        database.fill("home", homes)
        database.execute("CREATE TEMP TABLE published AS SELECT home AS scope FROM home")
        database.fill("ramping_rep", [{"home": home, "rep": rep} for home, rep in shown])
        database.execute("CREATE TEMP TABLE turned AS SELECT '' AS home")
        for script in ("organisation", "scope", "attendance", "ramp", "present", "ramping"):
            database.run(script)
        return database.rows("SELECT path, shown, expected FROM ramping_difference ORDER BY path")


def absent_on_boards(world: World) -> Present:
    """Who of a team is shown as absent."""
    board = scoreboard()
    fold(board, world.logs["facts", 0])
    return {(f"team:{team}", rep) for team in TEAMS for rep in board.beside(f"team:{team}").absent}


def absent_in_sql(world: World, shown: Present) -> tuple[Present, list[Any]]:
    """Who is absent as the audit has it, and what it finds where these are shown."""
    with audited(world) as database:
        database.execute("INSERT INTO bound VALUES ('facts/0', 1000000)")
        homes = [{"home": f"team:{team}", "log": "facts/0", "now_ms": world.now_ms} for team in TEAMS]
        database.fill("home", homes)
        database.execute("CREATE TEMP TABLE published AS SELECT home AS scope FROM home")
        database.fill("absent_rep", [{"home": home, "rep": rep} for home, rep in shown])
        for script in ("organisation", "scope", "attendance", "ramp", "present", "absent"):
            database.run(script)
        due = database.rows("SELECT scope, path FROM absent_looked_at WHERE is_expected")
        return set(due), database.rows("FROM absent_difference")


def played(told: Iterable[Told]) -> World:
    """A world of one partition whose organisation became that, and whose clock everybody has heard."""
    world = World(partitions=1).play(organisation())
    world.produce(told)
    world.tick()
    world.run()
    return world


@FEW
@given(st.lists(changes(), max_size=12))
def test_boards_and_audit_name_the_same_reps(told: list[Told]) -> None:
    """Deleted, inactive, moved, not yet there, in ramp, back again; teams that are gone have nobody."""
    world = played(told)

    assert in_sql(world) == on_boards(world)


@FEW
@given(st.lists(changes(), max_size=12))
def test_boards_and_audit_name_the_same_reps_as_absent(told: list[Told]) -> None:
    """Of those who are there: for days, half days or hours, overlapping, told again, or of somebody who has left."""
    world = played(told)
    shown = absent_on_boards(world)

    assert absent_in_sql(world, shown) == (shown, [])


def test_the_audit_sees_who_is_wrongly_said_to_be_absent_or_not() -> None:
    """One who is there, and one who is away and not named."""
    days: dict[str, Any] = {"first_day": "2025-11-01", "last_day": "2025-11-09"}
    world = played([event("absence", "a", NOON_MS - DAY, rep_id="rep-01", **days)])
    due, found = absent_in_sql(world, {("team:north", "rep-02")})

    assert due == {("team:north", "rep-01")}
    assert {(path, shown, expected) for _, _, _, path, shown, expected, *_ in found} == {
        ("rep-01", 0, 1), ("rep-02", 1, 0)
    }  # fmt: skip


def test_the_audit_sees_who_is_wrongly_said_to_be_in_ramp_or_not() -> None:
    """One who is an old hand, and one of ten days who is not named; nothing where it is as told."""
    told = [
        event("proration", "p", NOON_MS - DAY, ramp=[5000]),
        event("rep", "rep-01", NOON_MS - DAY, hired_on="2025-10-24"),
        event("rep", "rep-02", NOON_MS - DAY, hired_on="2025-10-03"),
    ]
    world = played(told)
    assert on_boards(world)[1] == {("team:north", "rep-01")}
    assert ramping_found(world, {("team:north", "rep-01")}) == []
    assert ramping_found(world, {("team:north", "rep-02")}) == [("rep-01", 0, 1), ("rep-02", 1, 0)]


def test_each_way_to_be_away() -> None:
    """One rep is deleted, one inactive, the team of a third is gone."""
    told = [
        event("rep", "rep-01", NOON_MS - DAY, verb="deleted"),
        event("rep", "rep-02", NOON_MS - DAY, active=False),
        event("membership", "m3", NOON_MS - DAY, rep_id="rep-03", team_id="south"),
    ]
    more = [event("rep", "rep-03", NOON_MS - DAY + 1, left_on="2025-11-02")]
    assert on_boards(left := played([*told, *more])) == in_sql(left) == NOBODY
    some, none = played(told), played([*told, event("team", "south", NOON_MS - DAY, verb="deleted")])

    assert in_sql(some) == on_boards(some) == ({("team:south", "rep-03")}, set())
    assert in_sql(none) == on_boards(none) == NOBODY


def test_a_rep_who_was_deleted_and_belonged_nowhere_is_nobody_to_both() -> None:
    """What he did counts for nobody who is known."""
    told = [
        event("rep", "rep-03", NOON_MS - DAY, active=True),
        event("rep", "rep-03", NOON_MS - DAY + 1, verb="deleted"),
        event("call", "c", NOON_MS, rep_id="rep-03", direction="outbound", started_at=NOON_MS),
    ]
    cells = worked_out(world := played(told))

    assert cells == folded(world)
    assert {cell[:2] for cell in cells} == {("unassigned", "unassigned")}
