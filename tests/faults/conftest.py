"""Fixtures of the tests under faults: a seed, and clusters made with it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from pipeline import clock
from tests.faults.cluster import Cluster

Begin = Callable[..., Cluster]
SEED = "FAULT_SEED"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Another one in every run, unless FAULT_SEED gives it; a failure says which it was and how to run it again."""
    given = int(os.environ.get(SEED) or SystemRandom().randrange(1, 10**6))
    again = f'{SEED}={given} make faults ARGS="-k {request.node.originalname}"'
    request.node.add_report_section("setup", "seed", f"{given}; run it again: {again}")
    return given


@pytest.fixture
def begin(tmp_path: Path, seed: int) -> Iterator[Begin]:
    """Starts a cluster with its organisation and its workers; options as `Cluster` takes them."""
    with ExitStack() as stack:

        def start(*, organised: bool = True, **options: Any) -> Cluster:
            cluster = stack.enter_context(Cluster(tmp_path, seed, **options))
            cluster.begin(clock.now_ms(), organised=organised)
            return cluster

        yield start
