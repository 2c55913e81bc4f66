"""Names of headers that are no UTF-8. Kafka takes any bytes; its clients in Python raise, and never get past them.

Here each client reads a batch in which one raised once more, with such bytes as lone surrogates in the name. What a
record with such a name says is refused where events are read (`cloud_events.py`).
"""

from typing import Any


class AnyNames(bytearray):
    """The bytes of a batch, whose parts are decoded whatever they hold."""

    def __getitem__(self, part: Any) -> Any:
        found = super().__getitem__(part)
        return AnyNames(found) if isinstance(part, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        """As text that says the same bytes when it is encoded again in this way."""
        return super().decode(encoding, errors)
