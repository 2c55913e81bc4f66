"""`requirements/python`: the Python that make and continuous integration use."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "requirements" / "python"
SHIM = "#!/bin/sh\necho 'no such version' >&2; exit 127\n"
"""A version manager's command for a version that is not there."""


def python(folder: Path, minor: int | None, fits: bool) -> None:
    """A command that starts as a Python would (or does not fit); it tells apart nothing but by its exit code."""
    path = folder / ("python3" if minor is None else f"python3.{minor}")
    folder.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\nexit 0\n" if fits else SHIM)
    path.chmod(0o755)


def chosen(environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """What the script prints and how it ends."""
    return subprocess.run(["/bin/sh", SCRIPT], env=dict(environment), capture_output=True, text=True, check=False)


def test_the_newest_that_starts_is_taken(tmp_path: Path) -> None:
    """A shim that starts nothing is passed over, also for the same name further down the path."""
    first, second = tmp_path / "shims", tmp_path / "bin"
    python(first, 14, fits=False)
    python(first, 13, fits=False)
    python(second, 13, fits=True)
    python(first, 12, fits=True)
    python(first, None, fits=True)

    assert chosen({"PATH": f"{first}:{second}"}).stdout == f"{second}/python3.13\n"


def test_the_one_that_is_named_is_taken(tmp_path: Path) -> None:
    """By name or by path, and also where a newer one starts."""
    python(tmp_path, 13, fits=True)
    python(tmp_path, 11, fits=True)
    for name in ("python3.11", str(tmp_path / "python3.11")):
        assert chosen({"PATH": str(tmp_path), "PYTHON": name}).stdout == f"{tmp_path}/python3.11\n"


def test_this_python_fits() -> None:
    """The rule itself holds for a real one of the supported versions."""
    assert chosen({"PATH": "", "PYTHON": sys.executable}).stdout == f"{sys.executable}\n"


@pytest.mark.parametrize("name", ["python3.13", "python2.7", "/nowhere/python3"])
def test_a_wrong_one_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    """The line names it, and what is needed; it ends with 2."""
    python(tmp_path, 13, fits=False)
    done = chosen({"PATH": str(tmp_path), "PYTHON": name})

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"PYTHON={name}: does not start, or is not Python 3.11 to 3.14 with venv\n"


def test_none_at_all_is_told_in_one_line(tmp_path: Path) -> None:
    """It ends with 2 and says how to get one."""
    done = chosen({"PATH": str(tmp_path)})

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "salespulse needs Python 3.11 to 3.14 with venv" in done.stderr
