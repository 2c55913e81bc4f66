"""What a run writes down and sends: the same is read again, and each event goes where it belongs."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.manifest import PART_BYTES, Run, Told, object_records, read_told, source_of
from pipeline.importing.pacing import Pacing
from pipeline.importing.run import run_import
from pipeline.importing.tellings import Telling, telling_of
from pipeline.sending.event import Outgoing, content_of
from tests.unit.ledger.any_events import any_event

RUN = Run("3f2a9c1e", "import", "crm", 1_762_167_600_000)
TELLINGS = st.lists(any_event().map(telling_of), max_size=4)


class Sent:
    """Takes everything."""

    def __init__(self) -> None:
        self.records: list[tuple[str, bytes, bytes]] = []

    def put(self, topic: str, key: bytes, value: bytes) -> None:
        """One more."""
        self.records.append((topic, key, value))

    def flush(self) -> None:
        """Nothing waits."""


def told_again(told: Told) -> tuple[Told, int]:
    """What the records of an object say, and how many they are."""
    found, count = Told(), 0
    for _, value in object_records(RUN, "deal:1", told):
        part = read_told(value)
        found.rows.extend(part.rows)
        found.settling.extend(part.settling)
        count += 1
        assert source_of(value) == json.loads(value)["source"] == "crm"
    return found, count


@given(TELLINGS, TELLINGS)
def test_what_is_written_of_an_object_is_read_again(rows: list[Telling], settling: list[Telling]) -> None:
    """Every telling, in its order."""
    assert told_again(Told(rows, settling)) == (Told(rows, settling), 1)


def test_what_is_too_much_for_a_record_is_in_several() -> None:
    """A broker takes a MiB."""
    long = Telling("changed", 1, 0, 1, "x", {"product": "x" * (PART_BYTES // 3)})

    assert told_again(Told([long] * 5, [long])) == (Told([long] * 5, [long]), 3)
    assert told_again(Told([long], [])) == (Told([long], []), 1)


@given(st.lists(any_event(), max_size=4))
def test_events_go_where_they_belong_as_they_were_checked(events: list[dict[str, Any]]) -> None:
    """Topic and key are those of the event, and the value is the one that was judged."""
    sent, values = Sent(), [content_of(event) for event in events]
    pacing = Pacing(0, lambda: 0, lambda _: None, lambda _: None, lambda _: None)
    counted = run_import(values, sent, pacing, lambda _: None)

    assert sent.records == [
        (Outgoing(event).topic, Outgoing(event).key, value) for event, value in zip(events, values, strict=True)
    ]
    assert sorted(counted.elements()) == sorted(event["type"] for event in events)
