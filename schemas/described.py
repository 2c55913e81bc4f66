"""What headers say of a published record: how its value is written, and by which schema it is read."""

from schemas.cloud_events import CONTENT_TYPE

SCHEMA_HEADER = "schema"
"""The `$id` of a schema in `schemas/json/`."""
NOW_HEADER = "now"
"""Of an alert's record: the stream time at which the alert was so, epoch milliseconds."""
_JSON = b"application/json"

Headers = tuple[tuple[str, bytes], ...]


def headers_of(schema_id: str) -> Headers:
    """The headers of a record of that schema. A tombstone has none: it has no value."""
    return ((CONTENT_TYPE, _JSON), (SCHEMA_HEADER, schema_id.encode()))
