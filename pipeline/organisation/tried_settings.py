"""Settings of one alert rule that are tried: they hold instead of what the organisation says."""

from collections.abc import Mapping
from typing import Any

from pipeline.organisation.alert_settings import AlertSettings


class TriedSettings(AlertSettings):
    """What the organisation says of alert rules, but for the settings of a rule that are tried, at all times.

    `team` is whom they are tried for; None: all teams.
    """

    def __init__(self, rule: str, tried: Mapping[str, Any], team: str | None = None) -> None:
        super().__init__()
        self._rule = rule
        self._tried = tried
        self._team = team

    def of(self, rule: str, team: str, setting: str, at_ms: int) -> Any:
        """The setting that is tried, or else the one that held."""
        if rule == self._rule and setting in self._tried and self._team in (None, team):
            return self._tried[setting]
        return super().of(rule, team, setting, at_ms)
