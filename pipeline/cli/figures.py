"""`salespulse figures`: the figures of one scope in any window that is kept, past ones too; a row a window."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    end,
    live_figures,
    print_json,
    print_table,
    say,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.config.settings import Settings
    from pipeline.scores.kpi import Kpi
    from pipeline.views.asked import Asked, AskedError
    from pipeline.views.live import LiveFigures
    from pipeline.views.readings import Reading
    from pipeline.views.series import AskedSeries
    from pipeline.views.usual_day import UsualDays

SHOWN = 20


def figures(
    scope: Annotated[str, typer.Argument(help="company, team:north, group:emea, rep:7, or rep:7@north.")],
    window: Annotated[
        str | None, typer.Option(help="A window: quarter:2017-Q3, day:2026-11-23, or a current one: month, 1h, now.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="All windows of a kind: day, week, month, quarter, year.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first window of that kind: 2017-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last one.")] = None,
    kpi: Annotated[list[str] | None, typer.Option(help="A KPI or family; may be repeated (default: all).")] = None,
    series: Annotated[
        str | None, typer.Option(help="One KPI day by day, beside days before, its target and what is usual.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="The current week, month or quarter beside the one before, up to the same point.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table with a column for each KPI.")] = False,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Print the figures of a scope, past windows included. Exits with 1 if there are none."""
    from pipeline.views.asked import AskedError, asked, chosen_kpis
    from pipeline.views.past import nothing_kept, nothing_told
    from pipeline.views.series import rows_of
    from pipeline.views.usual_day import compared_kpis

    if as_csv and as_json:
        raise typer.BadParameter("--csv and --json are mutually exclusive")
    if against is not None:
        others = {"series": series, "window": window, "kind": kind, "from": first, "to": last}
        settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
        _print_against(settings, scope, against, kpi or [], others, as_csv=as_csv, as_json=as_json)
        return
    try:
        by_day = None if series is None else _series_of(series, first, last, window=window, kind=kind, kpi=kpi)
        question = by_day.days if by_day else asked(window, kind, first, last)
        kpis = by_day.kpis if by_day else chosen_kpis(kpi or [])
    except AskedError as error:
        raise unanswered(error) from None
    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    with live_figures(settings) as live:
        scope = live.known_scope(scope)
        reading, kept = history_of(live, scope, question)
        rows = rows_of(reading, kept, by_day, live.work_days(reading, question)) if by_day else []
        usual = {} if by_day else live.usual(reading, compared_kpis(question, kpi or []))
    if not reading.windows or (by_day and not rows):
        say(nothing_kept(scope, question, kept, live.chosen))
        end(NONE_FOUND)
    if by_day:
        _print_series(reading, rows, by_day.kpi, as_csv=as_csv, as_json=as_json)
        return
    if kpi and not any(name in window.kpis for name in kpis for window in reading.windows.values()):
        for name in kpis:
            say(nothing_told(scope, name, live.chosen))
        end(NONE_FOUND)
    print_figures(reading, kpis, usual, as_csv=as_csv, as_json=as_json)


def _print_against(
    settings: "Settings", scope: str, kind: str, kpis: "Sequence[str]", others: "Mapping[str, object]", *, as_csv: bool,
    as_json: bool,
) -> None:  # fmt: skip
    from rich.table import Table

    from pipeline.views import same_point
    from pipeline.views.asked import AskedError

    try:
        if given := [name for name, value in others.items() if value]:
            raise AskedError(given[0], "is not given with against, which compares the current period")
        question = same_point.asked_point(kind, kpis)
    except AskedError as error:
        raise unanswered(error) from None
    with live_figures(settings) as live:
        scope = live.known_scope(scope)
        days, _ = history_of(live, scope, question.days)
        periods, _ = history_of(live, scope, question.periods)
    try:
        found = same_point.same_point(days, periods, question.kind)
    except AskedError as error:
        say(f"{scope}: {error}")
        end(NONE_FOUND)
    rows = same_point.rows_of(found, question.kpis)
    if as_json:
        print_json(same_point.as_json(days, found, question.kpis))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(same_point.as_cells(rows))
    else:
        head, *lines = same_point.as_table(rows, days.currency)
        table = Table(*head, title=f"{scope}: {same_point.in_words(found)}")
        for column in table.columns[1:]:
            column.justify = "right"
        for line in lines:
            table.add_row(*line)
        print_table(table, 100)


