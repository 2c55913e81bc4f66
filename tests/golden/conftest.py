"""Where the sample exports lie: beside the repository, never in it (they carry no licence)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def sample_data() -> Callable[[str], Path]:
    """A function from the name of a sample export to its folder; skips, with the reason, where it is absent."""
    base = Path(os.environ.get("SALESPULSE_SAMPLE_DATA", _ROOT.parent / "shared" / "data"))

    def folder(name: str) -> Path:
        found = base / name
        if not found.is_dir():
            pytest.skip(f"the sample export {name} is not part of the repository (no licence) and not at {found}")
        return found

    return folder
