from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.organisation import Organisation
from tests.unit.ledger.any_events import ZONES
from tests.unit.ledger.world import DAY, HOUR, NOON_MS


def _organisation(**records: Any) -> Organisation:
    found = Organisation("EUR", NOON_MS)
    for key, record in records.items():
        found.put(key.replace("__", ":"), record)
    return found


def _zones(*zones: tuple[str | None, str]) -> dict[str, Any]:
    given_days = [[None if day is None else date.fromisoformat(day).toordinal(), zone] for day, zone in zones]
    return {"time_zones": given_days}


def _ms(text: str, zone: str = "UTC") -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_a_rep_belongs_to_the_team_of_the_time() -> None:
    """North  |------------|
    south               |------>
          100          200
    """
    known = _organisation(
        team__north={},
        team__south={},
        membership__a={"rep_id": "7", "team_id": "north", "valid_from": 100, "valid_to": 200},
        membership__b={"rep_id": "7", "team_id": "south", "valid_from": 200},
    )

    assert [known.team_of("7", at_ms) for at_ms in (99, 100, 199, 200, 10**12)] == [
        None,
        "north",
        "north",
        "south",
        "south",
    ]


def test_where_two_memberships_overlap_the_later_one_holds() -> None:
    """North  |--------------------->
    south          |------|
          100     150    200
    """
    known = _organisation(
        team__north={},
        team__south={},
        membership__a={"rep_id": "7", "team_id": "north", "valid_from": 100},
        membership__b={"rep_id": "7", "team_id": "south", "valid_from": 150, "valid_to": 200},
    )

    assert [known.team_of("7", at_ms) for at_ms in (149, 150, 199, 200)] == ["north", "south", "south", "north"]


def test_what_is_unknown_counts_as_unassigned() -> None:
    """An unknown rep is `unassigned`, a known one without a known team keeps the name, nobody is nobody."""
    known = _organisation(rep__7={}, membership__a={"rep_id": "8", "team_id": "gone"})

    assert known.place("6", NOON_MS) == ("unassigned", "unassigned")
    assert known.place("7", NOON_MS) == ("unassigned", "7")
    assert known.place("8", NOON_MS) == ("unassigned", "8")
    assert known.place(None, NOON_MS) == ("unassigned", "")


def test_a_membership_that_is_taken_back_no_longer_holds() -> None:
    """A record that is gone, or names another rep, leaves nothing behind."""
    known = _organisation(team__north={}, membership__a={"rep_id": "7", "team_id": "north"})
    known.put("membership:a", {"rep_id": "8", "team_id": "north"})

    assert (known.team_of("7", 1), known.team_of("8", 1), known.knows_rep("7")) == (None, "north", False)
    assert known.members("north", 1) == ["8"]
    known.put("membership:a", None)
    assert known.members("north", 1) == []


def test_the_local_day_is_that_of_the_team() -> None:
    """One instant lies in different days for different teams; who has no zone has the company's."""
    known = _organisation(
        company__company={"time_zone": "Asia/Kolkata"},
        team__north=_zones((None, "Europe/Berlin")),
        team__south=_zones((None, "America/New_York")),
        team__east={},
    )
    at_ms = _ms("2025-11-03T23:30")
    days = [
        date.fromordinal(known.local_day(team, at_ms)).day for team in ("north", "south", "east", "nobody", "company")
    ]

    assert days == [4, 3, 4, 4, 4]


@pytest.mark.parametrize(("day", "hours"), [("2025-03-30", 23), ("2025-10-26", 25), ("2025-11-03", 24)])
def test_days_have_23_24_or_25_hours(day: str, hours: int) -> None:
    """When clocks change, a local day is shorter or longer; each of its hours lies in it."""
    known = _organisation(team__north=_zones((None, "Europe/Berlin")))
    ordinal = date.fromisoformat(day).toordinal()
    start_ms, end_ms = known.day_start_ms("north", ordinal), known.day_start_ms("north", ordinal + 1)

    assert end_ms - start_ms == hours * HOUR
    assert {known.local_day("north", at_ms) for at_ms in range(start_ms, end_ms, HOUR)} == {ordinal}
    assert known.local_day("north", start_ms - 1) == ordinal - 1