def _series_of(series: str, first: str | None, last: str | None, **others: object) -> "AskedSeries":
    from pipeline.views.asked import AskedError
    from pipeline.views.series import asked_series

    if given := [name for name, value in others.items() if value]:
        raise AskedError(given[0], "is not given with series, which is of one KPI and of days")
    return asked_series(series, first, last)


def _print_series(
    reading: "Reading", rows: "Sequence[Mapping[str, Any]]", kpi: "Kpi", *, as_csv: bool, as_json: bool
) -> None:
    from rich.table import Table

    from pipeline.views import series

    if as_json:
        print_json(series.as_json(reading, rows, kpi))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(series.as_cells(rows))
    else:
        head, *lines = series.as_table(rows, kpi, reading.currency)
        table = Table(*head, title=f"{kpi.name} of {reading.scope}")
        for column in table.columns[2:]:
            column.justify = "right"
        for line in lines:
            table.add_row(*line)
        print_table(table, 140)


def history_of(live: "LiveFigures", scope: str, question: "Asked") -> "tuple[Reading, list[str]]":
    """The windows of a scope that are asked for, and the ids of all; ends the command where there is no such scope."""
    found = live.history(scope, question)
    if found is None:
        scopes = scopes_of(live)
        say(f"no such scope: {scope}; there are: {scopes}" if scopes else "there are no figures yet")
        end(NONE_FOUND)
    return found


def unanswered(error: "AskedError", argument: str | None = None) -> typer.BadParameter:
    """What a command says of a question that has no answer, by its option, or the argument of that name."""
    name = error.parameter
    return typer.BadParameter(str(error), param_hint=f"'{name.upper()}'" if name == argument else f"'--{name}'")


def scopes_of(live: "LiveFigures") -> str:
    """Some scopes that there are, but those within a team, for whoever asked for one that there is not."""
    return ", ".join(sorted(each for each in live.figures if "@" not in each)[:SHOWN])


def print_figures(
    reading: "Reading", kpis: "Sequence[str] | None" = None, usual: "UsualDays | None" = None, *,
    as_csv: bool = False, as_json: bool = False,
) -> None:  # fmt: skip
    """Print the windows of a scope, with these KPIs or all; beside a single day what is usual of a whole one."""
    from pipeline.views.asked import chosen_kpis
    from pipeline.views.past import as_json as whole
    from pipeline.views.past import as_table

    kpis = chosen_kpis([]) if kpis is None else kpis
    if as_json:
        print_json(whole(reading, kpis, usual))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(as_table(reading, kpis))
    else:
        _print_table(reading, kpis, usual or {})


def _print_table(reading: "Reading", kpis: "Sequence[str]", usual: "UsualDays") -> None:
    """For people: KPIs down the side, since there are more of them than windows in most questions."""
    from rich.table import Table

    from pipeline.views.usual_day import said

    windows = list(reading.windows.values())
    beside = usual.get(windows[0].id) if len(windows) == 1 else None
    table = Table("KPI", *(f"{window.id}\n{window.state}" for window in windows))
    if beside is not None:
        table.add_column("usual\nwhole day")
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for name in kpis:
        told = [window.kpis.get(name, {}) for window in windows]
        rows = [*_parts(name, told, reading.currency), *_stretches(name, told)]
        if any(told):
            usually = [said(name, beside[name], reading.currency)] if beside and name in beside else []
            whole = (name, *(_said(name, each, reading.currency) for each in told), *usually)
            for row in rows or [whole]:
                table.add_row(*row)
    print_table(table, max(80, 32 + 24 * len(table.columns[1:])))


def _parts(name: str, told: "Sequence[dict[str, Any]]", currency: str) -> "Iterator[tuple[str, ...]]":
    """The rows of what a KPI is told by, a stage each or a goal, a cell for each window."""
    from pipeline.views.past import PARTED

    for parts in PARTED:
        for part in sorted({part for each in told for part in each.get(parts) or ()}):
            of_part = ((each.get(parts) or {}).get(part, {}) for each in told)
            yield (f"{name} {part}", *(_said(name, each, currency) for each in of_part))


def _stretches(name: str, told: "Sequence[dict[str, Any]]") -> "Iterator[tuple[str, ...]]":
    from pipeline.views import timeline

    for each in told:
        for heading, state in timeline.rows(each) if "stretches" in each else ():
            yield f"{name} {heading}", state


def _said(name: str, told: dict[str, Any], currency: str) -> str:
    from pipeline.views.wording import say as words

    return words(name, told.get("value"), currency) if told else ""
