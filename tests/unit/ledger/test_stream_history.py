"""The stream of the fault tests: of a history that is sent at once, ledgers refuse what it says must be refused."""

from collections import Counter

import pytest

from benchmarks.inbox import DOMAINS, Line, ledger_of
from pipeline.kernel.stage import Send
from tests.faults.stream import Stream

NOW_MS = 1_795_435_200_000


@pytest.mark.parametrize("days", [3, 24])
def test_nothing_else_of_a_history_is_refused(days: int) -> None:
    """However far back it goes: a soak compares its dead letters with what was sent."""
    stream = Stream(7, teams=2, reps=5)
    given = list(stream.history(6000, NOW_MS, days))
    refused: Counter[str] = Counter()
    for topic, domain in DOMAINS.items():
        ledger = Line(ledger_of(topic, domain))
        sends = [Send(topic, 0, each.value, each.key) for each in given if each.topic == topic]
        letters = [each for each in ledger.fold(sends, NOW_MS) if each.topic == "dead-letters"]
        refused.update(dict(each.headers)["dlq.reason"].decode() for each in letters)

    assert refused == Counter({"late": stream.refused["late"]})
    assert refused["late"] > 0
