"""Guards against regressions of speed: costs compared with each other within one run, in processor time."""

import pytest

from benchmarks.contest import Entry, right_run
from benchmarks.cost import cost
from benchmarks.scene import scene
from benchmarks.stock_faust import STOCK_FAUST
from tests.servers.kafka import require_jars
from tests.servers.redis import require_redis

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]
EVENTS = 6_000
STOCK_EVENTS = 600
LIMIT_SECONDS = 180
LEAST_GAIN = 2.0
"""The whole job costs at most half of what stock Faust costs; far less where nothing has gone wrong."""
MOST_GROWTH = 7.0
"""Ten times the reps, with an event each, may cost so many times as much: each has windows of its own to publish."""


@pytest.fixture(autouse=True)
def _servers_are_there() -> None:
    require_jars()
    require_redis()


def test_an_event_costs_far_less_than_in_stock_faust_and_not_much_more_with_ten_times_the_reps() -> None:
    """The whole job beats the same job in stock Faust, and 5,000 reps do not cost an event many times more than 500."""
    given = scene(EVENTS)
    few = cost(given, LIMIT_SECONDS).core_microseconds_per_event
    many = cost(scene(EVENTS, reps=5_000), LIMIT_SECONDS).core_microseconds_per_event
    stock, _ = right_run(Entry(STOCK_FAUST, given.first(STOCK_EVENTS)), LIMIT_SECONDS / 2)

    assert stock.core_microseconds_per_event / few >= LEAST_GAIN
    assert many / few <= MOST_GROWTH
