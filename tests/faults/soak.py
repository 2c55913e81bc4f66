"""`make soak DURATION=120`: all faults mixed at random for so many seconds, audits meanwhile and at rest at the end.

The last line is `differences: N`. Ends with 1 where there are any, or anything else was not as it must be.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from types import FrameType

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.report import Difference, Report
from tests.faults.cluster import Cluster
from tests.faults.nemesis import Nemesis
from tests.faults.soak_report import Slope, Soak, Weights, slope_of, write_report
from tests.faults.stream import Stream
from tests.faults.verdict import refused, rest_within

ROOT = Path(__file__).parents[2]
RATE, WORKERS = 150, 3
SPARED = "w1"
"""Meets every fault of Kafka, Redis and the group, and none of its own: its memory is looked at."""
AUDITS = 4
LEAST_SECONDS_BETWEEN_AUDITS = 60
OBJECTS = 1500
"""So many of each kind, all there from the start: memory then follows from leaks, not from what is remembered."""
IDLE, MEMBERSHIPS = 1480, 2000
"""So many reps beside those who work, and so many memberships of one rep: what a large company and a careless connector
bring along."""
LONG_SECONDS = 1800
"""The report of a run that is at least so long is kept in docs/."""
PATIENCE_SECONDS = 300
END_SECONDS = 3000
"""Whatever hangs, a soak ends so long after its time."""
QUIET_LIFE_SECONDS = 600
"""Of a shorter life a slope says nothing."""
SHOWN = 20
WEIGHED_AFTER_SECONDS = 30
"""A worker that has just taken over has not published everything yet, nor used its caches."""


@dataclass
class Course:
    """What comes of a soak while it runs."""

    audits: list[tuple[float, int, int]] = field(default_factory=list)
    """When, how many numbers were compared, how many differed."""
    differences: list[Difference] = field(default_factory=list)
    """Of the latest audit first."""
    problems: list[str] = field(default_factory=list)

    def note(self, at_seconds: float, report: Report) -> None:
        """Take in what an audit found."""
        compared = sum(report.numbers.values())
        self.audits.append((at_seconds, compared, len(report.differences)))
        self.differences = [*report.differences, *self.differences]
        say(f"audit {'at rest' if report.quiet else 'live'}: {compared:,} numbers, {len(report.differences)} differ")


def say(line: str) -> None:
    """Tell what is going on."""
    print(line, flush=True)


def soak(seconds: int, seed: int, rate: float, audits: int, folder: Path) -> Soak:
    """Run it all."""
    stream = Stream(seed, teams=5, reps=20, idle=IDLE, memberships=MEMBERSHIPS, objects=OBJECTS)
    course = Course()
    options = {"log.segment.bytes": str(16 << 20)}
    with Cluster(folder, seed, workers=1, stream=stream, kafka_options=options, self_fence=False) as cluster:
        cluster.feed.send(stream.history(8 * OBJECTS, clock.now_ms(), days=20))
        cluster.begin(clock.now_ms())
        begun_mib = _weighed(cluster)
        for number in range(2, WORKERS + 1):
            cluster.fleet.join(f"w{number}")
        cluster.fleet.until_ready()
        nemesis = Nemesis(cluster, seed)
        audit = Audit(cluster.settings, say=lambda _line: None)
        cluster.feed.start(rate)
        _torment(cluster, nemesis, audit, course, seconds, audits)
        _rest(cluster, audit, course)
        samples = list(cluster.fleet.samples)
        weights = Weights(begun_mib, *_weigh_at_the_end(cluster))
        return Soak(
            seed=seed,
            seconds=seconds,
            rate=rate,
            workers=WORKERS,
            events=stream.sent,
            faults=nemesis.history,
            ended=cluster.fleet.ended,
            samples=samples,
            weights=weights,
            audits=course.audits,
            differences=course.differences,
            problems=course.problems,
            redis=cluster.redis_version(),
        )


def _torment(cluster: Cluster, nemesis: Nemesis, audit: Audit, course: Course, seconds: float, audits: int) -> None:
    """Faults, and so many audits while events flow, by turns."""
    until = clock.elapsed_seconds() + seconds
    turn_seconds = max(seconds / (audits + 1), LEAST_SECONDS_BETWEEN_AUDITS)
    while (left := until - clock.elapsed_seconds()) > 0:
        nemesis.torment(min(left, turn_seconds), spare=SPARED)
        if audits and until - clock.elapsed_seconds() > LEAST_SECONDS_BETWEEN_AUDITS / 2:
            cluster.fleet.until_ready()
            course.note(cluster.fleet.at_seconds, audit.run(lambda _audit, _logs: None))


def _weighed(cluster: Cluster) -> float:
    """What the spared worker takes up once it holds everything alone, in MiB."""
    cluster.fleet.until_ready()
    clock.pause(WEIGHED_AFTER_SECONDS)
    return next(sample.rss_mib for sample in reversed(cluster.fleet.samples) if sample.worker == SPARED)


def _weigh_at_the_end(cluster: Cluster) -> tuple[float, float]:
    """The spared worker holds everything alone, first as it has become, then once more as one that has just begun."""
    fleet = cluster.fleet
    for name in fleet.running:
        if name != SPARED:
            fleet.leave(name)
    lived_mib = _weighed(cluster)
    fleet.leave(SPARED)
    fleet.join(SPARED)
    return lived_mib, _weighed(cluster)


def _rest(cluster: Cluster, audit: Audit, course: Course) -> None:
    """The end: everything is worked off, and everything is compared."""
    say("faults are over; waiting for rest")
    cluster.feed.stop()
    cluster.fleet.until_ready(PATIENCE_SECONDS)
    report = audit.run(rest_within(PATIENCE_SECONDS))
    course.note(cluster.fleet.at_seconds, report)
    course.problems += report.notes
    if not report.quiet:
        course.problems.append("the deployment did not come to rest")
    course.problems += [f"{each.worker} ended with {each.code}: {each.said}" for each in cluster.fleet.surprises()]
    letters = refused(cluster)
    if letters != cluster.stream.refused:
        course.problems.append(f"dead letters are {dict(letters)}, sent were {dict(cluster.stream.refused)}")


@contextmanager
def _ending(seconds: float) -> Iterator[None]:
    """Whatever happens, processes are ended and the soak is over by then."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(f"the soak was ended by {signal.Signals(number).name}")

    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, end)
    signal.alarm(round(seconds))
    try:
        yield
    finally:
        signal.alarm(0)


