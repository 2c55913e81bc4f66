"""A receiver of notifications over HTTP, which checks signatures by itself."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline import clock
from pipeline.config.settings import Settings
from pipeline.notifying.alert_log import AlertLog

KEY = b"a key of a test, 32 bytes long.."
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Inbox:
    """A receiver over HTTP. `statuses` are answered first; `took` is what was answered with 204."""

    def __init__(self) -> None:
        inbox = self
        self.statuses: list[int] = []
        self.took: list[dict[str, Any]] = []
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                inbox.asked.append(self.path)
                status = inbox.statuses.pop(0) if inbox.statuses else 204
                if status == 204:
                    inbox.take(dict(self.headers.items()), body)
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"http://127.0.0.1:{self._server.server_port}/alerts"

    def take(self, headers: dict[str, str], body: bytes) -> None:
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
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


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
