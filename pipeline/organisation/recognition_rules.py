"""What is recognised of whom: best periods, milestones and streaks, by KPI, as the organisation tells it. Pure."""

from typing import NamedTuple

from pipeline.organisation.organisation import Organisation


class RecognitionRule(NamedTuple):
    """Of which periods the best is told, which counts are milestones, and how much a day of a streak has at least."""

    best: tuple[str, ...]
    milestones: tuple[int, ...]
    streaks: tuple[int, ...] = ()


Rules = dict[tuple[str, str], RecognitionRule]
"""By whose they are, `reps` or `teams`, and KPI."""


def recognition_rules(organisation: Organisation) -> Rules:
    """All rules; of several for one KPI of reps, or of teams, that with the greater id holds."""
    found: Rules = {}
    for _, record in organisation.records("recognition"):
        if (kpi := record.get("kpi")) is not None:
            told = (tuple(sorted(set(record.get(field) or ()))) for field in RecognitionRule._fields)
            found[record.get("whose") or "reps", kpi] = RecognitionRule(*told)
    return found
