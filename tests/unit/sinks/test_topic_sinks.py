"""The sinks on topics that are not for figures: alerts, recognition, and parts for the larger scopes."""

import asyncio
import json

import pytest

from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Send
from pipeline.sinks.alerts_topic import AlertsTopic
from pipeline.sinks.parts_topic import PartsTopic
from pipeline.sinks.recognition_topic import RecognitionTopic
from pipeline.sinks.sink import Batch, Bookmark, Owner
from schemas.alerts import Alert
from schemas.published import json_schema
from schemas.recognition import Achievement, ContestStandings
from tests.harness.published import best_day, contest, silent
from tests.harness.sinks import Wire

OWNER = Owner("scoreboard", 1, 1000, 5)
ID = "silent_rep:rep:7@north"


@pytest.fixture
def wire() -> Wire:
    """A wire that acknowledges at once."""
    return Wire()


def alert(resolved_ms: int | None = None) -> Alert:
    """A rep who fell silent."""
    told = silent("rep:7@north", "team:north", is_open=resolved_ms is None)
    return told.model_copy(update={"resolved_ms": resolved_ms, "version": [1000, 7]})


async def test_an_alert_goes_to_the_partition_of_its_id(wire: Wire) -> None:
    """Open and resolved alerts replace one another under their id, as the committed schema has them."""
    sink = AlertsTopic(wire.send, 4)
    await sink.write(OWNER, Bookmark(), Batch(7, 7, complete=False, alerts=[alert()]))
    await sink.write(OWNER, Bookmark(), Batch(8, 8, complete=False, alerts=[alert(resolved_ms=8)]))

    assert {(topic, partition, key) for topic, partition, _, key in wire.sent} == {
        ("alerts", partition_of(ID, 4), ID.encode())
    }
    records = [json.loads(value) for _, _, value, _ in wire.sent if value]
    assert [record["resolved_ms"] for record in records] == [None, 8]
    assert [Alert.model_validate(record) for record in records] == [alert(), alert(resolved_ms=8)]
    schema = json_schema("alert")["$id"].encode()
    described = (("content-type", b"application/json"), ("schema", schema))
    assert wire.headers == [(*described, ("now", b"7")), (*described, ("now", b"8"))]


async def test_all_open_alerts_are_sent_again_after_a_gap(wire: Wire) -> None:
    """A take-over sends what is open, whether it is known to have been sent or not."""
    sink = AlertsTopic(wire.send, 4)
    bookmark = await sink.write(OWNER, Bookmark(), Batch(9, 9, complete=True, open_alerts=[alert()]))

    assert len(wire.sent) == 1
    assert bookmark.published == 9


async def test_a_contest_describes_itself_and_is_told_once(wire: Wire) -> None:
    """Whatever is published anew, nothing goes out again that the topic has; one taken back says so."""
    sink = RecognitionTopic(wire.send, 4)
    bookmark = await sink.write(OWNER, Bookmark(), Batch(7, 7, complete=True, recognition=[contest(7)]))
    again = Batch(8, 8, complete=True, recognition=[contest(7)], all_recognition=[contest(7)])
    bookmark = await sink.write(OWNER, bookmark, again)
    await sink.write(OWNER, bookmark, Batch(9, 9, complete=True, recognition=[contest(9, "taken_back")]))

    records = [ContestStandings.model_validate_json(value or b"") for _, _, value, _ in wire.sent]
    assert records == [contest(7), contest(9, "taken_back")]
    assert {(topic, partition, key) for topic, partition, _, key in wire.sent} == {
        ("recognition", partition_of("contest:sprint", 4), b"contest:sprint")
    }
    schema = json_schema("contest")["$id"].encode()
    assert wire.headers == [(("content-type", b"application/json"), ("schema", schema))] * 2


async def test_an_achievement_describes_itself(wire: Wire) -> None:
    """By another schema than a contest."""
    await RecognitionTopic(wire.send, 4).write(OWNER, Bookmark(), Batch(7, 7, complete=True, recognition=[best_day()]))

    assert [Achievement.model_validate_json(value or b"") for _, _, value, _ in wire.sent] == [best_day()]
    schema = json_schema("achievement")["$id"].encode()
    assert wire.headers == [(("content-type", b"application/json"), ("schema", schema))]


async def test_parts_are_sent_as_they_are(wire: Wire) -> None:
    """Each part goes to its own partition; the bookmark moves once all are acknowledged."""
    wire.held = True
    sink = PartsTopic(wire.send)
    parts = [Send("parts", 2, b"a"), Send("parts", 0, b"b")]
    writing = asyncio.create_task(sink.write(OWNER, Bookmark(), Batch(9, 9, complete=True, parts=parts)))
    while len(wire.sent) < 2:
        await asyncio.sleep(0)
    assert not writing.done()

    wire.acknowledge()
    assert (await writing).published == 9
    assert [(topic, partition, value) for topic, partition, value, _ in wire.sent] == [
        ("parts", 2, b"a"),
        ("parts", 0, b"b"),
    ]
