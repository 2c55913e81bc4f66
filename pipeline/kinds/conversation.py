"""A conversation: a dial that a person answered, and talked long enough for more than to be rid of the rep."""

from collections.abc import Iterable

from pipeline import measures

CONVERSATION_MS = 60_000
"""Within a minute a call is an opening and a brush-off. It is in the names of the KPIs: another limit is another KPI.

No event says what was talked about: there is no disposition that could decide instead.
"""
CONVERSATION = {measures.CONVERSATIONS: 1}
UNTIMED = {measures.CONVERSATIONS_UNTIMED: 1}


def conversation(talks: Iterable[int | None]) -> dict[str, int]:
    """What an answered dial counts by the talk of its parts, None where nobody knows it; the result is not changed.

    What is known may be enough without the rest.
    """
    total_ms, heard, unknown = 0, False, False
    for talk_ms in talks:
        heard = True
        if talk_ms is None:
            unknown = True
        else:
            total_ms += max(talk_ms, 0)
    if total_ms >= CONVERSATION_MS:
        return CONVERSATION
    return UNTIMED if unknown or not heard else {}