def main(given: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--duration", type=int, default=120, help="seconds of faults")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--rate", type=float, default=RATE, help="steps of the stream a second")
    parser.add_argument("--audits", type=int, default=AUDITS, help="so many while events flow, at most")
    parser.add_argument("--report", type=Path, help="the folder for the report")
    asked = parser.parse_args(given)
    seed = asked.seed or SystemRandom().randrange(1, 10**6)
    say(f"seed {seed}; run it again: make soak DURATION={asked.duration} ARGS='--seed {seed}'")
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    kept = asked.report or (ROOT / "docs/soak" if asked.duration >= LONG_SECONDS else ROOT / ".cache/soak")
    with _ending(asked.duration + END_SECONDS):
        found = soak(asked.duration, seed, asked.rate, asked.audits, folder)
    slope = slope_of(found.samples, SPARED)
    failed = bool(found.problems or found.differences) or _steep(slope) or found.weights.too_heavy
    say(f"faults: {dict(sorted(Counter(fault for _, fault in found.faults).items()))}")
    say(f"ended by themselves: {dict(Counter(f'exit code {each.code}' for each in found.ended))}")
    say(f"memory: {slope.text}" if slope else "memory: no worker lived long enough to tell")
    say(f"weight: {found.weights.text}")
    for problem in found.problems:
        say(f"problem: {problem}")
    for difference in found.differences[:SHOWN]:
        say(str(difference))
    say(f"report: {write_report(found, slope, kept)}")
    if failed:
        say(f"what the workers said is in {folder}/workers")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"differences: {len(found.differences)}")
    return int(failed)


def _steep(slope: Slope | None) -> bool:
    return slope is not None and slope.lived_seconds >= QUIET_LIFE_SECONDS and slope.too_steep


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
