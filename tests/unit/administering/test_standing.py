"""What held at an instant."""

from typing import Any

import pytest
from hypothesis import given

from pipeline.administering.standing import Team, hours, standing_at
from pipeline.cli.org import rep_line
from schemas.types import instant_ms
from tests.unit.administering.organisations import DAY, NOW_MS, organisations, told_of
from tests.unit.ledger.world import event

FIRST = NOW_MS - 365 * DAY
TOLD = told_of(
    (
        event("company", "company", FIRST, time_zone="Europe/Amsterdam", calendar={"monday": [["09:00", "17:00"]]}),
        event("team", "emea", FIRST), event("team", "north", FIRST, parent_id="emea", time_zone="Europe/Paris"),
        event("team", "north", FIRST, time_zone="UTC", time_zone_from="2026-06-01"),
        event("team", "old", FIRST), event("team", "old", NOW_MS - 10 * DAY, verb="deleted"),
        event("membership", "1", FIRST, rep_id="ada", team_id="old", valid_to=NOW_MS - 20 * DAY),
        event("membership", "2", FIRST, rep_id="ada", team_id="north", valid_from=NOW_MS - 20 * DAY),
        event("rep", "bob", FIRST, active=False),
        event("rep", "ada", FIRST, hired_on="2026-01-15", role="sdr"),
        event("rep", "ada", FIRST + 1, role="closer", role_from="2026-10-01"),
        event("identity", "1", FIRST, external_id="crm 7", rep_id="ada", valid_from=NOW_MS - 30 * DAY),
        event("identity", "2", FIRST, external_id="desk", rep_id="ada", valid_from=NOW_MS - 30 * DAY,
              valid_to=NOW_MS - 10 * DAY),
        event("absence", "a", FIRST, rep_id="ada", kind="vacation", first_day="2026-11-16", last_day="2026-11-20"),
        event("special_day", "inventory", FIRST, team_id="north", day="2026-11-20"),
        event("special_day", "eve", FIRST, day="2026-11-18", open_until="12:00"),
        event("special_day", "night", FIRST, team_id="north", day="2026-11-19", open_from="22:00", open_until="06:00"),
        event("special_day", "late", FIRST, team_id="north", day="2026-12-01", open_from="13:00"),
        event("special_day", "new year", FIRST, team_id="north", day="2027-01-01"),
        event("target", "1", FIRST, team_id="north", kpi="won", period="month", period_start="2026-11-01", value=9),
        event("target", "2", FIRST, team_id="north", kpi="won", period="month", period_start="2026-10-01", value=8),
        event(
            "target", "0", FIRST, team_id="north", kpi="won", period="month", period_start="2026-11-01", value=7,
            effective_on="2026-11-10",
        ),
    )
)  # fmt: skip


def at(days_ago: int) -> dict[str, Any]:
    """What held so many days ago."""
    return standing_at(TOLD.organisation("EUR", NOW_MS), TOLD.written, NOW_MS - days_ago * DAY).as_json()


def test_teams_are_a_tree_with_what_held_then() -> None:
    """Zones and members by the instant, the latest goal of a period that had begun, calendars of the company."""
    (emea,) = at(0)["teams"]
    (north,) = emea["teams"]

    assert (emea["time_zone"], emea["calendar"]) == ("Europe/Amsterdam", "Mon 09:00-17:00")
    assert (north["id"], north["time_zone"]) == ("north", "UTC")
    assert [(rep["id"], rep["since"]) for rep in north["reps"]] == [("ada", "2026-10-29")]
    assert [target["value"] for target in north["targets"]] == [7]
    ((before,),) = (each["teams"] for each in at(10)["teams"])
    assert [target["value"] for target in before["targets"]] == [9]
    assert [rep["id"] for rep in at(0)["reps_without_team"]] == ["bob"]


def test_the_ids_are_told_by_which_events_mean_a_rep_then() -> None:
    """As the other systems write them."""
    (now,), (then,) = (at(days)["teams"][0]["teams"][0]["reps"] for days in (0, 15))

    assert (now["known_as"], then["known_as"]) == (["crm 7"], ["crm 7", "desk"])
    assert rep_line(then) == "ada  since 2026-10-29, closer, known as crm 7, desk"


