"""Whether what a partition says of now is about the present."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sinks.freshness import STALE_MS, is_present

RULES = Path(__file__).parents[3] / "deploy" / "prometheus" / "rules" / "alerts.yaml"
INSTANTS = st.integers(-1, 4_000_000_000_000)


@pytest.mark.parametrize(
    ("now_ms", "clock_ms", "present"),
    [(1_000_000, 1_000_000, True), (1_000_000, 1_060_000, True), (1_000_000, 1_060_001, False), (-1, 1_000_000, False)],
)
def test_a_minute_is_the_limit(now_ms: int, clock_ms: int, *, present: bool) -> None:
    """A now that is a minute old is the present still; one of a partition that has heard nothing is not."""
    assert is_present(now_ms, clock_ms) is present


@given(INSTANTS, INSTANTS, st.integers(0, STALE_MS))
def test_time_that_goes_on_in_the_log_makes_nothing_stale(now_ms: int, clock_ms: int, on_ms: int) -> None:
    """Of two partitions the one further on is present if the other is; a clock that is behind hides nothing."""
    assert is_present(now_ms, clock_ms) <= is_present(now_ms + on_ms, clock_ms)
    assert is_present(clock_ms + on_ms, clock_ms)


def test_the_limit_is_that_of_the_alert() -> None:
    """A partition is silent on the floor when SalespulseFiguresStale begins to speak of it."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    rules = {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}
    found = re.search(r"> (\d+)$", rules["SalespulseFiguresStale"])

    assert found is not None
    assert int(found[1]) * 1000 == STALE_MS
