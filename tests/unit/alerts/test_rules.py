"""The list of rules: one for each kind of alert, and each with words."""

from typing import get_args

from pipeline.alerts.rules import BY_KIND, RULES
from pipeline.views.alert_wording import alert_words
from schemas.alerts import Kind


def test_every_kind_of_alert_has_one_rule() -> None:
    """No rule is forgotten in the list or in the schema, and none is there twice."""
    assert sorted(rule.kind for rule in RULES) == sorted(get_args(Kind))


def test_every_rule_says_what_is_wrong() -> None:
    """Nobody reads the name of a rule where its words should stand."""
    for kind in BY_KIND:
        assert alert_words({"kind": kind}) != kind
