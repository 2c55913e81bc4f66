"""Who takes part in a contest, and when it is."""

from typing import Any

from pipeline.organisation.contests import Contest, contests, entrants, span_ms
from pipeline.organisation.organisation import Organisation
from tests.unit.boards.logs import at, day

SAID: dict[str, Any] = {"kpi": "dials", "first_day": day("2026-11-02"), "last_day": day("2026-11-06")}


def floor(**contest: Any) -> tuple[Contest, Organisation]:
    """A contest, and two teams in Berlin and New York of which rep 1 changes from the first to the second."""
    organisation = Organisation("EUR", at("2026-11-05 00:00"))
    organisation.put("team:north", {"time_zones": [[None, "Europe/Berlin"]]})
    organisation.put("team:south", {"time_zones": [[None, "America/New_York"]]})
    for rep in "1234":
        organisation.put(f"rep:{rep}", {})
    organisation.put("membership:a", {"rep_id": "1", "team_id": "north", "valid_to": at("2026-11-04 00:00")})
    organisation.put("membership:b", {"rep_id": "1", "team_id": "south", "valid_from": at("2026-11-04 00:00")})
    organisation.put("membership:c", {"rep_id": "2", "team_id": "north"})
    organisation.put("membership:d", {"rep_id": "3", "team_id": "north", "valid_from": at("2026-11-02 09:00")})
    organisation.put("contest:sprint", SAID | contest)
    (told,) = contests(organisation)
    return told, organisation


def test_who_belongs_to_the_team_as_it_begins_takes_part() -> None:
    """Whoever moves on stays in it, and whoever joins on its first morning is not."""
    assert entrants(*floor(team_ids=["north"])) == {"rep:1", "rep:2"}
    assert entrants(*floor(team_ids=["south"])) == set()


def test_reps_who_are_named_take_part_whatever_their_team() -> None:
    """Beside the members of teams."""
    assert entrants(*floor(team_ids=["north"], rep_ids=["4"])) == {"rep:1", "rep:2", "rep:4"}


def test_teams_compete_as_teams() -> None:
    """Each by all that counts for it."""
    assert entrants(*floor(among="teams", team_ids=["north", "south"])) == {"team:north", "team:south"}


def test_whoever_is_not_employed_as_it_begins_is_not_in_it() -> None:
    """Who leaves later is, also if said to be active no more; who was deleted never was there."""
    told, organisation = floor(team_ids=["north"], rep_ids=["4"])
    organisation.put("rep:1", {"left_on": day("2026-11-03"), "active": False})
    organisation.put("rep:2", {"hired_on": day("2026-11-03")})
    organisation.put("rep:4", {"deleted": True})

    assert entrants(told, organisation) == {"rep:1"}


def test_whoever_is_in_ramp_on_its_first_day_is_not_in_it() -> None:
    """By the rules of the team on that day, however the month goes on; who is named in the record is."""
    told, organisation = floor(team_ids=["north"])
    organisation.put("rep:1", {"hired_on": day("2026-10-02")})
    organisation.put("rep:2", {"hired_on": day("2026-10-03")})
    organisation.put("proration:all", {"ramp": [5000]})
    assert entrants(told, organisation) == {"rep:1"}

    named, _ = floor(team_ids=["north"], rep_ids=["2"])
    assert entrants(named, organisation) == {"rep:1", "rep:2"}

    organisation.put("proration:north", {"team_id": "north", "ramp": [], "effective_on": day("2026-11-02")})
    assert entrants(told, organisation) == {"rep:1", "rep:2"}


def test_it_lasts_while_any_of_its_days_does() -> None:
    """From midnight in Berlin to midnight in New York; of reps alone, by the days of the company."""
    both = span_ms(*floor(team_ids=["north", "south"]))
    assert both == (at("2026-11-02 00:00", "Europe/Berlin"), at("2026-11-07 00:00", "America/New_York"))

    assert span_ms(*floor(rep_ids=["1"])) == (at("2026-11-02 00:00"), at("2026-11-07 00:00"))


def test_what_lacks_its_kpi_or_days_or_who_takes_part_is_none() -> None:
    """Nor is one that ends before it begins: its parts came in two events."""
    for record in ({"team_ids": ["north"]}, SAID, {**SAID, "team_ids": ["north"], "last_day": SAID["first_day"] - 1}):
        assert Contest.read("sprint", record) is None


def test_what_nobody_said_is_by_default() -> None:
    """Two days to settle, a sample of five, and its own name; none to settle stays none."""
    told, _ = floor(team_ids=["north"])
    assert (told.title, told.least_sample, told.settlement_ms) == ("sprint", 5, 48 * 3_600_000)
    assert floor(team_ids=["north"], settlement_hours=0)[0].settlement_ms == 0
