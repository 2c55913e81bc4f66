"""The producer for integrators: events are written, checked, keyed and sent in batches."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from pipeline import clock
from pipeline.config.settings import Settings
from pipeline.policies import ledger_policy
from pipeline.sending.checks import Checks, RefusedError, passed_over
from pipeline.sending.event import Outgoing, content_of, domain_of, id_of
from pipeline.sending.producer import EventProducer
from schemas.events import CHANGES

KINDS = frozenset(kind for kinds in CHANGES.values() for kind in kinds)
Value = str | int | float | bool | datetime | date | timedelta | None | list["Value"] | Mapping[str, "Value"]
"""What a field may be given as. Times need a zone; durations may be `timedelta` or seconds."""


class Client:
    """Sends events of one source. A context: leaving it waits until every event is acknowledged.

    Every method that sends raises `RefusedError` for an event that the pipeline would refuse, before anything goes
    out, and `SendError` where the broker did not take an earlier one. All but `send` also refuse `data` with a field
    that no event has. Events go out in batches: `flush` waits for them.
    """

    def __init__(self, settings: Settings, source: str, now_ms: Callable[[], int] = clock.now_ms) -> None:
        """Connects; SetupError where no broker answers. `source` names the system, as a URI or by its name."""
        policy = ledger_policy(settings)
        self._checks = Checks(policy.retention, policy.future_tolerance_ms)
        self._source = source
        self._now_ms = now_ms
        self._producer = EventProducer(settings)

    def __enter__(self) -> Self:
        self._producer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._producer.__exit__(kind, error, trace)

    @property
    def sent(self) -> int:
        """How many events were handed over."""
        return self._producer.sent

    def changed(self, kind: str, name: str, at: datetime, data: Mapping[str, Value], **more: Any) -> str:
        """Tell what changed of an object: fields that are left out stay, None clears one. Gives the event's id.

        `at` is when it happened, by the source's clock. `more` are `id` (made of the content where it is left out, so
        that the same event sent twice counts once), `sequence` for the order within one moment, and `corrects`.
        """
        return self._send(kind, name, "changed", at, data, more)

    def deleted(self, kind: str, name: str, at: datetime, **more: Any) -> str:
        """Tell that an object is gone; gives the event's id."""
        return self._send(kind, name, "deleted", at, {}, more)

    def restored(self, kind: str, name: str, at: datetime, **more: Any) -> str:
        """Tell that a deleted object is back; gives the event's id."""
        return self._send(kind, name, "restored", at, {}, more)

    def merged(self, kind: str, name: str, into: str, at: datetime, **more: Any) -> str:
        """Tell that an object is merged into another of its kind, which goes on; gives the event's id."""
        return self._send(kind, name, "merged", at, {"into": into}, more)

    def send(self, event: Mapping[str, Any]) -> None:
        """Send an event that is written already, as a CloudEvent in structured mode."""
        outgoing = Outgoing(dict(event))
        self._checks.check(outgoing, self._now_ms())
        self._producer.send(outgoing)

    def flush(self) -> None:
        """Wait until everything handed over is acknowledged; SendError where something was not."""
        self._producer.flush()

    def _send(
        self, kind: str, name: str, verb: str, at: datetime, data: Mapping[str, Value], more: Mapping[str, Any]
    ) -> str:
        if kind not in KINDS:
            raise RefusedError("unknown_type", f"type: allowed kinds are {', '.join(sorted(KINDS))}")
        event: dict[str, Any] = {
            "specversion": "1.0",
            "source": self._source,
            "type": f"{domain_of(kind)}.{kind}.{verb}",
            "subject": f"{kind}:{name}",
            "time": on_wire(at, "time"),
            **{field: on_wire(value, field) for field, value in more.items()},
            "data": on_wire(data, "data"),
        }
        if unknown := passed_over(event):
            raise RefusedError("invalid_event", unknown[0])
        if "id" not in event:
            event["id"] = _id_of(event)
        self.send(event)
        return str(event["id"])


def _id_of(event: dict[str, Any]) -> str:
    try:
        return id_of(content_of(event))
    except UnicodeEncodeError:
        raise RefusedError("invalid_json", "not JSON: holds what JSON in UTF-8 cannot say") from None


def on_wire(value: Any, path: str) -> Any:
    """A value as events carry it; `path` says where it stands."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise RefusedError("invalid_event", f"{path}: a time without a zone, such as datetime.now(UTC) has one")
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {name: on_wire(each, f"{path}.{name}") for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [on_wire(each, f"{path}.{number}") for number, each in enumerate(value)]
    return value
