"""What people did about alerts on its way into the log of the organisation: by the commands, and by the board."""

from typing import Any

from pipeline import clock
from pipeline.alerts.rules import BY_KIND
from pipeline.config.settings import Settings
from pipeline.intake.verdicts import Judge
from pipeline.sending.checks import RefusedError
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import accepting_producer
from schemas.ids import kept_scope


def known_alert(which: str) -> str:
    """The id of an alert, its scope as it is kept whichever way it is written; ValueError for what is none."""
    kind, _, scope = which.partition(":")
    if kind not in BY_KIND or ":" not in scope:
        raise ValueError(f"{which}: allowed is a rule and a scope, silent_rep:rep:7@north")
    return f"{kind}:{kept_scope(scope)}"


def send_note(settings: Settings, event: dict[str, Any]) -> None:
    """Append an event of `alert_notes` and wait until the broker has it. Blocking.

    RefusedError for one that the pipeline would refuse; nothing was sent then. SetupError where no broker takes it.
    """
    outgoing = Outgoing(event)
    judge = Judge("org", settings.future_tolerance_seconds * 1000)
    if refused := judge.refusal(outgoing.value, clock.now_ms()):
        raise RefusedError(refused.reason, refused.detail)
    with accepting_producer(settings) as producer:
        producer.send_all([outgoing])
