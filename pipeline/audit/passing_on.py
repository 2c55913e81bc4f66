"""The check of what logs say to each other: copies of the organisation, links, events passed on."""

from pipeline.audit.database import Database
from pipeline.audit.report import Difference

GRACE_MS = 60_000
"""While events flow, what was said so lately may still be on its way."""


def check_passing_on(database: Database, *, quiet: bool) -> tuple[list[Difference], int]:
    """Called after a cut through whole logs: what is missing or otherwise than at its origin, and how much there is."""
    database.execute(f"SET VARIABLE grace_ms = {-1 if quiet else GRACE_MS}")
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
