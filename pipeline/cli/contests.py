"""`salespulse contests`: who stands where in each contest."""

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
    from collections.abc import Sequence

    from pipeline.views.contests import Contest


def contests(
    which: Annotated[str | None, typer.Argument(metavar="NAME", help="One contest; all of them by default.")] = None,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show contests: places, values, and whether the result is final. Exits with 1 if there are none."""
    from pipeline.views import contests as views
    from pipeline.views.asked import AskedError

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    with live_figures(settings) as live:
        found, currency = views.in_order(live.contests), live.currency
    try:
        chosen = found if which is None else [views.contest_named(found, which)]
    except AskedError as error:
        raise unanswered(error, "NAME") from None
    if as_json:
        print_json([views.as_json(each, currency) for each in chosen])
    elif chosen:
        _print(chosen, currency)
    else:
        say("there is no contest")
    if not chosen:
        end(NONE_FOUND)


def _print(found: "Sequence[Contest]", currency: str) -> None:
    from rich.table import Table

    from pipeline.views.contests import rows, state_of
    from pipeline.visible import visible

    for contest in found:
        name = contest["id"].partition(":")[2]
        tell(f"{visible(contest['title'])} ({name}): {contest['kpi']} from {contest['first_day']}, {state_of(contest)}")
        table = Table("place", "who", contest["kpi"], "of")
        for column in (table.columns[0], *table.columns[2:]):
            column.justify = "right"
        for row in rows(contest, currency):
            table.add_row(*row)
        if contest["standings"]:
            print_table(table, 80)
        if (left := contest["entrants"] - len(contest["standings"])) > 0:
            tell(f"{left:,} more take part")
