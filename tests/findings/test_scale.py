"""Objects and records that grow with what is said of them."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec
import pytest

from pipeline.engine.changelog.log_writer import RECORD_LIMIT_BYTES
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

BROKER_LIMIT_BYTES = 1_048_588
"""The largest record that a broker takes unless it is told otherwise."""
FEW, MANY, LONG = 100, 400, 20_000
"""Changes of one object: from what holds between the first two follows what a long series of them costs."""
Told = Callable[[int], dict[str, Any]]
Merges = Callable[[int], Iterable[dict[str, Any]]]


def floor() -> World:
    """One partition of each log, and the organisation."""
    return World(partitions=1).play(organisation())


def email(name: str, at_ms: int, lead: str) -> dict[str, Any]:
    """An email of rep-01 to a lead."""
    sent: dict[str, Any] = {"sent_at": at_ms, "direction": "outbound", "bulk": False, "lead_id": lead}
    return event("email", name, at_ms, rep_id="rep-01", **sent)


def touch(number: int) -> dict[str, Any]:
    """A touch of a lead that everybody names, as CRMs do for want of a lead."""
    return email(f"e{number:017}", NOON_MS + number, "everybody")


def win(number: int) -> dict[str, Any]:
    """A won deal of an account that everybody names."""
    told: dict[str, Any] = {"owner_id": "rep-01", "account_id": "walk-in", "stage_id": "won", "created_at": NOON_MS}
    return event("deal", f"d{number:017}", NOON_MS + number, **told)


def edit(number: int) -> dict[str, Any]:
    """A change of one deal's amount, as a sync loop makes them."""
    told: dict[str, Any] = {"owner_id": "rep-01", "stage_id": "new", "created_at": NOON_MS, "amount_minor": number}
    return event("deal", "d", NOON_MS + number, **told)


class Cost(NamedTuple):
    """Bytes of the state's largest value, and of all values that the last event changed."""

    largest: int
    written: int


def cost(told: Told, count: int) -> Cost:
    """What the last of so many events about one object costs the log of its partition."""
    world = floor()
    store = world.stores["crm.events", 0]
    world.play(map(told, range(count - 1)))
    store.take_changes()
    world.play([told(count - 1)])
    written = sum(_size(value) for value in store.take_changes().values() if value is not None)
    return Cost(max(_size(value) for _, value in store.items()), written)


def _size(value: Any) -> int:
    return len(msgspec.msgpack.encode(value))


@pytest.mark.parametrize("told", [touch, win, edit])
def test_an_object_that_everybody_names_fits_the_state_log(told: Told) -> None:
    """20,000 touches of a lead, wins of an account or changes of a deal: no value is more than a record may hold."""
    few, many = cost(told, FEW).largest, cost(told, MANY).largest
    each = (many - few) / (MANY - FEW)

    assert few + each * (LONG - FEW) <= RECORD_LIMIT_BYTES


@pytest.mark.parametrize("told", [touch, win, edit])
def test_a_change_costs_the_same_however_much_was_said_before(told: Told) -> None:
    """The 400th change of an object writes no more than twice what the 100th wrote."""
    assert cost(told, MANY).written <= 2 * cost(told, FEW).written


def merge_chain(leads: int) -> Iterable[dict[str, Any]]:
    """Leads with a touch each, each merged into the next one."""
    for number in range(leads):
        at_ms, lead = NOON_MS + number, f"l{number:017}"
        yield email(f"e{number:017}", at_ms, lead)
        yield event("lead", lead, at_ms, owner_id="rep-01", created_at=NOON_MS)
        yield event("lead", lead, at_ms + 1, verb="merged", into=f"l{number + 1:017}")


def merged_into_a_hub(leads: int) -> Iterable[dict[str, Any]]:
    """Leads with a touch each, all merged into one, which is merged into another one last of all."""
    for number in range(leads):
        at_ms, lead = NOON_MS + number, f"l{number:017}"
        yield email(f"e{number:017}", at_ms, lead)
        yield event("lead", lead, at_ms, owner_id="rep-01", created_at=NOON_MS)
        yield event("lead", lead, at_ms + 1, verb="merged", into="hub")
    yield event("lead", "hub", NOON_MS + leads, owner_id="rep-01", created_at=NOON_MS)
    yield event("lead", "hub", NOON_MS + leads + 1, verb="merged", into="other")


def bytes_of_links(leads: int, merges: Merges = merge_chain) -> int:
    """How much the ledger appends to crm.events for a chain of so many leads."""
    world = floor().play(merges(leads))
    return sum(len(record.value or b"") for record in world.logs["crm.events", 0] if record.headers)


@pytest.mark.parametrize("merges", [merge_chain, merged_into_a_hub])
def test_a_chain_of_merges_costs_what_it_is_long(merges: Merges) -> None:
    """Twice as many leads, twice as many bytes or a little more; of a hub that is merged itself, too."""
    assert bytes_of_links(48, merges) <= 3 * bytes_of_links(24, merges)


def test_a_hub_that_is_merged_passes_on_one_summary() -> None:
    """The last merge writes what it does with a few leads below the hub, though there are ten times as many."""

    def written(leads: int) -> int:
        *before, last = merged_into_a_hub(leads)
        world = floor().play(before)
        known = len(world.logs["crm.events", 0])
        world.play([last])
        return sum(len(record.value or b"") for record in world.logs["crm.events", 0][known:])

    assert written(200) <= written(20) + 100


def test_facts_fit_a_broker_whatever_the_stages_are_called() -> None:
    """1,000 deals, as an import brings them, in the last of 20 open stages with names of 24 characters."""
    names = [f"{number:02}".ljust(24, "s") for number in range(20)]
    closing = [{"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
    world = floor().play([event("process", "default", 1001, stages=[*({"id": name} for name in names), *closing])])
    world.now_ms += HOUR
    created = [NOON_MS - DAY + number * 60_000 for number in range(1000)]
    deals = [
        event("deal", f"d{number}", at_ms, owner_id="rep-01", stage_id=names[-1], created_at=at_ms)
        for number, at_ms in enumerate(created)
    ]
    world.play(deals)

    assert max(len(record.value or b"") for record in world.logs["facts", 0]) < BROKER_LIMIT_BYTES
