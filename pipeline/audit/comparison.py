"""The comparison: what a picture shows beside what the oracle works out."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from pipeline.audit.achievements import compare_achievements
from pipeline.audit.alerts import AlertCheck, Inputs, SilenceRules
from pipeline.audit.contests import compare_contests
from pipeline.audit.cut import Cut
from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle
from pipeline.audit.picture import STAGES, Beside, Heading, Picture, ShownFigure, leaves, stage_of
from pipeline.audit.plan import Unit
from pipeline.audit.positions import Below, Positions
from pipeline.audit.records import Row
from pipeline.audit.report import Difference
from pipeline.kernel.partitioner import partition_of

ABSENT = "absent"
FIGURES_AT_ONCE = 5_000
FIGURE_SCRIPTS = ("organisation", "scope", "attendance", "ramp", "hours", "figure")
"""The scripts that work out what windows hold, in their order."""
BESIDE = {
    "rank": "ranks",
    "funnel": "funnels",
    "absent": "absent",
    "ramping": "ramping",
    "industry": "industry",
    "special_day": "special_days",
    "limit": "limits",
}
"""What stands beside the figures in Redis, with the script that compares it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a comparison: the differences, how many numbers were looked at, which homes were left out.

    `beside` is how many places were looked at of what stands beside the figures, by what that is.
    """

    differences: list[Difference]
    numbers: int
    left_out: set[str]
    beside: dict[str, int] = field(default_factory=dict)


class Comparison:
    """Compares pictures with one oracle, which has taken in all logs."""

    def __init__(
        self,
        database: Database,
        oracle: Oracle,
        positions: Positions,
        partitions: int,
        silence: SilenceRules = SilenceRules(),  # noqa: B008 (it never changes)
    ) -> None:
        self._database = database
        self._oracle = oracle
        self._silence = silence
        self._positions = positions
        self._partition_of = partial(partition_of, partitions=partitions)
        self._kept: dict[tuple[tuple[str, int], ...], int] = {}

    def compare(self, picture: Picture, unit: Unit) -> Compared:
        """Compare the figures of a unit that its cuts speak of."""
        found = self._count(unit, picture.homes | (picture.beside.homes() if picture.beside else set()))
        homes = found if picture.whole is None else found & picture.whole
        self._show(picture, unit, homes)
        self._work_out(unit, homes)
        self._database.execute(f"SET VARIABLE partial = '{picture.partial}'")
        self._database.execute(f"SET VARIABLE own = {unit.own}")
        for script in ("difference", "heading"):
            self._database.run(script)
        if not self._began_anew(unit):
            self._database.run("restated")
        looked_at = self._database.rows("SELECT count(*) FROM looked_at")[0][0]
        compared = Compared(self._found(picture.name), looked_at, found - homes)
        if picture.beside is not None and not unit.own:
            self._compare_beside(picture, picture.beside, compared)
            if unit.stage == STAGES[0]:
                self._compare_alerts(picture.beside, unit, compared)
            self._compare_recognition(picture.beside, unit, compared)
        return compared

    def expect(self, unit: Unit) -> int:
        """Work out the figures of all homes of a unit, whatever is shown; how many numbers they are."""
        self._work_out(unit, self._count(unit, set()))
        return int(self._database.rows("SELECT count(*) FROM expected")[0][0])

    def _work_out(self, unit: Unit, homes: set[str]) -> None:
        clocks = {home: unit.clocks.get((unit.stage, self._partition_of(home))) for home in homes}
        rows = [{"home": home, "log": cut.log, "now_ms": cut.now_ms} for home, cut in sorted(clocks.items()) if cut]
        self._replace("home", rows)
        boards = {cut.log: cut.offset + 1 for cut in unit.clocks.values()}
        self._oracle.bound({**unit.trees, **boards})
        for script in (*FIGURE_SCRIPTS, "goals", "stall", "usual", "score", "rep_days", "timeline"):
            self._database.run(script)

    def _compare_beside(self, picture: Picture, beside: Beside, compared: Compared) -> None:
        """Called after the figures were compared, at rest."""
        self._replace("read_until", self._read_until(picture))
        self._replace("rank", [rank._asdict() for rank in beside.ranks])
        self._replace("absent_rep", [each._asdict() for each in beside.absent])
        self._replace("ramping_rep", [each._asdict() for each in beside.ramping])
        self._replace("industry_field", [each._asdict() for each in beside.industry])
        self._replace("special_day_field", [each._asdict() for each in beside.special_days])
        self._replace("limit_field", [each._asdict() for each in beside.limits])
        self._replace("funnel", [stage._asdict() for stage in beside.stages])
        self._database.run("present")
        for name, script in BESIDE.items():
            self._database.run(script)
            compared.beside[f"{script} in {picture.name}"] = self._database.rows(
                f"SELECT count(*) FROM {name}_looked_at"
            )[0][0]
            compared.differences.extend(self._misplaced(picture.name, name))

    def _compare_alerts(self, beside: Beside, unit: Unit, compared: Compared) -> None:
        """Called after `_compare_beside`, with all scoreboards."""
        self._database.run("alerts")
        cuts = {alert.home: unit.clocks.get((STAGES[0], self._partition_of(alert.home))) for alert in beside.alerts}
        ends = dict(self._database.rows("SELECT log, max(pos) FROM appended GROUP BY log"))
        versions = {
            home: (cut.version, (cut.version[0], ends.get(cut.log, -1)))
            for home, cut in cuts.items()
            if cut is not None
        }
        steady = {cut.log: self._positions.logs[cut.log].steady_since_ms() for cut in unit.clocks.values()}
        inputs = Inputs.of(self._database, self._silence, steady)
        check = AlertCheck(inputs, self._silence, beside.alerts, versions)
        compared.beside["alerts"] = len(check.ids())
        compared.differences.extend(check.differences())

    def _compare_recognition(self, beside: Beside, unit: Unit, compared: Compared) -> None:
        """Called after `_compare_beside`: teams and reps with their stage, contests with all rollups."""
        found, numbers = compare_achievements(self._database, beside.achievements, beside.recognised_in)
        compared.beside["achievements"] = numbers
        if unit.stage == STAGES[1]:
            more, compared.beside["contests"] = compare_contests(self._database, beside.contests, beside.recognised_in)
            found += more
        compared.differences.extend(found)

    def _began_anew(self, unit: Unit) -> bool:
        """Whether a scoreboard behind a unit's rollups began anew: then it told of everything at another time."""
        logs = [self._positions.logs[cut.log] for cut in unit.clocks.values()]
        return any(len(generations) > 1 for log in logs for generations in log.generations.values())

    def _read_until(self, picture: Picture) -> list[Row]:
        """Up to which now each home may have been shown when it was read: that of its partition's latest figure."""
        latest: dict[int, int] = {}
        for figure in picture.figures:
            if figure.heading is not None:
                number = self._partition_of(figure.home)
                latest[number] = max(latest.get(number, 0), figure.heading.as_of_ms)
        homes = self._database.rows("SELECT home FROM home ORDER BY home")
        return [{"home": home, "until_ms": latest.get(self._partition_of(home), 0)} for (home,) in homes]

    def _count(self, unit: Unit, shown: set[str]) -> set[str]:
        """Put the cells of all teams together, each at its partition's cut; returns the homes of the unit's stage."""
        self._replace("counted", ())
        self._replace("counted_sample", ())
        self._replace("sender", ())
        for number, below in sorted(unit.sources.items()):
            kept = self._keep(below)
            teams = [name for (name,) in self._database.rows(f"SELECT DISTINCT team FROM cell_{kept}")]
            mine = [team for team in sorted(teams) if self._partition_of(f"team:{team}") == number]
            self._database.fill("sender", ({"team": team, "log": f"facts/{number}"} for team in mine))
            for table, source in (("counted", "cell"), ("counted_sample", "sample")):
                query = f"INSERT INTO {table} FROM {source}_{kept} SEMI JOIN (FROM sender WHERE log = ?) USING (team)"
                self._database.execute(query, [f"facts/{number}"])
        counted = {f"team:{team}" for (team,) in self._database.rows("SELECT team FROM sender WHERE team <> 'company'")}
        counted |= {f"rep:{rep}" for (rep,) in self._database.rows("SELECT DISTINCT rep FROM counted WHERE rep <> ''")}
        groups = "SELECT DISTINCT 'group:' || (payload::JSON ->> 'parent_id') FROM copy WHERE subject LIKE 'team:%'"
        counted |= {group for (group,) in self._database.rows(groups) if group} | {"company"}
        return {home for home in counted | shown if stage_of(home) == unit.stage}

    def _keep(self, below: Below) -> int:
        """The number under which the cells of a cut through the source logs are kept."""
        key = tuple(sorted(below.items()))
        if key not in self._kept:
            number = self._kept[key] = len(self._kept)
            self._oracle.cut(below)
            for table in ("cell", "sample"):
                self._database.execute(f"CREATE TABLE {table}_{number} AS FROM {table}")
        return self._kept[key]

    def _show(self, picture: Picture, unit: Unit, homes: Container[str]) -> None:
        self._replace("shown", ())
        self._replace("quiet_family", ())
        self._replace("newer", ({"scope": scope, "win": window, "family": ""} for scope, window in picture.unsettled))
        self._replace("heading", ())
        figures = iter(picture.figures)
        # A part after the other: those on disk are read once, and the rows of all of them would take memory.
        while some := list(islice(figures, FIGURES_AT_ONCE)):
            self._add_shown(some, unit, homes)

    def _add_shown(self, figures: Sequence[ShownFigure], unit: Unit, homes: Container[str]) -> None:
        shown: list[Row] = []
        newer: list[Row] = []
        headings: list[Row] = []
        quiet: list[Row] = []
        for figure in figures:
            cut = unit.clocks.get((unit.stage, self._partition_of(figure.home)))
            if figure.home not in homes or cut is None:
                continue
            if figure.version > cut.version:
                newer.append({"scope": figure.scope, "win": figure.window, "family": figure.family})
            elif not unit.own or figure.version == cut.version:
                shown += _rows(figure)
                quiet += [{**_about(figure), "family": family} for family in figure.nothing]
                if figure.heading is not None:
                    headings.append(self._heading(figure, figure.heading, cut))
        for table, rows in (("shown", shown), ("quiet_family", quiet), ("newer", newer), ("heading", headings)):
            self._database.fill(table, rows)

    def _heading(self, figure: ShownFigure, heading: Heading, cut: Cut) -> Row:
        of_cut = figure.version[0] == cut.version[0]
        due_ms = self._positions.logs[cut.log].now_ms(figure.version[1]) if of_cut else None
        start_ms, end_ms = heading.span or (None, None)
        said = {
            "state": heading.state,
            "currency": heading.currency,
            "currency_digits": heading.currency_digits,
            "as_of_ms": heading.as_of_ms,
            "activities_fixed": heading.activities_fixed,
            "attendance": heading.attendance,
        }
        return {**_about(figure), **said, "due_as_of_ms": due_ms, "start_ms": start_ms, "end_ms": end_ms}

    def _replace(self, table: str, rows: Iterable[Row]) -> None:
        self._database.execute(f"DELETE FROM {table}")
        self._database.fill(table, rows)

    def _found(self, where: str) -> list[Difference]:
        numbers = "SELECT scope, win, kpi, path, shown, expected, is_shown, is_expected FROM difference"
        found = [
            Difference(where, scope, win, kpi, path, shown if is_shown else ABSENT, expected if is_expected else ABSENT)
            for scope, win, kpi, path, shown, expected, is_shown, is_expected in self._database.rows(numbers)
        ]
        headings = "SELECT DISTINCT scope, win, what, shown, expected FROM heading_difference"
        found += [
            Difference(where, scope, win, what, "", shown, expected)
            for scope, win, what, shown, expected in self._database.rows(headings)
        ]
        return sorted(found, key=_order)

    def _misplaced(self, where: str, name: str) -> Iterator[Difference]:
        places = (
            f"SELECT scope, win, kpi, path, shown, expected, is_shown, is_expected FROM {name}_difference ORDER BY ALL"
        )
        for scope, win, kpi, path, shown, expected, is_shown, is_expected in self._database.rows(places):
            found = (shown if is_shown else ABSENT, expected if is_expected else ABSENT)
            yield Difference(where, scope, win, kpi, path, *found)


def _order(difference: Difference) -> tuple[str, ...]:
    return difference.scope, difference.window, difference.kpi, difference.path


def _about(figure: ShownFigure) -> Row:
    return {"scope": figure.scope, "home": figure.home, "kind": figure.kind, "win": figure.window}


def _rows(figure: ShownFigure) -> list[Row]:
    about = _about(figure)
    return [
        {**about, "kpi": kpi, "path": path, "number": number}
        for name, value in sorted(figure.kpis.items())
        for kpi, path, number in leaves(name, value)
    ]
