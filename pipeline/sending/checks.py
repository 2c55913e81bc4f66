"""Events checked before they are sent: what the pipeline would refuse is told to whoever sends it."""

from pipeline.intake.verdicts import Judge, Refused
from pipeline.kinds.kind import Retention
from schemas.events import TOPICS


class RefusedError(ValueError):
    """Raised for an event that the pipeline would refuse: the reason of its dead letter, and what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Checks:
    """The verdicts of all source topics, as a deployment with these settings gives them."""

    def __init__(self, retention: Retention, future_tolerance_ms: int) -> None:
        self._judges = {
            domain: Judge(domain, future_tolerance_ms, None if domain == "org" else retention) for domain in TOPICS
        }

    def check(self, value: bytes, domain: str, now_ms: int) -> None:
        """RefusedError for an event in structured mode that would be refused if it were appended now."""
        judge = self._judges.get(domain)
        if judge is None:
            raise RefusedError("unknown_type", f"type: allowed begin with {', '.join(f'{each}.' for each in TOPICS)}")
        verdict = judge.judge(value, now_ms)
        if isinstance(verdict, Refused):
            raise RefusedError(verdict.reason, verdict.detail)
