"""What the engine is told of a stage: a node of the graph, with all that leaves it."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.kernel.fingerprint import Fingerprint
from pipeline.kernel.flows import Flow
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage import Stage
from pipeline.kernel.store import Store

Companions = Callable[[Lease], Sequence[Coroutine[Any, Any, None]]]
"""Gives what runs beside the pump as long as a lease is held."""
Check = Callable[[int, Store], None]
"""Looks at a partition's state before anything of a slice is sent; raises Halt where nothing must be."""


def _no_companions(_: Lease) -> Sequence[Coroutine[Any, Any, None]]:
    return ()


def _no_check(_: int, __: Store) -> None:
    return None


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage: where it reads, where its state is kept, how to make it, and what it sends where.

    Topics are logical names. `sends` is all that its folds and companions send: whatever else they try to send ends
    the process. `companions` gives the coroutines that run as long as a lease is held (a publisher). `ticks`: append a
    tick to the own source partition when it has been silent. `check` may halt the worker before it sends.
    `fingerprint` names everything that shapes the stage's state; a state log that was written by other rules is
    refused.
    """

    name: str
    source: str
    state: str
    factory: Callable[[int, Store], Stage]
    sends: Sequence[Flow] = ()
    companions: Companions = _no_companions
    ticks: bool = False
    check: Check = _no_check
    fingerprint: Fingerprint = field(default_factory=Fingerprint)

    @property
    def topics(self) -> frozenset[str]:
        """The topics that anything is sent to."""
        return frozenset(flow.topic for flow in self.sends)
