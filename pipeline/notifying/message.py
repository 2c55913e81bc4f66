"""One message to the webhook: its id, and its body as it is signed and sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from pipeline.notifying.transitions import message_id
from pipeline.views.alert_wording import alert_words
from pipeline.views.wording import display_name, rfc3339
from schemas.alerts import Alert
from schemas.notifications import Notification, NotifiedAlert, What

_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, in every attempt the same."""

    id: str
    what: What
    alert_id: str
    happened_ms: int
    body: bytes


def message_of(
    namespace: str, alert: Alert, what: What, by: str, now_ms: int, names: Mapping[str, str]
) -> Message:  # fmt: skip
    """What is told of an alert that was so at `now_ms`; `names` are those of the directory, by scope."""
    happened_ms = {"alert.opened": alert.opened_ms, "alert.resolved": alert.resolved_ms}.get(what) or now_ms
    record = alert.record()
    told = {scope: names[scope] for scope in sorted(scopes_of(alert)) if scope in names}
    who = display_name(alert.scope, names)
    notification = Notification(
        type=what,
        timestamp=rfc3339(happened_ms) or "",
        data=NotifiedAlert(**record, summary=f"{who}: {alert_words(record)}", names=told),
    )
    body = _json(notification.model_dump())
    return Message(message_id(namespace, alert, what, by), what, alert.id, happened_ms, body)


def scopes_of(alert: Alert) -> set[str]:
    """Whom it is about, as a directory names them: `rep:7` and `team:north` of `rep:7@north`."""
    return {alert.scope.partition("@")[0], alert.home}
