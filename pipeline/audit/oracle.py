"""The oracle: what every cell holds, worked out in SQL from the logs as they are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pipeline.audit.capacity import leave_out_full
from pipeline.audit.currencies import digits_of
from pipeline.audit.database import Database
from pipeline.audit.forgotten import leave_out_forgotten
from pipeline.audit.records import Rows
from pipeline.audit.working_minutes import free_days
from pipeline.audit.zones import offsets

DAY_MS = 86_400_000
TABLES = ("event", "link", "copy", "appended", "answer", "misplaced", "told")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a deployment's settings say about its figures; what is published of them is in the words of the settings."""

    currency: str = "EUR"
    future_ms: int = 300_000
    activity_ms: int = 35 * DAY_MS
    closed_ms: int = 400 * DAY_MS
    finality_ms: int = DAY_MS
    pane_days: int = 800
    stalled_days: int = 10
    most_dated: int = 2_000
    publish_teams: str = "all"
    publish_reps: str = "all"
    publish_members: str = "all"
    publish_reps_families: str = "all"


class Oracle:
    """Works out the cells of any cut through the logs. First `take_in` all logs, then `settle`, then ask."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._cut: Mapping[str, int] | None = None
        """What the tables are of; None once anything was bound otherwise, or taken in."""
        database.run("tables")
        database.run("definition")
        database.fill("policy", [asdict(rules)])
        database.run("chosen")

    def take_in(self, rows: Rows) -> None:
        """Add what one partition of a log says."""
        self._cut = None
        for table in TABLES:
            self._database.fill(table, getattr(rows, table))

    def settle(self) -> None:
        """Called once all logs were taken in: set append times right, judge the events, look up zones and money."""
        self._database.run("append_times")
        self._database.run("change")
        leave_out_full(self._database)
        leave_out_forgotten(self._database)
        query = "SELECT payload::JSON ->> 'currency' FROM copy UNION "
        query += (
            "SELECT DISTINCT value::JSON ->> '$' FROM change WHERE field = 'currency' UNION SELECT currency FROM policy"
        )
        currencies = [name for (name,) in self._database.rows(query) if name is not None]
        digits = [{"currency": name, "digits": digits_of(name)} for name in sorted(currencies)]
        self._database.fill("currency_digits", digits)
        zones = """
            SELECT 'UTC' UNION SELECT payload::JSON ->> 'time_zone' FROM copy WHERE subject LIKE 'company:%'
            UNION SELECT z.value ->> 1 FROM copy, json_each(payload::JSON -> 'time_zones') z WHERE subject LIKE 'team:%'
        """
        for zone in sorted(name for (name,) in self._database.rows(zones) if name is not None):
            spans = [
                {"zone": zone, "from_ms": start, "to_ms": end, "offset_ms": offset}
                for start, end, offset in offsets(zone)
            ]
            self._database.fill("zone_offset", spans)
        self._database.fill("free_day", self._free_days())

    def _free_days(self) -> list[dict[str, object]]:
        """The public holidays of every place that a working calendar names.

        Of the years that goals may be of, of those in which deals may have been left alone or what is usual lies, and
        of those that a window reaches back to (`figure.sql`): reps are at work on days long before anything was told.
        """
        places = """
            SELECT DISTINCT payload::JSON -> 'calendar' ->> 'holidays' FROM copy
            WHERE subject LIKE 'company:%' OR subject LIKE 'team:%'
        """
        years = """
            WITH asked AS (
                SELECT (payload::JSON ->> 'period_start')::BIGINT - 719163 AS first, first AS last
                FROM copy WHERE subject LIKE 'target:%'
                UNION ALL
                SELECT min(append_ms) // 86400000
                        - any_value(greatest(14 * stalled_days + 60, pane_days + 800)),
                    max(append_ms) // 86400000
                FROM appended, policy
            )
            SELECT year(DATE '1970-01-01' + min(first)::INTEGER), year(DATE '1970-01-01' + max(last)::INTEGER) + 1
            FROM asked
        """
        ((first, last),) = self._database.rows(years)
        named = sorted(place for (place,) in self._database.rows(places) if place is not None)
        each_year = range(first, last + 1) if first is not None else ()
        return [
            {"place": place, "date": day} for place in named for year in each_year for day in free_days(place, year)
        ]

    def cut(self, below: Mapping[str, int]) -> None:
        """Work out what follows from the records below these positions; a log that is not named counts for nothing.

        Afterwards the tables of the scripts hold it, `cell` and `sample` last. The cut before is not worked out again.
        """
        if below == self._cut:
            return
        self.bound(below)
        for script in ("organisation", "object", "claim", "cell", "split"):
            self._database.run(script)
        self._cut = dict(below)

    def bound(self, below: Mapping[str, int]) -> None:
        """Say how far each log counts in what is asked next."""
        self._cut = None
        self._database.execute("DELETE FROM bound")
        self._database.fill("bound", [{"log": log, "below": end} for log, end in sorted(below.items())])

    def cover(self) -> None:
        """Called after a cut through whole logs: work out which windows can be compared at all, `coverage`."""
        self._database.run("coverage")
