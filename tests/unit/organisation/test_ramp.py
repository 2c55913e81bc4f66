"""Who is in ramp on a day: by the month since being hired, and by what is told of new reps on that day."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import WHOLE, RulesOfTeam
from pipeline.organisation.ramp import is_ramping, ramp_bounds, ramp_shares
from tests.unit.boards.logs import day

HIRED = day("2026-01-31")


def told(rep: dict[str, Any], **prorations: dict[str, Any]) -> Organisation:
    """Rep 7, and what is told of new reps."""
    organisation = Organisation("EUR")
    organisation.put("team:north", {"time_zones": [[None, "UTC"]]})
    organisation.put("rep:7", rep)
    for name, record in prorations.items():
        organisation.put(f"proration:{name}", record)
    return organisation


def ramping(organisation: Organisation, *dates: str, team: str = "north") -> list[bool]:
    """Whether rep 7 is in ramp in a team on some days."""
    rules = RulesOfTeam(organisation, team)
    return [is_ramping(organisation, "7", day(date), rules) for date in dates]


def test_each_month_of_the_ramp_counts_from_the_day_of_hire() -> None:
    """Hired on 31 January: two months end before the 31 March, the last day of February begins the second."""
    new = told({"hired_on": HIRED}, all={"ramp": [2500, 5000]})
    dates = ("2026-01-30", "2026-01-31", "2026-02-27", "2026-02-28", "2026-03-30", "2026-03-31")
    assert ramping(new, *dates) == [False, True, True, True, True, False]
    assert ramp_bounds(new, "7", RulesOfTeam(new, "north")) == [HIRED, day("2026-03-31")]


def test_without_a_day_of_hire_or_a_ramp_nobody_is() -> None:
    """A ramp that is empty is none; nor is a month in which all of a target counts."""
    assert ramping(told({}, all={"ramp": [0]}), "2026-02-01") == [False]
    assert ramping(told({"hired_on": HIRED}), "2026-02-01") == [False]
    assert ramping(told({"hired_on": HIRED}, all={"ramp": []}), "2026-02-01") == [False]
    late = told({"hired_on": HIRED}, all={"ramp": [WHOLE, 9999]})
    assert ramping(late, "2026-02-01", "2026-03-01", "2026-03-31") == [False, True, False]


def test_a_team_has_its_own_word_and_rules_begin_on_a_day() -> None:
    """Nobody of south is in ramp; of north from 10 February on, as that is told."""
    new = told(
        {"hired_on": HIRED},
        all={"ramp": [0, 0, 0]},
        south={"team_id": "south", "ramp": []},
        later={"team_id": "north", "ramp": [], "effective_on": day("2026-02-10")},
    )
    assert ramping(new, "2026-02-01", team="south") == [False]
    assert ramping(new, "2026-02-09", "2026-02-10") == [True, False]
    assert ramp_bounds(new, "7", RulesOfTeam(new, "north")) == [HIRED, day("2026-02-10")]


PRORATION = st.fixed_dictionaries(
    {"ramp": st.none() | st.lists(st.sampled_from((0, 5000, WHOLE)), max_size=4)},
    optional={"effective_on": st.integers(HIRED - 60, HIRED + 200), "team_id": st.sampled_from(("north", "south"))},
)


@given(st.integers(HIRED - 40, HIRED + 40), st.lists(PRORATION, max_size=4), st.integers(HIRED - 90, HIRED + 260))
def test_a_day_by_itself_says_what_its_share_does(hired_on: int, rules: list[dict[str, Any]], on: int) -> None:
    """Less than a whole rep counts exactly then; and it changes at the bounds alone."""
    organisation = told({"hired_on": hired_on}, **{f"p{number}": rule for number, rule in enumerate(rules)})
    north = RulesOfTeam(organisation, "north")
    share = [share for since, share in ramp_shares(north, hired_on) if since <= on][-1]

    assert is_ramping(organisation, "7", on, north) == (share < WHOLE)
    begun = [bound for bound in ramp_bounds(organisation, "7", north) if bound <= on]
    assert is_ramping(organisation, "7", on, north) == (len(begun) % 2 == 1)
