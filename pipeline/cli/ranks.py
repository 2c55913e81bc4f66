"""`salespulse ranks`: the reps of a team, or of the company, in the order of any KPI."""

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
)
from pipeline.views.least_sample import LEAST_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.views.ranking import Ranked


def ranks(
    home: Annotated[str, typer.Argument(help="team:north, or company for the reps of all teams.")],
    kpi: Annotated[str, typer.Option(help="A KPI of reps of which more, or less, is better.")] = "bookings",
    window: Annotated[str, typer.Option(help="A current window: day, week, month, quarter.")] = "month",
    least: Annotated[int, typer.Option(min=1, help="The least sample of a ratio, average or median.")] = LEAST_SAMPLE,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Rank the present reps of a team. Equal values share a place. Exits with 1 if there are none."""
    from pipeline.views.asked import AskedError
    from pipeline.views.ranking import as_json as whole
    from pipeline.views.ranking import board_window, ranked, ranked_home, ranked_kpi

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    try:
        ranked_kpi(kpi)
        ranked_home(home)
        with live_figures(settings) as live:
            home = live.known_scope(home)
            board_window(home, window, live.chosen)
            found = live.board(home, window)
    except AskedError as error:
        raise unanswered(error, "home") from None
    if not found:
        say(f"there are no ranks of {home} in the window {window}")
        end(NONE_FOUND)
    board, currency = ranked(found, window, kpi, least), next(iter(found.values())).currency
    if as_json:
        print_json(whole(board, home, window, kpi, currency))
    else:
        _print(board, kpi, currency)


def _print(board: "Sequence[Ranked]", kpi: str, currency: str) -> None:
    from rich.table import Table

    from pipeline.views.wording import MISSING, name_of
    from pipeline.views.wording import say as words

    table = Table("place", "rep", kpi, "of")
    for column in (table.columns[0], *table.columns[2:]):
        column.justify = "right"
    for row in board:
        place = "in ramp" if row.ramping else MISSING if row.place is None else str(row.place)
        sample = "" if row.n is None else f"{row.n:,}"
        table.add_row(place, name_of(f"rep:{row.rep}"), words(kpi, row.value, currency), sample)
    print_table(table, 80)
