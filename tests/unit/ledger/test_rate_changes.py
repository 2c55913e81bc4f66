"""What a rate restates: the amounts of its days, and what stands at the rate of now; nothing is missed."""

import json
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.statements import statement_of
from tests.unit.boards.work import calls_of
from tests.unit.ledger.any_events import CHANGES, CURRENCIES, PROCESS, REPS, STAGES, TEAMS
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, LogRecord, World, event, organisation

NAMES = st.sampled_from("abcd")
DAYS = st.integers(14, 33).map(lambda day: f"2025-10-{day:02}" if day < 32 else f"2025-11-{day - 29:02}")
INSTANTS = st.integers(-20 * 6, 0).map(lambda hours: NOON_MS + hours * 4 * HOUR)
FIELDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "rate": st.fixed_dictionaries(
        {"currency": CURRENCIES, "effective_on": DAYS, "rate": st.sampled_from(["0.9", "1.1", "0.006", "3"])}
    ),
    "deal": st.fixed_dictionaries(
        {},
        optional={
            "owner_id": REPS,
            "stage_id": STAGES,
            "created_at": INSTANTS,
            "amount_minor": st.integers(0, 10**6),
            "currency": CURRENCIES,
        },
    ),
    "cost": CHANGES["cost"],
    "membership": CHANGES["membership"],
    "team": CHANGES["team"],
    "company": CHANGES["company"],
    "process": PROCESS,
}
OFTEN = ["rate"] * 8 + ["deal"] * 10 + ["cost", "membership", "team", "company", "process"]
OWN_NAMES = {"team": TEAMS, "company": st.just("company"), "process": st.just("default")}


@st.composite
def money_event(draw: st.DrawFn) -> dict[str, Any]:
    """One event that changes amounts, their rates, or whose and which day's they are; now and then an end."""
    kind = draw(st.sampled_from(OFTEN))
    name, time_ms = draw(OWN_NAMES.get(kind, NAMES)), draw(INSTANTS)
    if draw(st.integers(0, 5)) == 0:
        return event(kind, name, time_ms, verb="deleted")
    return event(kind, name, time_ms, **draw(FIELDS[kind]))


@given(st.lists(st.lists(money_event(), min_size=1, max_size=8), min_size=3, max_size=8), st.data())
def test_rates_restate_all_that_they_concern(batches: list[list[dict[str, Any]]], data: st.DataObject) -> None:
    """Rates that come, change, end, are backdated or fall due: the facts add up to restating everything."""
    world = World(partitions=1).play(organisation())
    for events in batches:
        world.play(events)
        world.now_ms += data.draw(st.sampled_from([0, HOUR, DAY]))
        world.tick()
        world.run()
        if data.draw(st.integers(0, 4)) == 0:
            world.restart("crm.events", 0)

        assert world.total() == world.stated()


DEALS, RATES = 2000, 1000
LAST = date(2025, 11, 3).toordinal()
"""Today."""


def _on(day: int) -> int:
    return NOON_MS + (day - LAST) * DAY


def _rate(day: int, rate: str, sequence: int = 0) -> dict[str, Any]:
    fields: dict[str, Any] = {"currency": "USD", "effective_on": date.fromordinal(day).isoformat(), "rate": rate}
    return event("rate", f"r{day}", 2000 + sequence, **fields)


def _deal(number: int, chance: Random, closed: bool = True) -> list[dict[str, Any]]:
    """A deal in dollars, made on one day and won on another one."""
    days = sorted(chance.sample(range(LAST - RATES, LAST), 2))
    made: dict[str, Any] = {"owner_id": "rep-01", "stage_id": "new", "amount_minor": 100 + number, "currency": "USD"}
    found = [event("deal", f"d{number}", _on(days[0]), created_at=_on(days[0]), **made)]
    return [*found, event("deal", f"d{number}", _on(days[1]), stage_id="won")] if closed else found


@pytest.fixture(scope="module")
def busy() -> World:
    """Two thousand won deals and ten open ones, with a rate for each of a thousand days."""
    chance = Random(7)
    policy = LedgerPolicy(swept_objects=0)
    world = World(1, policy, batch=5000).play(organisation(), [_rate(LAST - n, "2") for n in range(RATES, 0, -1)])
    deals = [one for number in range(DEALS) for one in _deal(number, chance)]
    return world.play(deals, [one for n in range(DEALS, DEALS + 10) for one in _deal(n, chance, closed=False)])


def _statements(world: World, rates: list[dict[str, Any]]) -> int:
    """How many statements the ledger of the CRM makes for these rates: two for each object looked at."""
    world.produce(rates)
    return calls_of(statement_of, world.settle)


def test_a_rate_of_each_of_many_days_states_each_deal_a_few_times(busy: World) -> None:
    """Each deal by the rate of its creation and by that of its win, before and after: the days of others are not its.

    Ten open ones stand at the rate of today, which the first of them decides for until it ends.
    """
    again = [_rate(LAST - n, "3", sequence=1) for n in range(RATES, 0, -1)]
    Random(3).shuffle(again)

    assert _statements(busy, again) <= 2 * (2 * DEALS + 2 * 10)
    assert busy.total() == busy.stated()


@pytest.mark.parametrize("rates", [30, RATES])
def test_rates_told_oldest_first_state_each_deal_twice(rates: int) -> None:
    """However many there are: by the first, which is copied at once, and by all others together."""
    chance = Random(5)
    world = World(1, LedgerPolicy(swept_objects=0), batch=5000).play(organisation())
    world.play([one for number in range(50) for one in _deal(number, chance)])

    assert _statements(world, [_rate(LAST - n * RATES // rates, f"{n}.5") for n in range(rates, 0, -1)]) <= 2 * 2 * 50
    assert world.total() == world.stated() != {}


@pytest.mark.parametrize(
    "one", [_rate(LAST - RATES, "2"), event("team", "north", 3000, time_zone="Asia/Kolkata")], ids=["rate", "zone"]
)
def test_a_change_of_the_organisation_takes_turns(one: dict[str, Any]) -> None:
    """One for fifty of the objects that it concerns, at least."""
    world, place = World(1, LedgerPolicy(swept_objects=0), batch=5000).play(organisation()), ("crm.events", 0)
    world.play([one for number in range(500) for one in _deal(number, Random(number))])
    known = len(world.logs[place])
    told = LogRecord(10**6, world.now_ms, one["subject"].encode(), json.dumps(one).encode())
    for sends in world.stages["org.changes", 0].fold([told]):
        world.deliver(sends)

    assert len(list(world.stages[place].fold(world.logs[place][known:]))) >= 500 / 50


def test_the_rate_of_today_states_what_stands_and_the_deals_of_today(busy: World) -> None:
    """Not those that are closed, however many they are; nor does one that ends, which had become the newest."""
    assert _statements(busy, [_rate(LAST, "5")]) == 2 * 10
    assert _statements(busy, [event("rate", f"r{LAST}", 9000, verb="deleted")]) == 2 * 10
    assert busy.total() == busy.stated()


def test_a_rate_ahead_states_nothing_until_its_day(busy: World) -> None:
    """And then what stands at it."""
    assert _statements(busy, [_rate(LAST + 1, "7")]) == 0
    busy.now_ms += DAY
    busy.tick()

    assert calls_of(statement_of, busy.run) == 2 * 10
    assert busy.total() == busy.stated()
