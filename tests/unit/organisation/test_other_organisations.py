"""Organisations compared as values: with another record, or at another time."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.organisation import Organisation
from tests.unit.boards.work import calls
from tests.unit.ledger.world import DAY, NOON_MS

TODAY = date(2025, 11, 3).toordinal()
INSTANTS = st.integers(-40, 40).map(lambda hours: NOON_MS + hours * 3_600_000)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
Change = tuple[str, dict[str, Any] | None]
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.tuples(
        st.sampled_from(["membership:a", "membership:b"]),
        st.none()
        | st.builds(
            lambda rep, team, since: {"rep_id": rep, "team_id": team, "valid_from": since},
            st.sampled_from("78"),
            st.sampled_from(["north", "south"]),
            st.none() | INSTANTS,
        ),
    ),
    st.tuples(
        st.sampled_from(["identity:a", "identity:b"]),
        st.none()
        | st.builds(
            lambda named, rep, since: {"external_id": named, "rep_id": rep, "valid_from": since},
            st.sampled_from("89"),
            st.sampled_from("789"),
            st.none() | INSTANTS,
        ),
    ),
    st.tuples(
        st.sampled_from(["team:north", "team:south"]),
        st.none()
        | st.builds(
            lambda zone, parent: {"time_zones": [[None, zone]], "parent_id": parent},
            ZONES,
            st.sampled_from(["north", "south", "emea"]),
        ),
    ),
    st.tuples(
        st.sampled_from(["rate:a", "rate:b", "rate:c"]),
        st.none()
        | st.builds(
            lambda currency, day, rate: {"currency": currency, "effective_on": TODAY + day, "rate": rate},
            st.sampled_from(["USD", "JPY"]),
            st.integers(-2, 2),
            st.sampled_from(["0.5", "2", "3"]),
        ),
    ),
    st.tuples(st.sampled_from(["rep:7", "rep:8"]), st.none() | st.just({})),
    st.tuples(st.just("process:default"), st.none() | st.just({"editions": [[0, [{"id": "new"}]]]})),
    st.tuples(st.just("company:company"), st.none() | ZONES.map(lambda zone: {"time_zone": zone, "currency": "USD"})),
)


def built(changes: list[Change], now_ms: int = NOON_MS) -> Organisation:
    """An organisation of its own, after these changes."""
    found = Organisation("EUR", now_ms)
    for change in changes:
        found.put(*change)
    return found


def answers(known: Organisation) -> list[Any]:
    """All that it says of a few reps, teams, days and currencies."""
    instants = range(NOON_MS - 2 * DAY, NOON_MS + 2 * DAY, DAY // 3)
    found: list[Any] = [known.currency, known.company, known.today, list(known.records("team"))]
    found += [known.cell(rep, at_ms) for rep in (None, "7", "8", "9") for at_ms in instants]
    found += [known.place_now(rep) for rep in ("7", "8")]
    found += [(known.reps_of(each), known.ids_of(each)) for each in ("7", "8", "9")]
    found += [(known.members(team, NOON_MS), known.ever_in(team), known.ancestors(team)) for team in ("north", "south")]
    found += [(known.children(team), known.descendants(team)) for team in ("north", "south", "emea")]
    found += [known.rate(currency, TODAY + day) for currency in ("EUR", "USD", "JPY") for day in range(-3, 4)]
    found += [known.newest_rate(currency) for currency in ("EUR", "USD", "JPY")]
    process = known.process("default")
    return [*found, process and process.order, known.zone_rules("north"), known.day_start_ms("south", TODAY)]


@given(st.lists(CHANGES, max_size=8), CHANGES, CHANGES, INSTANTS)
def test_another_organisation_is_what_one_built_anew_would_be(
    changes: list[Change], first: Change, second: Change, later_ms: int
) -> None:
    """Whichever is asked in between, each goes on saying what it did, and none is changed by another one."""
    known = built(changes)
    others = [
        (known, built(changes)),
        (known.with_records(dict([first])), built([*changes, first])),
        (known.with_records(dict([second])), built([*changes, second])),
        (known.with_records(dict([first])).with_records(dict([second])), built([*changes, first, second])),
        (known.at(later_ms), built(changes, later_ms)),
    ]
    for _ in range(2):
        for one, anew in others:
            assert answers(one) == answers(anew)


def test_another_organisation_costs_what_the_record_concerns() -> None:
    """A membership among many reps: as many calls as among few, as nothing of the others is copied or looked up."""

    def cost(reps: int) -> int:
        known = built([("team:north", {"time_zones": []}), ("team:south", {"time_zones": []})])
        for number in range(reps):
            known.put(f"rep:{number}", {})
            known.put(f"membership:m{number}", {"rep_id": f"{number}", "team_id": "north"})
        moved = {"rep_id": "1", "team_id": "south"}
        return calls(lambda: known.with_records({"membership:m1": moved}).place("1", NOON_MS))

    assert cost(2000) == cost(10)
