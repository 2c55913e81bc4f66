"""Dead letters: a refused record as it came, with the reason and where it stood in its headers."""

from typing import Literal, get_args

Reason = Literal[
    "empty", "too_large", "invalid_json", "unknown_type", "invalid_event", "future", "late", "invalid_control"
]
"""Why a record is refused; nothing else is ever given.

`empty`: no value. `too_large`: over the limit. `invalid_json`: no JSON. `unknown_type`: no event type of this log.
`invalid_event`: an event that breaks its schema. `future`: a time further ahead than allowed. `late`: older than what
is remembered. `invalid_control`: marked as the pipeline's own record, but not one.
"""
REASONS: tuple[str, ...] = get_args(Reason)
DETAIL_CHARACTERS = 200


def headers(
    reason: Reason, detail: str, topic: str, partition: int, offset: int, timestamp_ms: int
) -> tuple[tuple[str, bytes], ...]:
    """The headers of a dead letter; key and value stay as they came.

    What makes it unique is its origin: the same record may be written twice after a crash. `detail` says where it
    breaks its schema and never repeats what it holds.
    """
    printable = "".join(c if c.isascii() and c.isprintable() else "?" for c in detail)[:DETAIL_CHARACTERS]
    return (
        ("dlq.schema", b"1"),
        ("dlq.reason", reason.encode()),
        ("dlq.detail", printable.encode()),
        ("dlq.orig.topic", topic.encode()),
        ("dlq.orig.partition", str(partition).encode()),
        ("dlq.orig.offset", str(offset).encode()),
        ("dlq.orig.timestamp", str(timestamp_ms).encode()),
    )
