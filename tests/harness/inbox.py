"""A receiver of notifications over HTTP, which checks signatures by itself."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from pipeline import clock
from pipeline.config.settings import Settings
from pipeline.notifying.alert_log import AlertLog
from tests.harness.local_server import Answer, Asked, LocalServer

KEY = b"a key of a test, 32 bytes long.."
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Inbox:
    """A receiver over HTTP. `statuses` are answered first; `took` is what was answered with 204."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.took: list[dict[str, Any]] = []
        self.asked: list[str] = []

        self._server = LocalServer(self._answer)

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"http://{self._server.address}/alerts"

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked.path)
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 204:
            self.take(asked.headers, asked.body)
        return Answer(status, headers={"location": "/elsewhere"} if status == 302 else {})

    def take(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature as a receiver does, and keep the message."""
        said = {name.lower(): value for name, value in headers.items()}
        content = said["webhook-id"].encode() + b"." + said["webhook-timestamp"].encode() + b"." + body
        due = base64.b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
        assert said["webhook-signature"] == f"v1,{due}"
        assert abs(int(said["webhook-timestamp"]) - clock.now_ms() / 1000) < 300
        self.took.append({"id": said["webhook-id"], **json.loads(body)})

    @property
    def types(self) -> list[str]:
        """What was told, in order."""
        return [each["type"].removeprefix("alert.") for each in self.took]

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.close()


def has_position(settings: Settings) -> bool:
    """Whether a notifier has begun: what comes into the log of alerts from then on is told."""
    with AlertLog(settings) as alerts:
        return all(alerts._consumer.committed(place) is not None for place in alerts._places)


def notifying(settings: Settings, inbox: Inbox, **more: str) -> dict[str, str]:
    """The environment of a worker and of `salespulse notify` on the embedded broker, with that receiver."""
    given = {
        "NAMESPACE": settings.namespace, "BROKERS": settings.brokers, "EMBEDDED": "true",
        "KAFKA_API_VERSION": str(settings.kafka_api_version), "REDIS_URL": settings.redis_url.get_secret_value(),
        "WEBHOOK_URL": inbox.url, "WEBHOOK_SECRET": SECRET, "WEBHOOK_PRIVATE": "true", **more,
    }  # fmt: skip
    return {f"SALESPULSE_{name}": value for name, value in given.items()}
