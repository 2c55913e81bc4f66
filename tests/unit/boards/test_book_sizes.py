"""How much state alerts and recognition take that are over: one entry for each id, however often it was told."""

from msgspec import msgpack

from pipeline.alerts.alert_book import AlertBook
from pipeline.alerts.rule import Reason
from pipeline.alerts.silent_rep import SILENT_REP
from pipeline.kernel.state_keys import ALERT, RECOGNISED
from pipeline.kernel.store import Store
from pipeline.recognition.achieved import Achieved, Feat
from pipeline.recognition.recognition_book import RecognitionBook

NOW_MS = 1_793_491_200_000


def _bytes(store: Store, kind: bytes) -> list[int]:
    return [len(key) + len(msgpack.encode(value)) for key, value in store.items(kind)]


def test_an_alert_takes_as_much_however_often_it_opens() -> None:
    """Less than 400 bytes of a state log."""
    store = Store()
    book = AlertBook(store, "holidays 0.85", lambda _: None)
    for offset in range(50):
        book.open(SILENT_REP, "rep:rep-00001@team-07", "team:team-07", NOW_MS, Reason(NOW_MS, 31.0, 30.0), offset)
        book.resolve("silent_rep:rep:rep-00001@team-07", NOW_MS, offset, "activity")

    (size,) = _bytes(store, ALERT)
    assert size < 400


def test_what_was_achieved_takes_as_much_however_often_it_is_taken_back() -> None:
    """Less than 220 bytes of a state log."""
    store = Store()
    book = RecognitionBook(store)
    feat = Feat("milestone", "1000", "dials", "rep:rep-00001")
    for offset in range(50):
        book.tell(feat.id, feat.entry(Achieved.of_days(1000, 739_000 + offset, 739_000 + offset)), offset)
        book.take_back(feat.id, offset)

    (size,) = _bytes(store, RECOGNISED)
    assert size < 220
