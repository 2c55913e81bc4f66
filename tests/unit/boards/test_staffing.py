"""Who is at work, day by day: what is kept is what a day by itself tells, and a change names all that it changes."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.staffing import restaffed
from pipeline.organisation.attendance import attendance
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import WHOLE, RulesOfTeam, months_after
from pipeline.organisation.rep_days import RepDays, teams_of
from pipeline.organisation.working_time import MONDAY_TO_FRIDAY, is_working_day
from tests.unit.boards.logs import WEEK, at, day

FIRST, LAST = day("2026-10-20"), day("2026-11-20")
HOMES = ("team:north", "team:south", "group:emea", "company")
REPS = st.sampled_from(("1", "2"))
TEAMS = st.sampled_from(("north", "south"))
DAYS = st.integers(FIRST - 40, LAST + 10)
INSTANTS = st.integers(0, 24 * 40).map(lambda hours: at("2026-10-15 00:00") + hours * 3_600_000)
Told = tuple[str, dict[str, Any] | None]


def _record(given_: dict[str, Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(given_, optional=optional)


def _of(kind: str, records: st.SearchStrategy[dict[str, Any]], names: Any = "ab") -> st.SearchStrategy[Told]:
    subjects = st.sampled_from(names).map(lambda name: f"{kind}:{name}")
    return st.tuples(subjects, st.none() | records)


ZONES = st.sampled_from(("UTC", "America/New_York", "Asia/Tokyo")).map(lambda zone: [[None, zone]])
CHANGES = st.one_of(
    _of("team", _record({"time_zones": ZONES}, calendar=st.just(WEEK), parent_id=st.sampled_from(("emea", "south")),
                        ended_at=INSTANTS), ("north", "south", "emea")),
    _of("rep", _record({"active": st.booleans()}, hired_on=DAYS, left_on=DAYS), "12"),
    _of("membership", _record({"rep_id": REPS, "team_id": TEAMS}, valid_from=INSTANTS, valid_to=INSTANTS,
                              share_bp=st.integers(1, WHOLE)), "abcd"),
    _of("absence", _record({"rep_id": REPS, "first_day": DAYS}, last_day=DAYS, from_noon=st.booleans(),
                           until_noon=st.booleans())),
    _of("absence", _record({"rep_id": REPS, "starts_at": INSTANTS}, ends_at=INSTANTS), "cd"),
    _of("proration", _record({"ramp": st.lists(st.integers(0, WHOLE), max_size=3)}, effective_on=DAYS, team_id=TEAMS)),
    _of("special_day", _record({"day": DAYS}, team_id=TEAMS, open_until=st.just("12:00"))),
    _of("company", _record({"time_zone": st.just("Europe/Berlin")}, calendar=st.just(WEEK)), ("company",)),
)  # fmt: skip
"""Records that have a part in who is at work."""


def plainly(organisation: Organisation, home: str, on: int, *, working: bool) -> int:
    """The reps at work on one day, rep by rep, by what is told of that day alone."""
    return sum(_in_team(organisation, team, on, working=working) for team in teams_of(organisation, home))


def _in_team(organisation: Organisation, team: str, on: int, *, working: bool) -> int:
    if working and not is_working_day(organisation.working_week(team) or MONDAY_TO_FRIDAY, on):
        return 0
    at_ms, found = organisation.day_start_ms(team, on + 1) - 1, 0
    for rep in sorted(organisation.ever_in(team)) if organisation.knows_team(team, at_ms) else ():
        shares = dict(organisation.shares_of(rep, at_ms))
        belongs = organisation.team_of(rep, at_ms) == team
        part, whole = (shares.get(team, 0), sum(shares.values())) if shares else (int(belongs), 1)
        if part and attendance(organisation, rep, team, on) == "present":
            found += _in_ramp(organisation, rep, team, on) * part // whole
    return found


def _in_ramp(organisation: Organisation, rep: str, team: str, on: int) -> int:
    hired_on = (organisation.get(f"rep:{rep}") or {}).get("hired_on")
    ramp = RulesOfTeam(organisation, team).on(on).ramp
    if hired_on is None:
        return WHOLE
    spans = ((months_after(hired_on, month), months_after(hired_on, month + 1)) for month in range(len(ramp)))
    return next((ramp[month] for month, (first, end) in enumerate(spans) if first <= on < end), WHOLE)


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=14))
def test_what_is_kept_is_what_each_day_tells(changes: list[Told]) -> None:
    """After any records, of every home on every day; and a change names all homes and days that it changes."""
    organisation = Organisation("EUR")
    kept = RepDays(organisation)
    before: dict[tuple[str, int], tuple[int, int]] = {}
    for subject, record in changes:
        old = organisation.get(subject)
        organisation.put(subject, record)
        told = restaffed(Change(subject, old, record), organisation)
        if told is not None:
            kept.forget(told.teams)
        now = {
            (home, on): (kept.on(home, on), kept.between(home, on, on)) for home in HOMES for on in range(FIRST, LAST)
        }
        for (home, on), each in now.items() if before else ():
            if each != before[home, on]:
                assert told is not None
                assert told.homes is None or home in told.homes
                assert told.first_day <= on <= told.last_day
        before = now
    for home in HOMES:
        for on in range(FIRST, LAST):
            due = plainly(organisation, home, on, working=False), plainly(organisation, home, on, working=True)
            assert (kept.on(home, on), kept.between(home, on, on)) == due
        whole = sum(kept.between(home, on, on) for on in range(FIRST, LAST))
        assert kept.between(home, FIRST, LAST - 1) == whole
