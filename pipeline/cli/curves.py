"""`salespulse curves`: how teams usually come to a period's total: learnt from the past, and told to the pipeline."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    end,
    print_json,
    print_table,
    say,
    settings_of,
    tell,
)
from pipeline.cli.sending import agreed, send_events
from pipeline.config.extras import require_extra
from pipeline.config.settings import Settings

if TYPE_CHECKING:
    from pipeline.curves.learning import Learnt
    from pipeline.curves.telling import Result, Told

curves = typer.Typer(help="How teams usually come to a period's total, by which pace and projections go.")
SHOWN_AT = (5, 10, 15)
"""After a quarter, a half and three quarters of the working time, by the number of the point."""


@curves.callback()
def learning() -> None:
    """How teams usually come to a period's total, by which pace and projections go."""


@curves.command()
def learn(
    by: Annotated[str, typer.Option(help="Name to record as the author.")],
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking.")] = False,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Learn curves from the days that are over, of every team with a target; show them, ask, and send them.

    Reads the KPI topics. Exits with 1 if nothing could be learnt or the answer is no.
    """
    require_extra("curves", "audit", "duckdb", "DuckDB")
    from pipeline.curves.telling import as_json as json_of
    from pipeline.curves.telling import event_of
    from pipeline.views.wording import counted

    if as_json and not yes:
        raise typer.BadParameter("--json does not ask; give --yes")
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    result, told = _learnt(settings, by)
    if not as_json:
        _show(result)
    if not result.curves:
        say("nothing was learnt, and nothing is sent")
    elif yes or agreed(counted(len(result.curves), "curve")):
        send_events(settings, [event_of(each, told) for each in result.curves])
        say(f"{counted(len(result.curves), 'curve')} sent")
    else:
        say("nothing was sent")
        end(NONE_FOUND)
    if as_json:
        print_json(json_of(result))
    if not result.curves:
        end(NONE_FOUND)


def _learnt(settings: Settings, by: str) -> "tuple[Result, Told]":
    from pipeline.administering.topic import told_in
    from pipeline.clock import now_ms
    from pipeline.curves.history import TOPICS, DayRecords, aims, past_of
    from pipeline.curves.learning import learn as learn_from
    from pipeline.curves.telling import Told, judged
    from pipeline.importing.logs import records_of
    from pipeline.scores.home_calendar import HomeCalendar

    told = told_in(settings)
    organisation = told.organisation(settings.currency, now_ms())
    wanted = aims(organisation)
    records = DayRecords(wanted)
    for record in records_of(settings, *TOPICS) if wanted else ():
        records.take(record.key, record.value)
    pasts = (past_of(scope, wanted[scope], records.days(scope, organisation), organisation) for scope in sorted(wanted))
    learnt = [curve for past in pasts for curve in learn_from(past)]
    idle = [scope for scope in wanted if HomeCalendar(organisation).hours(scope) is None]
    return judged(learnt, wanted, idle), Told(by, told.written, organisation.now_ms, organisation.today)


def _show(result: "Result") -> None:
    from rich.table import Table

    from pipeline.visible import visible

    if result.curves:
        table = Table("Of", "KPI", "Period", "Learnt from", "25 %", "50 %", "75 %", "Eight in ten at 50 %")
        for curve in result.curves:
            table.add_row(visible(curve.scope), curve.kpi, curve.kind, f"{curve.periods} {curve.kind}s", *_cells(curve))
        print_table(table, 140)
    for scope, kpi, kind, why in result.lacking:
        tell(f"{scope}, {kpi}, {kind}: {why}")


def _cells(curve: "Learnt") -> list[str]:
    shares = [f"{curve.shares[number - 1] / 100:.0f} %" for number in SHOWN_AT]
    low, high = (each[SHOWN_AT[1] - 1] / 100 for each in (curve.low, curve.high))
    return [*shares, f"{low:.0f} to {high:.0f} % of the projection"]
