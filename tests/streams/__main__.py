"""`make streams`: many streams, on all cores; the seeds and what came of them go to docs/streams/README.md."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from tests.streams.comparison import Compared, compare
from tests.streams.strand import DAYS

REPORT = Path(__file__).parents[2] / "docs" / "streams" / "README.md"
ROW_SEEDS = 100
"""A row of the report is of so many seeds."""


def main() -> int:
    """Compare the streams, write the report; 1 where anything differs."""
    parser = ArgumentParser(prog="python -m tests.streams", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many streams (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the result goes")
    asked = parser.parse_args()
    done = sorted(_compared(range(asked.first, asked.first + asked.seeds)))
    asked.report.write_text(report(done, datetime.now(UTC).date().isoformat()))
    return int(any(each.differences for each in done))


def _compared(seeds: Sequence[int]) -> Iterator[Compared]:
    """Each stream as it is done; what differs is said at once."""
    with get_context("spawn").Pool() as pool:
        for count, each in enumerate(pool.imap_unordered(compare, seeds), 1):
            for line in each.differences:
                print(f"seed {each.seed}: {line}", flush=True)
            if count % ROW_SEEDS == 0 or count == len(seeds):
                print(f"{count} of {len(seeds)} streams", file=sys.stderr, flush=True)
            yield each


def report(done: Sequence[Compared], day: str) -> str:
    """The page: how many streams, of which seeds, and all that differs."""
    found = [f"- seed {each.seed}: {line}" for each in done for line in each.differences]
    first, last = done[0].seed, done[-1].seed
    rows = [_row(done[at : at + ROW_SEEDS]) for at in range(0, len(done), ROW_SEEDS)]
    lines = [
        "# Streams",
        "",
        f"{len(done)} random streams of {DAYS} days on {day}, seeds {first} to {last}: **{len(found)} differences**.",
        "",
        '`make streams` runs them again, others with `ARGS="--seeds 100 --first 5000"`, and writes this page. A'
        " stream holds calls, emails, visits, meetings and logged calls that are corrected, cleared, deleted, restored"
        " and told again up to five months later; leads and deals that come long after the first activity that named"
        " them, in parts, and are merged; reps and teams that move, also long before it is told, reps whom teams"
        " share, and ids that mean reps from some time on; processes that"
        " change, stages that are renamed, dropped or declared by nobody, teams and memberships that end; splits of"
        " deals that begin, change and end; notes and tasks that count from some day on; reps who are hired, away and"
        " leave; contests, rules of what is recognised, and an industry's figures; phones that are set to this and"
        " that, told late, corrected or deleted; targets and curves; weights of activities, and cost that is told late"
        " and corrected; talks with reps and teams, ratings, and surveys with fewer than five answers and with more,"
        " told before and long after their time; records on wrong partitions, repeats and restarts. It is woven of"
        " strands (`tests/streams/stream.py`), each the story of one kind of thing.",
        "",
        "Pipeline and audit are compared in every cell, in which events each refuses, in what objects say of each"
        " other, in who stands where in contests, in what reps and teams achieved, in what is shown of an industry,"
        " and in the figures of every window that are for each rep at work or of talks, ratings and surveys."
        " Of what activities counted more than five weeks ago the sums of each measure are compared: moves leave that"
        " where it was"
        " ([guarantees.md](../guarantees.md)).",
        "",
        "| seeds | events | late | differences |",
        "|---|---|---|---|",
        *rows,
    ]
    return "\n".join([*lines, *(["", *found] if found else []), ""])


def _row(done: Sequence[Compared]) -> str:
    events, late = sum(each.events for each in done), sum(each.late for each in done)
    differ = sum(len(each.differences) for each in done)
    return f"| {done[0].seed} to {done[-1].seed} | {events:,} | {late:,} | {differ} |"


if __name__ == "__main__":
    sys.exit(main())
