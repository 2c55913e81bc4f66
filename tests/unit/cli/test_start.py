"""A command starts at once: what another one needs is not imported for it."""

import subprocess
import sys

LATER = {
    "aiokafka", "duckdb", "faust", "kafka", "redis", "rich.console",
    "agents", "pipeline.alerts", "pipeline.audit", "pipeline.engine", "pipeline.kinds", "pipeline.organisation",
    "pipeline.scores", "pipeline.sinks", "pipeline.web",
}  # fmt: skip
"""What is imported by the command that needs it, when it runs."""


def test_the_command_line_itself_imports_nothing_that_only_one_command_needs() -> None:
    """`--help`, completion and every other command would wait for it, too."""
    listing = "import pipeline.cli, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) & LATER == set()
