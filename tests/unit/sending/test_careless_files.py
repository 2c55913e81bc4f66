"""Events as careless programs and files hold them: refused in words, before anything is sent."""

import json
from typing import Any

import pytest

from pipeline.dead_letters.given import given_of
from pipeline.kinds.kind import Retention
from pipeline.sending.checks import Checks, RefusedError
from pipeline.sending.event import Outgoing
from pipeline.sending.event_files import events_of
from schemas.types import LIMIT_MS
from tests.unit.ledger.world import NOON_MS, event

CHECKS = Checks(Retention(LIMIT_MS, LIMIT_MS, 800), 300_000)


@pytest.mark.parametrize("odd", ['"\\ud800"', "NaN", "-Infinity", "1e400", "[" * 150 + "]" * 150, "7" * 4300, "null"])
@pytest.mark.parametrize("field", ["id", "subject", "type", "unknown", "data"])
def test_what_a_file_may_hold_is_refused_or_sent(field: str, odd: str) -> None:
    """Python reads JSON that nobody can write in UTF-8; nothing else than a refusal comes of it."""
    held: dict[str, Any] = event("call", "1") | {field: "here"}
    [read] = events_of(json.dumps(held).replace('"here"', odd).encode())
    assert read.event is not None

    try:
        CHECKS.check(Outgoing(read.event), NOON_MS)
    except RefusedError as error:
        assert error.detail  # noqa: PT017
        assert (given_of(read.event, error.detail) or "").isascii()  # noqa: PT017
