"""`python -m benchmarks.flame`: where the worker's time goes in the whole job, as a flame graph (py-spy)."""

import argparse
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import whole_job
from benchmarks.scene import scene
from benchmarks.servers import servers

SAMPLES_PER_SECOND = 200
RESULT = Path(__file__).parents[1] / ".cache" / "profile.svg"


@contextmanager
def profiled(pid: int, output: Path, output_format: str) -> Iterator[None]:
    """Sample a process while inside; the profile is in the file afterwards."""
    beside = Path(sys.executable).with_name("py-spy")
    profiler = str(beside) if beside.exists() else shutil.which("py-spy") or sys.exit("py-spy is not installed")
    settings = ["--rate", str(SAMPLES_PER_SECOND), "--format", output_format, "--output", str(output)]
    recording = subprocess.Popen([profiler, "record", "--pid", str(pid), *settings], stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        recording.send_signal(signal.SIGINT)
        recording.wait()


def main() -> None:
    """Run the whole job once under the profiler; the graph is left in a file."""
    options = _options()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with servers() as started:
        outcome = whole_job.run(
            started,
            scene(options.events),
            options.limit_seconds,
            lambda pid: profiled(pid, options.output, options.format),
        )
    print(f"{outcome.events_per_s:.0f} events/s while profiled; see {options.output}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flame", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--limit-seconds", type=float, default=300)
    parser.add_argument("--format", choices=("flamegraph", "raw", "speedscope"), default="flamegraph")
    parser.add_argument("--output", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
