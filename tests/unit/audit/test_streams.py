"""Random streams of 300 days: whatever is forgotten and told again, moved, merged or deleted, both come to the same."""

import pytest
from hypothesis import settings

from tests.streams.comparison import compare, play
from tests.unit.audit.logs_of import audited

pytestmark = pytest.mark.slow

SEEDS = range(min(50, settings().max_examples))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stream_of_most_of_a_year_is_the_same_for_the_audit(seed: int) -> None:
    """`make streams` runs many more of them."""
    assert compare(seed).differences == []


def test_streams_hold_what_they_are_there_for() -> None:
    """What comes for forgotten activities, by event and by link, and touches that lapse before their object comes."""
    asked = {
        "events of what was forgotten": "SELECT count(*) FROM late_event",
        "links of what was forgotten": "SELECT count(*) FROM late_link",
        "touches that lapsed": "SELECT (SELECT count(*) FROM own_link) - (SELECT count(*) FROM standing_link)",
    }
    held = dict.fromkeys(asked, 0)
    for seed in SEEDS:
        with audited(play(seed)) as database:
            for what, query in asked.items():
                held[what] += database.rows(query)[0][0]
        if all(held.values()):
            return
    raise AssertionError(held)
