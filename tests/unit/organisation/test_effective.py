"""Facts that hold from a time on, against their plain definitions, and what long series of them cost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation import days
from pipeline.organisation.effective import Memberships, Zones
from pipeline.organisation.organisation import Organisation
from tests.unit.boards.work import calls

Given = list[tuple[str, int | None, int | None]]
shares = st.none() | st.sampled_from([2_000, 5_000])
instants = st.none() | st.integers(0, 12)
held = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.sampled_from(["north", "south", "emea"]), instants, instants), max_size=8
)


def _memberships(records: dict[str, tuple[str, int | None, int | None]]) -> Memberships:
    found = Memberships()
    for name, (team, begin, end) in records.items():
        found.put(name, None, {"rep_id": "7", "team_id": team, "valid_from": begin, "valid_to": end})
    return found


def _sharing(records: dict[str, tuple[str, int | None, int | None, int | None]]) -> Memberships:
    found = Memberships()
    for name, (team, begin, end, share) in records.items():
        told = {"rep_id": "7", "team_id": team, "valid_from": begin, "valid_to": end, "share_bp": share}
        found.put(name, None, told)
    return found


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"),
        st.tuples(st.sampled_from(["north", "south", "emea"]), instants, instants, shares),
        max_size=8,
    ),
    st.integers(-1, 13),
)
def test_shares_hold_together_while_one_of_them_began_last(
    records: dict[str, tuple[str, int | None, int | None, int | None]], at_ms: int
) -> None:
    """The largest says which team it is, of equal ones the one that began last; one without a share has all."""
    known = _sharing(records)
    holding = [
        (begin or -1, name, team, share)
        for name, (team, begin, end, share) in records.items()
        if (begin or -1) <= at_ms and (end is None or at_ms < end)
    ]
    last = max(holding, default=None)
    if last is None or last[3] is None:
        assert known.team_of("7", at_ms) == (last[2] if last else None)
        assert known.shares_of("7", at_ms) == []
        return
    parts = [(share, begin, name, team) for begin, name, team, share in holding if share is not None]
    assert known.team_of("7", at_ms) == max(parts)[3]
    assert known.shares_of("7", at_ms) == [
        (team, total) for team in ("emea", "north", "south") if (total := sum(p[0] for p in parts if p[3] == team))
    ]
    assert known.sharing["7"] == sum(share is not None for *_, share in records.values())


def _plainly(records: dict[str, tuple[str, int | None, int | None]], at_ms: int) -> str | None:
    """Of those that hold then the one that began last, of two such the greater id."""
    holding = [
        (begin or -1, name, team)
        for name, (team, begin, end) in records.items()
        if (begin or -1) <= at_ms and (end is None or at_ms < end)
    ]
    return max(holding)[2] if holding else None


@given(held)
def test_the_team_of_a_rep_is_that_of_the_membership_that_began_last(
    records: dict[str, tuple[str, int | None, int | None]],
) -> None:
    """At every instant, of memberships that overlap, are empty or end before they begin."""
    known = _memberships(records)
    assert [known.team_of("7", at_ms) for at_ms in range(-1, 14)] == [_plainly(records, at) for at in range(-1, 14)]


@given(held, st.integers(-1, 13))
def test_who_was_ever_where_and_joined_when(records: dict[str, tuple[str, int | None, int | None]], at_ms: int) -> None:
    """Every team of a rep, and the last beginning that is known, of memberships that ever held."""
    known = _memberships(records)
    assert known.ever_of("7") == {team for team, _, _ in records.values()}
    for team in ("north", "south", "emea"):
        held_at_all = [b for t, b, e in records.values() if t == team and b is not None and (e is None or b < e)]
        begun = [b for b in held_at_all if b <= at_ms]
        assert known.joined_ms("7", team, at_ms) == max(begun, default=None)


memberships = st.tuples(st.sampled_from(["7", "8"]), st.sampled_from(["north", "south", "emea"]), instants, instants)
changes = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | memberships, st.booleans()), max_size=40)


@given(changes)
def test_teams_are_the_same_however_often_they_were_asked_for_in_between(
    changes: list[tuple[str, tuple[str, str, int | None, int | None] | None, bool]],
) -> None:
    """After each change, here or in a copy that goes on without the original, as after all of them at once."""
    known, records = Memberships(), dict[str, dict[str, Any]]()
    for name, given_now, apart in changes:
        old = records.pop(name, None)
        if given_now is not None:
            rep, team, begin, end = given_now
            records[name] = {"rep_id": rep, "team_id": team, "valid_from": begin, "valid_to": end}
        if apart:
            known = known.over()
        known.put(name, old, records.get(name))
        for asked in "78":
            own = {
                name: (each["team_id"], each["valid_from"], each["valid_to"])
                for name, each in records.items()
                if each["rep_id"] == asked
            }
            assert [known.team_of(asked, at_ms) for at_ms in range(-1, 14)] == [
                _plainly(own, at_ms) for at_ms in range(-1, 14)
            ]
            for at_ms in range(-1, 14):
                begin_ms, end_ms, held = known.span_of(asked, at_ms)
                within = range(begin_ms, 14 if end_ms is None else end_ms)
                assert at_ms in within
                assert {known.team_of(asked, each) for each in within} == {held}


def test_one_change_of_many_memberships_works_out_its_own_time_only() -> None:
    """Of a rep with ten times as many the change of one costs hardly more calls."""

    def changed(number: int) -> Callable[[], object]:
        known = _memberships({f"m{n:05}": ("north", n, n + 1) for n in range(number)})
        known.team_of("7", 0)
        last = {"rep_id": "7", "team_id": "north", "valid_from": number - 1, "valid_to": number}

        def change() -> object:
            known.put(f"m{number - 1:05}", last, {**last, "team_id": "south"})
            return known.team_of("7", number - 1)

        return change

    assert calls(changed(3000)) - calls(changed(300)) < 4 * 2700


def _growth(of: Callable[[int], Callable[[], object]]) -> float:
    return calls(of(8000)) / calls(of(800))


def test_the_spans_of_a_rep_cost_hardly_more_a_membership_where_there_are_many() -> None:
    """Ten times as many, all of them overlapping: about ten times the work."""

    def asked(number: int) -> Callable[[], object]:
        known = _memberships({f"m{n:05}": (f"t{n}", n, 10**6 - n) for n in range(number)})
        return lambda: known.team_of("7", 5)

    assert _growth(asked) < 15


zones = st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo", "Pacific/Apia"])
dated = st.dictionaries(st.none() | st.integers(738_000, 738_010), zones, max_size=6)
TODAY = 738_005


def _on(company: str, given_zones: dict[int | None, str], day: int | None) -> str:
    """The company's, until one of its own holds."""
    zone = company
    for first_day, own in sorted(given_zones.items(), key=lambda entry: entry[0] or 0):
        if day is None or first_day is None or first_day <= day:
            zone = own
    return zone


