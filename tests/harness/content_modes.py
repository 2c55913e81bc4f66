"""Events as records in each content mode of CloudEvents."""

import json
from collections.abc import Sequence
from typing import Any

Content = tuple[bytes | None, tuple[tuple[str, bytes], ...]]
"""The value and the headers of a record."""


def structured(event: dict[str, Any]) -> Content:
    """The whole event in the value."""
    return json.dumps(event).encode(), ()


def binary(event: dict[str, Any]) -> Content:
    """Attributes in headers, data in the value; a deletion has no value."""
    data = None if event["type"].endswith((".deleted", ".restored")) else event["data"]
    headers = [(f"ce_{name}", str(told).encode()) for name, told in event.items() if name != "data"]
    return None if data is None else json.dumps(data).encode(), (*headers, ("content-type", b"application/json"))


def batch(events: Sequence[dict[str, Any]]) -> Content:
    """All of them in the value."""
    return json.dumps(list(events)).encode(), (("content-type", b"application/cloudevents-batch+json"),)
