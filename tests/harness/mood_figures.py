"""What boards published of talks, ratings and surveys, beside what the audit expects."""

from typing import Any

from pipeline.audit.database import Database
from pipeline.kinds.observation import OBSERVATION
from pipeline.kinds.survey import SURVEY
from pipeline.scores.kpis import KPIS
from tests.harness.per_rep import shown_of
from tests.harness.recognising_boards import RecognisingBoards

MOODS = frozenset(
    kpi.name for kpi in KPIS if {*kpi.numerator, *kpi.denominator} & (OBSERVATION.measures | SURVEY.measures)
)
DIFFERING = """
    SELECT scope, win, kpi, path, s.number, e.number
    FROM (FROM expected SEMI JOIN mood USING (kpi)) e FULL JOIN shown s USING (scope, win, kpi, path)
    WHERE abs(coalesce(s.number, 0) - coalesce(e.number, 0)) > 1e-9 * abs(coalesce(e.number, 0))
        OR (s.path IS NOT NULL AND e.path IS NOT NULL AND (s.number IS NULL) <> (e.number IS NULL))
    ORDER BY ALL
"""
"""A figure that is absent is one of nothing; of one that is there nothing is null, or 0, as the audit says."""


def mood_differences(database: Database, boards: RecognisingBoards) -> tuple[list[Any], int]:
    """What the audit finds, and how many numbers it compared; called once reps at work were compared."""
    database.execute("CREATE OR REPLACE TEMP TABLE mood (kpi VARCHAR)")
    database.fill("mood", ({"kpi": name} for name in sorted(MOODS)))
    database.execute("DELETE FROM shown")
    database.fill("shown", (row for each in boards.published.values() for row in shown_of(each, MOODS)))
    return database.rows(DIFFERING), database.rows("SELECT count(*) FROM shown")[0][0]
