"""`salespulse recognition`: best days, weeks and months of reps and teams, milestones and streaks."""

from typing import Annotated

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


def recognition(
    scope: Annotated[str | None, typer.Argument(help="A rep over all teams, rep:7, or a team; all by default.")] = None,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show what reps and teams achieved, the latest first. Exits with 1 if there is nothing."""
    from rich.table import Table

    from pipeline.views import achievements as views
    from pipeline.views.wording import name_of

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    with live_figures(settings) as live:
        scope = None if scope is None else live.known_scope(scope)
        found, currency = views.in_order(live.achievements(scope)), live.currency
    if as_json:
        print_json([views.as_json(each, currency) for each in found])
    elif found:
        table = Table("since", "who", "what")
        for each in found:
            table.add_row(each["first_day"], name_of(each["scope"]), views.words(each, currency))
        print_table(table, 100)
    else:
        say(f"no achievements of {scope} yet" if scope else "no achievements yet")
    if not found:
        end(NONE_FOUND)
