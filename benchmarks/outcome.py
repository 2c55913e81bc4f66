"""What one measured run gave."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one job. `differences` is empty, or the run is void."""

    events: int
    seconds: float
    """From the first event sent until every figure read back from Redis and the KPI topic was right."""
    load_seconds: float
    """From the first event sent until the broker had all of them."""
    kpi_records: int
    """Records on the KPI topics."""
    differences: list[str]
    log_tail: str

    @property
    def events_per_s(self) -> float:
        """The throughput."""
        return self.events / self.seconds
