"""The report of a soak: what was done, what came of it, memory over time as a plot."""

import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean, linear_regression, median

from pipeline import clock
from pipeline.audit.report import Difference
from pipeline.release import installed_version
from schemas.events import iso
from tests.faults.vitals import Vitals
from tests.faults.worker_fleet import Ended
from tests.servers.kafka import jars_folder

MOST_MIB_PER_HOUR = 64.0
"""Minute panes fill up for a day, and deals keep their histories: some MiB an hour are no leak."""
MOST_LEFT_MIB = 64.0
"""Caches of what was used last, and holes between what is left: bounded, however long a worker lives."""
SETTLED = 0.4
"""The first part of a life, in which caches, pools and panes fill, is left out."""
LIBRARIES = ("faust-streaming", "aiokafka", "confluent-kafka", "kafka-python", "redis", "duckdb", "tzdata")


@dataclass(frozen=True, slots=True)
class Weights:
    """What one worker takes up that holds everything alone, in MiB.

    At the beginning; at the end, after all it has been through; and in a new process right after, with the same state.
    """

    begun_mib: float
    lived_mib: float
    anew_mib: float

    @property
    def too_heavy(self) -> bool:
        """Whether the life of a process leaves more behind than the state explains."""
        return self.lived_mib - self.anew_mib > MOST_LEFT_MIB

    @property
    def text(self) -> str:
        """In one line."""
        return (
            f"a worker that holds everything alone took up {self.begun_mib:.0f} MiB when the soak began, "
            f"{self.lived_mib:.0f} MiB at its end, and a new process with the same state {self.anew_mib:.0f} MiB "
            f"(limit of the difference: {MOST_LEFT_MIB:g})"
        )


@dataclass(frozen=True, slots=True)
class Soak:
    """All that a report needs."""

    seed: int
    seconds: int
    rate: float
    workers: int
    events: int
    faults: Sequence[tuple[float, str]]
    ended: Sequence[Ended]
    samples: Sequence[Vitals]
    weights: Weights
    audits: Sequence[tuple[float, int, int]]
    differences: Sequence[Difference]
    problems: Sequence[str]
    redis: str


@dataclass(frozen=True, slots=True)
class Slope:
    """How the memory of one process went in the settled part of its life: by least squares, at equal holdings.

    A worker that takes over partitions from another holds more from then on: that is no growth. So each moment counts
    by how it differs from the mean of the moments at which the worker held as many partitions.
    """

    worker: str
    life: int
    lived_seconds: float
    mib_per_hour: float
    first_mib: float
    last_mib: float
    descriptors: tuple[int, int]
    threads: tuple[int, int]

    @property
    def too_steep(self) -> bool:
        """Whether it is more than what may grow."""
        return self.mib_per_hour > MOST_MIB_PER_HOUR

    @property
    def text(self) -> str:
        """In one line."""
        return (
            f"{self.mib_per_hour:+.1f} MiB an hour (limit {MOST_MIB_PER_HOUR:g}), from {self.first_mib:.0f} to "
            f"{self.last_mib:.0f} MiB; descriptors {self.descriptors[0]} to {self.descriptors[1]}, threads "
            f"{self.threads[0]} to {self.threads[1]}; {self.worker}, life {self.life}, {self.lived_seconds:.0f} s"
        )


