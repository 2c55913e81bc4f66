"""`salespulse benchmarks`: a rep's figures beside the team's, the rep's own past and the industry's."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.figures import unanswered
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
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.views.benchmarks import Benchmark


def benchmarks(
    scope: Annotated[str, typer.Argument(help="A rep in a team, rep:7@north, or over all teams, rep:7.")],
    window: Annotated[str, typer.Option(help="A current calendar window: day, week, month, quarter.")] = "month",
    kpi: Annotated[
        list[str] | None, typer.Option(help="A KPI of which more, or less, is better; may be repeated.")
    ] = None,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Set a rep beside the team median, peers, windows before and the industry. Exits with 1 for a rep on no board."""
    from pipeline.views.asked import AskedError
    from pipeline.views.benchmarks import as_json as whole
    from pipeline.views.benchmarks import asked_window, benchmarked_kpis, benchmarks, place_of

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    try:
        kpis = benchmarked_kpis(kpi or [])
        place_of(scope)
        with live_figures(settings) as live:
            scope = live.known_scope(scope)
            rep, home = place_of(scope)
            question = asked_window(home, window, live.chosen)
            team, found, told = live.board(home, window), live.history(scope, question), live.industry(home)
    except AskedError as error:
        raise unanswered(error, "scope") from None
    if rep not in team or found is None:
        say(f"{scope} is on no board of {home} in the window {window}")
        end(NONE_FOUND)
    rows, reading = benchmarks(rep, team, found[0], window, kpis, told), team[rep]
    if as_json:
        print_json(whole(rows, reading.scope, reading.window_id(window), reading.currency))
    else:
        _print(rows, reading.currency)


def _print(rows: "Iterable[Benchmark]", currency: str) -> None:
    from rich.table import Table

    from pipeline.views.industry import account, in_words
    from pipeline.views.wording import say as words

    table = Table("KPI", "now", "team median", "better than", "peers", "industry", "before, oldest first")
    for column in table.columns[1:6]:
        column.justify = "right"
    for row in rows:
        better = "" if row.percentile is None else f"{row.percentile:.0f} %"
        before = ", ".join(words(row.kpi, value, currency) for value in row.before)
        own, middle = (words(row.kpi, value, currency) for value in (row.value, row.team_median))
        elsewhere = in_words(row.kpi, row.industry, currency) if row.industry else ""
        table.add_row(row.kpi, own, middle, better, str(row.peers), elsewhere, before)
    print_table(table, 120)
    for row in rows:
        if row.industry:
            tell(account(row.kpi, row.industry))
