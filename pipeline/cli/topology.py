"""`salespulse topology`: the graph, as its stages declare it."""

from typing import Annotated

import typer

from pipeline.cli.options import Json, print_json


def topology(
    picture: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid flowchart, as in the README.")] = False,
    as_json: Json = False,
) -> None:
    """Show what each stage reads and what it sends where. Connects to nothing."""
    from pipeline.app import create_app
    from pipeline.config.settings import Settings
    from pipeline.views.topology import lines, mermaid, nodes, rows

    graph = nodes(create_app(Settings(embedded=True)).engine.stages)
    if as_json:
        print_json(rows(graph))
    else:
        typer.echo(mermaid(graph) if picture else "\n".join(lines(graph)))
