"""What the board answers, rendered once for everybody who asks for it before the hub has read anew."""

import json
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

from sse_starlette import ServerSentEvent

from pipeline.web.hub import Changes, Hub
from pipeline.web.messages import (
    achievements_message,
    alerts_message,
    contests_message,
    figures_message,
    freshness_message,
    industry_message,
    judged_message,
    partitions_message,
    scope_message,
    windows,
)

T = TypeVar("T")


class Rendered(NamedTuple):
    """The bytes of an answer, and a tag that differs where they do."""

    body: bytes
    etag: str


class Renderings:
    """All that is rendered of one hub; called in its loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._turn = -1
        self._made: dict[Hashable, Any] = {}

    def figures(self, window: str) -> Rendered:
        """All figures of a window, for those who ask once."""
        hub = self._hub
        return self._once(
            ("figures", window), lambda: rendered(judged_message(hub.figures, window, hub.as_of_ms, hub.evidence))
        )

    def scope(self, name: str) -> Rendered | None:
        """All current windows of a scope; None where there is no such scope."""
        reading = self._hub.figures.get(name)
        if reading is None:
            return None
        return self._once(("scope", name), lambda: rendered(scope_message(reading, self._hub.evidence)))

    def alerts(self) -> Rendered:
        """The open alerts."""
        return self._once("alerts", lambda: rendered(alerts_message(self._hub.alerts, self._hub.names)))

    def names(self) -> Rendered:
        """Display names, by scope."""
        return self._once("names", lambda: rendered(self._hub.names))

    def contests(self) -> Rendered:
        """All contests."""
        return self._once("contests", lambda: rendered(contests_message(self._hub.contests, self._hub.currency)))

    def industry(self, window: str) -> Rendered:
        """Reps here beside those elsewhere, in a window."""
        hub = self._hub
        return self._once(
            ("industry", window),
            lambda: rendered(industry_message(hub.figures, hub.industry_told, window, hub.currency)),
        )

    def windows(self) -> Rendered:
        """The windows that figures are published in."""
        return self._once("windows", lambda: rendered(windows(self._hub.chosen)))

    def partitions(self) -> Rendered:
        """Who vouches, partition by partition."""
        return self._once("partitions", lambda: rendered(partitions_message(self._hub.evidence)))

    # Of streams, each as it goes over the wire.

    def everything(self, window: str) -> bytes:
        """What a stream begins with."""
        hub = self._hub
        return self._once(
            ("everything", window),
            lambda: _event("figures", figures_message(hub.figures, hub.figures, window, hub.as_of_ms)),
        )

    def changed(self, window: str, changes: Changes) -> bytes:
        """The scopes that changed, for all streams that were told of the same changes."""
        hub = self._hub
        return self._once(
            ("changed", window, changes.since, changes.up_to),
            lambda: _event("figures", figures_message(hub.figures, changes.scopes, window, hub.as_of_ms)),
        )

    def alerts_event(self) -> bytes:
        """The open alerts."""
        return self._once("alerts event", lambda: _event("alerts", alerts_message(self._hub.alerts, self._hub.names)))

    def contests_event(self) -> bytes:
        """All contests."""
        hub = self._hub
        return self._once("contests event", lambda: _event("contests", contests_message(hub.contests, hub.currency)))

    def achievements_event(self) -> bytes:
        """The latest achievements."""
        hub = self._hub
        return self._once(
            "achievements event", lambda: _event("achievements", achievements_message(hub.achieved, hub.currency))
        )

    def freshness_event(self) -> bytes:
        """Who vouches for the figures."""
        hub = self._hub
        return self._once("freshness event", lambda: _event("freshness", freshness_message(hub.verdict, hub.stale)))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if self._turn != self._hub.turn:
            self._made, self._turn = {}, self._hub.turn
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found


def rendered(message: Any) -> Rendered:
    """A message as JSON."""
    body = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Rendered(body, f'"{blake2b(body, digest_size=12).hexdigest()}"')


def _event(name: str, message: Any) -> bytes:
    return ServerSentEvent(json.dumps(message, ensure_ascii=False, separators=(",", ":")), event=name).encode()
