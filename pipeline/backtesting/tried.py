"""The settings that a backtest tries, as they are written: `minutes=20`, or several values of one. Pure."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from pipeline.config.setting_field import takes
from schemas.alert_rules import AlertRuleChange
from schemas.alerts import NARROWER, SETTINGS, Kind

SET, SWEEP = "--set", "--sweep"


def read_tried(rule: Kind, given: Sequence[str], sweep: str | None) -> list[Mapping[str, int]]:
    """What each trial of a rule has: the settings given, and with a sweep one of its values in turn.

    A value is taken where a record of the organisation could say it. ValueError, which names the setting and what is
    allowed, for anything else.
    """
    told: dict[str, int] = {}
    for text in given:
        name, values = _setting(rule, SET, text)
        if name in told:
            raise ValueError(f"{SET} {text}: {name} is set twice")
        told[name] = _number(rule, SET, text, name, values)
    if sweep is None:
        return [told]
    name, values = _setting(rule, SWEEP, sweep)
    if name in told:
        raise ValueError(f"{SWEEP} {sweep}: {name} is set by {SET}")
    return [{**told, name: _number(rule, SWEEP, sweep, name, value)} for value in values.split(",")]


def _setting(rule: Kind, option: str, text: str) -> tuple[str, str]:
    """The name of a setting, which may lack its first word (`limit_`), and what is said of it."""
    short, _, said = text.partition("=")
    known = SETTINGS[rule]
    names = {name.partition("_")[2]: name for name in known} | {name: name for name in known}
    if short not in names:
        allowed = ", ".join(known) or "none, the rule has no settings"
        raise ValueError(f"{option} {text}: allowed of {rule} are {allowed}")
    return names[short], said


def _number(rule: Kind, option: str, text: str, name: str, said: str) -> int:
    try:
        number = int(said)
        AlertRuleChange.model_validate({"rule": rule, name: number})
    except (ValueError, ValidationError):
        raise ValueError(f"{option} {text}: allowed of {name} is {_allowed(rule, name)}") from None
    return number


def _allowed(rule: Kind, name: str) -> str:
    if bounds := NARROWER.get((rule, name)):
        return "a whole number from {} to {}".format(*bounds)
    return takes(AlertRuleChange.model_fields[name])
