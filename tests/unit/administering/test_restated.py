"""Which figures a change of the organisation tells anew."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.administering.preview import Kept, Preview
from pipeline.administering.restated import EVERYTHING, PER_REP, SHARED, Restated, restated, shortened_to
from pipeline.administering.topic import organisation_of
from tests.unit.administering.organisations import DAY, NOW_MS, organisations, read, told_of
from tests.unit.ledger.world import event

FIRST = NOW_MS - 365 * DAY
COMMON = (
    event("company", "company", FIRST, time_zone="UTC", currency="EUR"),
    event("team", "emea", FIRST), event("team", "north", FIRST, parent_id="emea"),
    event("team", "south", FIRST, parent_id="emea"), event("team", "west", FIRST, time_zone="America/New_York"),
    event("membership", "m", FIRST, rep_id="ada", team_id="north"),
    event("rate", "r", FIRST, currency="USD", effective_on="2026-01-01", rate="0.9"),
    event("rate", "s", FIRST, currency="USD", effective_on="2026-03-01", rate="0.8"),
    event("process", "default", FIRST, stages=[{"id": "new"}, {"id": "won", "kind": "won"}]),
)  # fmt: skip


def found(*events: dict[str, Any]) -> list[Restated]:
    """What some more events tell anew."""
    told, then = told_of(COMMON), told_of((*COMMON, *events))
    before, after = (each.organisation("EUR", NOW_MS) for each in (told, then))
    keys = {each["subject"] for each in events}
    return restated(before, after, {key: (before.get(key), after.get(key)) for key in keys})


def besides(told: list[Restated]) -> list[Restated]:
    """All but what is told for each rep at work, which has a test of its own."""
    return [each for each in told if each.what != PER_REP]


def day(text: str) -> int:
    """The ordinal of a day."""
    return date.fromisoformat(text).toordinal()


MARCH = 1_772_323_200_000  # 2026-03-01T00:00Z


def test_another_share_of_a_rep_tells_money_of_deals_anew() -> None:
    """Of all teams that share the rep, and of what holds some of them; what is counted stays where it was."""
    shared = (
        event("membership", "m2", FIRST, rep_id="ada", team_id="south", valid_from=MARCH, share_bp=6_000),
        event("membership", "m3", FIRST, rep_id="ada", team_id="north", valid_from=MARCH, share_bp=4_000),
    )
    before, after = (
        told_of((*COMMON, *shared, *more)).organisation("EUR", NOW_MS)
        for more in ((), (event("membership", "m3", FIRST + DAY, share_bp=5_000),))
    )
    changed = {"membership:m3": (before.get("membership:m3"), after.get("membership:m3"))}

    assert besides(restated(before, after, changed)) == [
        Restated(SHARED, day("2026-03-01"), None, frozenset({"team:north", "team:south", "group:emea", "rep:ada"}))
    ]


@pytest.mark.parametrize(
    ("said", "what", "since", "until", "scopes"),
    [
        (event("membership", "m2", rep_id="ada", team_id="south", valid_from=MARCH), EVERYTHING, "2026-03-01", None,
         {"team:north", "team:south", "rep:ada"}),
        (event("membership", "m2", rep_id="ada", team_id="south", valid_from=MARCH, valid_to=MARCH + DAY), EVERYTHING,
         "2026-03-01", "2026-03-01", {"team:north", "team:south", "rep:ada"}),
        (event("membership", "m2", rep_id="ada", team_id="west", valid_from=MARCH), EVERYTHING, "2026-02-28", None,
         {"team:north", "team:west", "rep:ada", "group:emea", "company"}),
        (event("membership", "m2", rep_id="bob", team_id="south"), EVERYTHING, None, None,
         {"team:unassigned", "team:south", "rep:bob", "group:emea"}),
        (event("identity", "i", external_id="crm-7", rep_id="ada", valid_from=MARCH), EVERYTHING, "2026-03-01", None,
         {"team:unassigned", "team:north", "rep:ada", "group:emea"}),
        (event("identity", "i", external_id="ada", rep_id="bob", valid_from=MARCH, valid_to=MARCH + DAY), EVERYTHING,
         "2026-03-01", "2026-03-01", {"team:unassigned", "team:north", "rep:ada", "group:emea"}),
        (event("team", "north", time_zone="Europe/Paris", time_zone_from="2026-05-01"), EVERYTHING, "2026-05-01", None,
         {"team:north", "group:emea", "company", "rep:ada"}),
        (event("company", "company", time_zone="Asia/Tokyo"), EVERYTHING, None, None,
         {"company", "team:unassigned", "team:emea", "team:north", "team:south", "group:emea", "rep:ada"}),
        (event("team", "emea", fiscal_year_start=4), "quarters and years", None, None, {"team:emea", "group:emea"}),
        (event("team", "west", parent_id="emea"), EVERYTHING, None, None, {"group:emea"}),
        (event("team", "north", fiscal_year_start=4), "quarters and years", None, None, {"team:north", "rep:ada"}),
        (event("company", "company", fiscal_year_start=4), "quarters and years", None, None, set()),
        (event("company", "company", week_start="sunday", week_start_from="2026-06-01"), "weeks", "2026-06-01", None,
         set()),
        (event("company", "company", currency="USD"), "money", None, None, set()),
        (event("rate", "r", currency="USD", effective_on="2026-01-01", rate="0.95"), "money in USD", "2026-01-01",
         "2026-02-28", set()),
        (event("process", "default", stages=[{"id": "new", "qualified": True}, {"id": "won", "kind": "won"}],
               valid_from=MARCH), "deals of process default", "2026-03-01", None, set()),
        (event("process", "default", stages=[{"id": "new"}, {"id": "won", "kind": "won"}, {"id": "won2"}],
               valid_from=MARCH), "deals of process default", None, None, set()),
        (event("policy", "p", valid_from=MARCH, counted_activities=["note"]), "activities and touches", "2026-03-01",
         None, set()),
        (event("target", "t", team_id="north", kpi="won", period="quarter", period_start="2026-10-01", value=3),
         "goals", "2026-10-01", "2026-12-31", {"team:north"}),
        (event("target", "t", team_id="emea", kpi="won", period="month", period_start="2026-02-01", value=3), "goals",
         "2026-02-01", "2026-02-28", {"group:emea"}),
        (event("target", "t", rep_id="ada", kpi="won", period="week", period_start="2026-10-26", value=3), "goals",
         "2026-10-26", "2026-11-01", {"rep:ada"}),
    ],
)  # fmt: skip
def test_what_is_told_anew(
    said: dict[str, Any], what: str, since: str | None, until: str | None, scopes: set[str]
) -> None:
    """By days of the teams, the earlier one where two teams have different ones; a group only where its sum changes."""
    begin, last = (None if each is None else day(each) for each in (since, until))

    assert Restated(what, begin, last, frozenset(scopes)) in found(said | {"time": "2026-11-01T00:00:00Z"})


@pytest.mark.parametrize(
    "said",
    [
        event("team", "north", silence_minutes=10, calendar={"monday": [["09:00", "17:00"]]}),
        event("rep", "ada", active=False, country="NL"),
        event("target", "t", team_id="north", kpi="won", value=3),
        event("policy", "p", most_links=3),
        event("membership", "m2", rep_id="ada", team_id="south", valid_from=NOW_MS + DAY),
        event("process", "default", FIRST - 5, stages=[{"id": "new"}, {"id": "won", "kind": "won"}]),
    ],
)
def test_what_tells_nothing_anew(said: dict[str, Any]) -> None:
    """Hours, caps, who has left, goals of no period, and what lies ahead: nothing but money for each rep at work."""
    assert besides(found(said)) == []


@pytest.mark.parametrize(
    ("said", "since", "until", "scopes"),
    [
        (event("membership", "m2", rep_id="bob", team_id="south", valid_from=MARCH), "2026-02-28", None,
         {"team:south", "group:emea", "company"}),
        (event("absence", "a", rep_id="ada", first_day="2026-03-30", last_day="2026-04-02"), "2026-03-30", "2026-04-02",
         {"team:north", "group:emea", "company"}),
        (event("special_day", "s", team_id="west", day="2026-03-30"), "2026-03-30", "2026-03-30",
         {"team:west", "company"}),
        (event("special_day", "s", day="2026-03-30"), "2026-03-30", "2026-03-30", set()),
        (event("proration", "q", team_id="north", ramp=[5000], effective_on="2026-03-01"), "2026-03-01", None,
         {"team:north", "group:emea", "company"}),
        (event("rep", "ada", active=False), None, None, {"team:north", "group:emea", "company"}),
        (event("team", "north", calendar={"monday": [["09:00", "17:00"]]}), None, None,
         {"team:north", "group:emea", "company"}),
        (event("company", "company", calendar={"monday": [["09:00", "17:00"]]}), None, None, set()),
    ],
)  # fmt: skip
def test_other_reps_at_work_tell_money_for_each_anew(
    said: dict[str, Any], since: str | None, until: str | None, scopes: set[str]
) -> None:
    """Of the days that it may concern, of the team and all that hold it; other figures are not told with it."""
    begin, last = (None if each is None else day(each) for each in (since, until))
    told = [each for each in found(said) if each.what == PER_REP]

    assert told == [Restated(PER_REP, begin, last, frozenset(scopes))]


def test_only_days_that_are_kept_and_over_are_told() -> None:
    """The current windows change all the time; what is no longer kept is told nobody."""
    given_ = [Restated("a", None), Restated("b", 5, 9), Restated("c", 95), Restated("d", 100), Restated("e", 7, 30)]

    assert shortened_to(given_, 10, 100) == [Restated("a", 10), Restated("c", 95), Restated("e", 10, 30)]


@given(organisations, organisations, st.sampled_from(("north", "south", "7", "no", "null")), st.integers(0, 500))
def test_nothing_counts_elsewhere_that_is_not_named(
    events: list[dict[str, Any]], more: list[dict[str, Any]], rep: str, days_ago: int
) -> None:
    """Wherever what a rep did at an instant counts otherwise, its day, its teams and the rep are named."""
    told, then = told_of(events), told_of([*events, *more])
    before, after = (organisation_of(dict(each.records()), "EUR", NOW_MS) for each in (told, then))
    keys = {key for each in (told, then) for key, _ in each.records()}
    names = restated(before, after, {key: (before.get(key), after.get(key)) for key in keys
                                     if before.get(key) != after.get(key)})  # fmt: skip
    at_ms = NOW_MS - days_ago * DAY
    old, new = (each.cell(rep, at_ms) for each in (before, after))
    if old != new:
        for team, _, local, _ in (old, new):
            assert any(covers(each, f"team:{team}", local) for each in names), (old, new, names)


def covers(each: Restated, scope: str, local: int) -> bool:
    """Whether all figures of a scope on a day are told anew by this."""
    within = (each.since or 0) <= local and (each.until is None or local <= each.until)
    return each.what == EVERYTHING and within and (not each.scopes or scope in each.scopes)


def test_the_preview_says_all_of_it_in_words() -> None:
    """Objects by what they are known by; days, and whose; that forgotten activities stay."""
    told = told_of(COMMON)
    text = (
        "teams:\n"
        "  south: {parent_id: emae, calendar: {monday: [[09:00, 12:00]], tuesday: [[09:00, 12:00]], holidays: NL}}\n"
        "memberships:\n"
        "- {rep_id: ada, team_id: north, valid_to: 2026-03-01}\n"
        "- {rep_id: ada, team_id: south, valid_from: 2026-03-01}\n"
    )
    preview = Preview(told, read(told, text), "EUR", NOW_MS, Kept(800, 35), end_others=False)

    assert preview.warnings == ["line 2: team emae is in neither the file nor the deployment; likely emea"]
    assert list(preview.lines(end_others=False)) == [
        "~ team south  parent_id: emea → emae, calendar: none → Mon-Tue 09:00-12:00, holidays of NL",
        "~ membership of ada in north  valid_to: none → 2026-03-01T00:00:00Z",
        "+ membership of ada in south from 2026-03-01T00:00:00Z",
        "  not in the file, left as they are (--end-others ends them): 6: process default, "
        "rate of USD from 2026-01-01, rate of USD from 2026-03-01, team emea, team north, team west",
        "restated from 2024-09-10 on: everything of emea with all teams below",
        "restated from 2024-09-10 on: money for each rep at work of the company; team south; emea with all teams below",
        "restated from 2026-02-28 on: money for each rep at work of the company; teams north, south; emea with all"
        " teams below",
        "restated from 2026-03-01 on: everything of teams north, south; rep ada; emea with all teams below",
        "  activities of before 2026-10-14 are forgotten and stay where they are",
    ]


def test_a_target_of_the_whole_company_names_no_team() -> None:
    """So nothing warns of it; of a membership, the company is no team that anybody could belong to."""
    told = told_of(COMMON)
    text = (
        "memberships:\n"
        "- {rep_id: ada, team_id: company, valid_from: 2026-03-01}\n"
        "targets:\n"
        "- {team_id: company, kpi: won, period: month, period_start: 2026-11-01, value: 12}\n"
    )
    preview = Preview(told, read(told, text), "EUR", NOW_MS, Kept(800, 35), end_others=False)

    assert preview.warnings == ["line 2: team company is in neither the file nor the deployment"]


def test_a_thousand_moves_are_one_line() -> None:
    """From the first day to the last; a script is told each."""
    told = told_of([event("team", "north", FIRST), event("team", "south", FIRST)])
    days = [f"2026-03-{number % 28 + 1:02d}" for number in range(1000)]
    moves = "".join(f"- {{rep_id: r{n}, team_id: north, valid_from: {each}}}\n" for n, each in enumerate(days))
    preview = Preview(told, read(told, f"memberships:\n{moves}"), "EUR", NOW_MS, Kept(800, 800), end_others=False)
    *_, line, reps = preview.lines(end_others=False)

    some = "r0, r1, r10, r100, r101, r102, r103, r104, r105, r106, r107, r108, …"
    assert line == (
        f"restated from 2024-09-10 on, some of these days: everything of teams north, unassigned; reps {some}"
    )
    assert reps.endswith("some of these days: money for each rep at work of the company; team north")
    assert len(preview.as_json()["restated"]) == 28 + 28 + 28


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        (event("rep", "ada", hired_on="2026-02-16"), "2026-02-01", "2026-02-28"),
        (event("absence", "a", rep_id="ada", first_day="2026-03-30", last_day="2026-04-02"), None, None),
        (event("absence", "a", rep_id="ada", first_day="2026-06-30"), "2026-06-01", "2026-06-30"),
        (event("proration", "q", team_id="north", ramp=[5000], effective_on="2026-01-01"), None, None),
        (event("proration", "q", team_id="south", prorate_absence=False), None, None),
    ],
)  # fmt: skip
def test_a_window_of_a_rep_is_told_anew_if_another_part_of_its_target_is_due(
    said: dict[str, Any], since: str | None, until: str | None
) -> None:
    """Targets of February and June; absences count from April on, and nobody said when the rep was hired."""
    goals = [
        event("target", f"t{month}", FIRST, rep_id="ada", kpi="won", period="month", period_start=month, value=30)
        for month in ("2026-02-01", "2026-06-01")
    ]
    rule = event("proration", "p", FIRST, prorate_absence=True, effective_on="2026-04-01")
    told, then = told_of((*COMMON, *goals, rule)), told_of((*COMMON, *goals, rule, said))
    before, after = (each.organisation("EUR", NOW_MS) for each in (told, then))
    key = said["subject"]
    expected = [] if since is None else [Restated("goals", day(since), day(str(until)), frozenset({"rep:ada"}))]

    assert besides(restated(before, after, {key: (before.get(key), after.get(key))})) == expected


def test_a_rule_of_scores_tells_scores_anew_from_its_first_day() -> None:
    """Of its team and the reps there; of all where it is of all. Hire and departure tell those of a rep's teams."""
    own = event("score", "s", team_id="north", period="week", target=9, effective_on="2026-03-02",
                weights=[{"kpi": "won", "points": 1}])  # fmt: skip
    every = event("score", "t", period="day", target=9, weights=[{"kpi": "won", "points": 1}])
    hired = event("rep", "ada", FIRST, hired_on="2026-02-16")

    def found(*said: dict[str, Any], since: tuple[dict[str, Any], ...] = ()) -> list[Restated]:
        told, then = told_of((*COMMON, *since)), told_of((*COMMON, *since, *said))
        before, after = (each.organisation("EUR", NOW_MS) for each in (told, then))
        keys = [each["subject"] for each in said]
        return restated(before, after, {key: (before.get(key), after.get(key)) for key in keys})

    scopes = frozenset({"team:north", "rep:ada"})
    assert found(own) == [Restated("activity scores", day("2026-03-02"), None, scopes)]
    assert found(every) == [Restated("activity scores", None)]
    assert Restated("activity scores", None, None, scopes) in found(hired, since=(own,))
    assert besides(found(hired)) == []
