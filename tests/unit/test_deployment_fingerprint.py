"""The fingerprint of a deployment's state: whatever shapes state is in it, whatever does not stays out."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.app import create_app
from pipeline.config.settings import load_settings
from pipeline.deployment_fingerprint import SHAPES_NO_STATE, fingerprint_of, policy_rules
from pipeline.kernel.fingerprint import Fingerprint
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import RosterPolicy
from pipeline.scores.board_policy import BoardPolicy
from schemas.events import CHANGES
from tests.harness.proofs import CONTROL_KEYS

POLICIES: dict[str, Any] = {
    "ledger": LedgerPolicy(),
    "roster": RosterPolicy(),
    "board": BoardPolicy(),
    "alerts": AlertPolicy(),
}
FIELDS = [f"{name}.{each.name}" for name, policy in POLICIES.items() for each in fields(policy)]
SHAPING: dict[str, Any] = {
    "activity_retention_days": 36,
    "closed_deal_retention_days": 401,
    "currency": "USD",
    "day_pane_days": 801,
    "feed_known_days": 4,
    "feed_silence_minutes": 11,
    "future_tolerance_seconds": 301,
    "minute_pane_hours": 27,
    "partitions": 5,
    "transit_retention_days": 1,
}
"""The settings that shape state, each with another value. `transit_retention_days` says how often copies are sent."""


def _other(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else "USD"


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_a_policy_shapes_state_or_says_why_not(field: str) -> None:
    """Another value is another fingerprint; a new field is in it without being put there."""
    name, _, attribute = field.partition(".")
    changed = {**POLICIES, name: replace(POLICIES[name], **{attribute: _other(getattr(POLICIES[name], attribute))})}

    assert (policy_rules(**changed) == policy_rules(**POLICIES)) == (field in SHAPES_NO_STATE)


def test_what_is_left_out_is_there_and_has_a_reason() -> None:
    """A field that is renamed is not left out by chance."""
    assert set(SHAPES_NO_STATE) <= set(FIELDS)
    assert all(len(reason) > 20 for reason in SHAPES_NO_STATE.values())


SHAPING_NOTHING: dict[str, Any] = {
    "allowed_hosts": "board.example.com",
    "append_jump_hours": 7,
    "board_token": "t" * 32,
    "brokers": "other:9092",
    "dead_letter_limit_percent": 30,
    "finality_hours": 25,
    "stalled_deal_days": 15,
    "linger_ms": 21,
    "namespace": "other",
    "publish_interval_ms": 60,
    "publish_members": "none",
    "publish_reps": "day+",
    "publish_reps_families": "calls",
    "publish_teams": "day,month+",
}


@pytest.mark.parametrize("setting", [*SHAPING, *SHAPING_NOTHING])
def test_settings_that_shape_state_change_it_and_others_do_not(setting: str) -> None:
    """An address, a pace or what figures are called loses nobody the state."""
    plain = fingerprint_of(load_settings({}))
    changed = fingerprint_of(load_settings({}, **{setting: {**SHAPING, **SHAPING_NOTHING}[setting]}))

    assert (changed == plain) == (setting in SHAPING_NOTHING)


def test_what_is_not_a_setting_is_there_too() -> None:
    """Time zones, minor units and rules; not the holidays, of which alerts carry the version."""
    rules = fingerprint_of(load_settings({})).rules

    assert {"tzdata", "minor_units", "rules"} <= set(rules)
    assert "holidays" not in rules


def test_each_state_carries_the_numbers_of_the_objects_it_holds() -> None:
    """A stage that keeps objects names all their kinds, one that keeps panes the measures."""
    app = create_app(load_settings({}, control_keys=CONTROL_KEYS))
    found = {spec.name: set(spec.fingerprint.tables) for spec in app.engine.stages}

    kinds = {domain: set(kinds) for domain, kinds in CHANGES.items()}

    assert found == {**kinds, "scoreboard": {"measures"}, "rollup": {"measures"}}


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=8)))
def test_any_rules_are_read_back_from_a_state(rules: dict[str, str]) -> None:
    """Whatever a policy holds, as text: a worker with the same rules takes its own state back."""
    stored = msgpack.decode(msgpack.encode(Fingerprint(rules).stored()))

    assert Fingerprint(rules).differences(stored) == []
    assert Fingerprint({**rules, "another": "1"}).differences(stored) or rules.get("another") == "1"


def test_a_worker_takes_back_the_state_that_it_wrote() -> None:
    """With the settings of a deployment as they are, through the form in which the state log holds it."""
    fingerprint = fingerprint_of(load_settings({}))

    assert fingerprint.differences(msgpack.decode(msgpack.encode(fingerprint.stored()))) == []
