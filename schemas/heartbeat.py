"""What the worker that holds a partition says of it every few seconds, in Redis: `<ns>:held:<stage>:<partition>`."""

import msgspec


class Heartbeat(msgspec.Struct, frozen=True):
    """One partition, as its worker has it.

    `at_ms` is when this was said, by the worker's clock. `now_ms` is the stream time up to which the partition was
    folded (0: nothing yet), `still_ms` for how long that has not moved. `published_ms` is the stream time up to which
    everything was published; None for a stage that publishes no figures, or has not come to it. `partitions` is how
    many there are of each stage.
    """

    at_ms: int
    now_ms: int
    still_ms: int
    partitions: int
    published_ms: int | None = None
