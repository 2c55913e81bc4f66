"""Whether a backtest of each rule opens what was live, id by id and instant by instant."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.backtesting.trial import Question, tried_over
from pipeline.scores.board_policy import BoardPolicy
from schemas.alerts import Alert
from tests.quarter.stages import LogRecord

EVER = 0, 2**63


def differing(live: Iterable[Alert], logs: Sequence[Sequence[LogRecord]], kinds: Iterable[str]) -> Iterator[str]:
    """What a backtest of these rules over the facts says otherwise than `live`, which are alerts as they changed."""
    stood = {(alert.id, alert.opened_ms): alert for alert in live}
    for kind in kinds:
        opened = {_said(alert) for alert in stood.values() if alert.kind == kind}
        trials = tried_over(Question(kind), logs, BoardPolicy(), AlertPolicy())
        tried = {_said(alert) for trial in trials for alert in trial.openings(*EVER)}
        yield from (f"only live: {each}" for each in sorted(opened - tried))
        yield from (f"only in the backtest: {each}" for each in sorted(tried - opened))


def _said(alert: Alert) -> str:
    return f"{alert.id} {alert.opened_ms} {alert.resolved_ms} {alert.ending} {alert.since_ms} {alert.seen}"
