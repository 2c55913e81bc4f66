"""How large a run is. The defaults end within about half an hour on two cores; the nominal sizes are in `NOMINAL`."""

import argparse
from typing import NamedTuple


class Sizes(NamedTuple):
    """All sizes of a run, each an option of the command line."""

    seed: int = 1
    repetitions: int = 3
    events: int = 1_000_000
    """Of the whole job, at most: no more are sent than a worker takes in `budget_seconds`."""
    budget_seconds: int = 20
    stock_events: int = 3_000
    peer_events: int = 100_000
    live_seconds: int = 15
    """How long live traffic goes on while latency or idle use is measured."""
    import_events: int = 100_000
    import_rows: int = 200_000
    """Of an export that is checked; a fifth as many of deals, of which a row is several events."""
    objects: int = 1_000_000
    """To be remembered, at most: no more than a worker takes in twice `budget_seconds`."""
    growth_events: int = 20_000
    profile_events: int = 50_000
    most_reps: int = 50_000
    limit_seconds: int = 900
    """A run that has not published everything by then is void."""
    peer_limit_seconds: int = 180
    """The same for a peer, which is then run once more: stock Faust loses an event now and then."""


NOMINAL = {"events": 1_000_000, "import_events": 1_000_000, "objects": 1_000_000}


def add_options(parser: argparse.ArgumentParser) -> None:
    """One option for each size."""
    for name, default in Sizes()._asdict().items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help=f"default: {default}")


def sizes_of(options: argparse.Namespace) -> Sizes:
    """The sizes that the command line gives."""
    return Sizes(**{name: getattr(options, name) for name in Sizes._fields})
