"""A stream: all that is told in 300 days, by its seed alone. What else it should hold is one more strand."""

from random import Random

from tests.streams.activities import STORIES
from tests.streams.changes import (
    absences,
    alert_notes,
    alert_rules,
    benchmarks,
    careers,
    contests,
    curves,
    ends,
    identities,
    moves,
    policies,
    processes,
    prorations,
    recognition,
    scores,
    special_days,
    targets,
    zones,
)
from tests.streams.costs import cost
from tests.streams.moods import observation, survey
from tests.streams.phones import phone
from tests.streams.sales import deals, leads
from tests.streams.strand import END, Strand, Told

ONCE: tuple[Strand, ...] = (
    leads, deals, zones, processes, ends, policies, careers, prorations, special_days, alert_rules, alert_notes, scores,
)  # fmt: skip
"""Told once in a stream."""
OFTEN: tuple[tuple[Strand, int], ...] = (
    *((story, 8) for story in STORIES), (moves, 3), (identities, 4), (absences, 3), (phone, 8), (targets, 4),
    (curves, 2), (cost, 5), (contests, 3), (recognition, 4), (benchmarks, 4), (observation, 20), (survey, 8),
)  # fmt: skip
"""Told up to so many times."""


def stream(seed: int) -> list[Told]:
    """The stream of a seed, in the order in which it is appended."""
    random = Random(seed)
    told = [each for strand in ONCE for each in strand(random, strand.__name__)]
    for number, (strand, most) in enumerate(OFTEN):
        for count in range(random.randrange(1, most + 1)):
            told += strand(random, f"s{number}-{count}")
    return sorted((each for each in told if each.at_ms <= END), key=lambda each: each.at_ms)
