"""`salespulse coaching`: what a rep's figures were in the four weeks before and after each session."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.figures import history_of, unanswered
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
    from collections.abc import Sequence

    from pipeline.views.coaching import Session


def coaching(
    scope: Annotated[str, typer.Argument(help="A rep in a team, rep:7@north; over all teams, rep:7; or team:north.")],
    kpi: Annotated[
        list[str] | None, typer.Option(help="A count, ratio or average; may be repeated (default: the usual ones).")
    ] = None,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Compare the 28 days before and after each one-to-one and coaching session. Exits with 1 if there was none."""
    from pipeline.views.asked import AskedError, asked
    from pipeline.views.coaching import as_json as whole
    from pipeline.views.coaching import compared_kpis, sessions_of, today_of
    from pipeline.views.past import nothing_kept

    try:
        kpis = compared_kpis(kpi or [])
    except AskedError as error:
        raise unanswered(error) from None
    question = asked(None, "day", None, None)
    with live_figures(settings_of(settings_file, redis_url=redis_url, namespace=namespace)) as live:
        scope = live.known_scope(scope)
        days, kept = history_of(live, scope, question)
    if not days.windows:
        say(nothing_kept(scope, question, kept, live.chosen))
        end(NONE_FOUND)
    sessions = sessions_of(days, kpis, today_of(days))
    if as_json:
        print_json(whole(days, sessions))
    elif sessions:
        _print(sessions, days.currency)
    else:
        say(f"no one-to-ones or coaching sessions recorded for {scope}")
    if not sessions:
        end(NONE_FOUND)


def _print(sessions: "Sequence[Session]", currency: str) -> None:
    from rich.table import Table

    from pipeline.scores.kpis import BY_NAME
    from pipeline.views.wording import MISSING, counted
    from pipeline.views.wording import say as words

    table = Table("session", "KPI", "28 days before", "after")
    for column in table.columns[2:]:
        column.justify = "right"
    for session in sessions:
        told = f"{session.day}, {counted(session.days_after, 'day')} since"
        for name, change in session.changes.items():
            a_day = BY_NAME[name].formula == "count"
            sides = [
                MISSING if side is None else words(name, side, currency) + (" a day" if a_day else "")
                for side in (change.before, change.after)
            ]
            table.add_row(told, name, *sides)
            told = ""
        table.add_section()
    print_table(table, 100)