def slope_of(samples: Sequence[Vitals], spared: str) -> Slope | None:
    """The slope of the life that lasted longest, of the spared worker where it lived; None where there are too few.

    A worker that is started again begins with little memory: only within one life does growth mean anything.
    """
    lives: dict[tuple[str, int], list[Vitals]] = {}
    for sample in samples:
        lives.setdefault((sample.worker, sample.life), []).append(sample)
    if not lives:
        return None
    (worker, life), found = max(lives.items(), key=lambda item: (len(item[1]), item[0][0] == spared))
    settled = found[int(len(found) * SETTLED) :]
    if len(settled) < 10:
        return None
    first, last = settled[: len(settled) // 5], settled[-(len(settled) // 5) :]
    return Slope(
        worker, life, found[-1].at_seconds - found[0].at_seconds, _mib_per_second(settled) * 3600,
        median(each.rss_mib for each in first), median(each.rss_mib for each in last),
        _middle([each.descriptors for each in first], [each.descriptors for each in last]),
        _middle([each.threads for each in first], [each.threads for each in last]),
    )  # fmt: skip


def write_report(soak: Soak, slope: Slope | None, folder: Path) -> Path:
    """Write the page and its plot; returns where the page is."""
    folder.mkdir(parents=True, exist_ok=True)
    _plot(soak, slope.worker if slope else "", folder / "memory.png")
    page = folder / "README.md"
    page.write_text(_page(soak, slope))
    return page


def _mib_per_second(samples: Sequence[Vitals]) -> float:
    """The slope of memory over time within the moments with as many partitions held, of all of them together."""
    seconds: list[float] = []
    mib: list[float] = []
    for held in {each.held for each in samples}:
        alike = [each for each in samples if each.held == held]
        middle, usual = fmean(each.at_seconds for each in alike), fmean(each.rss_mib for each in alike)
        seconds += [each.at_seconds - middle for each in alike]
        mib += [each.rss_mib - usual for each in alike]
    return linear_regression(seconds, mib, proportional=True).slope


def _middle(first: Sequence[int], last: Sequence[int]) -> tuple[int, int]:
    return round(median(first)), round(median(last))


def _page(soak: Soak, slope: Slope | None) -> str:
    faults = sorted(Counter(fault for _, fault in soak.faults).items())
    codes = sorted(Counter(each.code for each in soak.ended).items())
    ended = ", ".join(f"{times} with {code}" for code, times in codes) or "none"
    audits = [f"| {at:.0f} | {compared:,} | {differing} |" for at, compared, differing in soak.audits]
    memory = slope.text if slope else "no worker lived long enough to tell"
    lines = [
        "# Soak",
        "",
        f"{soak.seconds} s of mixed faults on {iso(clock.now_ms())[:10]}, seed {soak.seed}: "
        f"**{len(soak.differences)} differences**.",
        "",
        f"{soak.workers} workers without self-fencing (so that a worker that was frozen goes on writing when it wakes "
        f"up), real Kafka and Redis, {soak.events:,} records at about {soak.rate:g} a second: late, out of order, "
        "duplicated, corrected, deleted, merged and reassigned objects, backdated moves, changed time zones. "
        f"The same again, but for the machine's timing: `make soak DURATION={soak.seconds} ARGS='--seed {soak.seed}'`.",
        "",
        "## Faults injected",
        "",
        "| fault | times |",
        "|---|---|",
        *(f"| {name} | {times} |" for name, times in faults),
        "",
        "Workers that ended by themselves and were started again (9: a failpoint; 70: it stopped before it could do "
        f"harm; 2: it was started while Kafka was away): {ended}.",
        "",
        "## Audits",
        "",
        "While events flow each figure is compared at its own cut; the last audit is at rest.",
        "",
        "| at second | numbers compared | differences |",
        "|---|---|---|",
        *audits,
        "",
        *(["## Problems", "", *(f"- {problem}" for problem in soak.problems), ""] if soak.problems else []),
        "## Memory",
        "",
        f"{memory[0].upper()}{memory[1:]}. The slope is that of the resident memory of the process that lived "
        f"longest, its first {SETTLED:.0%} left out, by least squares at equal holdings (each moment beside the others "
        "at which it held as many partitions, since one that takes over more holds more): a worker that is killed "
        "begins anew, so growth means something only within one life. "
        "One worker is spared all faults of its own for that, and meets all those of Kafka, Redis and the group.",
        "",
        f"What a state takes up and what a life leaves behind are told apart at the end: {soak.weights.text}.",
        "",
        "![Resident memory of every worker over time](memory.png)",
        "",
        "## Versions",
        "",
        *(f"- {name} {number}" for name, number in _versions(soak)),
        "",
    ]
    return "\n".join(lines)


def _versions(soak: Soak) -> list[tuple[str, str]]:
    kafka = next(
        (found[1] for jar in jars_folder().iterdir() if (found := re.match(r"kafka_[\d.]+-(.+)\.jar", jar.name))), "?"
    )
    return [
        ("salespulse", f"{installed_version()} ({_commit()})"),
        ("Python", platform.python_version()),
        ("Apache Kafka", kafka),
        ("Redis", soak.redis),
        *((name, version(name)) for name in LIBRARIES),
        ("Linux", f"{platform.release()}, {os.cpu_count()} cores"),
    ]


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "no commit"


def _plot(soak: Soak, watched: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(11, 5))
    for worker in sorted({sample.worker for sample in soak.samples}):
        own = [sample for sample in soak.samples if sample.worker == worker]
        for life in sorted({sample.life for sample in own}):
            points = [sample for sample in own if sample.life == life]
            colour = f"C{sum(map(ord, worker)) % 10}"
            label = worker if life == own[0].life and not worker.startswith("guest") else None
            axes.plot([p.at_seconds for p in points], [p.rss_mib for p in points], color=colour, label=label, lw=1)
    for at_seconds, _ in soak.faults:
        axes.axvline(at_seconds, color="0.85", lw=0.5, zorder=0)
    axes.set(xlabel="seconds", ylabel="resident memory, MiB", title="Memory of the workers; a grey line is a fault")
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower right")
    own = [sample for sample in soak.samples if sample.worker == watched]
    holdings = axes.twinx()
    holdings.step([p.at_seconds for p in own], [p.held for p in own], color="0.5", lw=0.8, ls=":", where="post")
    holdings.set(ylabel=f"partitions held by {watched} (dotted)")
    holdings.set_ylim(bottom=0, top=3 * max((p.held for p in own), default=1))
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
