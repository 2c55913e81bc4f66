"""The cyclic garbage collector, tuned on purpose: left alone it costs a large state 40 % of the core."""

import gc

THRESHOLDS = (50_000, 20, 50)


def tune() -> None:
    """Called once when a worker starts: collect rarely."""
    gc.set_threshold(*THRESHOLDS)


def settle() -> None:
    """Called after a take-over: collect everything once, then never look again at what is there: it lives long.

    What froze at an earlier take-over is looked at too: it may be garbage since, a partition given away with all that
    belongs to it.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
