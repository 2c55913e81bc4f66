"""Asks a worker again and again whether it is ready, and keeps what it says."""

import json
import threading
import urllib.error
import urllib.request
from types import TracebackType
from typing import Self

ASK_SECONDS = 0.2


class Probe:
    """The readiness probe of an orchestrator; a context. `said` is every reason it was given, and `alive` whether the
    worker answered the liveness probe each time that it answered at all.
    """

    def __init__(self, health_port: int) -> None:
        self._address = f"http://127.0.0.1:{health_port}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, name="probe", daemon=True)
        self.said: set[str] = set()
        self.alive = True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(10)

    def heard(self, beginning: str) -> bool:
        """Whether a reason was given that begins so."""
        return any(reason.startswith(beginning) for reason in self.said)

    def _ask_on(self) -> None:
        while not self._ended.wait(ASK_SECONDS):
            self.said.update(self._missing("/readyz"))
            self.alive = self.alive and not self._missing("/healthz")

    def _missing(self, path: str) -> list[str]:
        try:
            with urllib.request.urlopen(f"{self._address}{path}", timeout=2):
                return []
        except urllib.error.HTTPError as answer:
            with answer:
                return list(json.loads(answer.read())["missing"])
        except OSError:
            return []
