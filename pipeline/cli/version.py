"""`salespulse --version`: which version this is."""

import typer

from pipeline.cli.options import FOUND, end


def print_version(asked: bool) -> None:
    """Called when the option is given, before any command runs: prints the version and ends."""
    if not asked:
        return
    from pipeline.release import installed_version

    typer.echo(f"salespulse {installed_version()}")
    end(FOUND)
