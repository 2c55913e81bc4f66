"""The command line. Each command is a file of this package; what a command needs is imported when it runs."""

from typing import Annotated

import typer

from pipeline.cli.alerts import alerts
from pipeline.cli.append_time import append_time
from pipeline.cli.audit import audit
from pipeline.cli.benchmarks import benchmarks
from pipeline.cli.board import board
from pipeline.cli.coaching import coaching
from pipeline.cli.contests import contests
from pipeline.cli.curves import curves
from pipeline.cli.dead_letters import dead_letters
from pipeline.cli.demo import demo
from pipeline.cli.doctor import doctor
from pipeline.cli.figures import figures
from pipeline.cli.import_ import import_
from pipeline.cli.imports import imports
from pipeline.cli.kpis import kpis
from pipeline.cli.names import names
from pipeline.cli.notify import notify
from pipeline.cli.options import Commands
from pipeline.cli.org import org
from pipeline.cli.ranks import ranks
from pipeline.cli.recognition import recognition
from pipeline.cli.reconcile import reconcile
from pipeline.cli.send import send
from pipeline.cli.simulate import simulate
from pipeline.cli.topics import topics
from pipeline.cli.topology import topology
from pipeline.cli.try_ import try_
from pipeline.cli.version import print_version
from pipeline.cli.watch import watch
from pipeline.cli.worker import worker

app = typer.Typer(
    cls=Commands,
    name="salespulse",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def salespulse(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Live sales KPIs that match a batch recomputation, always. CRM and telephony events in, KPIs out."""


app.command()(demo)
app.command(name="try")(try_)
app.command()(worker)
app.command()(topics)
app.command()(topology)
app.command(name="import")(import_)
app.command()(reconcile)
app.command()(send)
app.command()(simulate)
app.command()(watch)
app.command()(board)
app.command()(notify)
app.command()(figures)
app.command()(ranks)
app.command()(benchmarks)
app.command()(coaching)
app.command()(contests)
app.command()(recognition)
app.command()(kpis)
app.command()(audit)
app.command()(doctor)
app.command(name="append-time")(append_time)
app.add_typer(alerts, name="alerts")
app.add_typer(curves, name="curves")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(imports, name="imports")
app.add_typer(names, name="names")
app.add_typer(org, name="org")

__all__ = ["app"]
