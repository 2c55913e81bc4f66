"""The first event of an object goes a straight way: what it leaves and sends is what the general way would."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.events import iso
from schemas.types import instant_ms
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import DAY, HOUR, World, event, organisation

EVENTS = st.lists(any_event(), min_size=4, max_size=20)
PAUSES = st.sampled_from([0, HOUR, 20 * DAY, 40 * DAY, 900 * DAY])
"""After some of them activities are forgotten, and closed deals; what comes of them is late then."""


def _later(one: dict[str, Any], by_ms: int) -> dict[str, Any]:
    """The same told as of later, though what it tells is of its own time."""
    return {**one, "time": iso(instant_ms(one["time"]) + by_ms)}


def _both(partitions: int, batch: int) -> list[World]:
    return [
        World(partitions=partitions, batch=batch, straight=straight).play(organisation()) for straight in (True, False)
    ]


@given(
    st.lists(st.tuples(EVENTS, PAUSES), min_size=1, max_size=3),
    st.integers(1, 3),
    st.sampled_from([1, 5, 1000]),
    st.randoms(use_true_random=False),
)
def test_the_straight_way_leaves_and_sends_the_same(
    rounds: list[tuple[list[dict[str, Any]], int]], partitions: int, batch: int, random: Random
) -> None:
    """Facts, links, forwarded records and dead letters are equal byte by byte, and so is every stored value.

    Events are late, told twice, corrected, merged, deleted, on the wrong partition, of what was forgotten; a fold is
    made anew in between.
    """
    straight, general = _both(partitions, batch)
    passed_ms = 0
    for events, pause_ms in rounds:
        told = [_later(one, passed_ms) if random.random() < 0.5 else one for one in events]
        told += random.choices(told, k=len(told) // 3)
        misplaced = [one for one in told if random.random() < 0.2 and not one["type"].startswith("org.")]
        again = random.random() < 0.3
        for world in (straight, general):
            world.produce(one for one in told if one not in misplaced)
            world.produce(misplaced, partition=0)
            world.run()
            world.now_ms += pause_ms
            world.tick()
            world.run()
            if again:
                world.restart("crm.events", 0)
        passed_ms += pause_ms

    assert straight.logs == general.logs
    for where, store in straight.stores.items():
        assert list(store.items()) == list(general.stores[where].items())
        assert store.scalars == general.stores[where].scalars


def test_a_forgotten_object_is_over_on_both_ways() -> None:
    """An email that was forgotten and is told of anew is late: what it counted still counts."""
    for world in _both(1, 1000):
        mail = event("email", "m", rep_id="rep-01", sent_at=world.now_ms, direction="outbound")
        world.play([mail])
        world.now_ms += 100 * DAY
        world.tick()
        world.play([_later(event("email", "m", verb="deleted"), 100 * DAY)])

        assert world.reasons() == ["late"]
        assert world.measure("emails", rep="rep-01") == 1
