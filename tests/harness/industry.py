"""An industry's figures as boards show them, beside what the audit expects."""

import json
from collections.abc import Iterable
from typing import Any

from pipeline.audit.database import Database
from pipeline.audit.picture import ShownIndustry
from tests.harness.recognising_boards import RecognisingBoards


def fields_of(home: str, text: str) -> list[ShownIndustry]:
    """The fields of what a home shows, as Redis holds it."""
    told = json.loads(text) if text else []
    return [ShownIndustry(home, each["id"], name, each[name]) for each in told for name in each]


def industry_fields(boards: RecognisingBoards) -> list[ShownIndustry]:
    """All that teams and the company show."""
    found = fields_of("company", boards.home.beside("company").industry)
    for board in boards.boards:
        for home in board.board.homes():
            found += fields_of(home, board.beside(home).industry)
    return found


def industry_differences(database: Database, shown: Iterable[ShownIndustry]) -> list[tuple[Any, ...]]:
    """What the audit finds; called after its organisation was read, with figures of every home there is."""
    database.execute("CREATE OR REPLACE TEMP TABLE published AS SELECT home AS scope FROM home")
    database.execute("DELETE FROM industry_field")
    database.fill("industry_field", [each._asdict() for each in shown])
    database.run("industry")
    return database.rows("SELECT scope, path, shown, expected FROM industry_difference ORDER BY ALL")
