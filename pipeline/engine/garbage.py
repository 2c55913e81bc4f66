"""The cyclic garbage collector, tuned on purpose: left alone it costs a large state 40 % of the core."""

import gc

THRESHOLDS = (50_000, 20, 50)


def tune() -> None:
    """Called once when a worker starts: collect rarely."""
    gc.set_threshold(*THRESHOLDS)


def freeze() -> None:
    """Called after a take-over: what was read is plain long-lived data without cycles, never to be looked at again."""
    gc.freeze()
