"""Achievements as Redis and their topic show them, beside what the audit worked out; compared at rest."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pipeline.audit.contests import ABSENT, TAKEN_BACK, TOPIC
from pipeline.audit.database import Database
from pipeline.audit.keyed_records import KeyedRecord, Record, latest
from pipeline.audit.records import Row
from pipeline.audit.report import Difference

IDS = ("best:", "milestone:", "streak:")
FIELDS = ("value", "window", "first_day")


class ShownAchievement(NamedTuple):
    """An achievement as a place shows it."""

    where: str
    home: str
    id: str
    record: Record


def read_achievement(text: str | bytes) -> Record | None:
    """The record of an achievement as it is published; None for anything else."""
    try:
        found: dict[str, Any] = json.loads(text)
        generation, offset = found["version"]
        int(generation), int(offset), int(found["value"]), str(found["state"]), str(found["kpi"]), str(found["home"])
        str(found["window"]), str(found["first_day"])
    except (ValueError, KeyError, TypeError):
        return None
    return found


def latest_achievements(records: Iterable[KeyedRecord]) -> list[ShownAchievement]:
    """Those that stand as the topic has them: of each the record with the highest version."""
    found = latest(records, read_achievement, IDS)
    return [
        ShownAchievement(TOPIC, str(held["home"]), id_, held)
        for id_, held in found.items()
        if held["state"] != TAKEN_BACK
    ]


def compare_achievements(
    database: Database, shown: Sequence[ShownAchievement], places: Iterable[str]
) -> tuple[list[Difference], int]:
    """What differs in these places, and how many numbers were compared. Called with the tables of a unit."""
    for table in ("achievement_shown", "achievement_place"):
        database.execute(f"DELETE FROM {table}")
    database.fill("achievement_shown", (row for each in shown for row in _rows(each)))
    database.fill("achievement_place", ({"shown_in": place} for place in places))
    database.run("achievements")
    query = "SELECT shown_in, id, field, shown, expected FROM achievement_difference"
    found = [
        Difference(where, id_, "", field, "", *(ABSENT if text is None else text for text in texts))
        for where, id_, field, *texts in database.rows(query)
    ]
    return found, int(database.rows("SELECT count(*) FROM achievement_expected")[0][0])


def _rows(shown: ShownAchievement) -> Iterator[Row]:
    about = {"shown_in": shown.where, "home": shown.home, "kpi": shown.record["kpi"], "id": shown.id}
    for field in FIELDS:
        yield {**about, "field": field, "text": str(shown.record[field])}