@given(zones, dated, st.booleans())
def test_a_team_has_the_zone_of_the_day(company: str, given_zones: dict[int | None, str], later: bool) -> None:
    """Of days, whichever of the company's and the team's became known last."""
    known = Zones()
    for step in ("team", "ask", "company") if later else ("company", "ask", "team"):
        if step == "team":
            known.put("north", [list(entry) for entry in given_zones.items()])
        elif step == "company":
            known.company(company)
        else:
            known.on("north", TODAY)
    asked = [None, *range(737_998, 738_013)]
    assert [known.on("north", day) for day in asked] == [_on(company, given_zones, day) for day in asked]
    ordered = sorted(given_zones.items(), key=lambda entry: entry[0] or 0)
    first: list[Any] = [] if None in given_zones else [(None, company)]
    assert known.rules("north") == (*first, *ordered)


@given(zones, dated, st.integers(-3 * 24, 14 * 24))
def test_an_instant_has_a_zone_that_holds_on_its_day(
    company: str, given_zones: dict[int | None, str], hour: int
) -> None:
    """The day that follows from it is one for which the zone holds, or the last of those."""
    known = Zones()
    known.company(company)
    known.put("north", [list(entry) for entry in given_zones.items()])
    at_ms = days.utc_day_ms(738_000) + hour * days.HOUR_MS
    zone, last_day = known.at("north", at_ms)
    day = days.local_day(zone, at_ms)
    assert known.on("north", day if last_day is None else min(day, last_day)) == zone


@given(
    zones, dated, st.lists(st.integers(-3 * 24 * 60, 14 * 24 * 60), min_size=1, max_size=60), st.integers(0, 24 * 60)
)
def test_the_day_of_an_instant_is_the_same_whatever_was_asked_before(
    company: str, given_zones: dict[int | None, str], minutes: list[int], first: int
) -> None:
    """Days of whole hours are remembered: of those in which the day or the zone changes, they must not be."""
    asked, zones_of = Organisation("EUR"), Zones()
    zones_of.company(company)
    zones_of.put("north", [list(entry) for entry in given_zones.items()])
    asked.put("company:company", {"time_zone": company})
    asked.put("team:north", {"time_zones": [list(entry) for entry in given_zones.items()]})
    for minute in (*minutes, *range(first, first + 120)):
        at_ms = days.utc_day_ms(738_000) + minute * days.MINUTE_MS
        zone, last_day = zones_of.at("north", at_ms)
        day = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).toordinal()
        assert asked.local_day("north", at_ms) == (day if last_day is None else min(day, last_day))


def test_many_dated_zones_are_not_gone_through_for_each_day() -> None:
    """A team that moved on each of 2,000 days answers as fast as one that never did."""

    def asked(number: int) -> Callable[[], object]:
        known = Zones()
        known.put("north", [[738_000 + n, "Asia/Kolkata" if n % 2 else "UTC"] for n in range(number)])
        known.on("north", TODAY)
        return lambda: [(known.on("north", day), known.rules("north")) for day in range(738_000, 738_100)]

    assert calls(asked(2000)) == calls(asked(2))