@pytest.mark.parametrize("second", ["America/New_York", "Asia/Kolkata"])
def test_a_zone_changes_at_a_local_midnight(second: str) -> None:
    """From the first instant of the day in the new zone on it holds, and the days before stay in order."""
    known = _organisation(team__north=_zones((None, "Europe/Berlin"), ("2025-11-03", second)))
    first = date(2025, 11, 3).toordinal()
    change_ms = _ms("2025-11-03T00:00", second)

    assert known.local_day("north", change_ms) == first
    assert known.local_day("north", change_ms - 1) == first - 1
    assert known.day_start_ms("north", first) == change_ms
    assert (known.zone("north", first - 1), known.zone("north", None)) == ("Europe/Berlin", second)


@given(ZONES, ZONES, st.integers(0, 400), st.lists(st.integers(0, 420 * 24 * 4), min_size=2, max_size=20))
def test_local_days_never_run_backwards(first: str, second: str, change: int, quarters: list[int]) -> None:
    """Later instants lie in the same or a later local day, over any change of zone or clock."""
    base = date(2025, 1, 1)
    change_day = (base + timedelta(days=change)).isoformat()
    known = _organisation(team__north=_zones((None, first), (change_day, second)))
    instants = sorted(_ms("2025-01-01T00:00") + quarter * HOUR // 4 for quarter in quarters)
    days = [known.local_day("north", at_ms) for at_ms in instants]

    assert days == sorted(days)


def test_a_rate_holds_from_its_day_on() -> None:
    """The newest rate effective on a day counts; before the first there is none; the own currency is worth one."""
    known = _organisation(
        rate__a={"currency": "USD", "effective_on": 100, "rate": "0.9"},
        rate__b={"currency": "USD", "effective_on": 200, "rate": "0.8"},
    )
    rates = [known.rate("USD", day) for day in (99, 100, 199, 200)]

    assert rates == [None, Decimal("0.9"), Decimal("0.9"), Decimal("0.8")]
    assert known.rate("EUR", 1) == 1
    known.put("rate:b", None)
    assert known.rate("USD", 300) == Decimal("0.9")


def test_the_tree_of_teams() -> None:
    """Ancestors come nearest first, children sorted; a circle of parents ends where it closes."""
    known = _organisation(
        team__world={"parent_id": "emea"},
        team__emea={"parent_id": "world"},
        team__north={"parent_id": "emea"},
        team__lost={"parent_id": "gone"},
    )

    assert known.ancestors("north") == ("emea", "world")
    assert known.ancestors("lost") == ()
    assert known.children("emea") == ["north", "world"]


def test_what_falls_due_comes_up_once() -> None:
    """A membership that begins or ends, and a rate that becomes effective, are named when their time has come."""
    known = _organisation(
        company__company={"time_zone": "Europe/Berlin"},
        membership__a={"rep_id": "7", "team_id": "north", "valid_from": NOON_MS + HOUR, "valid_to": NOON_MS + DAY},
        rate__a={"currency": "USD", "effective_on": date(2025, 11, 4).toordinal(), "rate": "0.9"},
    )

    assert known.schedule.due(NOON_MS + HOUR - 1) == []
    assert known.schedule.due(NOON_MS + HOUR) == ["rep:7"]
    assert known.schedule.due(_ms("2025-11-04T00:00", "Europe/Berlin") - 1) == []
    assert known.schedule.due(NOON_MS + 2 * DAY) == ["currency:USD", "rep:7"]
    assert known.schedule.due(NOON_MS + 3 * DAY) == []


def test_answers_follow_every_change() -> None:
    """Nothing that was asked before is remembered past a change."""
    known = _organisation(team__north=_zones((None, "Europe/Berlin")), rep__7={})
    at_ms = _ms("2025-11-03T23:30")
    before = (known.local_day("north", at_ms), known.place("7", at_ms))
    known.put("team:north", _zones((None, "America/New_York")))
    known.put("membership:a", {"rep_id": "7", "team_id": "north"})

    assert (known.local_day("north", at_ms), known.place("7", at_ms)) == (before[0] - 1, ("north", "7"))


ODD_ZONES = ZONES | st.sampled_from(["America/St_Johns", "Australia/Lord_Howe", "Africa/Monrovia", "Asia/Kathmandu"])
CHANGES: st.SearchStrategy[tuple[str, dict[str, Any] | None]] = st.one_of(
    st.tuples(
        st.sampled_from(["team:north", "team:south"]),
        st.none()
        | st.lists(st.tuples(st.none() | st.integers(738_600, 739_600), ODD_ZONES), max_size=2).map(
            lambda zones: {"time_zones": [list(zone) for zone in zones]}
        ),
    ),
    st.tuples(st.just("company:company"), ODD_ZONES.map(lambda zone: {"time_zone": zone})),
    st.tuples(st.just("rep:7"), st.none() | st.just({})),
    st.tuples(
        st.sampled_from(["membership:a", "membership:b"]),
        st.none()
        | st.builds(
            lambda rep, team, since, until: {"rep_id": rep, "team_id": team, "valid_from": since, "valid_to": until},
            st.sampled_from(["7", "8"]),
            st.sampled_from(["north", "south"]),
            st.none() | st.integers(0, 2 * 10**12),
            st.none() | st.integers(0, 2 * 10**12),
        ),
    ),
    st.tuples(
        st.sampled_from(["identity:a", "identity:b"]),
        st.none()
        | st.builds(
            lambda named, rep, since, until: {
                "external_id": named, "rep_id": rep, "valid_from": since, "valid_to": until,
            },
            st.sampled_from(["8", "9"]),
            st.sampled_from(["7", "8", "9"]),
            st.none() | st.integers(0, 2 * 10**12),
            st.none() | st.integers(0, 2 * 10**12),
        ),
    ),
)  # fmt: skip
NEAR_MIDNIGHTS = st.builds(
    lambda day, minutes, ms: max(day * DAY + minutes * 60_000 + ms, 0),
    st.integers(0, 21_000),
    st.integers(-800, 800),
    st.integers(0, 59_999),
)


@given(st.lists(CHANGES, max_size=6), st.lists(st.tuples(st.sampled_from([None, "7", "8", "9"]), NEAR_MIDNIGHTS)))
def test_a_cell_is_place_and_day_at_once(
    changes: list[tuple[str, dict[str, Any] | None]], asked: list[tuple[str | None, int]]
) -> None:
    """Whatever was asked before, and however the organisation changed since, it is what the parts say."""
    known = Organisation("EUR", NOON_MS)
    for count in range(len(changes) + 1):
        if count:
            known.put(*changes[count - 1])
        anew = Organisation("EUR", NOON_MS)
        for key, record in changes[:count]:
            anew.put(key, record)
        for rep, at_ms in asked * 2:
            team, shown = anew.place(rep, at_ms)

            assert known.cell(rep, at_ms) == (team, shown, anew.local_day(team, at_ms), at_ms // 60_000)


MEMBERSHIPS = st.fixed_dictionaries(
    {"rep_id": st.sampled_from("xy"), "team_id": st.sampled_from("ab")},
    optional={"valid_from": st.integers(0, 9), "valid_to": st.integers(0, 9)},
)


@given(st.lists(st.tuples(st.sampled_from(("m-1", "m-2", "m-3")), MEMBERSHIPS | st.none())))
def test_what_was_asked_before_a_membership_changed_is_not_told_after(
    changes: list[tuple[str, dict[str, Any] | None]],
) -> None:
    """Whose team held when is remembered; it is that of the memberships as they are, whoever had them before."""
    asked, held = Organisation("EUR"), dict[str, dict[str, Any] | None]()
    for name, record in changes:
        asked.put(f"membership:{name}", record)
        held[name] = record
        fresh = Organisation("EUR")
        for each, its in held.items():
            fresh.put(f"membership:{each}", its)
        for at_ms in range(10):
            assert [asked.members(team, at_ms) for team in "ab"] == [fresh.members(team, at_ms) for team in "ab"]
