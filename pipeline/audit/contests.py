"""Contests as Redis and their topic show them, beside what the audit worked out; compared at rest."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pipeline.audit.database import Database
from pipeline.audit.keyed_records import KeyedRecord, Record, latest
from pipeline.audit.records import Row
from pipeline.audit.report import Difference

REDIS, TOPIC = "redis", "recognition topic"
ID, TAKEN_BACK = "contest:", "taken_back"
ABSENT = "absent"
NAMES = {"restated": "final"}
"""What is called otherwise and is the same for the audit: since when a result is another one, only the boards know."""


class ShownContest(NamedTuple):
    """A contest as a place shows it."""

    where: str
    home: str
    id: str
    record: Record


def read_contest(text: str | bytes) -> Record | None:
    """The record of a contest as it is published; None for anything else."""
    try:
        found: dict[str, Any] = json.loads(text)
        generation, offset = found["version"]
        int(generation), int(offset), int(found["entrants"]), str(found["state"])
        [(each["scope"], each["place"], each["value"], each["n"]) for each in found["standings"]]
    except (ValueError, KeyError, TypeError):
        return None
    return found


def latest_contests(records: Iterable[KeyedRecord]) -> list[ShownContest]:
    """The contests as their topic has them, without those taken back: of each the record with the highest version."""
    found = latest(records, read_contest, ID)
    return [
        ShownContest(TOPIC, str(held.get("home")), id_, held)
        for id_, held in found.items()
        if held["state"] != TAKEN_BACK
    ]


def compare_contests(
    database: Database, shown: Sequence[ShownContest], places: Iterable[str]
) -> tuple[list[Difference], int]:
    """What differs in these places, and how many numbers were compared. Called with the tables of the rollup's unit."""
    for table in ("contest_shown", "contest_place"):
        database.execute(f"DELETE FROM {table}")
    database.fill("contest_shown", (row for each in shown for row in _rows(each)))
    database.fill("contest_place", ({"shown_in": place} for place in places))
    database.run("contests")
    query = "SELECT shown_in, name, scope, field, shown, expected, is_shown, is_expected FROM contest_difference"
    found = [
        Difference(
            where, ID + name, "", field, scope, shown if is_shown else ABSENT, expected if is_expected else ABSENT
        )
        for where, name, scope, field, shown, expected, is_shown, is_expected in database.rows(query)
    ]
    return found, int(database.rows("SELECT count(*) FROM contest_expected")[0][0])


def _rows(shown: ShownContest) -> Iterator[Row]:
    record, about = shown.record, {"shown_in": shown.where, "name": shown.id.removeprefix(ID)}
    state = record["state"]
    told = {name: record.get(name) for name in ("entrants", "start_ms", "end_ms", "final_ms")}
    for field, value in {"state": NAMES.get(state, state), **told}.items():
        yield {**about, "scope": "", "field": field, "text": str(value)}
    for each in record["standings"]:
        value = each["value"]
        said = {"place": each["place"], "value": None if value is None else float(value), "n": each["n"]}
        for field, number in said.items():
            yield {**about, "scope": each["scope"], "field": field, "text": None if number is None else str(number)}
