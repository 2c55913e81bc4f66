"""The check of what logs say to each other: copies of the organisation, links, events passed on."""

from collections.abc import Mapping

from pipeline.audit.database import Database
from pipeline.audit.report import Difference
from pipeline.kernel.partitioner import partition_of

LAST_MS = 2**62
GRACE_MS = 60_000
"""While events flow, what was said so lately, or so shortly before what is not worked off, may be on its way."""


def check_passing_on(database: Database, done: Mapping[str, int] | None) -> tuple[list[Difference], int]:
    """Called after a cut through whole logs: what is missing or otherwise than at its origin, and how much there is.

    `done` is up to where each source log is worked off while events flow; None at rest.
    """
    database.execute(f"SET VARIABLE settled_ms = {_settled_ms(database, done)}")
    _place_homes(database)
    for script in ("copies", "links"):
        database.run(script)
    found = [
        Difference("copies", log, subject, field, "", shown, expected)
        for log, subject, field, shown, expected in database.rows("FROM copy_difference")
    ]
    found += [
        Difference("links", subject, origin, kind, "", shown, expected)
        for subject, kind, origin, shown, expected in database.rows("FROM link_difference")
    ]
    found += [
        Difference("forwarding", f"{log}/{pos}", key, event, "", "absent", "passed on")
        for log, pos, key, event in database.rows("FROM astray_difference")
    ]
    counts = "SELECT (SELECT count(*) FROM copied_record) + (SELECT count(*) FROM owed_link)"
    return found, int(database.rows(counts)[0][0])


def _place_homes(database: Database) -> None:
    """Which partition has the home of each rep and team that an event names a target or curve of.

    Whatever else the organisation says is copied to every partition, so the highest that holds anything is the last.
    """
    (partitions,) = database.rows("SELECT coalesce(max(split_part(log, '/', 2)::INTEGER), 0) + 1 FROM appended")[0]
    told = """
        SELECT DISTINCT field, value::JSON ->> '$' FROM change
        WHERE kind IN ('target', 'curve') AND field IN ('rep_id', 'team_id')
    """
    homes = {"company"}
    for field, name in database.rows(told):
        homes |= {f"{kind}:{name}" for kind in (("rep",) if field == "rep_id" else ("team", "group"))}
    database.execute("DELETE FROM home_partition")
    database.fill("home_partition", [{"home": h, "number": partition_of(h, partitions)} for h in sorted(homes)])


def _settled_ms(database: Database, done: Mapping[str, int] | None) -> int:
    """What was said up to then has arrived, and so has all that follows from it."""
    if done is None:
        return LAST_MS
    database.execute("DELETE FROM worked_off")
    database.fill("worked_off", [{"log": log, "below": position} for log, position in sorted(done.items())])
    database.run("settled")
    times = "SELECT coalesce(min(append_ms), (SELECT max(append_ms) FROM appended), 0) FROM under_way"
    return int(database.rows(times)[0][0]) - GRACE_MS
