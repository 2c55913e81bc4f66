"""What people did about alerts, as events: the pipeline takes them in, and they say what was meant."""

from pipeline.alerts.alert_state import Note, standing
from pipeline.intake.verdicts import Accepted, Judge
from pipeline.ledger.roster import changes_of, record_of
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from pipeline.sending.alert_notes import acknowledging, muting, unmuting
from pipeline.sending.event import Outgoing
from tests.unit.ledger.world import HOUR, NOON_MS

ID = "silent_rep:rep:Gr%C3%B6%C3%9Fe@a-team-with-a-name-that-is-longer-than-what-is-kept"
ALERT = {"id": ID, "opened_ms": NOON_MS - HOUR}


def noted(*events: dict[str, object]) -> Note | None:
    """What the organisation says of the alert after these events."""
    organisation = Organisation("EUR")
    item: Object | None = None
    for number, event in enumerate(events):
        outgoing = Outgoing(event)
        judged = Judge("org", 300_000).judge(outgoing.value, NOON_MS + number)
        assert isinstance(judged, Accepted)
        assert judged.key.encode() == outgoing.key
        item = item or Object(judged.key)
        item.merge(judged.version, changes_of(judged))
        organisation.put(judged.key, record_of(item))
    return organisation.alert_note(ID)


def test_an_acknowledgement_is_found_by_the_id_of_its_alert() -> None:
    """Whatever characters the id has, and however long it is."""
    note = noted(acknowledging(ALERT, "lead-1", NOON_MS))

    assert standing(note, NOON_MS - HOUR, NOON_MS) == ("acknowledged", "lead-1", None, None)
    assert standing(note, NOON_MS, NOON_MS).state == "open"


def test_a_mute_holds_until_its_end_or_until_somebody_ends_it() -> None:
    """It leaves the acknowledgement as it was."""
    acknowledged, muted = acknowledging(ALERT, "lead-1", NOON_MS), muting(ID, "lead-2", NOON_MS + 1, NOON_MS + HOUR)
    note = noted(acknowledged, muted)

    assert standing(note, NOON_MS - HOUR, NOON_MS + 1) == ("muted", "lead-1", "lead-2", NOON_MS + HOUR)
    assert standing(note, NOON_MS - HOUR, NOON_MS + HOUR).state == "acknowledged"
    unmuted = noted(acknowledged, muted, unmuting(ID, "lead-3", NOON_MS + 2))
    assert standing(unmuted, NOON_MS - HOUR, NOON_MS + 3).state == "acknowledged"
    assert unmuted is not None
    assert unmuted["muted_by"] == "lead-3"
