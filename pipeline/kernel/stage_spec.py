"""What the engine is told of a stage."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Stage
from pipeline.kernel.store import Store

Companions = Callable[[Lease], Sequence[Coroutine[Any, Any, None]]]
"""Gives what runs beside the pump as long as a lease is held."""


def _no_companions(_: Lease) -> Sequence[Coroutine[Any, Any, None]]:
    return ()


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage: where it reads, where its state is kept, how to make it.

    Topics are logical names. `companions` gives the coroutines that run as long as a lease is held (a publisher).
    `ticks`: append a tick to the own source partition when it has been silent. `fingerprint` names everything that
    shapes the stage's state; a state log that was written by other rules is refused.
    """

    name: str
    source: str
    state: str
    factory: Callable[[int, Store], Stage]
    companions: Companions = _no_companions
    ticks: bool = False
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
