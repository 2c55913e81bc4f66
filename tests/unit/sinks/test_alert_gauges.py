"""What a scrape tells of alerts."""

from prometheus_client.parser import text_string_to_metric_families

from pipeline.sinks.alert_gauges import GAUGES, alert_gauges
from schemas.alerts import Alert, State
from tests.harness.published import NOON_MS, silent

LABELS = {
    "namespace": "acme", "partition": "3", "kind": "silent_rep", "team": "team:north", "scope": "rep:7@north",
    "rep": "7",
}  # fmt: skip
UNTIL_MS = NOON_MS + 3_600_000


def shown(state: State, **more: object) -> dict[str, float]:
    """What is told of a silent rep in a state: values by the name of the series, all with the same labels."""
    alert = Alert.model_validate(silent("rep:7@north", "team:north").record() | {"state": state, **more})
    found = {}
    for family in alert_gauges("acme", [("3", alert)]):
        text = f"# TYPE {family.name} gauge\n{''.join(family.pieces)}"
        for read in text_string_to_metric_families(text):
            for sample in read.samples:
                assert sample.labels == LABELS
                found[sample.name.removeprefix("salespulse_alert_")] = sample.value
    return found


def test_an_open_alert_says_since_when() -> None:
    """It is open since it opened, and nobody took note."""
    assert shown("open") == {"open": 1, "opened_timestamp_seconds": NOON_MS / 1000, "acknowledged": 0}


def test_an_acknowledged_alert_goes_on_firing() -> None:
    """Somebody took note; who that is, no label says."""
    acknowledged = shown("acknowledged", acknowledged_by="lead-1")

    assert acknowledged == {"open": 1, "opened_timestamp_seconds": NOON_MS / 1000, "acknowledged": 1}


def test_a_muted_alert_is_shown_apart_until_when() -> None:
    """It wakes nobody: there is no series of it but the one that says until when it is muted."""
    muted = shown("muted", muted_by="lead-1", muted_until_ms=UNTIL_MS)

    assert muted == {"muted_until_timestamp_seconds": UNTIL_MS / 1000}


def test_every_family_is_there_without_an_alert() -> None:
    """A dashboard finds them before anything happens."""
    families = list(alert_gauges("acme", []))

    assert [family.name for family in families] == [f"salespulse_alert_{gauge.name}" for gauge in GAUGES]
    assert "".join(piece for family in families for piece in family.pieces) == ""
