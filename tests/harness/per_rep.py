"""What boards published for each rep at work, beside what the audit expects."""

from collections.abc import Container, Iterator
from typing import Any

from pipeline.audit.comparison import FIGURE_SCRIPTS
from pipeline.audit.database import Database
from pipeline.audit.picture import leaves
from pipeline.kernel.partitioner import partition_of
from pipeline.scores.figures import Figure
from pipeline.scores.rep_kpis import REP_KPIS
from tests.harness.recognising_boards import RecognisingBoards
from tests.unit.ledger.world import World

NAMES = frozenset(kpi.name for kpi in REP_KPIS)
DIFFERING = """
    WITH wanted AS (
        FROM expected e WHERE formula = 'per_rep' AND (
            (path = 'numerator' AND number <> 0)
            OR EXISTS (FROM shown s WHERE s.scope = e.scope AND s.win = e.win AND s.kpi = e.kpi)
        )
    )
    SELECT scope, win, kpi, path, s.number, e.number
    FROM wanted e FULL JOIN shown s USING (scope, win, kpi, path)
    WHERE (s.number IS NULL) <> (e.number IS NULL)
        OR abs(s.number - e.number) > 1e-9 * greatest(abs(s.number), abs(e.number))
    ORDER BY ALL
"""
"""All that is shown is expected; a figure that is absent is one of nothing."""


def per_rep_differences(database: Database, world: World, boards: RecognisingBoards) -> tuple[list[Any], int]:
    """What the audit finds, and how many numbers it compared; called once recognition was compared."""
    homes = {figure.home for figure in boards.published.values()}
    database.execute("DELETE FROM home")
    database.fill("home", (_home(home, world, boards) for home in sorted(homes)))
    database.execute("DELETE FROM sender")
    teams = [home.partition(":")[2] for home in homes if home.startswith("team:")]
    database.fill("sender", ({"team": team, "log": _log("facts", f"team:{team}", world)} for team in sorted(teams)))
    database.execute("DELETE FROM shown")
    database.fill("shown", (row for each in boards.published.values() for row in shown_of(each, NAMES)))
    for script in (*FIGURE_SCRIPTS, "rep_days"):
        database.run(script)
    found = database.rows(DIFFERING)
    return found, database.rows("SELECT count(*) FROM shown")[0][0]


def shown_of(figure: Figure, names: Container[str]) -> Iterator[dict[str, Any]]:
    """The numbers of a figure, of KPIs of these names."""
    about = {"scope": figure.scope, "home": figure.home, "kind": figure.kind, "win": figure.window}
    for name, value in figure.kpis.items():
        if name in names:
            for kpi, path, number in leaves(name, value):
                yield {**about, "kpi": kpi, "path": path, "number": number}


def _home(home: str, world: World, boards: RecognisingBoards) -> dict[str, Any]:
    topic = "facts" if home.startswith("team:") else "parts"
    stages = boards.boards if topic == "facts" else boards.rollups
    stage = stages[partition_of(home, world.partitions)]
    return {"home": home, "log": _log(topic, home, world), "now_ms": stage.board.now_ms}


def _log(topic: str, home: str, world: World) -> str:
    return f"{topic}/{partition_of(home, world.partitions)}"
