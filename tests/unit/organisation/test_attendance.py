"""When a rep is at work: hired, away for days, half days and hours, back, and gone."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.attendance import (
    EVER,
    NEVER,
    attendance,
    away,
    back_ms,
    bounds,
    employed,
    is_employed,
    why_away,
)
from pipeline.organisation.organisation import Organisation
from tests.unit.boards.logs import at, day

BERLIN = "Europe/Berlin"
TODAY = day("2026-11-23")


def floor(rep: dict[str, Any] | None = None, *absences: dict[str, Any]) -> Organisation:
    """Rep 7 of team north in Berlin, with absences `a`, `b`, …"""
    found = Organisation("EUR")
    found.put("team:north", {"time_zones": [[None, BERLIN]]})
    found.put("team:west", {"time_zones": [[None, "America/New_York"]]})
    found.put("rep:7", rep or {"active": True})
    for name, absence in zip("abc", absences, strict=False):
        found.put(f"absence:{name}", {"rep_id": "7", **absence})
    return found


def days(first: str | None, last: str | None, **more: Any) -> dict[str, Any]:
    """An absence by days."""
    told = {"first_day": first and day(first), "last_day": last and day(last)}
    return {name: value for name, value in (told | more).items() if value is not None}


def test_days_away_are_those_of_the_team_that_asks() -> None:
    """Two days in Berlin begin and end six hours before the same two days in New York."""
    asked = floor(None, days("2026-11-23", "2026-11-24"))

    assert away(asked, "7", "north") == ((at("2026-11-23 00:00", BERLIN), at("2026-11-25 00:00", BERLIN)),)
    assert away(asked, "7", "west")[0][0] - away(asked, "7", "north")[0][0] == 6 * 3_600_000
    assert away(asked, "8", "north") == ()


def test_half_days_end_or_begin_at_noon() -> None:
    """From Monday noon to Tuesday noon; one morning; one afternoon; from noon to noon of one day is never."""
    whole = floor(None, days("2026-11-23", "2026-11-24", from_noon=True, until_noon=True))
    morning = floor(None, days("2026-11-23", "2026-11-23", until_noon=True))
    afternoon = floor(None, days("2026-11-23", "2026-11-23", from_noon=True))
    never = floor(None, days("2026-11-23", "2026-11-23", from_noon=True, until_noon=True))
    noon = at("2026-11-23 12:00", BERLIN)

    assert away(whole, "7", "north") == ((noon, noon + 86_400_000),)
    assert away(morning, "7", "north") == ((at("2026-11-23 00:00", BERLIN), noon),)
    assert away(afternoon, "7", "north") == ((noon, at("2026-11-24 00:00", BERLIN)),)
    assert away(never, "7", "north") == ()


def test_absences_that_touch_are_one_and_one_without_an_end_lasts() -> None:
    """Vacation to Tuesday, sick from Wednesday on until further notice; one without a beginning says nothing."""
    asked = floor(
        None, days("2026-11-25", None, kind="sick"), days("2026-11-23", "2026-11-24", kind="vacation"), days(None, None)
    )
    monday, wednesday = at("2026-11-23 00:00", BERLIN), at("2026-11-25 00:00", BERLIN)

    assert away(asked, "7", "north") == ((monday, NEVER),)
    assert [why_away(asked, "7", "north", at_ms) for at_ms in (monday - 1, monday, wednesday)] == [
        None, "vacation", "sick",
    ]  # fmt: skip


def test_instants_stand_in_place_of_days() -> None:
    """A visit to the doctor from nine to eleven."""
    nine, eleven = at("2026-11-23 09:00"), at("2026-11-23 11:00")
    asked = floor(None, {"starts_at": nine, "ends_at": eleven})

    assert away(asked, "7", "north") == away(asked, "7", "west") == ((nine, eleven),)
    assert why_away(asked, "7", "north", nine) == "other"


def test_a_rep_is_employed_from_the_first_day_to_the_end_of_the_last() -> None:
    """Hired on the 2nd, gone after the 20th; without days always; and never once deleted, or not active."""
    asked = floor({"active": True, "hired_on": day("2026-11-02"), "left_on": day("2026-11-20")})
    since, until = at("2026-11-02 00:00", BERLIN), at("2026-11-21 00:00", BERLIN)

    assert employed(asked, "7", "north") == (since, until)
    assert [is_employed(asked, "7", "north", each) for each in (since - 1, since, until - 1, until)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert employed(floor(), "7", "north") == (EVER, NEVER)
    back = floor({"hired_on": day("2026-11-02"), "left_on": day("2024-05-31")})
    assert employed(back, "7", "north") == (since, NEVER)
    assert is_employed(floor(), "8", "north", since)
    assert not is_employed(floor({"deleted": True}), "7", "north", since)
    assert not is_employed(floor({"active": False}), "7", "north", since)


def test_whoever_is_back_has_been_since_the_end_of_the_absence() -> None:
    """Back on Wednesday after two days; before that since being hired; without either since ever."""
    asked = floor({"hired_on": day("2026-11-02")}, days("2026-11-23", "2026-11-24"))
    hired, monday, wednesday = (at(f"2026-11-{each} 00:00", BERLIN) for each in ("02", "23", "25"))

    assert back_ms(asked, "7", "north", wednesday) == wednesday
    assert back_ms(asked, "7", "north", monday - 1) == hired
    assert back_ms(floor(), "7", "north", monday) is None
    assert bounds(asked, "7", "north") == [hired, monday, wednesday]


def test_an_absence_that_becomes_somebody_elses_leaves_the_rep() -> None:
    """And one that is taken back leaves nothing; the organisation before the change stays as it is."""
    asked = floor(None, days("2026-11-23", "2026-11-24"))
    moved = asked.with_records({"absence:a": {**days("2026-11-23", "2026-11-24"), "rep_id": "8"}})
    gone = asked.with_records({"absence:a": None})

    assert [bool(away(moved, rep, "north")) for rep in "78"] == [False, True]
    assert not away(gone, "7", "north")
    assert away(asked, "7", "north")


STRETCHES = st.lists(
    st.one_of(
        st.builds(
            lambda first, length, morning, noon: {
                "first_day": first,
                "last_day": first + length,
                "from_noon": morning,
                "until_noon": noon,
            },
            st.integers(day("2026-03-20"), day("2026-04-05")),
            st.integers(0, 6),
            st.booleans(),
            st.booleans(),
        ),
        st.builds(
            lambda start, length: {"starts_at": start, "ends_at": start + length},
            st.integers(at("2026-03-20 00:00"), at("2026-04-05 00:00")),
            st.integers(0, 10**9),
        ),
    ),
    max_size=3,
)


@given(STRETCHES, st.integers(at("2026-03-18 00:00"), at("2026-04-20 00:00")))
def test_spans_hold_exactly_the_instants_away(stretches: list[dict[str, Any]], at_ms: int) -> None:
    """In order, apart from each other, over the change of the clocks; an instant is in one where any absence is."""
    asked = floor(None, *stretches)
    spans = away(asked, "7", "north")

    assert all(start < end for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    within = any(start <= at_ms < end for start, end in spans)
    assert within == any(away(floor(None, each), "7", "north") and _holds(each, at_ms) for each in stretches)
    assert within == (why_away(asked, "7", "north", at_ms) is not None)


def _holds(told: dict[str, Any], at_ms: int) -> bool:
    """By the local clock rather than by spans."""
    if "starts_at" in told:
        return bool(told["starts_at"] <= at_ms < told["ends_at"])
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(BERLIN))
    half = local.toordinal() * 2 + (local.hour >= 12)
    first = told["first_day"] * 2 + told["from_noon"]
    return bool(first <= half <= told["last_day"] * 2 + 1 - told["until_noon"])


@pytest.mark.parametrize(
    ("told", "absences", "expected"),
    [
        ({}, [], "present"),
        ({"hired_on": TODAY}, [], "present"),
        ({"hired_on": TODAY + 1}, [], "not_hired"),
        ({"left_on": TODAY}, [], "present"),
        ({"left_on": TODAY - 1}, [], "left"),
        ({"hired_on": TODAY - 9, "left_on": TODAY - 20}, [], "present"),  # that was before the rep came back
        ({"active": False}, [], "left"),
        ({"deleted": True}, [], "left"),
        ({}, [{"first_day": TODAY, "last_day": TODAY}], "absent"),
        ({}, [{"first_day": TODAY - 3}], "absent"),
        ({}, [{"first_day": TODAY, "last_day": TODAY, "from_noon": True}], "present"),  # there for the morning
        ({}, [{"first_day": TODAY - 1, "last_day": TODAY, "until_noon": True},
              {"first_day": TODAY, "last_day": TODAY + 1, "from_noon": True}], "absent"),
        ({"active": False}, [{"first_day": TODAY}], "left"),
    ],
)  # fmt: skip
def test_who_is_at_work_on_a_day(told: dict[str, Any], absences: list[dict[str, Any]], expected: str) -> None:
    """Whoever is there for a part of the day is there; of whoever has left nothing else is said."""
    organisation = floor(told, *absences)

    assert attendance(organisation, "7", "north", TODAY) == expected
