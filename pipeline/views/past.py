"""History as rows: a window each, for programs, spreadsheets and people. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.chosen import Chosen, ChosenWindows
from pipeline.scores.kpis import BY_NAME
from pipeline.views.asked import Asked, span_of
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.usual_day import UsualDays
from pipeline.views.wording import rfc3339

HEAD = ("window", "start", "state", "as_of", "currency")
PARTED = ("goals", "stages", "states", "categories")
"""What a KPI has that is shown part by part."""


def rows_of(reading: Reading, kpis: Sequence[str], usual: UsualDays | None = None) -> list[dict[str, Any]]:
    """What was asked of each window, in their order: its id, and those of the KPIs that it has.

    `usual` is what is usual of those that are days, by id, where that was asked for.
    """
    return [
        {
            "id": window.id,
            "start": rfc3339(window.start_ms or 0),
            "state": window.state,
            "as_of": rfc3339(window.as_of_ms),
            "kpis": {name: window.kpis[name] for name in kpis if name in window.kpis},
            **({} if usual is None else {"usual_whole_day": usual.get(window.id)}),
        }
        for window in reading.windows.values()
    ]


def as_json(reading: Reading, kpis: Sequence[str], usual: UsualDays | None = None) -> dict[str, Any]:
    """The history of a scope for a program; `usual` as in `rows_of`."""
    head = {"scope": reading.scope, "home": reading.home, **money(reading.currency)}
    return {**head, "windows": rows_of(reading, kpis, usual)}


def money(currency: str) -> dict[str, Any]:
    """What a program needs to know of amounts: the currency, and how many digits its minor unit has."""
    return {"currency": currency, "currency_digits": minor_digits(currency)}


def as_table(reading: Reading, kpis: Sequence[str]) -> list[list[Any]]:
    """The same as cells, titles first: a column for each KPI, or each of its stages or targets, that any window has.

    A cell is empty where a value cannot be computed or there is no data.
    """
    each = [(window, _values(window, kpis)) for window in reading.windows.values()]
    columns = _columns((values for _, values in each), kpis)
    table: list[list[Any]] = [[*HEAD, *(" ".join(column).strip() for column in columns)]]
    for window, values in each:
        head = (window.id, rfc3339(window.start_ms or 0), window.state, rfc3339(window.as_of_ms), reading.currency)
        table.append([*head, *(values.get(column) for column in columns)])
    return table


def nothing_kept(scope: str, question: Asked, kept: Iterable[str], chosen: Chosen) -> str:
    """The line for a question that no window answers: what there is instead, and which setting leaves it out."""
    kind = question.kind or question.window.partition(":")[0]
    span = span_of(list(kept), kind)
    asked = question.window or f"any {kind} from and to these"
    line = f"{scope} has no figures of {asked}"
    if span:
        line += f"; kept are {span}"
    setting, windows = published(scope, chosen)
    past = ":" in question.window or bool(question.kind)
    if kind not in (windows.past if past else windows.current):
        line += f"; {setting} publishes {windows}"
    return line


def published(scope: str, chosen: Chosen) -> tuple[str, ChosenWindows]:
    """The setting that says in which windows figures of a scope are published, and those."""
    if not scope.startswith("rep:"):
        return "SALESPULSE_PUBLISH_TEAMS", chosen.teams
    return ("SALESPULSE_PUBLISH_MEMBERS", chosen.members) if "@" in scope else ("SALESPULSE_PUBLISH_REPS", chosen.reps)


GIVEN_IN = {
    "period": "every window but now",
    "days": "windows of whole days",
    "calendar": "windows of the calendar",
    "quarter": "quarters",
    "today": "the day that is not over, of a rep within a team",
    "now": "the window now",
    "90d": "the window 90d",
    "always": "every window",
}
"""Where KPIs are given, in words."""


def nothing_told(scope: str, kpi: str, chosen: Chosen) -> str:
    """The line for a KPI that none of the windows asked for has."""
    families, family = chosen.families, BY_NAME[kpi].family
    if scope.startswith("rep:") and families is not None and family not in families:
        return f"{scope} has no {kpi}: SALESPULSE_PUBLISH_REPS_FAMILIES publishes {','.join(families)}, not {family}"
    where = GIVEN_IN[BY_NAME[kpi].where]
    return f"{scope} has no {kpi} there: it is given in {where}, once anything of its family was told"


def _values(window: WindowReading, kpis: Sequence[str]) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for name in kpis:
        kpi: Mapping[str, Any] = window.kpis.get(name, {})
        parts = next((kpi[parts] for parts in PARTED if parts in kpi), None)
        if parts is not None:
            found |= {(name, part): said["value"] for part, said in parts.items()}
        elif kpi:
            found[name, ""] = kpi.get("value")
    return found


def _columns(rows: Iterable[Mapping[tuple[str, str], Any]], kpis: Sequence[str]) -> list[tuple[str, str]]:
    place = {name: number for number, name in enumerate(kpis)}
    return sorted({column for values in rows for column in values}, key=lambda column: (place[column[0]], column[1]))
