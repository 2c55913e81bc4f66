"""What the tests need beside Python packages: found, or the test is skipped with the reason, or fails under CI=true."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def require_command(name: str, package: str) -> str:
    """The path of a command; without it the test is skipped, naming the Debian `package`, or fails under CI=true."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not on the path (Debian package {package})")
    return found


def require_path(path: Path, remedy: str) -> Path:
    """The path, when it exists; otherwise as `require_command`."""
    if not path.exists():
        missing(f"{path.name} is missing: {remedy}")
    return path


def missing(reason: str) -> NoReturn:
    """A component is missing: skip the test with the reason, or fail under CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"under CI nothing may be missing: {reason}")
    pytest.skip(reason)
