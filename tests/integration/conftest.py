"""What tests with a deployment share."""

from collections.abc import Iterator

import pytest

from tests.harness.inbox import Inbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A receiver of notifications."""
    served = Inbox()
    yield served
    served.close()