def test_the_special_days_of_the_next_month_are_told() -> None:
    """Those of all teams, and a team's own."""
    (emea,) = at(0)["teams"]

    assert emea["special_days"] == [{"day": "2026-11-18", "open": "00:00-12:00"}]
    assert [(each["day"], each["open"]) for each in emea["teams"][0]["special_days"]] == [
        ("2026-11-18", "00:00-12:00"), ("2026-11-19", "22:00-06:00"), ("2026-11-20", None),
        ("2026-12-01", "from 13:00"),
    ]  # fmt: skip


def test_of_a_rep_it_tells_role_hire_and_absence() -> None:
    """By the instant asked for, in words on a terminal too."""
    (now,), (before,) = at(0)["teams"][0]["teams"][0]["reps"], at(60)["teams"][1]["reps"]
    told = [{name: rep[name] for name in ("role", "hired_on", "left_on", "active", "absent")} for rep in (now, before)]
    assert told == [
        {"role": "closer", "hired_on": "2026-01-15", "left_on": None, "active": True, "absent": "vacation"},
        {"role": "sdr", "hired_on": "2026-01-15", "left_on": None, "active": True, "absent": None},
    ]
    assert rep_line(now) == "ada  since 2026-10-29, closer, known as crm 7, absent (vacation)"
    assert rep_line({**before, "active": False}) == "ada, sdr, has left"
    assert rep_line({**before, "active": False, "is_to_come": True}) == "ada, sdr, begins on 2026-01-15"


def test_a_team_that_has_ended_stood_before() -> None:
    """And had who was in it."""
    then = at(200)
    emea, old = then["teams"]

    assert [rep["id"] for rep in old["reps"]] == ["ada"]
    assert emea["teams"][0]["time_zone"] == "Europe/Paris"
    assert len(at(0)["teams"]) == 1


@pytest.mark.parametrize(
    ("instant", "values"),
    [
        ("2026-02-28T12:00:00Z", [5, 7]),
        ("2026-03-02T12:00:00Z", [7]),
        ("2026-04-30T12:00:00Z", [7]),
        ("2026-05-01T12:00:00Z", []),
        ("2026-01-31T12:00:00Z", []),
    ],
)
def test_a_target_is_shown_until_its_period_is_over(instant: str, values: list[int]) -> None:
    """February ends after 28 days, and a fiscal quarter when the home's own does; a month begins on its first day."""
    told = told_of(
        (
            event("company", "company", FIRST, time_zone="UTC"),
            event("team", "north", FIRST, fiscal_year_start=2),
            event("target", "1", FIRST, team_id="north", kpi="won", period="month", period_start="2026-02-01", value=5),
            event("target", "2", FIRST, team_id="north", kpi="won", period="quarter", period_start="2026-02-01",
                  value=7),
            event("target", "3", FIRST, team_id="north", kpi="calls", period="month", period_start="2026-02-10",
                  value=9),
        )
    )  # fmt: skip
    (north,) = standing_at(told.organisation("EUR", NOW_MS), told.written, instant_ms(instant)).as_json()["teams"]

    assert [target["value"] for target in north["targets"]] == values


@given(organisations)
def test_every_team_that_is_there_is_shown_once(events: list[dict[str, Any]]) -> None:
    """Also where parents are circles, or unknown; and so is every rep who has no team."""
    told = told_of(events)
    organisation = told.organisation("EUR", NOW_MS)
    standing = standing_at(organisation, told.written, NOW_MS)
    names = [name for team in standing.teams for name in below(team)]

    assert sorted(names) == sorted(
        told.written(name) for name, _ in organisation.records("team") if organisation.knows_team(name, NOW_MS)
    )


def below(team: Team) -> list[str]:
    """A team and all below it."""
    return [team.id, *(name for each in team.teams for name in below(each))]


def test_hours_are_one_line() -> None:
    """Days of the same hours together, and whose holidays."""
    worked = [["09:00", "12:00"], ["13:00", "17:00"]]

    assert hours({"monday": worked, "tuesday": worked, "saturday": [["22:00", "06:00"]], "holidays": "NL"}) == (
        "Mon-Tue 09:00-12:00 13:00-17:00, Sat 22:00-06:00, holidays of NL"
    )
    assert hours(None) == ""
