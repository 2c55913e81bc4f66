"""What the notifier tells of itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics


class NotifyMetrics:
    """Its metrics, in the registry that it is given."""

    def __init__(self, namespace: str, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._namespace = namespace
        self._told = Counter(
            "salespulse_notifications", "Messages to the webhook, by what became of them.", ("namespace", "outcome"),
            registry=registry,
        )  # fmt: skip
        self._failed = Counter(
            "salespulse_notification_failures", "Attempts that the receiver did not take.", ("namespace",),
            registry=registry,
        )  # fmt: skip
        self._waiting = Gauge(
            "salespulse_notification_failing_seconds", "For how long the message under way has been tried; 0 at rest.",
            ("namespace",), registry=registry,
        )  # fmt: skip
        for outcome in ("delivered", "dead", "history"):
            self._told.labels(namespace, outcome)
        self._failed.labels(namespace)
        self.failing(0)

    def ended(self, outcome: str) -> None:
        """A message was delivered, is dead, or was history."""
        self._told.labels(self._namespace, outcome).inc()
        self.failing(0)

    def failed(self) -> None:
        """An attempt failed."""
        self._failed.labels(self._namespace).inc()

    def failing(self, seconds: float) -> None:
        """For how long a message has been tried in vain."""
        self._waiting.labels(self._namespace).set(seconds)
