"""What a backtest may try is what a record of the organisation may say."""

import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.backtesting.tried import read_tried
from schemas.alert_rules import AlertRuleChange
from schemas.alerts import NARROWER, SETTINGS, Kind

EVERY = [(rule, name) for rule, names in SETTINGS.items() for name in names]


def bounds(rule: Kind, name: str) -> tuple[int, int]:
    """The least and the largest value that the schema has of a setting of a rule."""
    if (rule, name) in NARROWER:
        return NARROWER[rule, name]
    found = {type(bound): bound for bound in AlertRuleChange.model_fields[name].metadata}
    return int(found[Ge].ge), int(found[Le].le)


def test_without_options_all_is_as_it_is() -> None:
    """One trial with nothing tried."""
    assert read_tried("silent_rep", [], None) == [{}]


def test_several_settings_are_set_at_once() -> None:
    """A share, and of how many it says something; either name of each."""
    tried = read_tried("service_level", ["percent=80", "least_count=20"], None)
    assert tried == [{"limit_percent": 80, "least_count": 20}]
    assert read_tried("service_level", ["limit_percent=80", "count=20"], None) == tried


def test_a_sweep_is_one_trial_a_value_beside_what_is_set() -> None:
    """In the order in which they are written."""
    tried = read_tried("abandoned_calls", ["count=20"], "percent=5,0,10")
    assert tried == [{"least_count": 20, "limit_percent": percent} for percent in (5, 0, 10)]


@pytest.mark.parametrize(("rule", "name"), EVERY)
def test_the_bounds_are_those_of_the_record(rule: Kind, name: str) -> None:
    """0 is a limit where the schema says so; one more or less than it says is refused by the name of the setting."""
    least, most = bounds(rule, name)
    for value in (least, most):
        assert read_tried(rule, [f"{name}={value}"], None) == [{name: value}]
        assert read_tried(rule, [], f"{name}={value}") == [{name: value}]
    said = f"allowed of {name} is a whole number from {least} to {most}"
    for wrong in (least - 1, most + 1):
        with pytest.raises(ValueError, match=f"--set {name}={wrong}: {said}"):
            read_tried(rule, [f"{name}={wrong}"], None)
        with pytest.raises(ValueError, match=said):
            read_tried(rule, [], f"{name}={least},{wrong}")


@given(st.sampled_from(EVERY), st.integers(-10, 2 * 10**6))
def test_any_number_is_taken_where_the_record_takes_it(of: tuple[Kind, str], value: int) -> None:
    """By the model of the record itself."""
    rule, name = of
    try:
        AlertRuleChange.model_validate({"rule": rule, name: value})
    except ValidationError:
        with pytest.raises(ValueError, match="allowed of"):
            read_tried(rule, [f"{name}={value}"], None)
    else:
        assert read_tried(rule, [f"{name}={value}"], None) == [{name: value}]


@pytest.mark.parametrize(
    ("rule", "given", "sweep", "said"),
    [
        ("silent_rep", ["percent=5"], None, "--set percent=5: allowed of silent_rep are limit_minutes"),
        ("sudden_zero", ["minutes=5"], None, "allowed of sudden_zero are none, the rule has no settings"),
        ("below_usual", [], "basis_points=5,501", "allowed of limit_basis_points is a whole number from 1 to 500"),
        ("below_peers", ["percent=51"], None, "allowed of limit_percent is a whole number from 1 to 50"),
        ("silent_rep", ["minutes"], None, "allowed of limit_minutes is a whole number"),
        ("silent_rep", ["minutes=20,30"], None, "allowed of limit_minutes is a whole number"),
        ("silent_rep", ["minutes=2.5"], None, "allowed of limit_minutes is a whole number"),
        ("silent_rep", ["minutes=20", "limit_minutes=30"], None, "--set limit_minutes=30: limit_minutes is set twice"),
        ("silent_rep", ["minutes=20"], "minutes=30,40", "--sweep minutes=30,40: limit_minutes is set by --set"),
        ("silent_rep", [], "minutes=20,", "--sweep minutes=20,: allowed of limit_minutes is a whole number"),
    ],
)
def test_what_nobody_could_mean_is_refused(rule: Kind, given: list[str], sweep: str | None, said: str) -> None:
    """By the option, the setting, and what is allowed."""
    with pytest.raises(ValueError, match=said):
        read_tried(rule, given, sweep)
