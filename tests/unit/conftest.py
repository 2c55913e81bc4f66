"""How long a test without servers may take: it gets what those with servers leave of the cores."""

from pathlib import Path

import pytest

HANGS_AFTER_SECONDS = 1800
"""What takes longer hangs. It says nothing of how fast anything is: a busy machine needs ten times as long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One limit for all of them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(HANGS_AFTER_SECONDS))
